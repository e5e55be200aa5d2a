//! Scripts that migrate.

mod effects;
mod faults;
mod guard;
mod hostile_scripts;
mod resumed;
mod scripts;
mod stops;
