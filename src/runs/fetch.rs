//! Reads both sides of a firm at once, keeping only what the comparison needs, and pairs the cases.

use std::collections::{HashMap, HashSet};

use futures_util::stream::{self, StreamExt as _};

use super::VendorClients;
use super::listing_check::ListingSizes;
use super::planned::row;
use crate::domain::{Case, CaseFilter, CaseId, Directory, ExistingCase, FixBy, Row, RowResult};
use crate::rules::FirmRules;
use crate::vendors::case_status::ListedExisting;
use crate::vendors::{Failure, Listed};

/// A case as both sides have it.
type Pair = (Box<Case>, Box<ExistingCase>);

/// Both sides of a firm.
pub(super) struct PairedCases {
    pub directory: Directory,
    /// The cases that both sides have.
    pub pairs: Vec<Pair>,
    /// What is already known of the others.
    pub rows: Vec<Row>,
    /// How many cases CASEpeer has connected.
    pub connected: u64,
}

/// Reads the listings of a whole firm.
pub(super) async fn read_sides(clients: &VendorClients, rules: &FirmRules) -> Result<Sides, Failure> {
    // No attribute is compared by phone or by the client's e-mail; one of the firm's own rules, or its script, may ask for them.
    let keep_contacts = rules.hooks.is_some() || rules.validation.rules.iter().any(|rule| rule.on_sync);
    let connected = CaseFilter { connected: Some(true), ..CaseFilter::default() };
    let mut sides = Sides::default();
    let Sides { cases, unreadable_cases, existing, rows, .. } = &mut sides;
    let casepeer = clients.casepeer.cases(&connected, keep_contacts, |listed| match listed {
        Listed::Read(case) => drop(cases.insert(case.id, Box::new(case))),
        Listed::Unreadable(item) => drop(unreadable_cases.insert(item.id)),
    });
    let case_status = clients.case_status.cases(None, |listed| match listed {
        ListedExisting::Case(case) => existing.push(Box::new(case)),
        ListedExisting::Foreign { integration_id, readable_id, client } => rows.push(foreign(integration_id, &readable_id, &client)),
        ListedExisting::Unreadable(item) => rows.push(unreadable(&item.id, "Case Status")),
    });
    let (directory, casepeer, case_status) = tokio::try_join!(clients.case_status.directory(), casepeer, case_status)?;
    (sides.directory, sides.sizes) = (directory, ListingSizes { casepeer, case_status });
    Ok(sides)
}

/// What the listings of a firm show.
#[derive(Default)]
pub(super) struct Sides {
    directory: Directory,
    pub sizes: ListingSizes,
    cases: HashMap<CaseId, Box<Case>>,
    unreadable_cases: HashSet<String>,
    // Boxed once, since each goes through a pair and a plan into its effect.
    #[allow(clippy::vec_box)]
    existing: Vec<Box<ExistingCase>>,
    rows: Vec<Row>,
}

impl Sides {
    /// Pairs the cases, and looks up those that one listing has and the other does not: a listing that shifts while it is read leaves out
    /// cases that are there.
    pub(super) async fn pair(mut self, clients: &VendorClients, concurrency: usize) -> Result<PairedCases, Failure> {
        let connected = self.cases.len() as u64;
        self.refuse_repeated_ids();
        let mut pairs = Vec::with_capacity(self.existing.len());
        let mut unlisted = Vec::new();
        for existing in std::mem::take(&mut self.existing) {
            match self.cases.remove(&existing.integration_id) {
                Some(case) => pairs.push((case, existing)),
                None if self.unreadable_cases.contains(&existing.integration_id.to_string()) => {
                    let mut row = unreadable(&existing.integration_id.to_string(), "CASEpeer");
                    row.readable_id = existing.readable_id;
                    row.client = existing.client;
                    self.rows.push(row);
                }
                None => unlisted.push(existing),
            }
        }
        // A case whose connection was never marked still exists in Case Status, and a sync makes what exists there match.
        let looked_up = stream::iter(unlisted.into_iter().map(|existing| async {
            let case = clients.casepeer.case(existing.integration_id).await;
            (case, existing)
        }));
        let mut looked_up = looked_up.buffer_unordered(concurrency);
        while let Some((case, existing)) = looked_up.next().await {
            match case {
                Ok(Some(case)) => pairs.push((Box::new(case), existing)),
                Ok(None) => self.rows.push(gone_from_casepeer(&existing)),
                Err(failure) if failure.is_about_all_requests() => return Err(failure),
                Err(failure) => self.rows.push(of_existing(&existing, RowResult::Failed).failed(&failure)),
            }
        }
        drop(looked_up);
        let (found, missing) = look_up_existing(clients, self.cases.into_values(), concurrency).await?;
        pairs.extend(found);
        self.rows.extend(missing);
        Ok(PairedCases { directory: self.directory, pairs, rows: self.rows, connected })
    }

    /// Two cases of one integration ID cannot both be CASEpeer's: neither is touched.
    fn refuse_repeated_ids(&mut self) {
        let mut ids: Vec<CaseId> = self.existing.iter().map(|case| case.integration_id).collect();
        ids.sort_unstable();
        let repeated: HashSet<CaseId> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        let mut reported = HashSet::new();
        for case in self.existing.iter().filter(|case| repeated.contains(&case.integration_id)) {
            self.cases.remove(&case.integration_id);
            if reported.insert(case.integration_id) {
                let reason = "Case Status has more than one case of this integration ID; none was touched";
                self.rows.push(of_existing(case, RowResult::Failed).because(reason, Some(FixBy::Firm)));
            }
        }
        self.existing.retain(|case| !repeated.contains(&case.integration_id));
    }
}

/// Looks up the other side of these cases one by one: the pairs, and the rows of those that have none. What is of one case alone is its row.
pub(super) async fn look_up_existing(
    clients: &VendorClients,
    cases: impl Iterator<Item = Box<Case>>,
    concurrency: usize,
) -> Result<(Vec<Pair>, Vec<Row>), Failure> {
    let looked_up = stream::iter(cases.map(|case| async {
        let existing = clients.case_status.case_of(case.id).await;
        (case, existing)
    }));
    let mut looked_up = looked_up.buffer_unordered(concurrency);
    let (mut pairs, mut rows) = (Vec::new(), Vec::new());
    while let Some((case, existing)) = looked_up.next().await {
        match existing {
            Ok(Some(existing)) => pairs.push((case, Box::new(existing))),
            Ok(None) => rows.push(missing_in_case_status(&case)),
            Err(failure) if failure.is_about_all_requests() => return Err(failure),
            Err(failure) => rows.push(of_case(&case, RowResult::Failed).failed(&failure)),
        }
    }
    Ok((pairs, rows))
}

pub(super) fn gone_from_casepeer(existing: &ExistingCase) -> Row {
    of_existing(existing, RowResult::Skipped).because("CASEpeer no longer has this case", Some(FixBy::Firm))
}

pub(super) fn missing_in_case_status(case: &Case) -> Row {
    let reason = if case.connected {
        "marked as connected in CASEpeer, but Case Status has no case of this integration ID"
    } else {
        "Case Status has no case of this integration ID; it was never connected"
    };
    of_case(case, RowResult::Skipped).because(reason, Some(FixBy::Firm))
}

fn of_case(case: &Case, result: RowResult) -> Row {
    row(case.id, &case.case_number, &case.client.full_name(), result)
}

fn of_existing(existing: &ExistingCase, result: RowResult) -> Row {
    row(existing.integration_id, &existing.readable_id, &existing.client, result)
}

fn foreign(integration_id: String, readable_id: &str, client: &str) -> Row {
    let row = row(CaseId(0), readable_id, client, RowResult::Skipped);
    Row { integration_id: integration_id.into(), ..row }
        .because("its integration ID in Case Status is no CASEpeer case number", Some(FixBy::Firm))
}

fn unreadable(id: &str, vendor: &str) -> Row {
    let row = row(CaseId(0), "", "", RowResult::Failed);
    let reason = format!("{vendor}'s answer about this case is not what its contract says");
    Row { integration_id: id.into(), ..row }.because(&reason, Some(FixBy::Support))
}
