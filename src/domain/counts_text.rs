//! Counts in words.

use super::Counts;

impl Counts {
    /// For instance `4 updated, 30 unchanged`; what there is none of is left out.
    pub fn in_words(self, dry_run: bool) -> String {
        let named = [
            (self.created, if dry_run { "to create" } else { "created" }),
            (self.updated, if dry_run { "to update" } else { "updated" }),
            (self.unchanged, "unchanged"),
            (self.held, "held"),
            (self.failed, "failed"),
            (self.skipped, "skipped"),
        ];
        let named: Vec<String> = named.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
        if named.is_empty() { "no cases".to_owned() } else { named.join(", ") }
    }
}
