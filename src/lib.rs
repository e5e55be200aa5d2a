//! casebridge
pub mod diagnostic;
pub mod domain;
pub mod live;
pub mod rules;
pub mod scripting;
pub mod settings;
pub mod yaml;
