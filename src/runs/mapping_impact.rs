//! What an edit of a firm's mapping would move: both sides are read once, and each case is planned by the rules before and after.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::VendorPool;
use super::fetch::read_sides;
use crate::domain::{Case, Directory, ExistingCase, Kind};
use crate::rules::{FirmRules, plan};
use crate::vendors::Failure;

/// What an edit of a mapping comes to.
#[derive(Debug, Default)]
pub struct MappingImpact {
    /// The cases that were looked at: those that both sides have.
    pub cases: u64,
    /// How many of them would come to another stage or practice area than by the rules before.
    pub moved: u64,
    /// The same by what they have in common.
    pub moves: Vec<MovedCases>,
}

/// Cases of one type and stage that an edit moves alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MovedCases {
    /// Their case type in CASEpeer.
    pub case_type: String,
    /// Their stage in CASEpeer.
    pub stage: String,
    /// `stage` or `practice area`.
    pub what: &'static str,
    /// What it would be without the edit.
    pub before: String,
    /// What it would be with it.
    pub after: String,
    /// How many they are.
    pub cases: u64,
}

/// Looks what an edit of the mapping would move.
pub async fn mapping_impact(vendor_pool: &VendorPool, before: &Arc<FirmRules>, after: &Arc<FirmRules>) -> Result<MappingImpact, Failure> {
    let clients = vendor_pool.clients(before, Kind::Sync);
    let gathered = read_sides(&clients, after).await?.pair(&clients, after.limits.concurrency).await?;
    let (before, after) = (Arc::clone(before), Arc::clone(after));
    // Hooks may think for a while about each case.
    let compared = tokio::task::spawn_blocking(move || {
        let mut impact = MappingImpact { cases: gathered.pairs.len() as u64, ..MappingImpact::default() };
        let mut moves: BTreeMap<MovedCases, u64> = BTreeMap::new();
        for (case, existing) in &gathered.pairs {
            let of = |rules| outcome(rules, &gathered.directory, case, existing);
            let (without, with) = (of(&before), of(&after));
            let differing =
                ["stage", "practice area"].into_iter().zip(without.into_iter().zip(with)).filter(|(_, (before, after))| before != after);
            let mut is_moved = false;
            for (what, (before, after)) in differing {
                let (case_type, stage) = (case.case_type.to_string(), case.stage.to_string());
                *moves.entry(MovedCases { case_type, stage, what, before, after, cases: 0 }).or_default() += 1;
                is_moved = true;
            }
            impact.moved += u64::from(is_moved);
        }
        impact.moves = moves.into_iter().map(|(moved, cases)| MovedCases { cases, ..moved }).collect();
        impact.moves.sort_by_key(|moved| std::cmp::Reverse(moved.cases));
        impact
    });
    // Nobody cancels it: it ends, or panics as it would have here.
    Ok(compared.await.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic())))
}

/// The stage and the practice area that a sync leaves a case with.
fn outcome(rules: &FirmRules, directory: &Directory, case: &Case, existing: &ExistingCase) -> [String; 2] {
    let changes = plan(rules, directory, case, existing).changes;
    let stage = changes.stage.unwrap_or(existing.stage).number().to_string();
    [stage, changes.practice_area.unwrap_or_else(|| existing.practice_area.clone()).to_string()]
}
