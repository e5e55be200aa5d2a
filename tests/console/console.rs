//! A host with the two example firms, the people who use its console, and browsers for them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::json;

use crate::driver::Turn;
use crate::page::Page;
use crate::support::host::Host;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Vendors, World};

/// Everybody's password.
const PASSWORD: &str = "four words in a row";

/// Who uses the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Support,
    /// Of this firm.
    Staff(&'static str),
    /// Of one firm, or of all.
    Viewer(Option<&'static str>),
}

impl Role {
    /// The address that one of this role signs in by.
    pub fn email(self) -> String {
        match self {
            Role::Support => "sam@support.example".to_owned(),
            Role::Staff(firm) => format!("stella@{firm}.example"),
            Role::Viewer(firm) => format!("vera@{}.example", firm.unwrap_or("viewers")),
        }
    }

    fn options(self) -> Vec<&'static str> {
        let (role, firm) = match self {
            Role::Support => ("support", None),
            Role::Staff(firm) => ("staff", Some(firm)),
            Role::Viewer(firm) => ("viewer", firm),
        };
        let mut options = vec!["--role", role];
        options.extend(firm.map(|firm| ["--firm", firm]).into_iter().flatten());
        options
    }
}

/// `casebridge serve` with the firms `hartwell` and `okafor`, each with its vendors. No schedule runs by itself.
pub struct Console {
    pub host: Host,
    pub hartwell: Vendors,
    pub okafor: Vendors,
    pub serving: Serving,
    people: RefCell<BTreeSet<String>>,
    _turn: Turn,
}

impl Console {
    /// With a handful of cases in each firm: 48210 to 48219 are connected, and two of them have moved on in CASEpeer; 48300 is not.
    #[track_caller]
    pub fn open() -> Console {
        Console::of(cases(), &rules())
    }

    /// With these cases, and by these rules, in hartwell.
    #[track_caller]
    pub fn of(hartwell: World, rules: &Rules) -> Console {
        Console::prepared(hartwell, rules, |_| ())
    }

    /// The same, where something is done to the host before `serve` starts: files written, commands run.
    #[track_caller]
    pub fn prepared(hartwell: World, rules: &Rules, prepare: impl FnOnce(&mut Host)) -> Console {
        let turn = Turn::wait();
        let mut others = World::of(52_001..=52_004);
        named(&mut others);
        others.casepeer_key = "cpk-of-okafor-31".to_owned();
        others.case_status_key = "csk-of-okafor-31".to_owned();
        let (hartwell, okafor) = (Vendors::boot(hartwell), Vendors::boot(others));
        let mut host = Host::new();
        host.firm("hartwell", &hartwell, rules);
        host.firm("okafor", &okafor, &self::rules().with("name", "Okafor & Lindqvist").with("time_zone", "America/Chicago"));
        prepare(&mut host);
        let serving = Serving::start(&host);
        Console { host, hartwell, okafor, serving, people: RefCell::default(), _turn: turn }
    }

    /// A browser of whoever has not signed in.
    pub fn page(&self) -> Page {
        Page::of(&format!("http://{}", self.serving.address))
    }

    /// A browser of one of this role who has signed in, at what they see first. Of one role there is one person, in as many browsers as
    /// they have.
    #[track_caller]
    pub fn signed_in_as(&self, role: Role) -> Page {
        self.add(role);
        let page = self.page();
        page.goto("/sign-in");
        page.fill("E-mail", &role.email());
        page.fill("Password", PASSWORD);
        page.click("Sign in");
        page.until(&format!("{role:?} is let in"), || !page.path().starts_with("/sign-in"));
        page
    }

    /// Adds the person of this role, who is there only once, and answers what they sign in by.
    #[track_caller]
    pub fn add(&self, role: Role) -> (String, &'static str) {
        let email = role.email();
        if self.people.borrow_mut().insert(email.clone()) {
            let arguments = [&["user", "add", email.as_str()], role.options().as_slice()].concat();
            self.host.run_with_input(&format!("{PASSWORD}\n"), &arguments).exits(0);
        }
        (email, PASSWORD)
    }
}

/// The cases of hartwell unless a test says otherwise.
pub fn cases() -> World {
    let mut world = World::of(48_210..=48_219);
    world.unconnected(48_300);
    named(&mut world);
    world.restage(48_213, "Negotiation", "2026-11-02T12:00:00Z");
    world.restage(48_217, "Demand Sent", "2026-11-02T12:00:00Z");
    world
}

/// The rules of a firm unless a test says otherwise.
pub fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

/// Names such as clients have, since the docs show pictures of these pages.
const CLIENTS: [(&str, &str); 11] = [
    ("Maria", "Delgado"),
    ("James", "Whitfield"),
    ("Aisha", "Rahman"),
    ("Tom", "Kowalski"),
    ("Grace", "Lindgren"),
    ("Luis", "Ortega"),
    ("Helen", "Marsh"),
    ("Dmitri", "Volkov"),
    ("Nora", "Fitzgerald"),
    ("Sam", "Okonkwo"),
    ("Ruth", "Abernathy"),
];

/// Gives the cases of a world such names.
pub fn named(world: &mut World) {
    // Borrowed once, so that both vendors' cases can be changed at the same time.
    let world: &mut casebridge::sandbox::World = world;
    for ((first, last), (id, case)) in CLIENTS.iter().cycle().zip(&mut world.cases) {
        case["name"] = json!(format!("{last} v. Acme Trucking"));
        let id = json!(id.to_string());
        let held = world.existing.iter_mut().find(|held| held["integration_id"] == id);
        for case in [Some(case), held].into_iter().flatten() {
            case["client"]["first_name"] = json!(first);
            case["client"]["last_name"] = json!(last);
        }
    }
}
