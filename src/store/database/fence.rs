//! What keeps a process that was taken for dead from writing on: its claim is looked at within each transaction.

use std::sync::Arc;

use super::pool::Transaction;
use super::query::query;
use crate::store::StoreError;

/// One claim, as whoever writes under it holds it.
#[derive(Debug, Clone)]
pub(in crate::store) struct Fence {
    /// What is claimed.
    pub name: Arc<str>,
    /// The process that holds it.
    pub holder: Arc<str>,
    /// How many times it had been claimed, this time included.
    pub epoch: i64,
}

impl Fence {
    /// Lets the transaction go on only under this very claim, which nobody can take until it has ended: taking changes the
    /// epoch, which is part of a key, and renewing does not.
    pub(super) async fn check(&self, transaction: &mut Transaction) -> Result<(), StoreError> {
        let sql = "select 1 from claims where name = $1 and holder = $2 and epoch = $3 for key share";
        let held = query(sql).bind(&*self.name).bind(&*self.holder).bind(self.epoch).fetch_optional(transaction).await?;
        if held.is_some() { Ok(()) } else { Err(StoreError::TakenOver) }
    }
}
