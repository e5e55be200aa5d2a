//! The console over HTTP, as a browser that runs no scripts uses it.

mod people;
mod scripts;
mod sign_in;
