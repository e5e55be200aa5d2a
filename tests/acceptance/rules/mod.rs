//! Rules: checked, tested, edited, missing.

mod check;
mod firm_test_files;
mod firm_tests;
mod gone;
mod hooks;
mod in_store;
pub mod set;
mod set_refused;
