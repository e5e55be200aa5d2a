//! The console over HTTP, as a browser that runs no scripts uses it.

mod people;
mod sign_in;
