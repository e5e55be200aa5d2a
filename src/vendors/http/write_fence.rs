//! The last question before a write: whether whoever asks for it may write still. A request may have waited for its turn in the meantime,
//! or for its next try, or its process may have stood still.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::{RequestBuilder, Response};

use super::failure::TransportError;
use super::{Failure, VendorHttp};

/// Says whether work may go on writing.
pub trait WriteFence: fmt::Debug + Send + Sync {
    /// Whether a write may begin at this moment. Waits while nobody knows.
    fn may_write(&self) -> BoxFuture<'_, bool>;

    /// Waits until nobody knows any more that work may go on writing. A write that has not been answered by then is given up: connecting and
    /// sending may take longer than leave is given for.
    fn is_over(&self) -> BoxFuture<'_, ()>;
}

impl VendorHttp {
    /// The same way, with the same limits, for work that asks before each write.
    pub fn fenced_by(&self, leave: Arc<dyn WriteFence>) -> VendorHttp {
        VendorHttp { line: Arc::clone(&self.line), leave: Some(leave), proof: Arc::clone(&self.proof) }
    }

    /// Whether a write may begin.
    pub(super) async fn may_write(&self) -> Result<(), Failure> {
        match &self.leave {
            Some(leave) if !leave.may_write().await => Err(Failure::TakenOver),
            _ => Ok(()),
        }
    }

    /// What comes of a request while there is leave for it; what becomes of it afterwards, nobody knows.
    pub(super) async fn send_with_leave(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let is_over = async {
            match &self.leave {
                Some(leave) => leave.is_over().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Nothing more of it goes out once leave is over.
            biased;
            () = is_over => Err(Failure::InDoubt { vendor: self.endpoint.vendor, trouble: TransportError::CutOff, retry_after: None }),
            sent = request.send() => sent.map_err(|error| self.transport(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use reqwest::Method;
    use secrecy::SecretString;
    use tokio::net::TcpListener;
    use tokio::time::{Instant, timeout};

    use super::*;
    use crate::domain::VendorHosts;
    use crate::vendors::http::About;
    use crate::vendors::{Clients, Endpoint, PermitRequest, PermitSource, Permits, Vendor};

    /// Hands out slots and refuses leave, and says in which order it was asked.
    #[derive(Debug, Default)]
    struct Asks(Mutex<Vec<&'static str>>);

    impl PermitSource for Asks {
        fn reserve(&self, _asked: PermitRequest) -> BoxFuture<'_, Permits> {
            self.0.lock().unwrap().push("slot");
            Box::pin(async { Permits { first: Instant::now(), contended: false } })
        }
    }

    impl WriteFence for Asks {
        fn may_write(&self) -> BoxFuture<'_, bool> {
            self.0.lock().unwrap().push("leave");
            Box::pin(async { false })
        }

        fn is_over(&self) -> BoxFuture<'_, ()> {
            Box::pin(std::future::pending())
        }
    }

    /// Gives leave that ends once somebody has come to the vendor.
    #[derive(Debug)]
    struct Until(Arc<TcpListener>);

    impl WriteFence for Until {
        fn may_write(&self) -> BoxFuture<'_, bool> {
            Box::pin(async { true })
        }

        fn is_over(&self) -> BoxFuture<'_, ()> {
            Box::pin(async { drop(self.0.accept().await) })
        }
    }

    fn endpoint(vendor: &TcpListener) -> Endpoint {
        Endpoint {
            vendor: Vendor::CaseStatus,
            base_url: format!("http://{}", vendor.local_addr().unwrap()),
            auth_header: "authorization".to_owned(),
            auth_value: SecretString::from("a key"),
            page_size: 1,
            concurrency: 1,
            requests_per_second: 1_000.0,
            attempts: 3,
            timeout: Duration::from_mins(1),
            max_pages: 1,
        }
    }

    #[tokio::test]
    async fn a_write_that_is_under_way_when_leave_ends_is_given_up_and_nobody_knows_what_became_of_it() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let vendor = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let http =
            VendorHttp::new(endpoint(&vendor), &Clients::new(VendorHosts::default()).unwrap(), None).fenced_by(Arc::new(Until(vendor)));
        let given_up = Failure::InDoubt { vendor: Vendor::CaseStatus, trouble: TransportError::CutOff, retry_after: None };
        assert_eq!(http.patch_once("/cases/1".to_owned(), &1, "an update", About::Nothing, |_| Ok(())).await, Err(given_up));
    }

    #[tokio::test]
    async fn a_write_without_leave_is_not_begun_and_is_asked_about_once_its_turn_has_come() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let vendor = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let asks = Arc::new(Asks::default());
        let http = VendorHttp::new(
            endpoint(&vendor),
            &Clients::new(VendorHosts::default()).unwrap(),
            Some(Arc::clone(&asks) as Arc<dyn PermitSource>),
        );
        let http = http.fenced_by(Arc::clone(&asks) as Arc<dyn WriteFence>);

        assert_eq!(http.patch_once("/cases/1".to_owned(), &1, "an update", About::Nothing, |_| Ok(())).await, Err(Failure::TakenOver));
        assert_eq!(*asks.0.lock().unwrap(), ["slot", "leave"]);
        let posted = http.post::<u32>("/cases".to_owned(), Some("a key of its own"), &1, "a case", About::Nothing).await;
        assert_eq!(posted, Err(Failure::TakenOver), "it is not tried again");
        assert!(http.admitted(&Method::PATCH).is_ok());
        assert!(timeout(Duration::from_millis(50), vendor.accept()).await.is_err(), "nobody came to the vendor");
    }
}
