//! The bodies of requests and answers as they pass, noted in the progress of their connection.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body as AnyBody, Bytes};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Instant;

use super::registry::Connection;

/// The body of a request.
pub(super) struct Received {
    body: Incoming,
    since: Instant,
    connection: Arc<Connection>,
}

impl Received {
    pub(super) fn new(body: Incoming, connection: Arc<Connection>) -> Received {
        Received { body, since: Instant::now(), connection }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        let mut progress = self.connection.progress();
        match &frame {
            Poll::Pending => progress.body_is_awaited(self.since),
            Poll::Ready(Some(Ok(frame))) => progress.body_came(frame.data_ref().map_or(0, Bytes::len)),
            Poll::Ready(_) => progress.body_is_over(Instant::now()),
        }
        drop(progress);
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        self.connection.progress().body_is_over(Instant::now());
    }
}

/// The body of an answer.
pub(super) struct Sent {
    body: AnyBody,
    connection: Arc<Connection>,
}

impl Sent {
    pub(super) fn new(body: AnyBody, connection: Arc<Connection>) -> Sent {
        Sent { body, connection }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        self.connection.progress().answer_is_over(Instant::now());
    }
}
