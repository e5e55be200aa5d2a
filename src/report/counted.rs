//! Counts in words.

use crate::domain::Counts;

/// For instance `4 updated, 30 unchanged`; what there is none of is left out.
pub fn counted(counts: Counts, dry_run: bool) -> String {
    let named = [
        (counts.created, if dry_run { "to create" } else { "created" }),
        (counts.updated, if dry_run { "to update" } else { "updated" }),
        (counts.unchanged, "unchanged"),
        (counts.held, "held"),
        (counts.failed, "failed"),
        (counts.skipped, "skipped"),
    ];
    let named: Vec<String> = named.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    if named.is_empty() { "no cases".to_owned() } else { named.join(", ") }
}
