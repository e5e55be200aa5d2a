//! All connections that are open, and which one is closed for a new one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::progress::Progress;
use crate::settings::TrustedProxies;

/// So many connections are open at most.
const AT_MOST: usize = 512;

/// So many of them for one peer, if it is no proxy.
const FOR_ONE_PEER: usize = 128;

/// A connection that is open.
pub(super) struct Connection {
    peer: IpAddr,
    progress: Mutex<Progress>,
    /// Cancelled to end it.
    pub(super) close: CancellationToken,
}

impl Connection {
    /// Says how it gets on.
    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        // Each change is one step, so that a panic leaves none half-done.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All connections that are open.
pub(super) struct Registry {
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    trusted: TrustedProxies,
}

impl Registry {
    pub(super) fn new(trusted: TrustedProxies) -> Registry {
        Registry { open: Mutex::default(), trusted }
    }

    /// Takes a connection in. Where there are too many, one that waits makes room for it; `None` if none does.
    pub(super) fn admit(&self, number: u64, peer: IpAddr, now: Instant) -> Option<Arc<Connection>> {
        let peer = network(peer.to_canonical());
        let mut open = self.open();
        if !self.trusted.contains(peer) && open.values().filter(|connection| connection.peer == peer).count() >= FOR_ONE_PEER {
            make_room(&mut open, |connection| connection.peer == peer)?;
        }
        if open.len() >= AT_MOST {
            make_room(&mut open, |_| true)?;
        }
        let connection = Arc::new(Connection { peer, progress: Mutex::new(Progress::new(now)), close: CancellationToken::new() });
        open.insert(number, Arc::clone(&connection));
        Some(connection)
    }

    /// A connection has ended.
    pub(super) fn remove(&self, number: u64) {
        self.open().remove(&number);
    }

    /// Closes the connections that have taken too long.
    pub(super) fn close_overdue(&self, now: Instant) {
        self.open().retain(|_, connection| {
            let is_overdue = connection.progress().is_overdue(now);
            if is_overdue {
                connection.close.cancel();
            }
            !is_overdue
        });
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the connection that has waited longest without a complete request; if each has one, the one whose peer has read nothing of
/// its answer for longest.
fn make_room(open: &mut HashMap<u64, Arc<Connection>>, of: impl Fn(&Connection) -> bool) -> Option<()> {
    let longest = |since: fn(&Progress) -> Option<Instant>| {
        let waiting = open.iter().filter(|(_, connection)| of(connection));
        let since = waiting.filter_map(|(number, connection)| Some((since(&connection.progress())?, *number)));
        since.min().map(|(_, number)| number)
    };
    let number = longest(Progress::without_request_since).or_else(|| longest(Progress::unread_since))?;
    open.remove(&number)?.close.cancel();
    Some(())
}

/// An address, or of IPv6 the network of which one customer has all addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) if !six.is_loopback() => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn address(last: u8) -> IpAddr {
        [203, 0, 113, last].into()
    }

    #[test]
    fn the_longest_wait_ends_for_a_new_connection_and_work_under_way_does_not() {
        let start = Instant::now();
        let registry = Registry::new(TrustedProxies::default());
        let admit = |number: u64, peer| registry.admit(number, peer, start + Duration::from_millis(number));
        let loopback: IpAddr = [127, 0, 0, 1].into();
        let first: Vec<_> = (0..512).map(|number| admit(number, loopback).unwrap()).collect();
        // The oldest is at work, so that the second makes room.
        first[0].progress().head_is_whole(start);
        let last = admit(512, address(1)).unwrap();
        assert!(!first[0].close.is_cancelled() && first[1].close.is_cancelled() && !first[2].close.is_cancelled());
        // Where all are at work, whoever does not read goes first, and a new one else.
        first.iter().for_each(|connection| connection.progress().head_is_whole(start));
        last.progress().head_is_whole(start);
        assert!(admit(513, loopback).is_none());
        first[7].progress().wrote(false, start);
        assert!(admit(514, loopback).is_some() && first[7].close.is_cancelled());
    }

    #[test]
    fn one_peer_has_a_share_and_a_proxy_has_none() {
        let start = Instant::now();
        let registry = Registry::new(TrustedProxies::default());
        let admit = |number: u64, peer| registry.admit(number, peer, start + Duration::from_millis(number));
        let other = admit(1_000, address(2)).unwrap();
        let of_one: Vec<_> = (0..129).map(|number| admit(number, address(1)).unwrap()).collect();
        assert!(of_one[0].close.is_cancelled() && !of_one[1].close.is_cancelled() && !other.close.is_cancelled());
        let six = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, last, 0, 0, 1]);
        let of_six: Vec<_> = (200..329).map(|number| admit(number, six(u16::try_from(number).unwrap())).unwrap()).collect();
        assert!(of_six[0].close.is_cancelled());
        let proxied: Vec<_> = (400..600).map(|number| admit(number, [127, 0, 0, 9].into()).unwrap()).collect();
        assert!(proxied.iter().all(|connection| !connection.close.is_cancelled()));
    }
}
