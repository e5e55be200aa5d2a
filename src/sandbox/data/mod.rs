//! Firms to play with: two that ship with rules of their own and troubles of their own, and any number of generated ones.

mod conversations;
mod documents;
mod generated;
mod hartwell;
mod okafor;
mod people;

pub use generated::generated;
pub use hartwell::hartwell;
pub use okafor::okafor;

use super::world::{CasepeerCase, CasepeerStaff, ExistingClient, PracticeStage, SandboxArea, SandboxCase, SandboxStaff, World};

/// A case before anything differs between the vendors.
#[derive(Clone, Copy)]
struct Seed<'a> {
    id: u64,
    case_type: &'a str,
    practice_area: &'a str,
    /// CASEpeer's name of the stage, and its number in Case Status.
    stage: (&'a str, i64),
    attorney: &'a SandboxStaff,
    paralegal: &'a SandboxStaff,
    opened_on: &'a str,
}

impl Seed<'_> {
    fn case(&self) -> CasepeerCase {
        CasepeerCase {
            id: self.id,
            case_number: format!("PI-{}-{:04}", &self.opened_on[..4], self.id % 10_000),
            name: people::case_name(self.id),
            case_type: self.case_type.to_owned(),
            stage: self.stage.0.to_owned(),
            status: "open",
            description: Some(people::description(self.case_type, self.id)),
            opened_on: Some(self.opened_on.to_owned()),
            closed_on: None,
            connected: false,
            client: people::client(self.id),
            staff: vec![staff("primary_attorney", self.attorney), staff("paralegal", self.paralegal)],
            updated_at: "2026-11-20T16:00:00Z".to_owned(),
        }
    }
}

/// Adds a case that is connected and the same on both sides.
fn connect(world: &mut World, seed: &Seed<'_>) {
    let case = CasepeerCase { connected: true, ..seed.case() };
    let existing = existing(&case, seed, world.existing.len());
    world.existing.push(existing);
    world.cases.insert(case.id, case);
}

fn existing(case: &CasepeerCase, seed: &Seed<'_>, before: usize) -> SandboxCase {
    SandboxCase {
        id: format!("cs_{}", before + 1),
        integration_id: Some(case.id.to_string()),
        readable_id: case.case_number.clone(),
        practice_area: seed.practice_area.to_owned(),
        stage: seed.stage.1,
        status: "open".to_owned(),
        primary_attorney_email: seed.attorney.email.clone(),
        additional_attorney_emails: Vec::new(),
        paralegal_emails: vec![seed.paralegal.email.clone()],
        description: case.description.clone(),
        case_date: case.opened_on.clone(),
        closed_date: None,
        client: ExistingClient {
            first_name: case.client.first_name.clone(),
            last_name: case.client.last_name.clone(),
            phone: people::e164(case.id),
            email: case.client.email.clone(),
        },
        updated_at: "2026-11-20T16:00:00Z".to_owned(),
    }
}

fn staff(role: &'static str, user: &SandboxStaff) -> CasepeerStaff {
    CasepeerStaff { role, name: format!("{} {}", user.first_name, user.last_name), email: Some(user.email.clone()) }
}

/// Someone whom Case Status does not know.
fn stranger(role: &'static str, name: &str, email: &str) -> CasepeerStaff {
    CasepeerStaff { role, name: name.to_owned(), email: Some(email.to_owned()) }
}

fn user(role: &'static str, first_name: &str, last_name: &str, domain: &str, active: bool) -> SandboxStaff {
    let email = format!("{}@{domain}", last_name.to_lowercase());
    SandboxStaff {
        id: format!("usr_{}", last_name.to_lowercase()),
        email,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        role,
        active,
    }
}

fn practice_area(name: &str, stages: &[(i64, &str)]) -> SandboxArea {
    let stages = stages.iter().map(|(number, name)| PracticeStage { number: *number, name: (*name).to_owned() }).collect();
    SandboxArea { id: format!("pa_{}", name.to_lowercase().replace(' ', "_")), name: name.to_owned(), stages }
}
