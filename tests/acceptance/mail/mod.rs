//! `sync --mail-to` against a real mail server: what arrives, what happens when it is not taken, and who may read along.

mod given_up;
mod kept;
mod refused;
mod secure;
mod sent;
mod server;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::process::{Finished, Running};
use crate::support::rules::Rules;
use crate::support::vendors::World;

use server::MailServer;

/// Who reads the mail.
const ANN: &str = "ann@firm.example";
const BOB: &str = "bob@firm.example";

/// A firm with three connected cases of which one has moved.
fn scene() -> Scene {
    let mut world = World::of(1..=3);
    world.peer(1)["stage"] = json!("Negotiation");
    Scene::new(world, &Rules::new())
}

/// The same with a mail server that keeps to this plan.
fn with_server(plan: Value) -> Option<(Scene, MailServer)> {
    let server = MailServer::start(plan)?;
    let mut scene = scene();
    scene.host.set("CASEBRIDGE_MAIL_SMTP", &format!("smtp://127.0.0.1:{}", server.port));
    scene.host.set("CASEBRIDGE_MAIL_FROM", "casebridge@firm.example");
    Some((scene, server))
}

/// Starts `sync hartwell --json` with its CSV mailed to `to`.
fn start(scene: &Scene, to: &str) -> Running {
    scene.host.start(&["sync", "hartwell", "--json", "--mail-to", to])
}

/// The same to its end.
fn sync(scene: &Scene, to: &str) -> Finished {
    start(scene, to).wait()
}

/// The messages that are kept as files.
fn kept(scene: &Scene) -> Vec<String> {
    let files = scene.host.files();
    let messages = files.iter().filter(|path| path.extension().is_some_and(|ending| ending == "eml"));
    messages.map(|path| std::fs::read_to_string(path).expect("a message")).collect()
}

/// The content of the only attachment of a message in a file.
fn attachment(message: &str) -> Vec<u8> {
    let (_, part) = message.split_once("Content-Disposition: attachment").expect("an attachment");
    let (_, body) = part.split_once("\r\n\r\n").expect("its content");
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in body.split("\r\n--").next().expect("an end").bytes().filter(|letter| !letter.is_ascii_whitespace()) {
        let alphabet = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain([b'+', b'/']);
        let Some(value) = (0..).zip(alphabet).find(|(_, known)| *known == letter).map(|(value, _)| value) else { break };
        (bits, count) = (bits << 6 | value, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
        }
    }
    bytes
}
