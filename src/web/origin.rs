//! Where a request comes from: the address of the network behind which a person is, as far as the proxies in front of the host can be believed.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

use crate::settings::TrustedProxies;

/// The peer itself, or what a trusted proxy says of who asked it: the last address of `X-Forwarded-For` that is no trusted proxy's.
pub(super) fn origin(peer: SocketAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> String {
    // What a client says of itself stands before what the proxies add, on lines of its own or on the same.
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let mut said: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let mut address = peer.ip().to_canonical();
    while trusted.contains(address) {
        match said.pop().and_then(|said| said.parse::<IpAddr>().ok()) {
            Some(before) => address = before.to_canonical(),
            None => break,
        }
    }
    network(address)
}

/// An address, or of IPv6 the network of which one customer has all addresses.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn seen(peer: &str, lines: &[&'static str]) -> String {
        let trusted = TrustedProxies::of(&["10.0.0.0/8"]);
        let headers = lines.iter().map(|line| (HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static(line))).collect();
        origin(format!("{peer}:4711").parse().unwrap(), &headers, &trusted)
    }

    #[test]
    fn an_origin_is_what_the_last_trusted_proxy_says() {
        for proxy in ["127.0.0.1", "10.1.2.3"] {
            assert_eq!(seen(proxy, &["192.0.2.9, 198.51.100.7"]), "198.51.100.7");
            assert_eq!(seen(proxy, &["192.0.2.9", "198.51.100.7"]), "198.51.100.7");
            assert_eq!(seen(proxy, &["192.0.2.9, 198.51.100.7, 10.9.9.9"]), "198.51.100.7");
            assert_eq!(seen(proxy, &["2001:db8:1:2:3:4:5:6"]), "2001:db8:1:2::/64");
            assert_eq!(seen(proxy, &["nonsense"]), proxy);
        }
        assert_eq!(seen("203.0.113.5", &["192.0.2.9"]), "203.0.113.5");
    }
}
