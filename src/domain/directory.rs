//! Who and what Case Status knows of a firm: its staff, and its practice areas with their stages.

use std::collections::HashMap;
use std::sync::Arc;

use super::named;
use super::{Email, Name, Stage};

/// A firm's staff and practice areas in Case Status, as read at the start of a run.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    staff: HashMap<Arc<str>, StaffUser>,
    /// In Case Status's order.
    pub practice_areas: Vec<PracticeArea>,
}

impl Directory {
    /// A directory of these. Of two users with one address, an active attorney wins, then an active user.
    pub fn new(staff: Vec<StaffUser>, practice_areas: Vec<PracticeArea>) -> Directory {
        let mut by_email: HashMap<Arc<str>, StaffUser> = HashMap::with_capacity(staff.len());
        for user in staff {
            let rank = |user: &StaffUser| (user.active, user.role == UserRole::Attorney);
            match by_email.get(user.email.folded()) {
                Some(kept) if rank(kept) >= rank(&user) => {}
                _ => {
                    by_email.insert(user.email.folded().into(), user);
                }
            }
        }
        Directory { staff: by_email, practice_areas }
    }

    /// The user with this address.
    pub fn user(&self, email: &Email) -> Option<&StaffUser> {
        self.staff.get(email.folded())
    }

    /// The practice area called exactly so.
    pub fn practice_area(&self, name: &Name) -> Option<&PracticeArea> {
        self.practice_areas.iter().find(|area| area.name == *name)
    }

    /// Every user, in no order.
    pub fn staff(&self) -> impl Iterator<Item = &StaffUser> {
        self.staff.values()
    }
}

/// A staff user of the firm in Case Status.
#[derive(Debug, Clone)]
pub struct StaffUser {
    /// The address as Case Status spells it, which is how it is sent.
    pub email: Email,
    /// What they are there.
    pub role: UserRole,
    /// Whether they still work there.
    pub active: bool,
}

impl StaffUser {
    /// Whether they can be a case's attorney.
    pub fn is_active_attorney(&self) -> bool {
        self.active && self.role == UserRole::Attorney
    }
}

named! {
    /// A role in Case Status.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum UserRole {
        /// Can be a case's primary or additional attorney.
        Attorney => "attorney",
        /// A paralegal.
        Paralegal => "paralegal",
        /// Administers the firm's account.
        Admin => "admin",
    }
}

/// A practice area in Case Status.
#[derive(Debug, Clone)]
pub struct PracticeArea {
    /// Its name, which is how cases refer to it.
    pub name: Name,
    /// Its stages, at most 12, by number.
    pub stages: Vec<(Stage, Box<str>)>,
}

impl PracticeArea {
    /// Whether it has this stage.
    pub fn has(&self, stage: Stage) -> bool {
        self.stages.iter().any(|(number, _)| *number == stage)
    }
}
