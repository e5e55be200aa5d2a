//! What is tested through the library, in one program: each that uses the library is linked with all of it.

mod diagnostics;
mod letters;
mod pages;
mod phones;
mod properties;
mod sandbox_contracts;
mod sandbox_documents;
mod sandbox_faults;
mod sandbox_webhooks;
mod schedules;
mod scripts_page;
mod store_conformance;
