//! What is built in: the same text that ships as `rules/_defaults.yaml`, and where the vendors are by their contracts.

use super::raw;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Decode as _, Layer as _, Reader, parse};

/// The text of `rules/_defaults.yaml` as shipped, which is also what applies where that file is missing or leaves a key out.
pub const BUILT_IN: &str = include_str!("../../rules/_defaults.yaml");

/// Where the vendors' contracts say that their APIs are.
const VENDORS: &str = "connections:
  casepeer: { base_url: 'https://my.casepeer.com/api/partner/v1', page_size: 200, auth_header: Authorization }
  case_status: { base_url: 'https://api.casestatus.com/v1', page_size: 200, auth_header: Authorization }
";

/// The lowest layer of every firm's rules.
pub fn built_in() -> raw::RawFirm {
    let mut faults: Vec<Diagnostic> = Vec::new();
    let mut firm = raw::RawFirm::default();
    for text in [VENDORS, BUILT_IN] {
        match parse("built-in defaults", text.to_owned()) {
            Ok((source, node)) => {
                let layer = raw::RawFirm::decode(&node, &mut Reader { source, faults: &mut faults });
                firm = firm.layer(layer.unwrap_or_default());
            }
            Err(fault) => faults.push(fault),
        }
    }
    // The text is part of the program; a test resolves a firm from it alone.
    debug_assert!(faults.is_empty(), "{faults:?}");
    firm
}
