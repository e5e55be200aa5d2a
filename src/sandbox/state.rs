//! What the sandbox holds of one firm: its world, and where in it a Case Status case is found.

use std::collections::HashMap;

use super::world::{SandboxCase, World};

/// A firm's world with an index over its Case Status cases, so that a firm of ten thousand is not searched through for each update.
#[derive(Default)]
pub(super) struct SandboxState {
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
    fn add(&mut self, place: usize, case: &SandboxCase) {
        self.by_id.entry(case.id.clone()).or_insert(place);
        if let Some(id) = &case.integration_id {
            self.by_integration_id.entry(id.clone()).or_insert(place);
        }
    }
}

impl SandboxState {
    pub(super) fn new(world: World) -> SandboxState {
        SandboxState { world, places: None }
    }

    pub(super) fn world(&self) -> &World {
        &self.world
    }

    /// The world, to change in any way; the index is made anew when it is next asked for.
    pub(super) fn any_change(&mut self) -> &mut World {
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

    /// Adds a case under an id of its own, and answers where it is.
    pub(super) fn add(&mut self, mut case: SandboxCase) -> usize {
        let place = self.world.existing.len();
        let mut number = place + 1;
        // A case that was taken out leaves a gap, and the count then names an id that is in use.
        while self.place(&format!("cs_{number}")).is_some() {
            number += 1;
        }
        case.id = format!("cs_{number}");
        self.places().add(place, &case);
        self.world.existing.push(case);
        place
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
