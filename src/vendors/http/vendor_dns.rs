//! Looks up vendors' names, and takes no private address that `vendor_hosts` does not name: whoever has a say over such a name would reach
//! machines behind this one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::domain::{VendorHosts, is_loopback};

/// The look-up. A name that is none of a vendor's is that of a proxy, or one that the store knows: it may be anywhere.
#[derive(Debug)]
pub(super) struct VendorDns(pub VendorHosts);

impl Resolve for VendorDns {
    fn resolve(&self, name: Name) -> Resolving {
        let hosts = self.0.clone();
        Box::pin(async move {
            let host = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            let taken = reachable(&hosts, host, &found).inspect_err(|refusal| tracing::warn!(host, "{refusal}"))?;
            Ok(Box::new(taken.into_iter()) as Addrs)
        })
    }
}

/// Those of a name's addresses that may be connected to.
fn reachable(hosts: &VendorHosts, host: &str, found: &[SocketAddr]) -> Result<Vec<SocketAddr>, &'static str> {
    let may_be_anywhere = is_loopback(host) || !hosts.allow(host);
    let may_be_reached = |address: &SocketAddr| may_be_anywhere || is_public(address.ip()) || hosts.have_address(address.ip());
    let taken: Vec<SocketAddr> = found.iter().copied().filter(may_be_reached).collect();
    if taken.is_empty() && !found.is_empty() {
        return Err("the vendor's name leads to a private address, which `vendor_hosts` in casebridge.yaml does not name");
    }
    Ok(taken)
}
/// Whether the address is one of the Internet's.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = a == 0 || a >= 224 || (a == 100 && b & 0xc0 == 64) || (a, b, c) == (192, 0, 0) || (a == 198 && b & 0xfe == 18);
    !(is_special || address.is_private() || address.is_loopback() || address.is_link_local() || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if let [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] = segments {
        return is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    }
    // What is given out so far, but for documentation and tunnels that an IPv4 address stands in.
    segments[0] & 0xe000 == 0x2000 && segments[0] != 0x2002 && segments[..2] != [0x2001, 0xdb8] && segments[..2] != [0x2001, 0]
}

#[cfg(test)]
mod tests {
    use super::{is_public, reachable};
    use crate::domain::{VendorHost, VendorHosts};

    #[test]
    fn a_vendors_name_leads_to_the_internet_or_to_what_is_named() {
        let named = ["my.vendor.example", "10.1.0.0/16"].map(|text| VendorHost::read(text).unwrap());
        let (usual, named) = (VendorHosts::default(), VendorHosts::of(named));
        let count = |hosts, host, addresses: &[&str]| {
            let addresses: Vec<_> = addresses.iter().map(|address| (address.parse::<std::net::IpAddr>().unwrap(), 0).into()).collect();
            reachable(hosts, host, &addresses).map(|taken| taken.len())
        };
        for address in ["10.1.2.3", "127.0.0.1", "169.254.169.254", "::1"] {
            assert!(count(&usual, "my.casepeer.com", &[address]).is_err(), "{address}");
            assert_eq!(count(&usual, "my.casepeer.com", &[address, "8.8.8.8"]), Ok(1), "{address}");
            // The name of a proxy, and one that the store knows.
            assert_eq!(count(&usual, "proxy.example", &[address]), Ok(1), "{address}");
        }
        assert_eq!(count(&named, "my.vendor.example", &["10.1.2.3", "10.2.2.3", "::ffff:10.1.2.4"]), Ok(2));
        assert!(count(&named, "my.vendor.example", &["127.0.0.1"]).is_err());
        assert_eq!(count(&usual, "localhost", &["127.0.0.1"]), Ok(1));
    }

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for address in ["8.8.8.8", "100.63.0.1", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "fec0::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
