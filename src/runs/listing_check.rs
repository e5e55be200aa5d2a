//! Holds the listings of a firm against what the vendors say of them and against those of the last sync: a listing that lost its cases
//! would have people told that their cases are gone.

use super::RunError;
use crate::domain::FirmId;
use crate::store::Store;
use crate::vendors::{Failure, ListingSize, Vendor};

/// Whether a sync goes on with a listing that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptListing {
    /// Somebody looked at it.
    Yes,
    /// The run fails.
    No,
}

/// How many cases each vendor listed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ListingSizes {
    pub casepeer: ListingSize,
    pub case_status: ListingSize,
}

impl ListingSizes {
    fn each(&self) -> [(Vendor, ListingSize); 2] {
        [(Vendor::CasePeer, self.casepeer), (Vendor::CaseStatus, self.case_status)]
    }

    /// What is wrong with them.
    pub(super) async fn check(&self, store: &Store, firm: &FirmId) -> Result<(), RunError> {
        let what = "its cases";
        for (vendor, size) in self.each() {
            if let Some(total) = size.misfit() {
                return Err(Failure::Misfit { vendor, what, items: size.items, total }.into());
            }
            let before = store.cursor(firm, key(vendor)).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
            if size.items == 0 && before > 0 {
                return Err(Failure::Emptied { vendor, what, before }.into());
            }
        }
        Ok(())
    }

    /// Keeps them for the next time.
    pub(super) async fn save(&self, store: &Store, firm: &FirmId) -> Result<(), RunError> {
        for (vendor, size) in self.each() {
            store.move_cursor(firm, key(vendor), &size.items.to_string()).await?;
        }
        Ok(())
    }
}

/// Under which name the store has the size of a vendor's listing, among the marks of a firm's readings.
fn key(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::CasePeer => "casepeer_cases",
        Vendor::CaseStatus => "case_status_cases",
    }
}
