//! Where keys go: the scheme, host and port that each was first used for, or was accepted for later.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::database::query;
use super::sealed_secrets::count_change;
use super::{Store, StoreError};
use crate::domain::Reference;

impl Store {
    /// What every key is known to go to, by its reference.
    pub async fn secret_destinations(&self) -> Result<BTreeMap<Reference, String>, StoreError> {
        let sql = "select reference, origin, 0 as by_seal from secret_origins
            union all select '${secret:' || name || '}', origin, 1 from sealed_secrets where origin is not null order by by_seal";
        let rows = query(sql).fetch_all(&self.readers).await?;
        let mut found = BTreeMap::new();
        for row in &rows {
            let reference = Reference::read(row.try_get(0)?).ok_or(StoreError::Unreadable("reference"))?;
            // What the seal says comes later, and holds.
            found.insert(reference, row.try_get(1)?);
        }
        Ok(found)
    }

    /// Writes down what each of these keys goes to, unless it goes to something else already.
    pub async fn first_destinations(&self, of: &[(Reference, String)], at: Timestamp) -> Result<(), StoreError> {
        let mut change = self.pool.begin().await?;
        count_change(&mut change).await?;
        for (reference, origin) in of {
            query("insert into secret_origins (reference, origin, recorded_at) values ($1, $2, $3) on conflict (reference) do nothing")
                .bind(reference.to_string())
                .bind(origin.as_str())
                .bind(at.as_millisecond())
                .execute(&mut change)
                .await?;
        }
        change.commit().await
    }

    /// Lets a key go to this from now on, and to nothing else.
    pub async fn put_destination(&self, reference: &Reference, origin: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut change = self.pool.begin().await?;
        count_change(&mut change).await?;
        query(
            "insert into secret_origins (reference, origin, recorded_at) values ($1, $2, $3)
             on conflict (reference) do update set origin = excluded.origin, recorded_at = excluded.recorded_at",
        )
        .bind(reference.to_string())
        .bind(origin)
        .bind(at.as_millisecond())
        .execute(&mut change)
        .await?;
        change.commit().await
    }
}
