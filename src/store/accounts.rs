//! The accounts that firms' keys open, and whose each of them is: of firms that name the same one, that which ran first.

use jiff::Timestamp;

use super::database::{DbRow, Transaction, query};
use super::{Store, StoreError};
use crate::domain::{Account, FirmId};

/// An account, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountAt {
    /// Whose account it is to be looked for: `casepeer` or `case_status`.
    pub vendor: &'static str,
    /// The vendor's scheme, host and port.
    pub origin: String,
    /// As the vendor names it.
    pub account: Account,
}

/// Why it is asked whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimMode {
    /// Nothing is to be remembered.
    Looks,
    /// Somebody looked at it, and nothing was doubtful.
    Remembers,
    /// A run begins to write to it.
    Runs,
}

/// Whether a firm may write to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountClaim {
    /// It is the firm's.
    Own,
    /// The firm's was this one.
    Other(Account),
    /// It is that of another firm, which ran first.
    Taken(FirmId),
}

/// What makes one of two firms the owner of an account: a person's word, then a run, then time. The least owns it.
type Rank = (bool, bool, i64, String);

impl Store {
    /// Looks whether an account is the firm's, and remembers it where nothing speaks against that.
    pub async fn claim_account(&self, firm: &FirmId, at: &AccountAt, claim: ClaimMode) -> Result<AccountClaim, StoreError> {
        let mut transaction = self.pool.begin().await?;
        transaction.alone("accounts").await?;
        // Firms are renamed; and whoever begins by writing lets nobody else write before the end.
        let renamed = query("update accounts set name = $1 where firm = $2 and vendor = $3 and account = $4");
        let renamed = renamed.bind(&at.account.name).bind(firm.as_str()).bind(at.vendor).bind(&at.account.id);
        renamed.execute(&mut transaction).await?;
        let known = query("select account, name, since, ran, trusted from accounts where firm = $1 and vendor = $2");
        let known = known.bind(firm.as_str()).bind(at.vendor).fetch_optional(&mut transaction).await?;
        let runs = claim == ClaimMode::Runs;
        let (mut ran, mut trusted, mut since) = (runs, false, Timestamp::now().as_millisecond());
        if let Some(row) = &known {
            let before = Account { id: row.try_get("account")?, name: row.try_get("name")? };
            if before.id != at.account.id {
                return Ok(AccountClaim::Other(before));
            }
            let has_run = is_set(row, "ran")?;
            trusted = is_set(row, "trusted")?;
            if has_run || !runs {
                since = row.try_get("since")?;
            }
            ran |= has_run;
        }
        if ran && let Some(first) = first_run(&mut transaction, firm).await? {
            since = since.min(first);
        }
        if let Some((rank, holder)) = holder(&mut transaction, firm, at).await?
            && rank < (!trusted, !ran, since, firm.as_str().to_owned())
        {
            return Ok(AccountClaim::Taken(holder));
        }
        if claim == ClaimMode::Looks {
            return Ok(AccountClaim::Own);
        }
        put(&mut transaction, firm, at, (since, ran, trusted)).await?;
        transaction.commit().await?;
        Ok(AccountClaim::Own)
    }

    /// Whether an account is remembered for the firm at a vendor: `casepeer` or `case_status`.
    pub async fn is_account_remembered(&self, firm: &FirmId, vendor: &str) -> Result<bool, StoreError> {
        let row = query("select 1 from accounts where firm = $1 and vendor = $2").bind(firm.as_str()).bind(vendor);
        Ok(row.fetch_optional(&self.pool).await?.is_some())
    }

    /// Whether a person said that this account is the firm's.
    pub async fn is_account_trusted(&self, firm: &FirmId, at: &AccountAt) -> Result<bool, StoreError> {
        let row = query("select 1 from accounts where firm = $1 and vendor = $2 and account = $3 and trusted = 1");
        let row = row.bind(firm.as_str()).bind(at.vendor).bind(&at.account.id);
        Ok(row.fetch_optional(&self.pool).await?.is_some())
    }

    /// Makes these accounts, and no other, the firm's, since a person says so, unless another firm has one of them and is not gone: that one is answered.
    /// A firm that is gone has them no longer.
    pub async fn trust_accounts(
        &self,
        firm: &FirmId,
        accounts: &[AccountAt],
        is_gone: impl Fn(&FirmId) -> bool,
    ) -> Result<Option<FirmId>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        transaction.alone("accounts").await?;
        let row = query("delete from pauses where firm = $1 and reason <> 'key'").bind(firm.as_str());
        row.execute(&mut transaction).await?;
        let row = query("delete from accounts where firm = $1").bind(firm.as_str());
        row.execute(&mut transaction).await?;
        for at in accounts {
            while let Some((_, holder)) = holder(&mut transaction, firm, at).await? {
                if !is_gone(&holder) {
                    return Ok(Some(holder));
                }
                let row = query("delete from accounts where firm = $1 and vendor = $2").bind(holder.as_str()).bind(at.vendor);
                row.execute(&mut transaction).await?;
            }
            put(&mut transaction, firm, at, (Timestamp::now().as_millisecond(), false, true)).await?;
        }
        transaction.commit().await?;
        Ok(None)
    }
}

/// Of the other firms with this account, the first in rank.
async fn holder(transaction: &mut Transaction, firm: &FirmId, at: &AccountAt) -> Result<Option<(Rank, FirmId)>, StoreError> {
    let row = query(
        "select firm, since, ran, trusted from accounts where vendor = $1 and account = $2 and origin = $3 and firm <> $4
         order by trusted desc, ran desc, since, firm limit 1",
    );
    let row = row.bind(at.vendor).bind(&at.account.id).bind(&at.origin).bind(firm.as_str()).fetch_optional(transaction).await?;
    let Some(row) = row else { return Ok(None) };
    let holder = FirmId::new(row.try_get("firm")?).ok_or(StoreError::Unreadable("firm"))?;
    let rank = (!is_set(&row, "trusted")?, !is_set(&row, "ran")?, row.try_get("since")?, holder.as_str().to_owned());
    Ok(Some((rank, holder)))
}

async fn put(
    transaction: &mut Transaction,
    firm: &FirmId,
    at: &AccountAt,
    (since, ran, trusted): (i64, bool, bool),
) -> Result<(), StoreError> {
    query(
        "insert into accounts (firm, vendor, origin, account, name, since, ran, trusted) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (firm, vendor) do update set origin = excluded.origin, account = excluded.account, name = excluded.name,
         since = excluded.since, ran = excluded.ran, trusted = excluded.trusted",
    )
    .bind(firm.as_str())
    .bind(at.vendor)
    .bind(&at.origin)
    .bind(&at.account.id)
    .bind(&at.account.name)
    .bind(since)
    .bind(i64::from(ran))
    .bind(i64::from(trusted))
    .execute(transaction)
    .await?;
    Ok(())
}

/// When the firm's first run that could write began. The store forgets old runs, and `accounts` remembers.
async fn first_run(transaction: &mut Transaction, firm: &FirmId) -> Result<Option<i64>, StoreError> {
    let row = query("select min(started_at) from runs where firm = $1 and dry_run = 0 and status <> 'queued'").bind(firm.as_str());
    Ok(row.fetch_one(transaction).await?.try_get::<Option<i64>, _>(0)?)
}

fn is_set(row: &DbRow, column: &str) -> Result<bool, StoreError> {
    Ok(row.try_get::<i64, _>(column)? == 1)
}
