//! Some cases of the firm, looked at before anything is switched on: what a sync or a connect would do with each.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use futures_util::future::join_all;
use serde::Deserialize;

use super::Step;
use crate::domain::{CaseId, FirmId};
use crate::runs::Explanation;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::cases::{said, typed_case};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

/// So many are looked at together.
const MOST: usize = 5;

#[derive(Template)]
#[template(path = "onboarding/cases.html")]
struct CasesPage {
    frame: Layout,
    firm: FirmId,
    step: Step,
    typed: String,
    refusal: Option<String>,
    looked_at: Vec<(CaseId, Result<Explanation, String>)>,
}

/// The cases that are asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OnboardingCasesQuery {
    cases: String,
}

/// The form, and what each case comes to that is asked for.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Query(asked): Query<OnboardingCasesQuery>,
) -> Result<Response, Problem> {
    if !app.registry.current().firms.contains_key(&firm) {
        return Err(Problem::no_firm());
    }
    let frame = Layout::about(&caller, &firm, &app, NavItem::SetUp);
    let mut shown = CasesPage { frame, firm, step: Step::Cases, typed: asked.cases, refusal: None, looked_at: Vec::new() };
    let texts: Vec<&str> = shown.typed.split([',', ' ', '\n', '\r', '\t']).filter(|text| !text.is_empty()).collect();
    if texts.len() > MOST {
        shown.refusal = Some(format!("at most {MOST} cases are looked at together"));
        return Ok(page(&shown));
    }
    let cases: Result<Vec<CaseId>, String> = texts.into_iter().map(typed_case).collect();
    let cases = match cases {
        Ok(cases) => cases,
        Err(refusal) => {
            shown.refusal = Some(refusal);
            return Ok(page(&shown));
        }
    };
    let explained = join_all(cases.iter().map(|case| app.requests.explain(&shown.firm, *case))).await;
    for (case, explained) in cases.into_iter().zip(explained) {
        let looked = match explained {
            Ok(explanation) => Ok(explanation),
            Err(declined) => Err(said(declined)?),
        };
        shown.looked_at.push((case, looked));
    }
    Ok(page(&shown))
}
