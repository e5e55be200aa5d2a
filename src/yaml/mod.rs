//! Reading YAML so that every value knows where it stands and one pass finds every fault.
//!
//! `node` turns text into a tree with positions, `shape` gives typed structs that decode from it, collecting faults instead of
//! stopping at the first, `mask` finds what must not be shown, and `edit` changes one value of a text in its place.

mod edit;
mod flow;
mod mask;
mod node;
mod scalars;
mod shape;

pub use edit::{KeyPath, NewValue, NoKeyPath, map_to, put};
pub use mask::is_secret;
pub use node::{MAX_BYTES, Node, Value, masked, parse};
pub use scalars::{Named, Size, Span};
pub use shape::{At, Decode, Layer, Reader, Written};
pub(crate) use shape::{shape, words};
