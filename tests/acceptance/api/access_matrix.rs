//! Every route and every kind of caller: who is let in, who may not do it, and to whom it is as if it were not there.
//!
//! The table is written out here, and not asked of the product.

use casebridge::web::{Access, RouteRule, route_rules};

use crate::support::host::Scene;
use crate::support::http::{Answer, ask_with};
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Fault, Vendors, World, any_note};

/// Who asks. The addresses are all about hartwell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Stranger,
    Support,
    Staff,
    StaffOfOther,
    Viewer,
    ViewerOfOther,
    ViewerOfAll,
}

use Who::{Staff, StaffOfOther, Stranger, Support, Viewer, ViewerOfAll, ViewerOfOther};

const EVERYBODY: [Who; 7] = [Stranger, Support, Staff, StaffOfOther, Viewer, ViewerOfOther, ViewerOfAll];

/// What they hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hears {
    /// Whatever the handler says.
    Answer,
    /// Sign in, or show a token.
    WhoAreYou,
    /// Not for them.
    Forbidden,
    /// The same as of what is not there.
    NotThere,
}

/// The table.
#[allow(clippy::match_same_arms, reason = "it is read line by line")]
fn table(access: Access, who: Who) -> Hears {
    use Hears::{Answer, Forbidden, NotThere, WhoAreYou};
    match (access, who) {
        (Access::Public, _) => Answer,
        (_, Stranger) => WhoAreYou,
        (Access::Known, _) | (_, Support) => Answer,
        (Access::Support, _) => Forbidden,
        (_, StaffOfOther | ViewerOfOther) => NotThere,
        (Access::SeesFirm | Access::SeesRun, Staff | Viewer | ViewerOfAll) => Answer,
        (Access::WorksForFirm | Access::WorksForRun, Staff) => Answer,
        (Access::WorksForFirm | Access::WorksForRun, Viewer | ViewerOfAll) => Forbidden,
    }
}

impl Who {
    /// What `token create` and `user add` are told of them.
    fn role(self) -> Option<&'static [&'static str]> {
        match self {
            Stranger => None,
            Support => Some(&["--role", "support"]),
            Staff => Some(&["--role", "staff", "--firm", "hartwell"]),
            StaffOfOther => Some(&["--role", "staff", "--firm", "osprey"]),
            Viewer => Some(&["--role", "viewer", "--firm", "hartwell"]),
            ViewerOfOther => Some(&["--role", "viewer", "--firm", "osprey"]),
            ViewerOfAll => Some(&["--role", "viewer"]),
        }
    }
}

/// Two firms under way, and what each caller shows.
struct Stage {
    scene: Scene,
    serving: Serving,
    _others: Vendors,
    run: String,
    receipt: String,
    letters: Vec<String>,
    tokens: Vec<(Who, String)>,
}

const PASSWORD: &str = "a long enough passphrase of one's own";

fn email(who: Who) -> String {
    format!("{}@hartwell.example", format!("{who:?}").to_lowercase())
}

fn stage() -> Stage {
    let rules = Rules::new().with("schedule", NOTHING_BY_ITSELF);
    let mut world = World::of([1]);
    (0..12).for_each(|number| drop(world.message(1, "from_client", &format!("number {number}"))));
    let mut scene = Scene::new(world, &rules);
    scene.script("0");
    let mut osprey = World::of([1]);
    osprey.casepeer_key = "cpk-of-osprey-77".to_owned();
    osprey.case_status_key = "csk-of-osprey-77".to_owned();
    let others = Vendors::boot(osprey);
    scene.host.firm("osprey", &others, &rules.with("name", "Osprey & Daughters"));
    scene.vendors.next(12, Fault::Refused(422), any_note);
    scene.host.run(&["messages", "hartwell", "--json"]).exits(1);
    let letters = scene.host.run(&["letters", "list", "--json"]).exits(0).json();
    let letters: Vec<String> = letters.as_array().expect("letters").iter().map(|letter| letter["letter"].to_string()).collect();
    assert_eq!(letters.len(), 12);
    let run = scene.sync().exits(0).run().id().to_owned();
    let mut tokens = Vec::new();
    for who in EVERYBODY {
        let Some(role) = who.role() else { continue };
        let name = format!("{who:?}").to_lowercase();
        tokens.push((who, token(&scene.host, &[&[name.as_str()], role].concat())));
        let address = email(who);
        let add = [&["user", "add", address.as_str()], role].concat();
        scene.host.run_with_input(&format!("{PASSWORD}\n"), &add).exits(0);
    }
    let serving = Serving::start(&scene.host);
    let receipt = scene.receipts()[0]["receipt"].to_string();
    Stage { scene, serving, _others: others, run, receipt, letters, tokens }
}

impl Stage {
    /// Signs somebody in and answers their cookie.
    fn cookie(&self, who: Who) -> String {
        let form: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("email", &email(who))
            .append_pair("password", PASSWORD)
            .finish();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = ask_with(&self.serving.address, "POST", "/sign-in", &headers, Some(&form)).expect("an answer").answers(303);
        answer.header("set-cookie").split(';').next().expect("a cookie").to_owned()
    }

    /// The address of a route with things of hartwell's that are there. What is used up by being asked for is another one each time.
    fn address(&mut self, route: &RouteRule) -> String {
        let filled = route.path.split('/').map(|part| match part {
            "{firm}" => "hartwell".to_owned(),
            "{run}" => self.run.clone(),
            "{id}" | "{case}" => "1".to_owned(),
            "{letter}" => self.letters.pop().expect("a letter"),
            "{receipt}" => self.receipt.clone(),
            "{schedule}" => "nightly_sync".to_owned(),
            "{email}" => email(ViewerOfAll),
            "{token}" => "viewer".to_owned(),
            // Nobody has it, and so nothing is ended.
            "{session}" => "0".repeat(64),
            "{*rest}" => "nothing".to_owned(),
            "{*name}" => "work.rhai".to_owned(),
            part if part.starts_with('{') => panic!("{}: this test does not know {part}", route.path),
            part => part.to_owned(),
        });
        filled.collect::<Vec<_>>().join("/")
    }

    /// The same address of a firm and a run that never were.
    fn nowhere(&self, address: &str) -> String {
        address.replace("hartwell", "nobody").replace(&self.run, "20000101-000000-aaaa")
    }

    fn asks(&self, who: Who, cookie: &str, route: &RouteRule, address: &str) -> Answer {
        let is_api = route.path.starts_with("/api/");
        let shown = self.tokens.iter().find(|(other, _)| *other == who).map(|(_, token)| format!("Bearer {token}"));
        let mut headers = Vec::new();
        match shown.as_deref() {
            Some(token) if is_api => headers.push(("authorization", token)),
            Some(_) => headers.push(("cookie", cookie)),
            None => {}
        }
        if !["GET", "HEAD"].contains(&route.method.as_str()) && !is_api {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        let body = (route.method.as_str() != "GET").then_some("");
        ask_with(&self.serving.address, route.method.as_str(), address, &headers, body).unwrap_or_else(|| panic!("no answer to {address}"))
    }
}

#[test]
fn every_route_lets_in_whom_the_table_says() {
    let mut stage = stage();
    let cookies: Vec<(Who, String)> =
        EVERYBODY.into_iter().filter(|who| who.role().is_some()).map(|who| (who, stage.cookie(who))).collect();
    let mut wrong = Vec::new();
    let mut routes = route_rules();
    assert!(routes.len() > 40, "{routes:?}");
    // What ends sessions, tokens and people comes last; and each caller of it is asked after by the table all the same.
    let ends = |route: &RouteRule| ["sign-out", "disable", "revoke", "password", "/role"].iter().any(|word| route.path.contains(word));
    routes.sort_by_key(ends);
    for route in &routes {
        for who in EVERYBODY {
            let known = cookies.iter().find(|(other, _)| *other == who).map(|(_, cookie)| cookie.clone()).unwrap_or_default();
            // Whoever signed out, or was disabled by the route before, comes in anew.
            let cookie = if ends(route) && who != Stranger { stage.anew(who) } else { known };
            // Only who is let in uses a letter up.
            let address = if route.path.contains("{letter}") && table(route.access, who) != Hears::Answer {
                route.path.replace("{letter}", &stage.letters[0])
            } else {
                stage.address(route)
            };
            let answer = stage.asks(who, &cookie, route, &address);
            let place = format!("{} {} as {who:?}: {}", route.method, route.path, answer.status);
            let asks_to_sign_in = answer.status == 303 && answer.header("location").starts_with("/sign-in");
            let is_problem = |status: u16| answer.status == status;
            let heard = match table(route.access, who) {
                Hears::WhoAreYou => is_problem(401) || asks_to_sign_in,
                Hears::Forbidden => is_problem(403),
                Hears::NotThere => {
                    let never = stage.asks(who, &cookie, route, &stage.nowhere(&address));
                    is_problem(404) && never.without_its_time_and_id() == answer.clone().without_its_time_and_id()
                }
                Hears::Answer => {
                    let may_be_missing = route.path.contains("{*rest}");
                    let to_sign_in = asks_to_sign_in && !route.path.contains("sign-");
                    ![401, 403].contains(&answer.status) && answer.status < 500 && !to_sign_in && (answer.status != 404 || may_be_missing)
                }
            };
            if !heard {
                wrong.push(format!("{place}, not {:?}: {}", table(route.access, who), answer.body.chars().take(200).collect::<String>()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Stage {
    /// Lets somebody in again, whatever was done to them.
    fn anew(&self, who: Who) -> String {
        let address = email(who);
        self.scene.host.run(&["user", "enable", &address]);
        self.scene.host.run_with_input(&format!("{PASSWORD}\n"), &["user", "password", &address]).exits(0);
        let role = who.role().unwrap_or_default();
        self.scene.host.run(&[&["user", "role", address.as_str()], role].concat()).exits(0);
        self.cookie(who)
    }
}

#[test]
fn lists_have_nothing_of_another_firm() {
    let stage = stage();
    let theirs = stage.scene.host.run(&["sync", "osprey", "--json"]).exits(0).run().id().to_owned();
    for who in [Staff, Viewer] {
        let token = &stage.tokens.iter().find(|(other, _)| *other == who).expect("a token").1;
        for path in ["/api/v1/firms", "/api/v1/runs", "/api/v1/runs?limit=200&kind=sync"] {
            let answer = stage.serving.get_as(token, path).answers(200);
            assert!(answer.body.contains("hartwell"), "{answer:#?}");
            assert!(!answer.body.to_lowercase().contains("osprey") && !answer.body.contains(&theirs), "{answer:#?}");
        }
        let cookie = stage.cookie(who);
        for path in ["/firms", "/runs", "/firms/hartwell", "/firms/hartwell/runs", "/"] {
            let answer = stage.serving.ask("GET", path, &[("cookie", &cookie)]);
            assert!(answer.status < 400 && !answer.body.to_lowercase().contains("osprey") && !answer.body.contains(&theirs), "{answer:#?}");
        }
    }
}
