//! Whether a firm's schedules and webhooks work.

use super::named;

named! {
    /// Whether anything runs for a firm by itself. What a person begins works in each of these.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub enum FirmState {
        /// It was disabled.
        Off => "off",
        /// It was never enabled.
        #[default]
        New => "new",
        /// A vendor refuses its key.
        Paused => "paused",
        /// Everything works.
        On => "on",
    }
}
