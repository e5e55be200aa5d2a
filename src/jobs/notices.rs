//! Notices: what somebody should know or do, told once.
use crate::live::{Current, Edit};
use crate::rules::FirmRules;
use crate::sync::Finished;
use crate::vendors::Vendor;
/// n
#[derive(Clone)]
pub struct Notices;
impl Notices {
    pub(super) async fn key_revoked(&self, _: &FirmRules, _: Vendor) {}
    pub(super) async fn key_is_good(&self, _: &FirmRules) {}
    pub(super) async fn run_held(&self, _: &FirmRules, _: &Finished) {}
    pub(super) async fn run_failed(&self, _: &FirmRules, _: &Finished) {}
    pub(super) async fn rules_rejected(&self, _: &Current, _: &Edit) {}
}
