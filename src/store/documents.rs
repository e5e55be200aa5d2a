//! Documents of Case Status on their way to CASEpeer.

use jiff::Timestamp;

use super::database::{DbRow, QueryBuilder, query};
use super::dead_letters::end_letter;
use super::feeds::move_to;
use super::{InboxState, Store, StoreError};
use crate::domain::{CaseId, Document, FirmId, LetterKind};

/// Documents a statement: SQLite takes 32,766 values, and a document has 10.
const BATCH: usize = 1_000;

/// A document that is stored by its description; its content is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its number here.
    pub number: i64,
    /// The document.
    pub document: Document,
    /// Passes that failed to bring it over.
    pub tries: u32,
}

impl Store {
    /// Stores documents' descriptions and moves the feed's cursor past them, both or neither; without a cursor, it stays where it is.
    pub async fn receive_documents(&self, firm: &FirmId, documents: &[Document], cursor: Option<&str>) -> Result<(), StoreError> {
        let now = Timestamp::now().as_millisecond();
        let mut transaction = self.pool.begin().await?;
        for batch in documents.chunks(BATCH) {
            let mut query = QueryBuilder::new(
                "insert into documents (firm, document_id, integration_id, file_name, content_type, size, sha256, state, tries, stored_at) ",
            );
            query.push_values(batch, |mut values, document| {
                values
                    .push_bind(firm.as_str())
                    .push_bind(&*document.id)
                    .push_bind(document.integration_id.map(|id| id.to_string()))
                    .push_bind(&*document.file_name)
                    .push_bind(document.content_type.as_deref())
                    .push_bind(i64::try_from(document.size).unwrap_or(i64::MAX))
                    .push_bind(&*document.sha256)
                    .push_bind(InboxState::Waiting.as_str())
                    .push_bind(0_i64)
                    .push_bind(now);
            });
            query.push(" on conflict (firm, document_id) do nothing");
            query.build().execute(&mut transaction).await?;
        }
        if let Some(cursor) = cursor {
            move_to(&mut transaction, firm, "documents", cursor).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The documents of a firm that are to be brought over, in the order in which they were uploaded, at most so many, after one.
    pub async fn waiting_documents(&self, firm: &FirmId, after: i64, most: u32) -> Result<Vec<StoredDocument>, StoreError> {
        let sql = "select id, document_id, integration_id, file_name, content_type, size, sha256, tries
                   from documents where firm = $1 and state = 'waiting' and id > $2 order by id limit $3";
        let rows = query(sql).bind(firm.as_str()).bind(after).bind(most).fetch_all(&self.pool).await?;
        rows.iter().map(read_document).collect()
    }

    /// Records how far a document has come.
    pub async fn settle_document(&self, number: i64, state: InboxState) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        query("update documents set state = $2 where id = $1").bind(number).bind(state.as_str()).execute(&mut transaction).await?;
        if matches!(state, InboxState::Done | InboxState::LeftOut) {
            end_letter(&mut transaction, LetterKind::Document, number).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Records that a pass failed to bring a document over.
    pub async fn count_try(&self, number: i64) -> Result<(), StoreError> {
        query("update documents set tries = tries + 1 where id = $1").bind(number).execute(&self.pool).await?;
        Ok(())
    }
}

fn read_document(row: &DbRow) -> Result<StoredDocument, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column).map(String::into_boxed_str);
    let optional = |column: &str| row.try_get::<Option<String>, _>(column).map(|text| text.map(String::into_boxed_str));
    let document = Document {
        id: text("document_id")?,
        integration_id: optional("integration_id")?.and_then(|id| CaseId::parse(&id)),
        file_name: text("file_name")?,
        content_type: optional("content_type")?,
        size: row.try_get::<i64, _>("size")?.unsigned_abs(),
        sha256: text("sha256")?,
    };
    let tries = u32::try_from(row.try_get::<i64, _>("tries")?).unwrap_or(u32::MAX);
    Ok(StoredDocument { number: row.try_get("id")?, document, tries })
}
