//! What both vendors hold of one firm, and which keys they take: a sandbox's world that a test fills and changes in place.

use std::ops::{Deref, DerefMut};

use casebridge::sandbox::{self, SandboxReply, SandboxRequest, SandboxState};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Vendor;

/// The firm's name in CASEpeer, as `firm verify` shows it.
pub const CASEPEER_FIRM: &str = "Hartwell in CASEpeer";
/// The firm's name in Case Status.
pub const CASE_STATUS_FIRM: &str = "Hartwell in Case Status";
/// An active attorney in Case Status, and the primary attorney of every case unless a test says otherwise.
pub const ANN: &str = "ann@hartwell.example";
/// Another active attorney.
pub const BOB: &str = "bob@hartwell.example";
/// An attorney who left: known to Case Status, not active.
pub const CARL: &str = "carl@hartwell.example";
/// An active paralegal, on every case unless a test says otherwise.
pub const PAM: &str = "pam@hartwell.example";
/// Another active paralegal.
pub const PETE: &str = "pete@hartwell.example";

/// One firm's data at both vendors.
pub struct World {
    /// What CASEpeer takes for this firm.
    pub casepeer_key: String,
    /// What Case Status takes for this firm.
    pub case_status_key: String,
    /// Other keys that both take for it.
    pub other_keys: Vec<String>,
    state: SandboxState,
}

impl Deref for World {
    type Target = sandbox::World;

    fn deref(&self) -> &sandbox::World {
        self.state.world()
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut sandbox::World {
        self.state.any_change()
    }
}

impl World {
    /// A firm with staff and practice areas and no case.
    pub fn new() -> World {
        let member = |email: &str, role: &str, active: bool| {
            json!({
                "id": format!("staff-{email}"), "email": email, "first_name": "A", "last_name": "B", "role": role, "active": active
            })
        };
        let held = sandbox::World {
            casepeer_account: ("hartwell".to_owned(), CASEPEER_FIRM.to_owned()),
            case_status_account: ("firm-7".to_owned(), CASE_STATUS_FIRM.to_owned()),
            derives_ids: true,
            staff: vec![
                member(ANN, "attorney", true),
                member(BOB, "attorney", true),
                member(CARL, "attorney", false),
                member(PAM, "paralegal", true),
                member(PETE, "paralegal", true),
            ],
            practice_areas: vec![area("Motor Vehicle", 8), area("Dog Bite", 8), area("Slip and Fall", 8), area("Workers Comp", 3)],
            ..sandbox::World::default()
        };
        World {
            casepeer_key: "cpk-5be0c1f2a9".to_owned(),
            case_status_key: "csk-91d7e44b03".to_owned(),
            other_keys: Vec::new(),
            state: SandboxState::new(held),
        }
    }

    /// What a vendor answers to a request with a good key.
    pub fn answer(&mut self, vendor: Vendor, request: &SandboxRequest) -> SandboxReply {
        self.state.answer(vendor, request)
    }

    /// A firm whose cases `ids` are connected and equal on both sides.
    pub fn of(ids: impl IntoIterator<Item = u64>) -> World {
        let mut world = World::new();
        ids.into_iter().for_each(|id| world.connected(id));
        world
    }

    /// Adds a case that both sides have, with equal content.
    pub fn connected(&mut self, id: u64) {
        self.unconnected(id);
        self.peer(id)["connected"] = json!(true);
        self.in_case_status(id);
    }

    /// Adds a case that CASEpeer alone has.
    pub fn unconnected(&mut self, id: u64) {
        self.cases.insert(
            id,
            json!({
                "id": id, "case_number": format!("PI-{id}"), "name": format!("{} v. Acme Trucking", surname(id)),
                "case_type": "Auto Accident",
                "stage": "Treating", "status": "open", "description": "Rear-end collision", "opened_on": "2024-02-03", "closed_on": null,
                "connected": false,
                "client": { "id": id, "first_name": "Jane", "last_name": surname(id), "email": null,
                    "phones": [{ "label": "mobile", "number": phone(id) }] },
                "staff": [{ "role": "primary_attorney", "name": "Ann", "email": ANN }, { "role": "paralegal", "name": "Pam", "email": PAM }],
                "updated_at": "2026-11-01T12:00:00Z"
            }),
        );
    }

    /// Adds to Case Status what CASEpeer's untouched case `id` comes to.
    pub fn in_case_status(&mut self, id: u64) {
        self.existing.push(json!({
            "id": format!("cs-{id}"), "integration_id": id.to_string(), "readable_id": format!("PI-{id}"), "practice_area": "Motor Vehicle",
            "stage": 3, "status": "open", "primary_attorney_email": ANN, "additional_attorney_emails": [], "paralegal_emails": [PAM],
            "description": "Rear-end collision", "case_date": "2024-02-03", "closed_date": null,
            "client": { "first_name": "Jane", "last_name": surname(id), "phone": phone(id), "email": null },
            "updated_at": "2026-11-01T12:00:00Z"
        }));
    }

    /// Moves a case in CASEpeer to this stage, at this time.
    pub fn restage(&mut self, id: u64, stage: &str, at: &str) {
        self.peer(id)["stage"] = json!(stage);
        self.peer(id)["updated_at"] = json!(at);
    }

    /// CASEpeer's case.
    pub fn peer(&mut self, id: u64) -> &mut Value {
        self.cases.get_mut(&id).expect("CASEpeer has the case")
    }

    /// Case Status's case with this integration id.
    pub fn status(&mut self, id: u64) -> &mut Value {
        self.existing_mut(id).expect("Case Status has the case")
    }

    /// The Case Status case that CASEpeer's case is marked as connected to.
    pub fn mark(&self, id: u64) -> Option<&str> {
        self.cases.get(&id).filter(|held| held["connected"] == true)?;
        self.connections.get(&id).map(String::as_str)
    }

    /// Gives a case this primary attorney in CASEpeer.
    pub fn attorney(&mut self, id: u64, email: &str) {
        self.peer(id)["staff"][0]["email"] = json!(email);
    }
}

/// The surname of a case's client; long and odd, so that finding it anywhere means that it leaked.
pub fn surname(id: u64) -> String {
    format!("Zyskowski{id}")
}

/// The client's phone in E.164.
pub fn phone(id: u64) -> String {
    format!("+1310555{:04}", id % 10_000)
}

/// The time so many minutes into the day of these tests.
pub fn minute(number: usize) -> String {
    let start: Timestamp = "2026-11-02T12:00:00Z".parse().expect("a time");
    (start + SignedDuration::from_mins(i64::try_from(number).expect("a number"))).to_string()
}

fn area(name: &str, stages: u64) -> Value {
    let stages: Vec<Value> = (1..=stages).map(|number| json!({ "number": number, "name": format!("Stage {number}") })).collect();
    json!({ "id": format!("area-{name}"), "name": name, "stages": stages })
}
