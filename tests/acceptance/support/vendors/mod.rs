//! The sandbox's vendors behind a listener of the tests: what they hold, what goes wrong on purpose, and all that they were asked.

mod call;
mod faults;
mod feeds;
mod journal;
mod wire;
mod world;

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::Request;
use tokio::runtime::{Builder, Runtime};

pub use call::Call;
pub use casebridge::sandbox::SandboxVendor as Vendor;
pub use faults::{Fault, Gate, Weather};
pub use journal::Journal;
pub use world::{ANN, BOB, CARL, CASE_STATUS_FIRM, CASEPEER_FIRM, PAM, PETE, World, phone, surname};

use faults::Faults;
use journal::Entry;

/// What the servers and the test share.
pub struct Desk {
    world: Mutex<World>,
    faults: Mutex<Faults>,
    journal: Mutex<Journal>,
    /// For each vendor: requests now, and the most there were.
    presence: [(AtomicUsize, AtomicUsize); 2],
}

impl Desk {
    fn note(&self, number: usize, change: impl FnOnce(&mut Entry)) {
        // A journal that was taken away meanwhile has no such entry.
        if let Some(entry) = self.journal.lock().expect("journal").0.get_mut(number) {
            change(entry);
        }
    }
}

/// One firm's two vendors, each on its own port, up until dropped.
pub struct Vendors {
    desk: Arc<Desk>,
    ports: [u16; 2],
    runtime: Option<Runtime>,
}

impl Vendors {
    /// Starts them.
    pub fn boot(world: World) -> Vendors {
        let desk =
            Arc::new(Desk { world: Mutex::new(world), faults: Mutex::default(), journal: Mutex::default(), presence: Default::default() });
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let ports = [Vendor::Casepeer, Vendor::CaseStatus].map(|vendor| listen(&runtime, &desk, vendor));
        Vendors { desk, ports, runtime: Some(runtime) }
    }

    /// Where one of them is.
    pub fn base_url(&self, vendor: Vendor) -> String {
        format!("http://127.0.0.1:{}{}", self.ports[vendor as usize], call::prefix(vendor))
    }

    /// What they hold, to read and to change.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.desk.world.lock().expect("world")
    }

    /// What they were asked so far.
    pub fn journal(&self) -> Journal {
        let all = self.desk.journal.lock().expect("journal").clone();
        // Every run begins by asking whose its keys are, which is nothing to most tests as long as it is answered.
        Journal(all.0.into_iter().filter(|entry| !entry.call.is_proof() || entry.status != Some(200)).collect())
    }

    /// What they were asked so far, which is then forgotten. Only between runs: a request under way would lose its entry.
    pub fn take_journal(&self) -> Journal {
        let taken = self.journal();
        self.desk.journal.lock().expect("journal").0.clear();
        taken
    }

    /// How often they were asked whose a key is, in whatever run; that is forgotten along with the rest.
    pub fn take_proofs(&self) -> usize {
        let taken = std::mem::take(&mut *self.desk.journal.lock().expect("journal"));
        taken.iter().filter(|entry| entry.call.is_proof()).count()
    }

    /// The next `times` requests that match meet this fault.
    pub fn next(&self, times: u32, fault: Fault, at: impl Fn(&Call) -> bool + Send + 'static) {
        self.after(0, times, fault, at);
    }

    /// Every request that matches meets this fault.
    pub fn always(&self, fault: Fault, at: impl Fn(&Call) -> bool + Send + 'static) {
        self.after(0, u32::MAX, fault, at);
    }

    /// `skip` requests that match pass, the next `times` meet this fault.
    pub fn after(&self, skip: u32, times: u32, fault: Fault, at: impl Fn(&Call) -> bool + Send + 'static) {
        self.desk.faults.lock().expect("faults").aim(skip, times, fault, at);
    }

    /// Faults by chance from now on.
    pub fn weather(&self, weather: Weather) {
        self.desk.faults.lock().expect("faults").weather(weather);
    }

    /// No more faults of any kind.
    pub fn mend(&self) {
        self.desk.faults.lock().expect("faults").clear();
    }

    /// The most requests that a vendor had at the same time.
    pub fn peak(&self, vendor: Vendor) -> usize {
        self.desk.presence[vendor as usize].1.load(Ordering::SeqCst)
    }
}

impl Drop for Vendors {
    fn drop(&mut self) {
        // Requests that hang would keep an orderly end waiting.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn listen(runtime: &Runtime, desk: &Arc<Desk>, vendor: Vendor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let desk = Arc::clone(desk);
    let router = Router::new().fallback(move |request: Request| wire::serve(Arc::clone(&desk), vendor, request));
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        axum::serve(listener, router).await
    });
    port
}

/// Matches the updates of one case in Case Status.
pub fn patch_of(id: u64) -> impl Fn(&Call) -> bool + Send + 'static {
    move |call| call.is(Vendor::CaseStatus, "PATCH", &format!("/cases/cs-{id}"))
}

/// Matches the marks of a connection in CASEpeer.
pub fn any_mark(call: &Call) -> bool {
    call.is_mark()
}

/// Matches creations in Case Status.
pub fn any_post(call: &Call) -> bool {
    call.is(Vendor::CaseStatus, "POST", "/cases")
}

/// Matches notes for CASEpeer.
pub fn any_note(call: &Call) -> bool {
    call.is_note()
}

/// Matches documents for CASEpeer.
pub fn any_upload(call: &Call) -> bool {
    call.is_upload()
}

/// Matches looks into documents in Case Status.
pub fn any_download(call: &Call) -> bool {
    call.is_download()
}

/// Matches messages sent in Case Status.
pub fn any_message(call: &Call) -> bool {
    call.is_message()
}

/// Matches receipts for CASEpeer's outbox.
pub fn any_receipt(call: &Call) -> bool {
    call.is_receipt()
}
