//! What tests are made of: a host with a folder of its own, firms and their rules, vendors by their contracts, and programs that look at it.

pub mod host;
pub mod http;
pub mod json;
pub mod postgres;
pub mod process;
pub mod rules;
pub mod run;
pub mod serving;
pub mod store;
pub mod vendors;
pub mod visitor;
