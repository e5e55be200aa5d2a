//! What the host must do, seen from outside: the real binary against vendors that know their contracts and nothing of its code.
//!
//! Every test has vendors and a folder of its own. What counts is what the vendors hold and were asked, the exit code, the JSON on
//! standard output and the CSV; wordings are looked at only for what they must name.

mod support;

mod api;
mod command_line;
mod connect;
mod console;
mod feeds;
mod fuzz;
mod mail;
mod migration;
mod outputs;
mod rules;
mod secrets;
mod serve;
mod store;
mod sync;
#[cfg(feature = "temporal")]
mod temporal;
mod vendor;
mod webhooks;
