//! Names that many cases share (stages, case types, e-mails), each kept once, comparable with and without letter case.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// A name as written, with its lower-case form beside it so that comparing costs no allocation.
#[derive(Clone)]
pub struct Name(Arc<Spelling>);

struct Spelling {
    written: Box<str>,
    /// In lower case, where that is not as written.
    folded: Option<Box<str>>,
}

impl Name {
    /// A name by itself; in a listing, [`NamePool::name`] keeps equal ones once.
    pub fn new(written: &str) -> Name {
        let folded = Some(written.to_lowercase()).filter(|folded| folded != written).map(String::into_boxed_str);
        Name(Arc::new(Spelling { written: written.into(), folded }))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0.written
    }

    /// In lower case.
    pub fn folded(&self) -> &str {
        self.0.folded.as_deref().unwrap_or(&self.0.written)
    }

    /// Whether both are the same but for letter case.
    pub fn matches(&self, other: &Name) -> bool {
        self.folded() == other.folded()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An e-mail address. Two that differ only in letter case are equal.
#[derive(Clone)]
pub struct Email(Name);

impl Email {
    /// An address by itself; in a listing, [`NamePool::email`] keeps equal ones once.
    pub fn new(written: &str) -> Email {
        Email(Name::new(written))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// In lower case, the form under which a [`super::Directory`] finds it.
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
pub struct NamePool(HashMap<Box<str>, Name>);

impl NamePool {
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
