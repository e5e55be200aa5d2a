//! Enums whose variants have a name that the store, reports and programs know them by.

/// Declares such an enum, each variant with its name.
macro_rules! named {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$of_variant:meta])* $variant:ident => $text:literal,)+
        }
    ) => {
        $(#[$meta])*
        $visibility enum $name {
            $($(#[$of_variant])* $variant,)+
        }

        #[allow(dead_code, reason = "not each of them is read, or listed")]
        impl $name {
            /// All of them.
            $visibility const ALL: [$name; [$($text),+].len()] = [$($name::$variant),+];

            /// As the store, reports and programs know it.
            $visibility fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)+
                }
            }

            /// Reads what [`Self::as_str`] wrote.
            $visibility fn parse(text: &str) -> Option<$name> {
                $name::ALL.into_iter().find(|named| named.as_str() == text)
            }
        }
    };
}

pub(crate) use named;
