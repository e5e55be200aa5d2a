//! How the database is reached: the password in the address or elsewhere, TLS and who is trusted, and what is said where it cannot be reached.
//! Whatever is wrong, no password is shown.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::support::host::{Host, Scene};
use crate::support::postgres::{self, Postgres};
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Vendors, World};

fn host(url: &str) -> Host {
    let mut host = Host::new();
    host.set("CASEBRIDGE_DATABASE_URL", url);
    host
}

fn list(host: &Host) -> Finished {
    host.run(&["runs", "list", "--json"])
}

/// The address without the password.
fn without_password(postgres: &Postgres) -> String {
    postgres.url().replace(&format!(":{}@", postgres::PASSWORD), "@")
}

#[test]
fn the_password_may_be_in_a_file_or_a_variable() {
    let postgres = Postgres::start();
    let mut host = host(&without_password(&postgres));
    list(&host).exits(1);
    host.folder("secrets");
    host.write("secrets/database", &format!("{}\n", postgres::PASSWORD));
    host.set("CASEBRIDGE_SECRETS_DIR", "secrets");
    host.set("CASEBRIDGE_DATABASE_PASSWORD", "${file:database}");
    list(&host).exits(0);
    host.set("CASEBRIDGE_DATABASE_PASSWORD", "${env:OF_THE_DATABASE}");
    let refused = list(&host).exits(2);
    assert!(refused.stderr.contains("OF_THE_DATABASE is not set"), "{}", refused.stderr);
    host.set("OF_THE_DATABASE", postgres::PASSWORD);
    list(&host).exits(0);
    // Nor is it to stand in the settings by itself.
    host.set("CASEBRIDGE_DATABASE_PASSWORD", postgres::PASSWORD);
    let refused = list(&host).exits(2);
    assert!(refused.stderr.contains("database.password") && !refused.said().contains(postgres::PASSWORD), "{}", refused.said());
}

#[test]
fn what_cannot_be_reached_is_said_and_no_password_with_it() {
    let postgres = Postgres::start();
    let wrong = postgres.url().replace(postgres::PASSWORD, "guessed-4711");
    let elsewhere = postgres.url().replace("/casebridge", "/elsewhere");
    for (url, word) in [(wrong, "password"), (elsewhere, "elsewhere"), ("postgres://".to_owned() + "x:guessed-4711@[", "address")] {
        let refused = list(&host(&url));
        assert!(matches!(refused.code, Some(1 | 2)), "{}", refused.said());
        let said = refused.said();
        assert!(said.contains(word) && !said.contains("guessed-4711") && !said.contains(postgres::PASSWORD), "{said}");
    }
}

/// Makes a certificate for this address, signed by an authority of its own.
fn certificates(folder: &Path) {
    let run = |arguments: &str| {
        let arguments = arguments.split(' ').map(|word| word.replace('~', " "));
        let ended = Command::new("openssl").args(arguments).current_dir(folder).output().expect("openssl");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    };
    fs::write(folder.join("server.cnf"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n").expect("a file");
    for authority in ["ca", "other"] {
        run(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 -subj /CN={authority} -keyout {authority}.key -out {authority}.pem"
        ));
    }
    run("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=database -keyout server.key -out server.csr");
    run("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3 -extfile server.cnf -out server.pem");
}

#[test]
fn tls_is_spoken_where_it_is_asked_for_and_only_with_whom_is_trusted() {
    let folder = tempfile::TempDir::new().expect("a folder");
    certificates(folder.path());
    let postgres = Postgres::with_tls(&folder.path().join("server.pem"), &folder.path().join("server.key"));
    let asked = |mode: &str, authority: &str| {
        let authority = folder.path().join(authority);
        list(&host(&format!("{}?sslmode={mode}&sslrootcert={}", postgres.url(), authority.display())))
    };
    asked("verify-full", "ca.pem").exits(0);
    let refused = asked("verify-full", "other.pem").exits(1);
    assert!(refused.stderr.contains("certificate"), "{}", refused.stderr);
    // This server takes nobody who does not encrypt.
    asked("disable", "ca.pem").exits(1);
}

#[test]
fn the_csv_of_a_run_is_to_be_had_from_every_instance() {
    let postgres = Arc::new(Postgres::start());
    let vendors = Vendors::boot(World::of(1..=3));
    let mut host = Host::on_postgres(&postgres);
    host.firm("hartwell", &vendors, &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let scene = Scene { vendors, host };
    let run = scene.sync().exits(0).run();
    let written = fs::read_to_string(scene.host.path(run.text("report"))).expect("a CSV");

    let support = token(&scene.host, &["ops", "--role", "support"]);
    let other = Serving::start(&scene.host.beside());
    let path = format!("/api/v1/runs/{}/report.csv", run.text("run_id"));
    assert_eq!(other.get_as(&support, &path).answers(200).body, written);
    other.stop();
}
