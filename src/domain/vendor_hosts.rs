//! The hosts that keys may be sent to.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

/// Where both vendors are.
const VENDOR_DOMAINS: [&str; 2] = ["casepeer.com", "casestatus.com"];

/// Whether a host is below this name.
fn is_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

/// The hosts that a `base_url` may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorHosts {
    hosts: Box<[VendorHost]>,
    is_default: bool,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VendorHost {
    /// This name.
    Name(Box<str>),
    /// Every name below this one.
    Below(Box<str>),
    /// Every address of this network.
    Network(IpNet),
}

impl VendorHost {
    /// Reads a name, `*.NAME`, an address or a network.
    pub fn read(text: &str) -> Option<VendorHost> {
        let text = text.trim().trim_matches(['[', ']']).to_ascii_lowercase();
        if let Some(network) = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)) {
            return Some(VendorHost::Network(network));
        }
        let is_label =
            |label: &str| !label.is_empty() && label.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-_".contains(&letter));
        let (name, is_below) = text.strip_prefix("*.").map_or((text.as_str(), false), |name| (name, true));
        if !name.split('.').all(is_label) {
            return None;
        }
        Some(if is_below { VendorHost::Below(name.into()) } else { VendorHost::Name(name.into()) })
    }
}

impl Default for VendorHosts {
    /// Both vendors', and this machine.
    fn default() -> VendorHosts {
        let hosts = VENDOR_DOMAINS.map(|name| VendorHost::Below(name.into()));
        VendorHosts { hosts: hosts.into(), is_default: true }
    }
}

impl VendorHosts {
    /// Those of the setting `vendor_hosts`.
    pub fn of(hosts: impl IntoIterator<Item = VendorHost>) -> VendorHosts {
        VendorHosts { hosts: hosts.into_iter().collect(), is_default: false }
    }

    /// Whether no setting names any: then the hosts of firms that the store knows are among them.
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// Whether keys may be sent to this host, an IPv6 address without brackets.
    pub fn allow(&self, host: &str) -> bool {
        if self.is_default && is_loopback(host) {
            return true;
        }
        if let Ok(address) = host.parse() {
            return self.have_address(address);
        }
        let host = host.to_ascii_lowercase();
        self.hosts.iter().any(|known| match known {
            VendorHost::Name(name) => **name == *host,
            VendorHost::Below(name) => is_below(&host, name),
            VendorHost::Network(_) => false,
        })
    }

    /// Whether this address is among them, or in a network that is.
    pub fn have_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.hosts.iter().any(|known| matches!(known, VendorHost::Network(network) if network.contains(&address)))
    }
}

/// Whether the host is this machine.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What two origins have in common that lead to one service: this machine has many names, and so has each vendor.
pub fn service_of(origin: &str) -> String {
    let Some((scheme, rest)) = origin.split_once("://") else { return origin.to_owned() };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => (host, port),
        _ => (rest, ""),
    };
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    if is_loopback(&host) {
        return format!("{scheme}://localhost:{port}");
    }
    let vendor = VENDOR_DOMAINS.into_iter().find(|name| host == *name || is_below(&host, name));
    vendor.unwrap_or(origin).to_owned()
}

impl fmt::Display for VendorHosts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |host: &VendorHost| match host {
            VendorHost::Name(name) => name.to_string(),
            VendorHost::Below(name) => format!("*.{name}"),
            VendorHost::Network(network) if network.prefix_len() == network.max_prefix_len() => network.addr().to_string(),
            VendorHost::Network(network) => network.to_string(),
        };
        let this_machine = self.is_default.then(|| "this machine".to_owned());
        formatter.write_str(&self.hosts.iter().map(shown).chain(this_machine).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{VendorHost, VendorHosts, service_of};

    #[test]
    fn one_service_has_many_origins() {
        for (one, other, is_same) in [
            ("http://127.0.0.1:80", "http://localhost:80", true),
            ("http://[::1]:80", "http://127.0.0.2:80", true),
            ("http://127.0.0.1:80", "http://127.0.0.1:81", false),
            ("https://api.casepeer.com", "https://eu.CasePeer.com:443", true),
            ("https://api.casepeer.com", "https://api.casestatus.com", false),
            ("https://a.example", "https://b.example", false),
            ("https://evilcasepeer.com", "https://casepeer.com", false),
        ] {
            assert_eq!(service_of(one) == service_of(other), is_same, "{one} {other}");
        }
    }

    #[test]
    fn a_host_is_allowed_by_its_name_by_one_above_it_or_by_its_network() {
        let usual = VendorHosts::default();
        let named = ["API.example", "*.vendor.example", "[fd00::1]", "10.1.0.0/16"].map(|text| VendorHost::read(text).unwrap());
        let named = VendorHosts::of(named);
        for (host, by_default, by_name) in [
            ("my.casepeer.com", true, false),
            ("MY.CasePeer.com", true, false),
            ("a.b.casestatus.com", true, false),
            ("casepeer.com", false, false),
            ("evilcasepeer.com", false, false),
            (".casepeer.com", false, false),
            ("casepeer.com.evil.example", false, false),
            ("127.0.0.1", true, false),
            ("127.8.8.8", true, false),
            ("::1", true, false),
            ("localhost", true, false),
            ("10.0.0.1", false, false),
            ("10.1.2.3", false, true),
            ("169.254.169.254", false, false),
            ("api.example", false, true),
            ("x.api.example", false, false),
            ("a.vendor.example", false, true),
            ("vendor.example", false, false),
            ("fd00::1", false, true),
            ("fd00::2", false, false),
            ("", false, false),
        ] {
            assert_eq!([usual.allow(host), named.allow(host)], [by_default, by_name], "{host}");
        }
        assert_eq!(named.to_string(), "api.example, *.vendor.example, fd00::1, 10.1.0.0/16");
        for text in ["", "*", "*.", "a..b", "https://my.casepeer.com", "my.casepeer.com:443", "my.*.com", "10.0.0.0/33"] {
            assert_eq!(VendorHost::read(text), None, "{text}");
        }
    }
}
