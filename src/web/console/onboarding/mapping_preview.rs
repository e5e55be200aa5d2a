//! What an edit of the mapping would write and move, looked at before it is saved.

use std::collections::BTreeMap;

use askama::Template;

use super::Step;
use crate::domain::FirmId;
use crate::ruleset::MappingLine;
use crate::runs::MappingImpact;
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::console::{Layout, NavItem};

#[derive(Template)]
#[template(path = "onboarding/mapping_preview.html")]
pub(super) struct MappingPreview {
    frame: Layout,
    firm: FirmId,
    step: Step,
    /// The form, to be sent once more.
    fields: Vec<(String, String)>,
    lines: Vec<MappingLine>,
    impact: MappingImpact,
}

impl MappingPreview {
    pub(super) fn new(
        app: &AppState,
        caller: &Caller,
        firm: FirmId,
        fields: &BTreeMap<String, String>,
        lines: Vec<MappingLine>,
        impact: MappingImpact,
    ) -> MappingPreview {
        let fields = fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        MappingPreview { frame: Layout::about(caller, &firm, app, NavItem::SetUp), firm, step: Step::Mapping, fields, lines, impact }
    }
}
