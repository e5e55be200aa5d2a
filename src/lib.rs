//! casebridge
pub mod app;
pub mod cli;
pub mod diagnostic;
pub mod domain;
pub mod live;
pub mod report;
pub mod rules;
pub mod sandbox;
pub mod scripting;
pub mod settings;
pub mod store;
pub mod sync;
pub mod vendors;
pub mod yaml;
