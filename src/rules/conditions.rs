//! The seam to the firm's own expressions: `rules` knows that a condition can be asked, `scripting` knows how.

use crate::domain::Case;

/// Compiles the expressions of `validation.rules`.
pub trait Conditions {
    /// Compiles one.
    fn compile(&self, expression: &str) -> Result<Box<dyn Condition>, ConditionFault>;
}

/// A compiled expression over a case's fields.
pub trait Condition: Send + Sync {
    /// Whether it is true of this case.
    ///
    /// # Errors
    /// Why it could not be evaluated; the case then counts as refused, never as let through.
    fn holds(&self, case: &Case) -> Result<bool, ConditionFault>;
}

/// What is wrong with an expression, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionFault {
    /// Bytes from the beginning of the expression.
    pub offset: usize,
    /// One sentence.
    pub message: String,
    /// What to do, if something can be said.
    pub help: Option<String>,
}
