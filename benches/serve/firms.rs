//! Many firms: a folder with the rules and keys of each, and one sandbox that is both vendors of all of them.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use casebridge::sandbox::{Config, Faults, Sandbox, SandboxFirm, data};
use tempfile::TempDir;

/// So many cases has a firm, all of them connected.
const CASES: usize = 5;

/// Whose keys a firm has, as the names of its secrets end.
const KEYS: [&str; 2] = ["casepeer", "case-status"];

/// The firms, and their vendors as long as this is kept.
pub struct Firms {
    pub folder: TempDir,
    pub names: Vec<String>,
    pub vendors: Sandbox,
}

impl Firms {
    /// So many firms that share these defaults, as the vendors hold each.
    pub async fn new(count: usize, defaults: &str, held: fn(&str) -> SandboxFirm) -> Firms {
        Firms::with(count, defaults, held, Faults::none()).await
    }

    /// The same, of vendors with these faults.
    pub async fn with(count: usize, defaults: &str, held: impl Fn(&str) -> SandboxFirm, faults: Faults) -> Firms {
        let names: Vec<String> = (1..=count).map(|number| format!("firm-{number:04}")).collect();
        let vendors = vendors(names.iter().map(|name| held(name)).collect(), faults).await;
        let firms = Firms { folder: tempfile::tempdir().expect("a folder"), names, vendors };
        for folder in ["rules", "scripts", "secrets"] {
            fs::create_dir(firms.path(folder)).expect("a folder");
        }
        fs::write(firms.path("casebridge.yaml"), "secrets_dir: secrets\n").expect("a file");
        fs::write(firms.path("rules/_defaults.yaml"), defaults).expect("a file");
        for name in &firms.names {
            for key in KEYS {
                firms.set_key(name, key, &format!("{name}-{key}"));
            }
            firms.save(name, &firms.rules(name, name, ""));
        }
        firms
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives the firm another key for a vendor.
    pub fn set_key(&self, firm: &str, vendor: &str, key: &str) {
        fs::write(self.path(&format!("secrets/{firm}-{vendor}")), key).expect("a file");
    }

    /// Saves the firm's rules as careful editors do: beside their place, then renamed.
    pub fn save(&self, firm: &str, rules: &str) {
        let beside = self.path(&format!("rules/.{firm}.yaml.new"));
        fs::write(&beside, rules).expect("a file");
        fs::rename(beside, self.path(&format!("rules/{firm}.yaml"))).expect("a file in its place");
    }

    /// The rules of a firm that goes by this name, and whatever else they say.
    pub fn rules(&self, firm: &str, name: &str, more: &str) -> String {
        self.rules_at(&self.vendors.casepeer_url(), firm, name, more)
    }

    /// The same, with CASEpeer at this address.
    pub fn rules_at(&self, casepeer: &str, firm: &str, name: &str, more: &str) -> String {
        let case_status = self.vendors.case_status_url();
        format!(
            "name: {name}
connections:
  casepeer: {{ base_url: \"{casepeer}\", key: \"${{file:{firm}-casepeer}}\" }}
  case_status: {{ base_url: \"{case_status}\", key: \"${{file:{firm}-case-status}}\" }}
stages:
  map:
    - {{ casepeer: [Intake, Signed Up], to: 1 }}
    - {{ casepeer: Treating, to: 3 }}
    - {{ casepeer: Demand Prep, to: 4 }}
    - {{ casepeer: Negotiation, to: 6 }}
    - {{ casepeer: Litigation, to: 7 }}
    - {{ casepeer: Settlement, to: 8 }}
practice_areas:
  map: [{{ casepeer: Auto Accident, to: Motor Vehicle }}]
messages: {{ start: beginning }}
{more}"
        )
    }

    /// Whether the firm's cases are at the stages that they should be at.
    pub fn is_in_step(&self, name: &str) -> bool {
        let right: Vec<_> = in_step(name).world.existing.iter().map(|case| case["stage"].clone()).collect();
        self.vendors.world(name, |world| world.existing.iter().map(|case| &case["stage"]).eq(&right)).expect("the firm")
    }
}

/// Both vendors of these firms.
pub async fn vendors(firms: Vec<SandboxFirm>, faults: Faults) -> Sandbox {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Sandbox::start(Config { casepeer: anywhere, case_status: anywhere, firms, faults }).await.expect("free ports")
}

/// A firm, one case of which has moved in CASEpeer.
pub fn moved(name: &str) -> SandboxFirm {
    let mut firm = in_step(name);
    let case = &mut firm.world.existing[0];
    case["stage"] = if case["stage"] == 2 { 3 } else { 2 }.into();
    firm
}

/// A firm whose cases are equal on both sides.
pub fn in_step(name: &str) -> SandboxFirm {
    generated(name, CASES, 0)
}

/// A firm of so many cases, so many of which differ.
pub fn generated(name: &str, cases: usize, different: usize) -> SandboxFirm {
    let seed = name.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    data::generated(name, seed, cases, cases, different)
}
