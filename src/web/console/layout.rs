//! What every page stands in: who is here, where they can go, and what firm the page is about.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Html;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::assets;
use crate::domain::{CaseId, FirmId, Kind};
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::problem::Problem;

/// A place of the console's own menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum NavItem {
    Activity,
    Firms,
    Runs,
    Letters,
    Scripts,
    People,
    Audit,
    Api,
    Account,
    /// Pages about one firm, by the tabs of that firm.
    Overview,
    Connect,
    Sync,
    Messages,
    FirmRuns,
    Rules,
    SetUp,
    Nowhere,
}

impl NavItem {
    fn as_str(self) -> &'static str {
        match self {
            NavItem::Activity => "activity",
            NavItem::Firms => "firms",
            NavItem::Runs => "runs",
            NavItem::Letters => "letters",
            NavItem::Scripts => "scripts",
            NavItem::People => "people",
            NavItem::Audit => "audit",
            NavItem::Api => "api",
            NavItem::Account => "account",
            NavItem::Overview => "overview",
            NavItem::Connect => "connect",
            NavItem::Sync => "sync",
            NavItem::Messages => "messages",
            NavItem::FirmRuns => "firm_runs",
            NavItem::Rules => "rules",
            NavItem::SetUp => "set_up",
            NavItem::Nowhere => "",
        }
    }
}

impl FirmBar {
    /// The zone's name.
    pub(in crate::web) fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

/// What every page stands in.
pub(in crate::web) struct Layout {
    /// Who is here, as they know themselves; empty for nobody.
    pub who: String,
    /// Whether it is integration support.
    pub support: bool,
    /// The one firm that they see, if it is one.
    pub own_firm: Option<String>,
    /// The firm that the page is about.
    pub firm: Option<FirmBar>,
    /// Where the page is.
    pub here: NavItem,
    /// Under which files are asked for.
    pub version: &'static str,
}

/// The firm that a page is about.
pub(in crate::web) struct FirmBar {
    /// As addresses name it.
    pub id: String,
    /// As people call it.
    pub name: String,
    /// Its time zone, for every moment on the page.
    pub zone: TimeZone,
    /// Whether who is here may do its work.
    pub works: bool,
}

impl Layout {
    /// The frame of a page that is about no firm alone.
    pub(in crate::web) fn of(caller: &Caller, here: NavItem) -> Layout {
        Layout {
            who: caller.who.name().to_owned(),
            support: caller.role.is_support(),
            own_firm: caller.role.firm().map(|firm| firm.as_str().to_owned()),
            firm: None,
            here,
            version: &assets::VERSION,
        }
    }

    /// The frame of a page about one firm, which its rules name; without them its id does.
    pub(in crate::web) fn about(caller: &Caller, firm: &FirmId, app: &AppState, here: NavItem) -> Layout {
        let current = app.registry.current();
        let rules = current.firms.get(firm).and_then(|in_use| in_use.rules.as_ref());
        let bar = FirmBar {
            id: firm.as_str().to_owned(),
            name: rules.map_or_else(|| firm.as_str().to_owned(), |rules| rules.name.to_string()),
            zone: rules.map_or(TimeZone::UTC, |rules| rules.time_zone.clone()),
            works: caller.role.may_work_for(firm),
        };
        Layout { firm: Some(bar), ..Layout::of(caller, here) }
    }

    /// The frame of a page for whoever comes.
    pub(in crate::web) fn for_strangers() -> Layout {
        Layout { who: String::new(), support: false, own_firm: None, firm: None, here: NavItem::Nowhere, version: &assets::VERSION }
    }

    /// Whether the console's menu for several firms is for who is here.
    pub(in crate::web) fn is_about_all(&self) -> bool {
        !self.who.is_empty() && self.own_firm.is_none()
    }

    /// What people call the firm that the page is about.
    pub(in crate::web) fn firm_name(&self) -> &str {
        self.firm.as_ref().map_or("", |firm| &firm.name)
    }

    /// Whether who is here may do the work of the firm that the page is about.
    pub(in crate::web) fn firm_works(&self) -> bool {
        self.firm.as_ref().is_some_and(|firm| firm.works)
    }

    /// Whether an integration ID is a case of CASEpeer's that can be looked at.
    #[allow(clippy::unused_self)] // as templates ask
    pub(in crate::web) fn is_case(&self, integration_id: &str) -> bool {
        CaseId::parse(integration_id).is_some_and(|case| case.to_string() == integration_id)
    }

    /// What a kind of run is called.
    // A template hands over a reference.
    #[allow(clippy::unused_self, clippy::trivially_copy_pass_by_ref)]
    pub(in crate::web) fn kind(&self, kind: &Kind) -> &'static str {
        match kind {
            Kind::Sync => "Sync of all cases",
            Kind::SyncCase => "Sync of a case",
            Kind::Connect => "Connect",
            Kind::Migration => "Script",
            Kind::Undo => "Undo",
            Kind::Messages => "Messages to notes",
            Kind::Outbox => "Messages to clients",
            Kind::Documents => "Documents",
            Kind::StageSync => "Stage changes",
        }
    }

    /// Whether the page is at this place.
    pub(in crate::web) fn is_here(&self, place: &str) -> bool {
        self.here.as_str() == place
    }

    /// A moment as people read it, in the firm's zone, or in UTC where a page is about several.
    pub(in crate::web) fn moment(&self, moment: &Timestamp) -> String {
        let zone = self.firm.as_ref().map_or(TimeZone::UTC, |firm| firm.zone.clone());
        moment.to_zoned_datetime(zone).strftime("%b %-d, %Y %-I:%M %p %Z").to_string()
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Layout,
    title: &'a str,
    detail: &'a str,
}

#[derive(Template)]
#[template(path = "problem_part.html")]
struct ProblemPart<'a> {
    detail: &'a str,
}

/// A problem as people read it: a page, or the part of one that was asked for.
pub(super) fn problem_page(problem: &Problem, caller: Option<&Caller>, is_part: bool) -> Html<String> {
    let frame = caller.map_or_else(Layout::for_strangers, |caller| Layout::of(caller, NavItem::Nowhere));
    let title = title(problem.status());
    let detail = &as_sentence(problem.detail());
    let rendered = if is_part { ProblemPart { detail }.render() } else { ProblemPage { frame, title, detail }.render() };
    Html(rendered.unwrap_or_else(|_| String::from("casebridge could not answer; its log says why")))
}

/// What a page is called that tells of a problem.
fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::CONFLICT => "Not possible now",
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => "Not accepted",
        StatusCode::BAD_GATEWAY => "No answer from the other product",
        StatusCode::SERVICE_UNAVAILABLE => "Not available for a moment",
        StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong",
        other => other.canonical_reason().unwrap_or("Something went wrong"),
    }
}

/// With a capital at its beginning; the product's own name keeps its small letter.
fn as_sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    match letters.next() {
        Some(first) if !detail.starts_with("casebridge") => first.to_uppercase().chain(letters).collect(),
        _ => detail.to_owned(),
    }
}
