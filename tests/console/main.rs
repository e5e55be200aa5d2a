//! The console as people see it: the real binary, vendors by their contracts, and Chromium.
//!
//! Every test has a host, vendors and a browser of its own. Things on a page are found as people find them: by the name that a button, a link
//! or a field has for whoever sees it or hears it read out.

// What the acceptance tests are made of; a test of pages needs less of it.
#[path = "../acceptance/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the acceptance tests use the rest")]
mod support;

mod command;
mod console;
mod driver;
mod inspection;
mod keyboard;
mod named;
mod page;
mod screen;

mod account;
mod activity;
mod api_page;
mod audit;
mod browser_itself;
mod connect;
mod extreme_texts;
mod firms;
mod instances;
mod keyboard_alone;
mod letters;
mod mapping;
mod messages;
mod narrow;
mod onboarding;
mod overview;
mod people;
mod refusals;
mod rules_edited;
mod runs;
mod scripts;
mod sign_in;
mod sync;
mod tokens;
mod without_scripts;
