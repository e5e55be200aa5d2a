//! Several instances over one row of slots, on a clock that the tests move.

use std::sync::Mutex as Row;

use proptest::prelude::*;
use tokio::time::{advance, sleep};

use super::*;

/// The row that a store has for a firm, a vendor and a lane, on the clock of the runtime.
#[derive(Debug)]
struct OneRow {
    free_from: Row<Instant>,
    reservations: AtomicU32,
}

impl OneRow {
    fn new() -> Arc<OneRow> {
        Arc::new(OneRow { free_from: Row::new(Instant::now()), reservations: AtomicU32::new(0) })
    }
}

/// An instance's way to the row, so long there and so long back.
#[derive(Debug)]
struct Way {
    row: Arc<OneRow>,
    there: Duration,
    back: Duration,
    own_end: Row<Option<Instant>>,
}

impl PermitSource for Way {
    fn reserve(&self, asked: PermitRequest) -> BoxFuture<'_, Permits> {
        Box::pin(async move {
            sleep(self.there).await;
            let batch = {
                let (mut free_from, mut own_end) = (self.row.free_from.lock().unwrap(), self.own_end.lock().unwrap());
                let soonest = Instant::now() + asked.ahead;
                let contended = *free_from > soonest && *own_end != Some(*free_from);
                let first = soonest.max(*free_from);
                *free_from = first + asked.period * asked.count;
                *own_end = Some(*free_from);
                Permits { first, contended }
            };
            self.row.reservations.fetch_add(1, Ordering::Relaxed);
            sleep(self.back).await;
            batch
        })
    }
}

fn instance(row: &Arc<OneRow>, pace: Pace, there: Duration, back: Duration) -> Arc<SharedRate> {
    let way = Way { row: Arc::clone(row), there, back, own_end: Row::new(None) };
    Arc::new(SharedRate::new(Arc::new(way), pace))
}

/// Runs this on a clock that stands still while anything is to do.
fn on_a_moved_clock<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(what)
}

/// Between any two starts, both counted: what the rate gives in that time, and the burst.
fn assert_within(pace: Pace, starts: &mut [Instant]) {
    starts.sort();
    for (first, from) in starts.iter().enumerate() {
        for (count, until) in (1..).zip(&starts[first..]) {
            let due = (*until - *from).as_nanos().div_ceil(pace.period.as_nanos()) + u128::from(pace.burst.get());
            assert!(count <= due, "{count} starts within {:?}, where {due} may be", *until - *from);
        }
    }
}

/// One instance: how many milliseconds questions to the store and answers take, and when requests come, how many at once.
type OneInstance = (u64, u64, Vec<(u64, usize)>);

#[derive(Debug, Clone)]
struct Instances {
    requests_per_second: f64,
    each: Vec<OneInstance>,
    /// When everything stands still, and for how long.
    standstill: Option<(u64, u64)>,
}

fn instances() -> impl Strategy<Value = Instances> {
    let rate = prop_oneof![Just(0.7), Just(5.0), Just(15.0), Just(49.0), Just(149.0), Just(751.0)];
    let bursts = prop::collection::vec((0_u64..1_500, 1_usize..25), 1..6);
    let each = prop::collection::vec((0_u64..40, 0_u64..60, bursts), 1..4);
    let standstill = prop::option::of((0_u64..800, 1_u64..5_000));
    (rate, each, standstill).prop_map(|(requests_per_second, each, standstill)| Instances { requests_per_second, each, standstill })
}

async fn starts_of(instances: Instances, pace: Pace) -> Vec<Instant> {
    let row = OneRow::new();
    let mut requests = tokio::task::JoinSet::new();
    for (there, back, bursts) in instances.each {
        let rate = instance(&row, pace, Duration::from_millis(there), Duration::from_millis(back));
        for (at, count) in bursts {
            for _ in 0..count {
                let rate = Arc::clone(&rate);
                requests.spawn(async move {
                    sleep(Duration::from_millis(at)).await;
                    rate.until_ready().await;
                    Instant::now()
                });
            }
        }
    }
    if let Some((at, span)) = instances.standstill {
        sleep(Duration::from_millis(at)).await;
        advance(Duration::from_millis(span)).await;
    }
    requests.join_all().await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_window_holds_more_than_the_rate_and_the_burst(instances in instances()) {
        let pace = Pace::of(instances.requests_per_second);
        let wanted: usize = instances.each.iter().flat_map(|(_, _, bursts)| bursts).map(|(_, count)| count).sum();
        let mut starts = on_a_moved_clock(starts_of(instances, pace));
        prop_assert_eq!(starts.len(), wanted, "every request starts in the end");
        assert_within(pace, &mut starts);
    }
}

#[test]
fn one_instance_has_the_whole_rate_and_asks_twice_a_second() {
    on_a_moved_clock(async {
        let (row, pace) = (OneRow::new(), Pace::of(200.0));
        let rate = instance(&row, pace, Duration::from_millis(1), Duration::from_millis(1));
        let start = Instant::now();
        for _ in 0..2_000 {
            rate.until_ready().await;
        }
        let took = start.elapsed();
        assert!(took < Duration::from_millis(10_600), "2,000 requests at 200 a second took {took:?}");
        let reservations = row.reservations.load(Ordering::Relaxed);
        assert!(reservations <= 2 * 10 + 8, "{reservations} reservations: each after the first few is worth half a second");
    });
}

#[test]
fn a_second_instance_gets_its_part_at_once() {
    on_a_moved_clock(async {
        let (row, pace) = (OneRow::new(), Pace::of(100.0));
        let busy = instance(&row, pace, Duration::from_millis(1), Duration::from_millis(1));
        let other = instance(&row, pace, Duration::from_millis(1), Duration::from_millis(1));
        let working = tokio::spawn({
            let busy = Arc::clone(&busy);
            async move {
                for _ in 0..300 {
                    busy.until_ready().await;
                }
                Instant::now()
            }
        });
        sleep(Duration::from_secs(1)).await;
        let start = Instant::now();
        other.until_ready().await;
        assert!(start.elapsed() <= BATCH + Duration::from_millis(50), "waited {:?}", start.elapsed());
        for _ in 0..50 {
            other.until_ready().await;
        }
        let both = working.await.unwrap().max(Instant::now());
        assert!(both - start < Duration::from_millis(3_500), "351 requests less those of the first second, at 100 a second");
    });
}

#[test]
fn a_store_that_is_slow_to_answer_holds_nobody_up_for_good() {
    on_a_moved_clock(async {
        for requests_per_second in [1.0, 15.0, 75_000.0] {
            let pace = Pace::of(requests_per_second);
            let rate = instance(&OneRow::new(), pace, Duration::from_secs(2), Duration::from_secs(3));
            let start = Instant::now();
            for _ in 0..3 {
                rate.until_ready().await;
            }
            assert!(start.elapsed() < Duration::from_mins(1), "{requests_per_second} a second: {:?}", start.elapsed());
        }
    });
}

#[test]
fn slots_of_before_a_standstill_are_not_used_after_it() {
    on_a_moved_clock(async {
        let (row, pace) = (OneRow::new(), Pace::of(20.0));
        let rate = instance(&row, pace, Duration::ZERO, Duration::ZERO);
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let rate = Arc::clone(&rate);
            waiting.spawn(async move {
                rate.until_ready().await;
                Instant::now()
            });
        }
        sleep(Duration::from_millis(120)).await;
        advance(Duration::from_secs(30)).await;
        let woken = Instant::now();
        let starts = waiting.join_all().await;
        let at_once = starts.iter().filter(|start| (woken..woken + Duration::from_millis(20)).contains(start)).count();
        assert_eq!((starts.len(), at_once), (10, 1), "the others are as far apart as ever");
    });
}
