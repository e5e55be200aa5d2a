//! What scripts may use up, as `scripts:` has it.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::yaml::{At, Size, Span, shape};

shape! {
    /// What scripts may use up.
    pub(super) struct Scripts {
        /// [Limit of scripts](scripts.md#limits): operations of a migration.
        ///
        /// Default: `500000000`
        operations: At<u64>,
        /// Limit of scripts: the time of a migration.
        ///
        /// Default: `15m`
        deadline: At<Span>,
        /// Limit of scripts: the time of a hook for one case.
        ///
        /// Default: `250ms`
        hook_deadline: At<Span>,
        /// Limit of scripts: memory.
        ///
        /// Default: `128MB`
        memory: At<Size>,
        /// Limit of scripts: how deep functions may call each other.
        ///
        /// Default: `64`
        depth: At<u64>,
        /// Limit of scripts: bytes of a text.
        ///
        /// Default: `1000000`
        string_size: At<u64>,
        /// Limit of scripts: items of a list.
        ///
        /// Default: `100000`
        array_size: At<u64>,
        /// Limit of scripts: keys of a map.
        ///
        /// Default: `10000`
        map_size: At<u64>,
        /// Limit of scripts: variables at a time.
        ///
        /// Default: `500`
        variables: At<u64>,
        /// Limit of scripts: modules that a script may import.
        ///
        /// Default: `32`
        modules: At<u64>,
    }
}

/// What scripts may use up; `None` where the settings leave it to the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptSettings {
    /// Operations of one migration.
    pub operations: Option<u64>,
    /// How long a migration may run.
    pub deadline: Option<Duration>,
    /// How long a hook may run for one case.
    pub hook_deadline: Option<Duration>,
    /// Bytes that a script may hold.
    pub memory: Option<u64>,
    /// How deep functions may call each other.
    pub depth: Option<usize>,
    /// Characters of a text.
    pub string_size: Option<usize>,
    /// Items of a list.
    pub array_size: Option<usize>,
    /// Keys of a map.
    pub map_size: Option<usize>,
    /// Variables at a time.
    pub variables: Option<usize>,
    /// Modules that a script may import.
    pub modules: Option<usize>,
}

impl Scripts {
    /// The limits, each within what the host can bear.
    pub(super) fn limits(self, faults: &mut Vec<Diagnostic>) -> ScriptSettings {
        let mut number = |at: Option<At<u64>>, range: std::ops::RangeInclusive<u64>| {
            let at = at?;
            if !range.contains(&at.value) {
                faults.push(at.error(format!("{} is out of range", at.value)).help(format!(
                    "it goes from {} to {}",
                    range.start(),
                    range.end()
                )));
                return None;
            }
            Some(at.value)
        };
        let mut size = |at, most| number(at, 1..=most).and_then(|value| usize::try_from(value).ok());
        let (depth, modules) = (size(self.depth, 128), size(self.modules, 1_000));
        let (string_size, array_size) = (size(self.string_size, 100_000_000), size(self.array_size, 1_000_000));
        let (map_size, variables) = (size(self.map_size, 1_000_000), size(self.variables, 100_000));
        let operations = number(self.operations, 1..=1_000_000_000_000);
        ScriptSettings {
            operations,
            deadline: time(self.deadline, Duration::from_hours(24), faults),
            // A hook that takes longer would hold up a whole firm; and how deep a script can nest values grows with its time.
            hook_deadline: time(self.hook_deadline, Duration::from_secs(10), faults),
            memory: self.memory.and_then(|at| memory(&at, faults)),
            depth,
            string_size,
            array_size,
            map_size,
            variables,
            modules,
        }
    }
}

fn time(at: Option<At<Span>>, most: Duration, faults: &mut Vec<Diagnostic>) -> Option<Duration> {
    let at = at?;
    if at.value.0.is_zero() || at.value.0 > most {
        faults.push(at.error("this time is out of range").help(format!("it goes from 1ms to {}s", most.as_secs())));
        return None;
    }
    Some(at.value.0)
}

fn memory(at: &At<Size>, faults: &mut Vec<Diagnostic>) -> Option<u64> {
    let bytes = Some(at.value.0).filter(|bytes| (1_000_000..=16_000_000_000).contains(bytes));
    if bytes.is_none() {
        faults.push(at.error("this amount of memory is out of range").help("it goes from 1MB to 16GB"));
    }
    bytes
}
