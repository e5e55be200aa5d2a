//! The expressions of `validation.rules`: compiled at load, tried on a sample case, asked of every case.

use std::sync::{Arc, LazyLock};

use jiff::civil::date;
use rhai::{AST, Dynamic, Engine, ParseError, Scope};

use super::engine;
use super::faults::{did_you_mean, offset, words};
use super::field_check::unknown_fields;
use super::value_types::{FieldTypes, ValueType};
use super::values::{CaseValue, FIELDS, field};
use crate::domain::{Case, CaseId, Client, Email, Name, PeerCaseStatus, Phone, StaffMember, StaffRole};
use crate::rules::{Condition, ConditionFault, Conditions};

/// Compiles expressions with Rhai.
pub struct RhaiConditions {
    /// One for all: it takes half a megabyte, and what is compiled holds it.
    engine: Arc<Engine>,
}

impl Default for RhaiConditions {
    fn default() -> RhaiConditions {
        static ENGINE: LazyLock<Arc<Engine>> = LazyLock::new(|| Arc::new(engine::for_expressions()));
        RhaiConditions { engine: Arc::clone(&ENGINE) }
    }
}

impl Conditions for RhaiConditions {
    fn compile(&self, expression: &str) -> Result<Box<dyn Condition>, ConditionFault> {
        let sample = sample();
        let ast =
            self.engine.compile_expression_with_scope(&scope(&sample), expression).map_err(|error| parse_fault(expression, &error))?;
        // What stands behind `&&` is asked of few cases: the sample may be none of them.
        let case = ValueType::value("Case");
        let names = FIELDS.map(|name| (name, FieldTypes::all().field(&case, name).unwrap_or_default()));
        if let Some(unknown) = unknown_fields(&[(String::new(), &ast)], &names, &[]).into_iter().next() {
            let (offset, message) = (offset(expression, unknown.position), unknown.message);
            return Err(ConditionFault { offset, message, help: Some(unknown.help) });
        }
        let condition = Expression { engine: Arc::clone(&self.engine), ast, text: expression.into() };
        // A complete case shows what no grammar can: a function that does not exist, an answer that is neither true nor false.
        condition.holds(&sample)?;
        Ok(Box::new(condition))
    }
}

struct Expression {
    engine: Arc<Engine>,
    ast: AST,
    text: Box<str>,
}

impl Condition for Expression {
    fn holds(&self, case: &Case) -> Result<bool, ConditionFault> {
        let answer = self.engine.eval_ast_with_scope::<Dynamic>(&mut scope(case), &self.ast).map_err(|error| {
            let (message, help) = words(&error);
            ConditionFault { offset: offset(&self.text, error.position()), message, help }
        })?;
        answer.as_bool().map_err(|kind| ConditionFault {
            offset: 0,
            message: format!("the expression answers {kind}: expected true or false"),
            help: Some("compare something, for instance `opened_on == ()`".to_owned()),
        })
    }
}

fn parse_fault(expression: &str, error: &ParseError) -> ConditionFault {
    let kind = error.err_type();
    let (message, help) = match kind {
        rhai::ParseErrorType::VariableUndefined(name) => {
            let help = did_you_mean(name, FIELDS).unwrap_or_else(|| format!("the fields are: {}", FIELDS.join(", ")));
            (format!("a case has no field `{name}`"), Some(help))
        }
        other => (format!("not a valid expression: {other}"), None),
    };
    ConditionFault { offset: offset(expression, error.position()), message, help }
}

/// The fields of a case as variables.
fn scope(case: &Case) -> Scope<'static> {
    let mut case = CaseValue(Arc::new(case.clone()));
    let mut scope = Scope::with_capacity(FIELDS.len());
    for name in FIELDS {
        scope.push_dynamic(name, field(&mut case, name));
    }
    scope
}

/// A case with every field filled in.
fn sample() -> Case {
    Case {
        id: CaseId(1),
        case_number: "PI-2024-0001".into(),
        name: Some("Doe v. Roe".into()),
        case_type: Name::new("Auto Accident"),
        stage: Name::new("Treating"),
        status: PeerCaseStatus::Open,
        description: Some("A sample".into()),
        opened_on: Some(date(2024, 1, 2)),
        closed_on: Some(date(2024, 3, 4)),
        connected: true,
        updated_at: None,
        client: Client {
            first_name: "Jane".into(),
            last_name: "Doe".into(),
            email: Some("jane@example.com".into()),
            phones: [Phone { label: "mobile".into(), number: "(213) 555-7777".into() }].into(),
        },
        staff: vec![StaffMember {
            role: StaffRole::PrimaryAttorney,
            name: Name::new("A. Attorney"),
            email: Some(Email::new("attorney@example.com")),
        }],
    }
}
