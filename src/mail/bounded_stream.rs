//! A connection to the mail server from which only so much is read: one that never ends its line fills no memory.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One address of a server that has several gets so much of the time.
const CONNECT: Duration = Duration::from_secs(10);

/// So many bytes come in one conversation at most: certificates, and a line for each reader.
const MOST: usize = 1024 * 1024;

/// The connection, whatever is spoken over it.
#[derive(Debug)]
pub(super) struct BoundedStream {
    stream: TcpStream,
    left: usize,
}

impl BoundedStream {
    /// Connects to the first of the host's addresses that lets it.
    pub(super) async fn connect(host: &str, port: u16) -> Result<BoundedStream, Error> {
        let mut problem = Error::from(ErrorKind::AddrNotAvailable);
        for address in tokio::net::lookup_host((host, port)).await? {
            match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(BoundedStream { stream, left: MOST }),
                Ok(Err(error)) => problem = error,
                Err(_) => problem = ErrorKind::TimedOut.into(),
            }
        }
        Err(problem)
    }
}

impl AsyncRead for BoundedStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<(), Error>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let Some(left) = self.left.checked_sub(buffer.filled().len() - before) else {
            return Poll::Ready(Err(Error::other("the server says more than belongs to a conversation")));
        };
        self.left = left;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for BoundedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, Error>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncTokioStream for BoundedStream {
    fn peer_addr(&self) -> Result<SocketAddr, Error> {
        self.stream.peer_addr()
    }
}
