//! What both vendors hold: plain JSON in the shapes of the contracts, which a test changes in place.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::documents::Shared;

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
    /// The account at CASEpeer that its key opens: id and name.
    pub casepeer_account: (String, String),
    /// The same at Case Status.
    pub case_status_account: (String, String),
    /// CASEpeer's cases by id.
    pub peer: BTreeMap<u64, Value>,
    /// Case Status's cases in the order of their creation.
    pub status: Vec<Value>,
    /// Case Status's staff.
    pub staff: Vec<Value>,
    /// Case Status's practice areas.
    pub areas: Vec<Value>,
    /// The notes of CASEpeer's cases.
    pub notes: BTreeMap<u64, Vec<Value>>,
    /// The documents that CASEpeer's cases were given.
    pub received: BTreeMap<u64, Vec<Value>>,
    /// The most bytes that CASEpeer takes in one document.
    pub file_limit: u64,
    /// All that staff typed for clients in CASEpeer, in that order.
    pub outbox: Vec<Value>,
    /// The ids of what CASEpeer does not list there any more, receipt or not.
    pub unlisted: std::collections::BTreeSet<String>,
    /// What became of it, by id, as far as CASEpeer was told.
    pub receipts: BTreeMap<String, Value>,
    /// Case Status's messages in the order in which they were sent.
    pub messages: Vec<Value>,
    /// Case Status's documents in the order in which they were shared.
    pub documents: Vec<Shared>,
    /// What each idempotency key was answered.
    pub answered: BTreeMap<String, (u16, Value)>,
}

impl World {
    /// A firm with staff and practice areas and no case.
    pub fn new() -> World {
        let member = |email: &str, role: &str, active: bool| {
            json!({
                "id": format!("staff-{email}"), "email": email, "first_name": "A", "last_name": "B", "role": role, "active": active
            })
        };
        World {
            casepeer_key: "cpk-5be0c1f2a9".to_owned(),
            case_status_key: "csk-91d7e44b03".to_owned(),
            other_keys: Vec::new(),
            casepeer_account: ("hartwell".to_owned(), super::casepeer::FIRM.to_owned()),
            case_status_account: ("firm-7".to_owned(), super::case_status::FIRM.to_owned()),
            peer: BTreeMap::new(),
            status: Vec::new(),
            staff: vec![
                member(ANN, "attorney", true),
                member(BOB, "attorney", true),
                member(CARL, "attorney", false),
                member(PAM, "paralegal", true),
                member(PETE, "paralegal", true),
            ],
            areas: vec![area("Motor Vehicle", 8), area("Dog Bite", 8), area("Slip and Fall", 8), area("Workers Comp", 3)],
            notes: BTreeMap::new(),
            received: BTreeMap::new(),
            file_limit: 250 << 20,
            outbox: Vec::new(),
            unlisted: std::collections::BTreeSet::new(),
            receipts: BTreeMap::new(),
            messages: Vec::new(),
            documents: Vec::new(),
            answered: BTreeMap::new(),
        }
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
        self.peer.insert(
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
        self.status.push(json!({
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
        self.peer.get_mut(&id).expect("CASEpeer has the case")
    }

    /// Case Status's case with this integration id.
    pub fn status(&mut self, id: u64) -> &mut Value {
        let wanted = json!(id.to_string());
        self.status.iter_mut().find(|held| held["integration_id"] == wanted).expect("Case Status has the case")
    }

    /// The Case Status case that CASEpeer's case is marked as connected to.
    pub fn mark(&self, id: u64) -> Option<&str> {
        let held = self.peer.get(&id).filter(|held| held["connected"] == true)?;
        held["marked_as"].as_str()
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
