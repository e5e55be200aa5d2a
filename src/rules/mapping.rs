//! A mapping from CASEpeer's names to something of Case Status: exact or without letter case, each target with its line.

use std::collections::HashMap;

use super::Ruled;
use crate::diagnostic::nearest;
use crate::domain::Name;

/// CASEpeer names and what they become. Many names may share a target; no name has two.
#[derive(Debug, Clone)]
pub struct Mapping<T> {
    ignore_case: bool,
    targets: HashMap<Box<str>, Ruled<T>>,
    names: Vec<Box<str>>,
}

impl<T> Mapping<T> {
    pub(super) fn new(ignore_case: bool) -> Mapping<T> {
        Mapping { ignore_case, targets: HashMap::new(), names: Vec::new() }
    }

    /// Adds a name; answers the target that it already had, which then stays.
    pub(super) fn insert(&mut self, name: &str, target: Ruled<T>) -> Option<&Ruled<T>> {
        let key: Box<str> = if self.ignore_case { name.to_lowercase().into() } else { name.into() };
        if self.targets.contains_key(&key) {
            return self.targets.get(&key);
        }
        self.targets.insert(key, target);
        self.names.push(name.into());
        None
    }

    /// What `name` becomes.
    pub fn get(&self, name: &Name) -> Option<&Ruled<T>> {
        self.targets.get(if self.ignore_case { name.folded() } else { name.as_str() })
    }

    /// The names, as the rules write them and in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }

    /// How the rules write a name that they map.
    pub fn written(&self, name: &Name) -> Option<&str> {
        self.names().find(|known| if self.ignore_case { known.to_lowercase() == name.folded() } else { *known == name.as_str() })
    }

    /// Every name with its target, in the order of the rules.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Ruled<T>)> {
        self.names.iter().filter_map(|name| self.get(&Name::new(name)).map(|target| (name.as_ref(), target)))
    }

    /// The mapped name that `name` was most likely meant to be.
    pub fn nearest(&self, name: &Name) -> Option<&str> {
        nearest(name.as_str(), self.names())
    }
}
