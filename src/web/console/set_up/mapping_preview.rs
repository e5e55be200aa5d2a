//! What an edit of the mapping would write and move, looked at before it is saved.

use std::collections::BTreeMap;

use askama::Template;

use super::Step;
use crate::domain::FirmId;
use crate::live::MappingLine;
use crate::sync::MappingImpact;
use crate::web::Served;
use crate::web::caller::Caller;
use crate::web::console::{Frame, Here};

#[derive(Template)]
#[template(path = "set_up/mapping_preview.html")]
pub(super) struct MappingPreview {
    frame: Frame,
    firm: FirmId,
    step: Step,
    /// The form, to be sent once more.
    fields: Vec<(String, String)>,
    lines: Vec<MappingLine>,
    impact: MappingImpact,
}

impl MappingPreview {
    pub(super) fn new(
        served: &Served,
        caller: &Caller,
        firm: FirmId,
        fields: &BTreeMap<String, String>,
        lines: Vec<MappingLine>,
        impact: MappingImpact,
    ) -> MappingPreview {
        let fields = fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        MappingPreview { frame: Frame::about(caller, &firm, served, Here::SetUp), firm, step: Step::Mapping, fields, lines, impact }
    }
}
