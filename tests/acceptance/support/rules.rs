//! Rules files as tests write them: a firm that works, and what a test has otherwise.

use crate::support::vendors::{Vendor, Vendors};

/// The stage mapping of every firm here, indented to stand under `stages:`.
pub const STAGES: &str = "  map:
    - { casepeer: [Intake, Signed Up], to: 1 }
    - { casepeer: Treating, to: 3 }
    - { casepeer: [Demand Prep, Demand Sent], to: 4 }
    - { casepeer: Negotiation, to: 6 }
    - { casepeer: Litigation, to: 7 }
    - { casepeer: [Settlement, Disbursement], to: 8 }
  by_case_type:
    Dog Bite:
      - { casepeer: Negotiation, to: 5 }";

/// Top-level keys of a firm file in order, each with its value: flow style on one line, or an indented block.
pub struct Rules(Vec<(String, String)>);

impl Rules {
    /// A firm as most tests want it; as fast as the vendors are, and everything else built in.
    pub fn new() -> Rules {
        Rules(Vec::new())
            .with("name", "Hartwell Injury Law")
            .with("connections", "{}")
            .with("stages", STAGES)
            .with("practice_areas", "{ map: [{ casepeer: [Auto Accident, Truck Accident], to: Motor Vehicle }] }")
            .with("limits", "{ requests_per_second: 100000 }")
            .with("messages", "{ start: beginning }")
    }

    /// The same with another value for one top-level key.
    pub fn with(mut self, key: &str, value: &str) -> Rules {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, held)) => value.clone_into(held),
            None => self.0.push((key.to_owned(), value.to_owned())),
        }
        self
    }

    /// The same without a top-level key, which a test writes by itself.
    pub fn without(mut self, key: &str) -> Rules {
        self.0.retain(|(known, _)| known != key);
        self
    }

    /// The same, and a try that takes longer than a second is given up.
    pub fn impatient(self) -> Rules {
        self.with("limits", "{ requests_per_second: 100000, timeout: 1s }")
    }

    /// The same, and nothing is tried more than twice.
    pub fn resigned(self) -> Rules {
        self.with("limits", "{ requests_per_second: 100000, timeout: 1s, attempts: 2 }")
    }

    /// The file's text for a firm, whose keys come from the environment.
    pub fn text(&self, firm: &str, vendors: &Vendors) -> String {
        let side = |name: &str, vendor: Vendor| {
            let variable = key_variable(firm, vendor);
            format!("  {name}: {{ base_url: \"{}\", key: \"${{env:{variable}}}\" }}\n", vendors.base_url(vendor))
        };
        let mut text = String::new();
        for (key, value) in &self.0 {
            if key == "connections" && value == "{}" {
                text += &format!("connections:\n{}{}", side("casepeer", Vendor::Casepeer), side("case_status", Vendor::CaseStatus));
            } else if value.starts_with(' ') {
                text += &format!("{key}:\n{value}\n");
            } else {
                text += &format!("{key}: {value}\n");
            }
        }
        text
    }
}

/// The environment variable that holds a firm's key.
pub fn key_variable(firm: &str, vendor: Vendor) -> String {
    let side = if vendor == Vendor::Casepeer { "CASEPEER" } else { "CASE_STATUS" };
    format!("{}_{side}_KEY", firm.to_uppercase().replace('-', "_"))
}

/// The number of the line that holds this text, from 1.
pub fn line_of(text: &str, wanted: &str) -> usize {
    1 + text.lines().position(|line| line.contains(wanted)).unwrap_or_else(|| panic!("no line with {wanted:?} in\n{text}"))
}
