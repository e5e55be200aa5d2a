//! What answers for a firm: its world, and where in it a Case Status case is found.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::reply::SandboxReply;
use super::request::SandboxRequest;
use super::world::{World, text};
use super::{SandboxVendor, case_status, casepeer};

/// A firm's world with an index over its Case Status cases, so that a firm of ten thousand is not searched through for each update.
#[derive(Default)]
pub struct SandboxState {
    world: World,
    /// `None` after someone else may have changed the world.
    places: Option<Places>,
}

#[derive(Default)]
struct Places {
    by_id: HashMap<String, usize>,
    by_integration_id: HashMap<String, usize>,
}

impl Places {
    fn add(&mut self, place: usize, case: &Value) {
        self.by_id.entry(text(case, "id").to_owned()).or_insert(place);
        if let Some(id) = case["integration_id"].as_str() {
            self.by_integration_id.entry(id.to_owned()).or_insert(place);
        }
    }
}

impl SandboxState {
    /// What answers for a firm of this world.
    pub fn new(world: World) -> SandboxState {
        SandboxState { world, places: None }
    }

    /// Answers by the vendor's contract. The key is the caller's to look at.
    pub fn answer(&mut self, vendor: SandboxVendor, request: &SandboxRequest) -> SandboxReply {
        let answered = match vendor {
            // Nothing that CASEpeer does moves a case in Case Status.
            SandboxVendor::Casepeer => casepeer::answer(&mut self.world, request),
            SandboxVendor::CaseStatus => case_status::answer(self, request),
        };
        answered.unwrap_or_else(|refusal| refusal)
    }

    /// The world, to look at.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The world, to change in any way; the index is made anew when it is next asked for.
    pub fn any_change(&mut self) -> &mut World {
        self.places = None;
        &mut self.world
    }

    /// The world, to change in ways that move no Case Status case and no integration ID.
    pub(super) fn change_in_place(&mut self) -> &mut World {
        &mut self.world
    }

    /// Where the case with Case Status's id is.
    pub(super) fn place(&mut self, id: &str) -> Option<usize> {
        self.places().by_id.get(id).copied()
    }

    /// Where the case with this integration ID is.
    pub(super) fn place_of(&mut self, integration_id: &str) -> Option<usize> {
        self.places().by_integration_id.get(integration_id).copied()
    }

    /// Adds a case under an id of its own, and answers with it.
    pub(super) fn add(&mut self, mut case: Value) -> &Value {
        let place = self.world.existing.len();
        let mut number = place + 1;
        // A case that was taken out leaves a gap, and the count then names an id that is in use.
        while self.place(&format!("cs_{number}")).is_some() {
            number += 1;
        }
        let derived = self.world.derives_ids.then(|| format!("cs-{}", text(&case, "integration_id")));
        case["id"] = json!(derived.unwrap_or_else(|| format!("cs_{number}")));
        self.places().add(place, &case);
        self.world.existing.push(case);
        &self.world.existing[place]
    }

    fn places(&mut self) -> &mut Places {
        let cases = &self.world.existing;
        self.places.get_or_insert_with(|| {
            let mut places = Places::default();
            cases.iter().enumerate().for_each(|(place, case)| places.add(place, case));
            places
        })
    }
}
