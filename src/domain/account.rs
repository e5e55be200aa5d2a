//! The account at a vendor that a firm's key opens.

use std::fmt;

/// As the vendor names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id; of a vendor that says none, its name.
    pub id: String,
    /// The firm's name there.
    pub name: String,
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name == self.id { write!(formatter, "\"{}\"", self.name) } else { write!(formatter, "\"{}\" ({})", self.name, self.id) }
    }
}

/// What many firms have in their names, so that it says nothing of which one it is.
const COMMON: &[&str] = &[
    "accident",
    "and",
    "associates",
    "at",
    "attorney",
    "attorneys",
    "counsel",
    "co",
    "esq",
    "esquire",
    "firm",
    "group",
    "inc",
    "injury",
    "law",
    "lawyer",
    "lawyers",
    "legal",
    "llc",
    "llp",
    "office",
    "offices",
    "of",
    "pa",
    "partners",
    "pc",
    "personal",
    "pllc",
    "sons",
    "the",
    "trial",
];

/// Whether two names of firms have a word in common. Words that many firms have count only where a name has no others. A name without
/// any word speaks against nothing.
pub fn share_a_word(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    one.is_empty() || other.is_empty() || one.iter().any(|word| other.contains(word))
}

fn words(name: &str) -> Vec<String> {
    let lower = name.to_lowercase().replace(['\'', '’', '.'], "");
    let all: Vec<String> =
        lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let own: Vec<String> = all.iter().filter(|word| !COMMON.contains(&word.as_str())).cloned().collect();
    if own.is_empty() { all } else { own }
}

#[cfg(test)]
mod tests {
    use super::share_a_word;

    #[test]
    fn what_many_firms_are_called_is_no_likeness() {
        for (one, other) in [
            ("Hartwell Injury Law", "HARTWELL & SONS, P.C."),
            ("The Law Offices of Adler", "Adler"),
            ("O'Neil Legal", "ONeil Law"),
            ("Müller, Schmidt", "SCHMIDT llp"),
            ("The Injury Firm", "Injury Law Group"),
            ("Hartwell", ""),
        ] {
            assert!(share_a_word(one, other) && share_a_word(other, one), "{one} / {other}");
        }
        for (one, other) in
            [("Hartwell Injury Law", "Okafor Injury Law"), ("Adler & Sons", "Marlowe & Sons"), ("Law Offices", "Hartwell Law Offices")]
        {
            assert!(!share_a_word(one, other), "{one} / {other}");
        }
    }
}
