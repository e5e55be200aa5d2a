//! `trusted_proxies`: the networks from which proxies ask in the name of others.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::diagnostic::Diagnostic;
use crate::yaml::At;

/// The networks of the proxies in front of the host. Loopback is always among them: a proxy on this machine is as trusted as the host.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Reads networks such as `10.0.0.0/8`; an address alone is a network of one.
    pub(super) fn read(networks: Vec<At<String>>, faults: &mut Vec<Diagnostic>) -> TrustedProxies {
        let mut read = |at: At<String>| {
            let network = at.value.parse().or_else(|_| at.value.parse::<IpAddr>().map(IpNet::from));
            if network.is_err() {
                faults.push(
                    at.error(format!("`{}` is no network", at.value)).help("write networks such as 10.0.0.0/8 or fd00::/8, or an address"),
                );
            }
            network.ok()
        };
        TrustedProxies(networks.into_iter().filter_map(&mut read).collect())
    }

    /// Of these networks.
    #[cfg(test)]
    pub(crate) fn of(networks: &[&str]) -> TrustedProxies {
        TrustedProxies(networks.iter().map(|network| network.parse().expect("a network")).collect())
    }

    /// Whether this peer is a proxy that is believed.
    pub fn contains(&self, peer: IpAddr) -> bool {
        // An IPv4 peer of a socket of IPv6 is seen in IPv6's spelling.
        let peer = peer.to_canonical();
        peer.is_loopback() || self.0.iter().any(|network| network.contains(&peer))
    }
}
