//! A firm's rate at a vendor holds for all processes over one PostgreSQL together, and while PostgreSQL is away nothing goes out uncounted.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use crate::support::host::Host;
use crate::support::postgres::Postgres;
use crate::support::rules::Rules;
use crate::support::vendors::{Journal, Vendor, Vendors, World};

/// What a lane of bulk work has of the 40 a second that the firms' rules allow.
const BULK: f64 = 30.0;

fn rules() -> Rules {
    Rules::new().with("guard", "{ max_stage_changes: 100%, max_invitations: 60 }").with("limits", "{ requests_per_second: 40 }")
}

/// So many cases that a sync writes, and so many more that can be connected.
fn firm(differing: u64, unconnected: u64) -> World {
    let mut world = World::of(1..=differing);
    (1..=differing).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    (1_001..=1_000 + unconnected).for_each(|id| world.unconnected(id));
    world
}

/// An instance with its own folder over this database.
fn instance(postgres: &Arc<Postgres>, firms: &[(&str, &Vendors)]) -> Host {
    let mut host = Host::on_postgres(postgres);
    for (firm, vendors) in firms {
        host.firm(firm, vendors, &rules());
    }
    host
}

/// When requests arrived at one vendor, in seconds since `begin`.
fn arrivals(journal: &Journal, vendor: Vendor, begin: Timestamp) -> Vec<f64> {
    let at_vendor = journal.iter().filter(|entry| entry.call.vendor == vendor);
    at_vendor.map(|entry| entry.at.duration_since(begin).as_secs_f64()).collect()
}

/// By each arrival, no more requests have come than the rate gives for the time since the beginning, and the one that comes at once. A slow
/// machine makes requests arrive late, and never early.
#[track_caller]
fn assert_within(arrivals: &[f64], rate: f64) {
    for (number, at) in (1_u32..).zip(arrivals) {
        assert!(f64::from(number) <= (rate * at).ceil() + 1.0, "request {number} came after {at} s, at {rate} a second");
    }
}

#[test]
fn two_processes_at_one_firm_have_its_rate_between_them() {
    let vendors = Vendors::boot(firm(60, 60));
    let postgres = Arc::new(Postgres::start());
    let (one, other) = (instance(&postgres, &[("hartwell", &vendors)]), instance(&postgres, &[("hartwell", &vendors)]));
    let ids: Vec<String> = (1_001..=1_060_u64).map(|id| id.to_string()).collect();
    other.write("ids.txt", &ids.join("\n"));

    let begin = Timestamp::now();
    let syncing = one.start(&["sync", "hartwell", "--json"]);
    let connecting = other.start(&["connect", "hartwell", "--from", "ids.txt", "--json"]);
    syncing.wait().exits(0).run().counts(&[("attempted", 60), ("updated", 60)]);
    connecting.wait().exits(0).run().counts(&[("attempted", 60), ("created", 60)]);

    let journal = vendors.take_journal();
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        let arrivals = arrivals(&journal, vendor, begin);
        assert!(arrivals.len() > 60, "{vendor:?} was asked {} times", arrivals.len());
        assert_within(&arrivals, BULK);
    }
}

#[test]
fn each_firm_has_a_rate_of_its_own() {
    let (vendors, others) = (Vendors::boot(firm(45, 0)), Vendors::boot(firm(45, 0)));
    let postgres = Arc::new(Postgres::start());
    let firms = [("hartwell", &vendors), ("osprey", &others)];
    let (one, other) = (instance(&postgres, &firms), instance(&postgres, &firms));

    let begin = Timestamp::now();
    let both = [one.start(&["sync", "hartwell", "--json"]), other.start(&["sync", "osprey", "--json"])];
    for running in both {
        running.wait().exits(0).run().counts(&[("attempted", 45), ("updated", 45)]);
    }
    for vendors in [&vendors, &others] {
        assert_within(&arrivals(&vendors.take_journal(), Vendor::CaseStatus, begin), BULK);
    }
}

#[test]
fn while_the_store_is_away_requests_wait_and_none_goes_out_uncounted() {
    // Ten pages at either vendor, three a second.
    let vendors = Vendors::boot(World::of(1..=2_000));
    let postgres = Arc::new(Postgres::durable());
    let mut host = Host::on_postgres(&postgres);
    host.firm("hartwell", &vendors, &rules().with("limits", "{ requests_per_second: 4 }"));

    let mut planning = host.start(&["plan", "hartwell", "--json"]);
    planning.until("it reads", || vendors.journal().len() >= 4);
    postgres.stop();
    let by_then = vendors.journal().len();
    let heard = planning.stderr();
    planning.until("it says what it waits for", || heard.text().contains("requests to vendors wait"));
    let (more, expected) = (vendors.journal().len() - by_then, 2 * 10 + 2);
    assert!(more <= 2, "{more} requests more, where each vendor had one slot at the most");
    postgres.start_again();

    planning.wait().exits(0);
    assert_eq!(heard.text().matches("requests to vendors wait").count(), 1);
    assert!(vendors.journal().len() >= expected, "it went on: {}", vendors.journal().len());
}
