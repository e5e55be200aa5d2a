//! What goes wrong, when and how often: aimed at chosen requests, or by chance from a seed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::call::Call;
use super::world::World;

/// Something done to what the vendors hold while a request is under way.
pub type Deed = Arc<dyn Fn(&mut World) + Send + Sync>;

/// A change of an answer.
pub type Alteration = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// One thing that goes wrong.
#[derive(Clone)]
pub enum Fault {
    /// 429, `Retry-After` being so many seconds.
    TooManySeconds(u64),
    /// 429, `Retry-After` being the date so many seconds from now.
    TooManyUntil(u64),
    /// 401, although the key is right.
    Unauthorized,
    /// This status, and nothing is done.
    Refused(u16),
    /// All is done, and this status says that it was not.
    DoneThen(u16),
    /// All is done, and the JSON that says so ends half way; so does a file.
    CutOff,
    /// This status, and gzip that unpacks to so many mebibytes.
    Bomb { status: u16, mebibytes: usize },
    /// A good status, and a byte now and then without end.
    Trickle,
    /// Done or not, no answer comes.
    Hang { done: bool },
    /// The answer takes this long; nothing else is wrong.
    Slow(Duration),
    /// The answer waits until the gate opens; nothing else is wrong.
    Wait(Gate),
    /// All is done, and the answer waits until the gate opens.
    DoneThenWait(Gate),
    /// Someone else does this just before; nothing else is wrong.
    Meanwhile(Deed),
    /// This is done instead of what was asked, and then 500.
    Instead(Deed),
    /// What was asked is done at this path.
    Redirected(String),
    /// All is done, and the answer that says so is changed before it goes out.
    Altered(Alteration),
    /// Nothing is done, and this is answered.
    Said(u16, Value),
}

/// What keeps requests waiting.
#[derive(Clone)]
pub struct Gate(watch::Sender<bool>);

impl Gate {
    /// A closed one.
    pub fn closed() -> Gate {
        Gate(watch::Sender::new(false))
    }

    /// Lets everyone through from now on.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// Returns once it is open.
    pub async fn pass(&self) {
        let mut gate = self.0.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _open = gate.wait_for(|open| *open).await;
    }
}

/// Shares of all requests, 0 to 1, that go wrong by chance.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    pub seed: u64,
    pub too_many: f64,
    pub refused: f64,
    pub done_then_500: f64,
    pub cut_off: f64,
    pub hang: f64,
}

impl Weather {
    /// What the host promises to come through.
    pub fn storm(seed: u64) -> Weather {
        Weather { seed, too_many: 0.10, refused: 0.08, done_then_500: 0.08, cut_off: 0.03, hang: 0.01 }
    }

    fn draw(&self, number: u64) -> Option<Fault> {
        let random = mix(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number));
        let even = random.is_multiple_of(2);
        // 53 bits are what a double holds exactly.
        #[allow(clippy::cast_precision_loss)]
        let mut left = (random >> 11) as f64 / (1_u64 << 53) as f64;
        let faults = [
            (self.too_many, if even { Fault::TooManySeconds(0) } else { Fault::TooManyUntil(1) }),
            (self.refused, Fault::Refused(500)),
            (self.done_then_500, Fault::DoneThen(500)),
            (self.cut_off, Fault::CutOff),
            (self.hang, Fault::Hang { done: even }),
        ];
        for (share, fault) in faults {
            if left < share {
                return Some(fault);
            }
            left -= share;
        }
        None
    }
}

/// A fault aimed at certain requests.
struct Aimed {
    at: Box<dyn Fn(&Call) -> bool + Send>,
    skip: u32,
    times: u32,
    fault: Fault,
}

/// All that goes wrong in a test.
#[derive(Default)]
pub struct Faults {
    aimed: Vec<Aimed>,
    weather: Weather,
    calls: u64,
}

impl Faults {
    /// Aims a fault at the requests that match: the first `skip` pass, the next `times` meet it.
    pub fn aim(&mut self, skip: u32, times: u32, fault: Fault, at: impl Fn(&Call) -> bool + Send + 'static) {
        self.aimed.push(Aimed { at: Box::new(at), skip, times, fault });
    }

    /// Lets chance have a part from now on.
    pub fn weather(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// Everything is well again.
    pub fn clear(&mut self) {
        *self = Faults { calls: self.calls, ..Faults::default() };
    }

    /// What happens to this request.
    pub fn draw(&mut self, call: &Call) -> Option<Fault> {
        self.calls += 1;
        for aimed in self.aimed.iter_mut().filter(|aimed| aimed.times > 0) {
            if !(aimed.at)(call) {
                continue;
            }
            if aimed.skip > 0 {
                aimed.skip -= 1;
                continue;
            }
            aimed.times -= 1;
            return Some(aimed.fault.clone());
        }
        self.weather.draw(self.calls)
    }
}

/// The finisher of splitmix64: neighbouring numbers come out unrelated.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
