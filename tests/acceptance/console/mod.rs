//! The console over HTTP, as a browser that runs no scripts uses it.

mod audit;
mod connect;
mod extremes;
mod origin;
mod overview;
mod people;
mod rules;
mod runs;
mod scripts;
mod sign_in;
mod sync;
