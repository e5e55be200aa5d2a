//! References to secrets, and which firm one belongs to: a firm's references begin with its name.

use std::fmt;

use super::FirmId;

/// Where a reference looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// The environment.
    Env,
    /// The folder of secrets.
    File,
    /// The store.
    Sealed,
}

/// What stands for a secret: `${env:NAME}`, `${file:NAME}` or `${secret:NAME}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Where it looks.
    pub kind: ReferenceKind,
    /// What for.
    pub name: String,
}

impl Reference {
    /// Reads `${env:NAME}`, `${file:NAME}` or `${secret:NAME}`.
    pub fn read(text: &str) -> Option<Reference> {
        Reference::read_bare(text.strip_prefix("${")?.strip_suffix('}')?)
    }

    /// Reads it as settings name it: `env:NAME`, `file:NAME` or `secret:NAME`.
    pub fn read_bare(text: &str) -> Option<Reference> {
        let (kind, name) = text.split_once(':')?;
        let kind = match kind {
            "env" => ReferenceKind::Env,
            "file" => ReferenceKind::File,
            "secret" => ReferenceKind::Sealed,
            _ => return None,
        };
        Some(Reference { kind, name: if kind == ReferenceKind::File { plain_path(name) } else { name.to_owned() } })
    }

    /// Whether it is the host's by its name alone: a variable of a setting, or one that the client of the database reads.
    pub fn is_setting(&self) -> bool {
        let of_postgres = self.name.starts_with("PG") && !self.name.contains('_');
        self.kind == ReferenceKind::Env && (self.name.starts_with("CASEBRIDGE_") || of_postgres)
    }

    /// Whether it belongs to `firm` among `firms`: its name begins with that firm's, and no longer name of a firm fits.
    pub fn belongs_to<'a>(&self, firm: &FirmId, firms: impl IntoIterator<Item = &'a FirmId>) -> bool {
        let is_longer = |other: &FirmId| other.as_str().len() > firm.as_str().len();
        self.fits(firm) && !firms.into_iter().any(|other| is_longer(other) && self.fits(other))
    }

    /// Whether its name begins with that of the firm, and goes on. A path that leads elsewhere is nobody's.
    fn fits(&self, firm: &FirmId) -> bool {
        let (name, firm) = (self.name.as_bytes(), firm.as_str().as_bytes());
        let leads_elsewhere = |part: &str| matches!(part, "" | "." | "..") || part.contains(['\\', '\0']);
        if name.len() < firm.len() + 2 || self.kind == ReferenceKind::File && self.name.split('/').any(leads_elsewhere) {
            return false;
        }
        let (begin, rest) = name.split_at(firm.len());
        match self.kind {
            ReferenceKind::Env => rest[0] == b'_' && begin.iter().zip(firm).all(|(letter, of_firm)| *letter == in_variables(*of_firm)),
            ReferenceKind::File => matches!(rest[0], b'-' | b'/') && begin == firm,
            ReferenceKind::Sealed => rest[0] == b'/' && begin == firm,
        }
    }

    /// A reference of the firm's own to `what`, such as `casepeer-key`.
    pub fn of_firm(kind: ReferenceKind, firm: &FirmId, what: &str) -> Reference {
        let name = match kind {
            ReferenceKind::Env => {
                format!("{}_{}", variable_prefix(firm), what.bytes().map(in_variables).map(char::from).collect::<String>())
            }
            ReferenceKind::File => format!("{firm}-{what}"),
            ReferenceKind::Sealed => format!("{firm}/{what}"),
        };
        Reference { kind, name }
    }

    /// As settings name it: `env:NAME`, `file:NAME` or `secret:NAME`.
    pub fn bare(&self) -> String {
        let kind = match self.kind {
            ReferenceKind::Env => "env",
            ReferenceKind::File => "file",
            ReferenceKind::Sealed => "secret",
        };
        format!("{kind}:{}", self.name)
    }
}

/// A path within a folder, in one spelling: what is compared and written down by its name is no other file for `a/./b` or `a//b`.
fn plain_path(path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/")
}

/// What the variables of a firm begin with, before a `_`: its name in capitals, with `_` for `-`.
pub fn variable_prefix(firm: &FirmId) -> String {
    firm.as_str().bytes().map(|letter| char::from(in_variables(letter))).collect()
}

fn in_variables(letter: u8) -> u8 {
    if letter == b'-' { b'_' } else { letter.to_ascii_uppercase() }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "${{{}}}", self.bare())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KINDS: [ReferenceKind; 3] = [ReferenceKind::Env, ReferenceKind::File, ReferenceKind::Sealed];

    fn firm(name: &str) -> FirmId {
        FirmId::new(name).unwrap()
    }

    fn owners(reference: &Reference, firms: &[FirmId]) -> Vec<FirmId> {
        firms.iter().filter(|firm| reference.belongs_to(firm, firms)).cloned().collect()
    }

    #[test]
    fn a_path_has_one_spelling() {
        let read = |path: &str| Reference::read_bare(&format!("file:{path}")).unwrap().name;
        for path in ["hartwell/key", "hartwell/./key", "./hartwell//key", "hartwell/key/."] {
            assert_eq!(read(path), "hartwell/key", "{path}");
        }
        assert_eq!([read("/hartwell/key"), read("hartwell/../key")], ["/hartwell/key", "hartwell/../key"]);
    }

    #[test]
    fn a_reference_belongs_to_the_longest_name_that_fits() {
        let firms = ["a", "a-b", "a-bc", "okafor"].map(firm);
        for (reference, owner) in [
            ("${env:A_B_KEY}", Some("a-b")),
            ("${env:A_BC_KEY}", Some("a-bc")),
            ("${env:A_KEY}", Some("a")),
            ("${env:A_}", None),
            ("${env:a_KEY}", None),
            ("${env:AB_KEY}", None),
            ("${file:a-b-key}", Some("a-b")),
            ("${file:a-b/key}", Some("a-b")),
            ("${file:a-key}", Some("a")),
            ("${file:a/b/key}", Some("a")),
            ("${file:a/../okafor-key}", None),
            ("${file:a-/../okafor-key}", None),
            ("${file:seal}", None),
            ("${secret:okafor/casepeer}", Some("okafor")),
            ("${secret:okafor-casepeer}", None),
        ] {
            let read = Reference::read(reference).unwrap();
            assert_eq!(owners(&read, &firms), owner.map(firm).into_iter().collect::<Vec<_>>(), "{reference}");
            assert_eq!(read.to_string(), reference);
        }
        for text in ["env:A_KEY", "${env}", "${vault:a}", "$${env:A_KEY}", "${env:A_KEY} "] {
            assert_eq!(Reference::read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_reference_has_two_owners_and_each_firm_has_its_own(
            names in proptest::collection::btree_set("[ab][ab_-]{0,4}", 1..6),
            upper in "[AB_]{1,8}", lower in "[ab/_.-]{1,8}",
        ) {
            let mut firms: Vec<FirmId> = names.iter().map(|name| firm(name)).collect();
            // Of two names that give one prefix, the newer is no firm.
            let mut seen = std::collections::BTreeSet::new();
            firms.retain(|firm| seen.insert(variable_prefix(firm)));
            for kind in KINDS {
                let name = if kind == ReferenceKind::Env { &upper } else { &lower };
                let reference = Reference { kind, name: name.clone() };
                let owners = owners(&reference, &firms);
                prop_assert!(owners.len() <= 1, "{reference}: {owners:?}");
                for owner in owners {
                    let longer = firms.iter().filter(|firm| firm.as_str().len() > owner.as_str().len());
                    prop_assert!(longer.into_iter().all(|firm| !reference.fits(firm)));
                    let begins = if kind == ReferenceKind::Env { variable_prefix(&owner) } else { owner.to_string() };
                    prop_assert!(reference.name.starts_with(&begins));
                }
                for one in &firms {
                    let own = Reference::of_firm(kind, one, "x");
                    prop_assert!(own.fits(one), "{own}");
                }
            }
        }
    }
}
