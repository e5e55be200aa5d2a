//! Vendors as they are: odd, slow, away, somebody else's.

mod accounts;
mod endless_answers;
mod faults_themselves;
mod identity;
mod odd_listings;
mod outage;
mod retry_after;
mod shared_limits;
mod storm;
