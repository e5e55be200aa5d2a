//! People who use the console: added, looked up, changed, disabled.

use jiff::Timestamp;

use super::database::{DbRow, query};
use super::{Store, StoreError};
use crate::domain::{Email, FirmId, PasswordUse, Role, User};

const COLUMNS: &str = "email, role, firm, created_at, disabled_at, password_use";

impl Store {
    /// Keeps a new user with the hash of their password; `false` if one of this address is there.
    pub async fn put_user(&self, user: &User, password: &str) -> Result<bool, StoreError> {
        let put = query(
            "insert into users (email, role, firm, password, created_at, password_use) values ($1, $2, $3, $4, $5, $6)
                 on conflict (email) do nothing",
        )
        .bind(user.email.folded())
        .bind(user.role.as_str())
        .bind(user.role.firm().map(FirmId::as_str))
        .bind(password)
        .bind(user.created_at.as_millisecond())
        .bind(user.password_use.as_str())
        .execute(&self.pool)
        .await?;
        Ok(put.rows_affected() == 1)
    }

    /// A user and the hash of their password.
    pub async fn user(&self, email: &Email) -> Result<Option<(User, String)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS}, password from users where email = $1"));
        let row = query(sql).bind(email.folded()).fetch_optional(&self.readers).await?;
        row.map(|row| Ok((read_user(&row)?, row.try_get("password")?))).transpose()
    }

    /// Every user, by address.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from users order by email"));
        query(sql).fetch_all(&self.readers).await?.iter().map(read_user).collect()
    }

    /// Keeps the hash of a user's new password, and ends their sessions; `false` if there is no such user, or their password is not `instead_of`
    /// any more.
    pub async fn put_password(
        &self,
        email: &Email,
        password: &str,
        password_use: PasswordUse,
        instead_of: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // No session begins meanwhile by what is changed here.
        transaction.alone("sessions").await?;
        let put = query("update users set password = $2, password_use = $3 where email = $1 and password = coalesce($4, password)")
            .bind(email.folded())
            .bind(password)
            .bind(password_use.as_str())
            .bind(instead_of);
        let is_put = put.execute(&mut transaction).await?.rows_affected() == 1;
        if is_put {
            query("delete from sessions where email = $1").bind(email.folded()).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(is_put)
    }

    /// Gives a user another role; `false` if there is no such user.
    pub async fn put_role(&self, email: &Email, role: &Role) -> Result<bool, StoreError> {
        let put = query("update users set role = $2, firm = $3 where email = $1")
            .bind(email.folded())
            .bind(role.as_str())
            .bind(role.firm().map(FirmId::as_str))
            .execute(&self.pool)
            .await?;
        Ok(put.rows_affected() == 1)
    }

    /// Keeps a user from signing in and ends their sessions, or lets them sign in again; `false` if there is nothing to change.
    pub async fn put_disabled(&self, email: &Email, disabled_at: Option<Timestamp>) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // No session begins meanwhile by what is changed here.
        transaction.alone("sessions").await?;
        let put = query("update users set disabled_at = $2 where email = $1 and (disabled_at is null) <> ($2 is null)")
            .bind(email.folded())
            .bind(disabled_at.map(Timestamp::as_millisecond));
        let changed = put.execute(&mut transaction).await?.rows_affected() == 1;
        if disabled_at.is_some() {
            query("delete from sessions where email = $1").bind(email.folded()).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(changed)
    }
}

pub(super) fn read_user(row: &DbRow) -> Result<User, StoreError> {
    let unreadable = || StoreError::Unreadable("user");
    let time = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).map_err(|_| unreadable());
    let firm: Option<String> = row.try_get("firm")?;
    let firm = firm.map(|firm| FirmId::new(&firm).ok_or_else(unreadable)).transpose()?;
    Ok(User {
        email: Email::new(row.try_get("email")?),
        role: Role::new(row.try_get("role")?, firm).ok_or_else(unreadable)?,
        created_at: time(row.try_get("created_at")?)?,
        disabled_at: row.try_get::<Option<i64>, _>("disabled_at")?.map(time).transpose()?,
        password_use: PasswordUse::new(row.try_get("password_use")?).ok_or_else(unreadable)?,
    })
}
