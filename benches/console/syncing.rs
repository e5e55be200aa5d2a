//! Firms that sync without a break, as support asks for it in the console.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, COOKIE};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::time::sleep;

use super::firms::Firms;
use super::host::Host;

/// How often it is looked which firms are done.
const OFTEN: Duration = Duration::from_millis(250);

/// Asks every firm for a sync of all its cases as soon as it has none under way, for so long; answers how many ended.
pub async fn without_a_break(host: &Host, firms: &Firms, cookie: &str, time: Duration) -> i64 {
    let client = Client::builder().no_proxy().tls_certs_only([]).redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let options = SqliteConnectOptions::new().filename(firms.path("var/casebridge.db")).read_only(true);
    let mut store = options.busy_timeout(Duration::from_secs(5)).connect().await.expect("the database");
    let until = Instant::now() + time;
    while Instant::now() < until {
        let at_work = at_work(&mut store).await;
        for firm in firms.names.iter().filter(|firm| !at_work.contains(*firm)) {
            let address = format!("http://{}/firms/{firm}/sync", host.address);
            let form =
                client.post(&address).header(COOKIE, cookie).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("mail_to=");
            let answer = form.send().await.expect("an answer");
            assert_eq!(answer.status(), 303, "{address}");
        }
        sleep(OFTEN).await;
    }
    sqlx::query_scalar("select count(*) from runs where finished_at is not null").fetch_one(&mut store).await.expect("a number")
}

async fn at_work(store: &mut SqliteConnection) -> BTreeSet<String> {
    let firms: Vec<String> = sqlx::query_scalar("select firm from runs where finished_at is null").fetch_all(store).await.expect("runs");
    firms.into_iter().collect()
}
