//! From files on disk to a generation: each firm's rules, or every fault that keeps them from being used; and the tests of rules.

mod absence;
mod build;
mod diff;
mod edit;
mod files;
mod host_secret;
mod known_hosts;
mod receipt;
mod registry;
mod replace_file;
mod rule_path;
mod rule_tests;
mod rules_folder;
mod rules_lag;
mod same_keys;
mod secrets;
mod twins;
mod watch;

pub use absence::is_folder_gone;
pub use build::{Before, BuiltFirm, Generation, build, build_against, build_from, read_folder};
pub use diff::{DiffLine, diff};
pub use edit::{
    Edited, Etag, FirmFile, MappingEdit, MappingLine, MappingRow, SetError, SetOutcome, Setting, TestsEdit, WriteError, edit, edit_mapping,
    set,
};
pub use known_hosts::hosts_of;
pub use receipt::{Edit, EditOutcome};
pub use registry::{FirmEntry, RulesRegistry, RulesSnapshot, RulesSources, RulesState};
pub use rule_path::{RULES, RulePathFault, SCRIPTS, folder_files, is_rule_path, scripts_among};
pub use rule_tests::{Difference, TestFile, Tested};
pub use rules_folder::{RulesFolder, RulesStorage};
pub use rules_lag::RulesLag;
pub use same_keys::{reject_same_keys, same_key_faults};
pub use secrets::{MachineSecrets, NoSecrets, SealedSecrets, usable};
pub use watch::Watch;
