//! Who may read along: TLS, certificates, and a password that is nowhere.

use std::path::PathBuf;
use std::time::Duration;

use casebridge::mail::{Delivery, Letter, Mailer, Security, Server};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::server::MailServer;
use super::{ANN, kept, scene, sync, with_server};
use crate::support::host::Scene;
use crate::support::process::Finished;

const PASSWORD: &str = "hunter2/:@";

/// A firm whose mail goes to a server with TLS from the start that wants a login, signing in with this password as URLs spell it.
fn with_login(plan: Value, password: &str) -> Option<(Scene, MailServer)> {
    let server = MailServer::start(plan)?;
    let mut scene = scene();
    scene.host.set("CASEBRIDGE_MAIL_SMTP", &format!("smtps://bridge%40firm:{password}@localhost:{}", server.port));
    scene.host.set("CASEBRIDGE_MAIL_CA_FILE", server.ca_file().to_str().unwrap());
    scene.host.set("RUST_LOG", "trace");
    Some((scene, server))
}

/// Neither what was said nor any file has the password, as it is or as the URL has it.
fn keeps_the_password(scene: &Scene, finished: &Finished) {
    let files: Vec<String> = scene.host.files().iter().map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into()).collect();
    for said in files.iter().chain([&finished.stdout, &finished.stderr]) {
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn tls_from_the_start_with_a_login() {
    let plan = json!({ "tls": "from_start", "login": ["bridge@firm", PASSWORD] });
    let Some((scene, server)) = with_login(plan, "hunter2%2F%3A%40") else { return };
    let finished = sync(&scene, ANN).exits(0);
    assert_eq!(finished.run().0["mail"], json!({ "to": ANN, "sent": true }));
    let message = server.only();
    assert_eq!((&message["tls"], &message["login"]), (&json!(true), &json!("bridge@firm")));
    keeps_the_password(&scene, &finished);
}

#[test]
fn a_refused_login_is_not_repeated() {
    let plan = json!({ "tls": "from_start", "login": ["bridge@firm", "another"] });
    let Some((scene, server)) = with_login(plan, "hunter2") else { return };
    let finished = sync(&scene, ANN).exits(0);
    let error = finished.run().0["mail"]["error"].as_str().unwrap().to_owned();
    assert!(error.ends_with("does not take the user name and password (535)"), "{error}");
    assert_eq!(server.commands(), ["AUTH PLAIN tls=True"]);
    assert_eq!(kept(&scene).len(), 1);
    keeps_the_password(&scene, &finished);
}

#[test]
fn a_certificate_that_nobody_vouches_for() {
    let plan = json!({ "tls": "from_start", "login": ["bridge@firm", PASSWORD] });
    let Some((mut scene, server)) = with_login(plan, "hunter2%2F%3A%40") else { return };
    scene.host.unset("CASEBRIDGE_MAIL_CA_FILE");
    let finished = sync(&scene, ANN).exits(0);
    let error = finished.run().0["mail"]["error"].as_str().unwrap().to_owned();
    assert!(error.contains("no secure connection") && error.contains("UnknownIssuer"), "{error}");
    assert!(server.commands().is_empty() && kept(&scene).len() == 1);
    keeps_the_password(&scene, &finished);
}

#[test]
fn a_certificate_for_another_host() {
    let plan = json!({ "tls": "from_start", "host": "mail.firm.example", "login": ["bridge@firm", PASSWORD] });
    let Some((scene, server)) = with_login(plan, "hunter2%2F%3A%40") else { return };
    let finished = sync(&scene, ANN).exits(0);
    let error = finished.run().0["mail"]["error"].as_str().unwrap().to_owned();
    assert!(error.contains("no secure connection") && error.contains("not valid for name"), "{error}");
    assert!(server.commands().is_empty());
}

#[test]
fn on_this_machine_starttls_is_taken_as_it_comes() {
    let Some((scene, server)) = with_server(json!({ "tls": "starttls", "insists": true })) else { return };
    assert_eq!(sync(&scene, ANN).exits(0).run().0["mail"]["sent"], true);
    assert_eq!(server.only()["tls"], true);
}

/// Sends a letter to a server on this machine as if it stood elsewhere, which no test has.
async fn send_over_a_network(server: &MailServer, ca_file: Option<PathBuf>) -> Delivery {
    let login = Some(("bridge".to_owned(), PASSWORD.to_owned().into()));
    let far = Server { host: "localhost".to_owned(), port: server.port, security: Security::StartTls, login, ca_file };
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::new("a@firm.example".parse().unwrap(), Some(far), folder.path().to_owned(), Duration::from_secs(20)).unwrap();
    mailer.send(&Letter::new("a", "b"), &[ANN.parse().unwrap()], &CancellationToken::new()).await
}

#[tokio::test]
async fn over_a_network_nothing_goes_in_the_clear() {
    let Some(server) = MailServer::start(json!({ "login": ["bridge", PASSWORD] })) else { return };
    let delivery = send_over_a_network(&server, None).await;
    let error = delivery.error().unwrap();
    assert!(error.contains("offers no STARTTLS") && !delivery.is_lost(), "{error}");
    assert!(server.commands().is_empty());
}

#[tokio::test]
async fn over_a_network_starttls_is_checked() {
    let Some(server) = MailServer::start(json!({ "tls": "starttls", "login": ["bridge", PASSWORD] })) else { return };
    let error = send_over_a_network(&server, None).await.error().unwrap();
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert!(server.commands().is_empty());

    assert!(send_over_a_network(&server, Some(server.ca_file())).await.sent());
    let message = server.only();
    assert_eq!((&message["tls"], &message["login"]), (&json!(true), &json!("bridge")));
    assert_eq!(server.commands()[0], "AUTH PLAIN tls=True");
}
