//! What the host must do, seen from outside: the real binary against vendors that know their contracts and nothing of its code.
//!
//! Every test has vendors and a folder of its own. What counts is what the vendors hold and were asked, the exit code, the JSON on
//! standard output and the CSV; wordings are looked at only for what they must name.

mod documents;
mod hooks;
mod host;
mod http;
mod messages;
mod outbox;
mod process;
mod rules;
mod run;
mod serving;
mod store;
mod vendors;

mod api;
mod api_firms;
mod api_runs;
mod attorneys;
mod backup;
mod check;
mod command_line;
mod connect;
mod connect_again;
mod connect_refused;
mod explain;
mod firm_set;
mod firm_set_refused;
mod guard;
mod hostile_scripts;
mod interrupt;
mod json;
mod machine;
mod mail;
mod metrics;
mod migration_effects;
mod migration_faults;
mod migration_guard;
mod migration_stops;
mod migrations;
mod migrations_taken_up;
mod outage;
mod plan;
mod readiness;
mod report;
mod retry_after;
mod rule_test_files;
mod rule_tests;
mod runs;
mod same_firm;
mod secrecy;
mod serve_edits;
mod serve_health;
mod serve_logs;
mod serve_schedules;
mod serve_stop;
mod stages;
mod status;
mod storm;
mod sync_case;
mod sync_firm;
mod tokens;
mod undo;
mod unknown_answer;
mod vendors_themselves;
