//! Faults on demand: how often which one, drawn from a seed so that a test can be run again.

use std::time::Duration;

use super::Fault;

/// How often requests go wrong, each as a share of 0.0 to 1.0, and how slow every answer is.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    /// 429, not done.
    pub too_many_requests: f64,
    /// 500, not done.
    pub error_before: f64,
    /// Done, and answered 500.
    pub error_after: f64,
    /// Done or not, and never answered.
    pub hang: f64,
    /// Done, and the answer ends in the middle.
    pub cut_off: f64,
    /// Answered about something else.
    pub wrong_identity: f64,
    /// A creation that is answered as if it had been done, and is not.
    pub replayed_create: f64,
    /// An update of which a part is not kept.
    pub not_kept: f64,
    /// A later page of cases that repeats one, and leaves one out.
    pub shifting: f64,
    /// A page whose cursor leads back to the beginning.
    pub cursor_round: f64,
    /// This share of the records, always the same ones, is refused (403) whenever it is asked about, as if it were somebody else's.
    pub record_403: f64,
    /// Before each answer.
    pub latency: Duration,
    /// What 429 says of when to come back.
    pub retry_after: RetryAfter,
    /// Another seed, another sequence of faults.
    pub seed: u64,
}

const NAMES: &str = "429, 500, done_but_500, cut_off, hang, record_403, wrong_identity, replayed_create, not_kept, shifting, cursor_round, latency, retry_after, seed";

/// What 429 says of when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// Nothing.
    Silent,
    /// So many seconds.
    Seconds(u64),
    /// The date that is so many seconds away.
    Date(u64),
    /// 0 seconds, 1 second, or the date that is 1 second away, by turns.
    Mixed,
}

impl Faults {
    /// None at all.
    pub fn none() -> Faults {
        Faults {
            too_many_requests: 0.0,
            error_before: 0.0,
            error_after: 0.0,
            hang: 0.0,
            cut_off: 0.0,
            wrong_identity: 0.0,
            replayed_create: 0.0,
            not_kept: 0.0,
            shifting: 0.0,
            cursor_round: 0.0,
            record_403: 0.0,
            latency: Duration::ZERO,
            retry_after: RetryAfter::Mixed,
            seed: 1,
        }
    }

    /// Reads for instance `429=10%,500=8%,done_but_500=8%,cut_off=3%,hang=1%,latency=20ms,retry_after=0,seed=7`.
    /// `wrong_identity`, `replayed_create`, `not_kept`, `shifting` and `cursor_round` are shares too. `retry_after` is a number of seconds, `date`, `none` or `mixed`.
    pub fn parse(text: &str) -> Result<Faults, String> {
        let mut faults = Faults::none();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part
                .split_once('=')
                .map(|(name, value)| (name.trim(), value.trim()))
                .ok_or_else(|| format!("`{part}` is no name=value"))?;
            let number = || value.parse::<u64>().map_err(|_| format!("`{value}` is no whole number"));
            match name {
                "429" => faults.too_many_requests = share(value)?,
                "500" => faults.error_before = share(value)?,
                "done_but_500" => faults.error_after = share(value)?,
                "cut_off" => faults.cut_off = share(value)?,
                "hang" => faults.hang = share(value)?,
                "wrong_identity" => faults.wrong_identity = share(value)?,
                "replayed_create" => faults.replayed_create = share(value)?,
                "not_kept" => faults.not_kept = share(value)?,
                "shifting" => faults.shifting = share(value)?,
                "cursor_round" => faults.cursor_round = share(value)?,
                "record_403" => faults.record_403 = share(value)?,
                "latency" => faults.latency = latency(value)?,
                "retry_after" => {
                    faults.retry_after = match value {
                        "none" => RetryAfter::Silent,
                        "date" => RetryAfter::Date(1),
                        "mixed" => RetryAfter::Mixed,
                        _ => RetryAfter::Seconds(number()?),
                    }
                }
                "seed" => faults.seed = number()?,
                _ => return Err(format!("there is no fault `{name}`: {NAMES}")),
            }
        }
        let sum: f64 = faults.shares(true).iter().map(|(share, _)| share).sum();
        if sum > 1.0 + 1e-9 { Err("the shares add up to more than 100%".to_owned()) } else { Ok(faults) }
    }

    /// Whether this record is one of those that are refused.
    pub(super) fn refuses(&self, record: &str) -> bool {
        unit(record.bytes().fold(self.seed, |bits, byte| scrambled(bits ^ u64::from(byte)))) < self.record_403
    }

    /// The fault of the `count`th request.
    pub(super) fn draw(&self, count: u64) -> Option<Fault> {
        let random = scrambled(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(count));
        let mut point = unit(random);
        let even = random & 1 == 0;
        for (share, fault) in self.shares(even) {
            if point < share {
                return Some(fault);
            }
            point -= share;
        }
        None
    }

    /// How often which fault happens; a hanging request is answered by nobody before it is done or after.
    fn shares(&self, before: bool) -> [(f64, Fault); 10] {
        [
            (self.too_many_requests, Fault::TooManyRequests),
            (self.error_before, Fault::ErrorBefore),
            (self.error_after, Fault::ErrorAfter),
            (self.hang, if before { Fault::HangBefore } else { Fault::HangAfter }),
            (self.cut_off, Fault::CutOff),
            (self.wrong_identity, Fault::WrongIdentity),
            (self.replayed_create, Fault::ReplayedCreate),
            (self.not_kept, Fault::NotKept),
            (self.shifting, Fault::Shifting),
            (self.cursor_round, Fault::CursorRound),
        ]
    }
}

/// Random bits as a number of 0.0 to 1.0, without the latter.
#[allow(clippy::cast_precision_loss)] // 53 bits are exact
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

fn latency(text: &str) -> Result<Duration, String> {
    let number = |unit: &str| text.strip_suffix(unit).and_then(|number| number.trim().parse().ok());
    let time = number("ms").map(Duration::from_millis).or_else(|| number("s").map(Duration::from_secs));
    time.ok_or_else(|| format!("`{text}` is no time such as 20ms or 1s"))
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').and_then(|number| number.parse::<f64>().ok()).filter(|number| (0.0..=100.0).contains(number));
    number.map(|number| number / 100.0).ok_or_else(|| format!("`{text}` is no percentage"))
}

/// Well-mixed bits of a counter (the finalizer of SplitMix64).
pub(super) fn scrambled(counter: u64) -> u64 {
    let mut bits = counter.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
