//! What somebody, or some program, may see and do.

use super::FirmId;

/// What somebody may see and do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Integration support: every firm, and everything.
    Support,
    /// The staff of one firm: that firm alone, and its work.
    Staff(FirmId),
    /// Sees one firm, or every firm where none is named, and changes nothing.
    Viewer(Option<FirmId>),
}

impl Role {
    /// A role by its name; `None` where the name is not known, or the firm is not as the role wants it.
    pub fn new(name: &str, firm: Option<FirmId>) -> Option<Role> {
        match (name, firm) {
            ("support", None) => Some(Role::Support),
            ("staff", Some(firm)) => Some(Role::Staff(firm)),
            ("viewer", firm) => Some(Role::Viewer(firm)),
            _ => None,
        }
    }

    /// As the store and reports write it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Role::Support => "support",
            Role::Staff(_) => "staff",
            Role::Viewer(_) => "viewer",
        }
    }

    /// The one firm that it is about, if it is about one.
    pub fn firm(&self) -> Option<&FirmId> {
        match self {
            Role::Support | Role::Viewer(None) => None,
            Role::Staff(firm) | Role::Viewer(Some(firm)) => Some(firm),
        }
    }

    /// Whether a firm, and everything of it, may be seen.
    pub fn may_see(&self, firm: &FirmId) -> bool {
        self.firm().is_none_or(|own| own == firm)
    }

    /// Whether a firm's daily work may be done: connect, sync, send.
    pub fn may_work_for(&self, firm: &FirmId) -> bool {
        self.works() && self.may_see(firm)
    }

    /// Whether the daily work of some firm may be done.
    pub fn works(&self) -> bool {
        !matches!(self, Role::Viewer(_))
    }

    /// Whether it is integration support, who may do everything.
    pub fn is_support(&self) -> bool {
        *self == Role::Support
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_work_for_their_firm_viewers_look_and_support_does_everything() {
        let [own, other] = ["hartwell", "okafor"].map(|name| FirmId::new(name).unwrap());
        let staff = Role::new("staff", Some(own.clone())).unwrap();
        assert!(staff.may_see(&own) && staff.may_work_for(&own) && !staff.may_see(&other) && !staff.may_work_for(&other));
        let support = Role::new("support", None).unwrap();
        assert!(support.may_see(&own) && support.may_work_for(&other) && support.is_support());
        let viewer = Role::new("viewer", Some(own.clone())).unwrap();
        assert!(viewer.may_see(&own) && !viewer.may_work_for(&own) && !viewer.may_see(&other) && !viewer.is_support());
        assert!(Role::new("viewer", None).unwrap().may_see(&other));
        assert_eq!(Role::new("staff", None), None);
        assert_eq!(Role::new("support", Some(own)), None);
        assert_eq!(Role::new("root", None), None);
    }
}
