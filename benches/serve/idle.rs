//! What a host costs whose firms' schedules find nothing changed.

use std::time::Duration;

use super::clock;
use super::firms::{Firms, in_step};
use super::host::Host;

/// Just before schedules that come every few minutes begin, and far from those that come once a day.
const START: &str = "2026-06-10T11:59:50-04:00";

/// So long the host settles after its start, until every kind of schedule that comes every few minutes has begun.
const SETTLE: Duration = Duration::from_secs(20);

/// Measures it with so many firms for so long, and prints it.
pub async fn measure(count: usize, time: Duration) {
    let firms = Firms::new(count, "", in_step).await;
    let host = Host::start(&firms, &clock::from(START.parse().expect("a time"), 1)).await;
    println!("\n{count} firms with the built-in schedules and nothing changed, ready after {:.1?}", host.ready_after);
    tokio::time::sleep(SETTLE).await;
    firms.vendors.clear_journal();
    let before = host.cpu_seconds();
    tokio::time::sleep(time).await;
    let cpu = host.cpu_seconds() - before;
    let requests = firms.vendors.journal();
    let wrote = requests.iter().filter(|request| request.wrote).count();
    let a_second = |count: usize| f64::from(u32::try_from(count).expect("a small number")) / time.as_secs_f64();
    println!("  over {time:?} around noon, from {SETTLE:?} after the start:");
    println!("  {:.1}% of a core; {:.1} requests to vendors a second", cpu * 100.0 / time.as_secs_f64(), a_second(requests.len()));
    println!("  memory {:.0} MB, at its peak {:.0} MB", host.memory(), host.peak_of_memory());
    assert_eq!(wrote, 0, "nothing is written where nothing changed");
}
