//! Names that many cases share (stages, case types, e-mails), each kept once, comparable with and without letter case.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A name as written, with its lower-case form beside it so that comparing costs no allocation.
#[derive(Clone)]
pub struct Name {
    written: Arc<str>,
    folded: Arc<str>,
}

impl Name {
    /// A name by itself; in a listing, [`Names::name`] keeps equal ones once.
    #[must_use]
    pub fn new(written: &str) -> Name {
        let folded = written.to_lowercase();
        let written: Arc<str> = written.into();
        let folded = if *folded == *written { Arc::clone(&written) } else { folded.into() };
        Name { written, folded }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// In lower case.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether both are the same but for letter case.
    #[must_use]
    pub fn matches(&self, other: &Name) -> bool {
        self.folded == other.folded
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.written == other.written
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.written, formatter)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

/// An e-mail address. Two that differ only in letter case are equal.
#[derive(Clone)]
pub struct Email(Name);

impl Email {
    /// An address by itself; in a listing, [`Names::email`] keeps equal ones once.
    #[must_use]
    pub fn new(written: &str) -> Email {
        Email(Name::new(written))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// In lower case, the form under which a [`super::Directory`] finds it.
    #[must_use]
    pub fn folded(&self) -> &str {
        self.0.folded()
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Email) -> bool {
        self.0.matches(&other.0)
    }
}

impl Eq for Email {}

impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// Keeps each name of a listing once: ten thousand cases share a few stages, case types and attorneys.
#[derive(Debug, Default)]
pub struct Names(HashMap<Box<str>, Name>);

impl Names {
    /// The name written so.
    pub fn name(&mut self, written: &str) -> Name {
        if let Some(name) = self.0.get(written) {
            return name.clone();
        }
        let name = Name::new(written);
        self.0.insert(written.into(), name.clone());
        name
    }

    /// The e-mail address written so.
    pub fn email(&mut self, written: &str) -> Email {
        Email(self.name(written))
    }
}
