//! Whether a firm's schedules and webhooks work.

/// Whether anything runs for a firm by itself. What a person begins works in each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FirmState {
    /// It was disabled.
    Off,
    /// It was never enabled.
    #[default]
    New,
    /// A vendor refuses its key.
    Paused,
    /// Everything works.
    On,
}

impl FirmState {
    /// All of them.
    pub const ALL: [FirmState; 4] = [FirmState::Off, FirmState::New, FirmState::Paused, FirmState::On];

    /// As commands, the API and metrics write it.
    pub fn as_str(self) -> &'static str {
        match self {
            FirmState::Off => "off",
            FirmState::New => "new",
            FirmState::Paused => "paused",
            FirmState::On => "on",
        }
    }
}
