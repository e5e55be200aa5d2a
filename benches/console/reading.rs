//! People who read page after page.

use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::header::COOKIE;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::host::Host;
use super::people::Person;

/// What integration support reads, again and again in this order.
const SUPPORT_READS: [&str; 9] =
    ["/", "/firms", "/firms/{firm}", "/runs", "/firms/{firm}/runs", "/firms/{firm}/rules", "/letters", "/people", "/audit"];

/// What staff read.
const STAFF_READ: [&str; 5] = ["/firms/{firm}", "/firms/{firm}/sync", "/firms/{firm}/runs", "/firms/{firm}/connect", "/account"];

/// A page that came.
pub struct Read {
    /// Which, by its route.
    pub page: &'static str,
    /// From asking for it to its last byte.
    pub took: Duration,
}

/// Lets all of them read for so long, each looking at a page for a while before the next.
pub async fn all(host: &Host, people: Vec<Person>, look: Duration, time: Duration) -> Vec<Read> {
    let client = Client::builder().no_proxy().tls_certs_only([]).redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let until = Instant::now() + time;
    let count = u32::try_from(people.len()).expect("a small number");
    let mut reading = JoinSet::new();
    for (number, person) in (0..).zip(people) {
        // They do not come all at once.
        let first = look * number / count;
        reading.spawn(one(client.clone(), format!("http://{}", host.address), person, first, look, until));
    }
    reading.join_all().await.into_iter().flatten().collect()
}

async fn one(client: Client, host: String, person: Person, first: Duration, look: Duration, until: Instant) -> Vec<Read> {
    let pages: &[&'static str] = if person.is_support { &SUPPORT_READS } else { &STAFF_READ };
    let mut reads = Vec::new();
    sleep(first).await;
    for page in pages.iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        let address = format!("{host}{}", page.replace("{firm}", &person.firm));
        let asked = Instant::now();
        let answer = client.get(&address).header(COOKIE, &person.cookie).send().await.expect("an answer");
        let status = answer.status();
        answer.bytes().await.expect("a page");
        assert_eq!(status, 200, "{address}");
        reads.push(Read { page, took: asked.elapsed() });
        sleep(look).await;
    }
    reads
}
