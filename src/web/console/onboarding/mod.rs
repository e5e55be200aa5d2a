//! The set-up of a firm, step by step: its file is made with everything switched off, its keys are proved, its mapping is set, some of its
//! cases are looked at, and then it is switched on. Each step can be gone through again.

mod cases;
mod enable;
mod key;
mod keys;
mod mapping;
mod mapping_preview;
mod new;

use crate::web::access::{Access, Routes};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/firms/new", Access::Support, new::show)
        .post("/firms/new", Access::Support, new::create)
        .get("/firms/{firm}/set-up", Access::Support, keys::show)
        .post("/firms/{firm}/set-up", Access::Support, keys::put)
        .post("/firms/{firm}/set-up/test", Access::Support, keys::test)
        .get("/firms/{firm}/set-up/mapping", Access::Support, mapping::show)
        .post("/firms/{firm}/set-up/mapping", Access::Support, mapping::put)
        .get("/firms/{firm}/set-up/cases", Access::Support, cases::show)
        .get("/firms/{firm}/set-up/enable", Access::Support, enable::show)
        .post("/firms/{firm}/set-up/enable", Access::Support, enable::enable)
}

/// A step of the set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Step {
    Keys,
    Mapping,
    Cases,
    Enable,
}

impl Step {
    const ALL: [Step; 4] = [Step::Keys, Step::Mapping, Step::Cases, Step::Enable];

    fn title(self) -> &'static str {
        match self {
            Step::Keys => "Keys",
            Step::Mapping => "Mapping",
            Step::Cases => "Test cases",
            Step::Enable => "Enable",
        }
    }

    /// Its address after that of the set-up.
    fn path(self) -> &'static str {
        match self {
            Step::Keys => "",
            Step::Mapping => "/mapping",
            Step::Cases => "/cases",
            Step::Enable => "/enable",
        }
    }

    // Templates hand over references.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is(self, other: &Step) -> bool {
        self == *other
    }

    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is_before(self, other: &Step) -> bool {
        self < *other
    }
}
