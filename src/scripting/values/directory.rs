//! Staff users and practice areas of Case Status, to be read.

use rhai::plugin::*;
use rhai::{INT, Map};

use super::read_only;
use crate::domain::{PracticeArea, StaffUser};

/// A staff user of the firm in Case Status.
#[derive(Clone)]
pub(in crate::scripting) struct StaffUserValue(pub StaffUser);

/// A practice area with its stages.
#[derive(Clone)]
pub(in crate::scripting) struct PracticeAreaValue(pub PracticeArea);

/// What a script can read of a firm's staff users and practice areas.
#[export_module]
#[allow(unreachable_pub)]
pub(in crate::scripting) mod directory_functions {
    /// What identifies the user.
    #[rhai_fn(get = "email", pure)]
    pub fn email(user: &mut StaffUserValue) -> ImmutableString {
        user.0.email.as_str().into()
    }

    /// `attorney`, `paralegal` or `admin`.
    #[rhai_fn(get = "role", pure)]
    pub fn role(user: &mut StaffUserValue) -> ImmutableString {
        user.0.role.as_str().into()
    }

    /// Whether they still work there.
    #[rhai_fn(get = "active", pure)]
    pub fn active(user: &mut StaffUserValue) -> bool {
        user.0.active
    }

    /// The practice area's name.
    #[rhai_fn(get = "name", pure)]
    pub fn area_name(area: &mut PracticeAreaValue) -> ImmutableString {
        area.0.name.as_str().into()
    }

    /// Its stages, each with `number` and `name`.
    #[rhai_fn(get = "stages", pure)]
    pub fn stages(area: &mut PracticeAreaValue) -> Dynamic {
        read_only(area.0.stages.iter().map(|(number, name)| {
            Map::from([("number".into(), INT::from(number.number()).into()), ("name".into(), ImmutableString::from(&**name).into())])
        }))
    }
}
