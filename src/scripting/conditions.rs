//! The expressions of `validation.rules`: compiled at load, tried on a sample case, asked of every case.

use std::sync::Arc;

use jiff::civil::date;
use rhai::{AST, Array, Dynamic, Engine, Map, ParseError, Position, Scope};

use super::engine;
use crate::diagnostic::nearest;
use crate::domain::{Case, CaseId, CaseStatus, Client, Email, Name, Phone, StaffMember, StaffRole};
use crate::rules::{Condition, ConditionFault, Conditions};

/// Compiles expressions with Rhai.
pub struct RhaiConditions {
    engine: Arc<Engine>,
}

impl Default for RhaiConditions {
    fn default() -> RhaiConditions {
        RhaiConditions { engine: Arc::new(engine::for_expressions()) }
    }
}

impl Conditions for RhaiConditions {
    fn compile(&self, expression: &str) -> Result<Box<dyn Condition>, ConditionFault> {
        let sample = sample();
        let ast =
            self.engine.compile_expression_with_scope(&scope(&sample), expression).map_err(|error| parse_fault(expression, &error))?;
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
            let message = error.to_string();
            // Rhai adds the position in words; the diagnostic shows it in place.
            let message = message.split(" (line ").next().unwrap_or(&message).to_owned();
            ConditionFault { offset: offset(&self.text, error.position()), message, help: None }
        })?;
        answer.as_bool().map_err(|kind| ConditionFault {
            offset: 0,
            message: format!("the expression answers {kind}, and true or false is wanted"),
            help: Some("compare something, for instance `opened_on == ()`".to_owned()),
        })
    }
}

fn parse_fault(expression: &str, error: &ParseError) -> ConditionFault {
    let kind = error.err_type();
    let (message, help) = match kind {
        rhai::ParseErrorType::VariableUndefined(name) => {
            let fields: Vec<String> = scope(&sample()).iter_raw().map(|(field, ..)| field.to_owned()).collect();
            let help = match nearest(name, fields.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the fields are: {}", fields.join(", ")),
            };
            (format!("a case has no field `{name}`"), Some(help))
        }
        other => (format!("not a valid expression: {other}"), None),
    };
    ConditionFault { offset: offset(expression, error.position()), message, help }
}

/// The byte at a Rhai position.
fn offset(text: &str, position: Position) -> usize {
    let Some(line) = position.line() else { return 0 };
    let line_start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let column = position.position().unwrap_or(1).saturating_sub(1);
    text[line_start..].char_indices().nth(column).map_or(text.len(), |(at, _)| line_start + at)
}

/// The fields of a case by the contract's names. Dates are texts such as `2024-02-03`, and what is missing is `()`.
fn scope(case: &Case) -> Scope<'static> {
    let mut scope = Scope::with_capacity(12);
    let mut field = |name: &str, value: Dynamic| {
        scope.push_dynamic(name, value);
    };
    field("id", i64::try_from(case.id.0).unwrap_or(i64::MAX).into());
    field("case_number", text(&case.case_number));
    field("name", optional(case.name.as_deref()));
    field("case_type", text(case.case_type.as_str()));
    field("stage", text(case.stage.as_str()));
    field("status", text(if case.status == CaseStatus::Open { "open" } else { "closed" }));
    field("description", optional(case.description.as_deref()));
    field("opened_on", case.opened_on.map_or(Dynamic::UNIT, |date| date.to_string().into()));
    field("closed_on", case.closed_on.map_or(Dynamic::UNIT, |date| date.to_string().into()));
    field("connected", case.connected.into());
    field("client", client(&case.client));
    let staff: Array = case.staff.iter().map(staff_member).collect();
    field("staff", staff.into());
    scope
}

fn client(client: &Client) -> Dynamic {
    let phones: Array = client
        .phones
        .iter()
        .map(|phone| Map::from([("label".into(), text(&phone.label)), ("number".into(), text(&phone.number))]).into())
        .collect();
    Map::from([
        ("first_name".into(), text(&client.first_name)),
        ("last_name".into(), text(&client.last_name)),
        ("email".into(), optional(client.email.as_deref())),
        ("phones".into(), phones.into()),
    ])
    .into()
}

fn staff_member(member: &StaffMember) -> Dynamic {
    let role = match member.role {
        StaffRole::PrimaryAttorney => "primary_attorney",
        StaffRole::Attorney => "attorney",
        StaffRole::Paralegal => "paralegal",
        StaffRole::CaseManager => "case_manager",
    };
    Map::from([
        ("role".into(), text(role)),
        ("name".into(), text(member.name.as_str())),
        ("email".into(), optional(member.email.as_ref().map(Email::as_str))),
    ])
    .into()
}

fn text(text: &str) -> Dynamic {
    text.to_owned().into()
}

fn optional(value: Option<&str>) -> Dynamic {
    value.map_or(Dynamic::UNIT, text)
}

/// A case with every field filled in.
fn sample() -> Case {
    Case {
        id: CaseId(1),
        case_number: "PI-2024-0001".into(),
        name: Some("Doe v. Roe".into()),
        case_type: Name::new("Auto Accident"),
        stage: Name::new("Treating"),
        status: CaseStatus::Open,
        description: Some("A sample".into()),
        opened_on: Some(date(2024, 1, 2)),
        closed_on: Some(date(2024, 3, 4)),
        connected: true,
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
