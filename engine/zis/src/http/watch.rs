//! What a connection is waiting for, so that one that takes too long can be closed. Hyper has one time limit for both the head of a
//! request and the pause between requests; a slow head is an attack long before a quiet agent is.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// What a connection is doing, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The head of a request is being read.
    Head(Instant),
    /// A request is being answered.
    Busy,
    /// The next request has not begun; what is left of the last reply is being written.
    Idle(Instant),
}

/// What is to be done with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Look again then.
    Until(Instant),
    /// Its head takes too long: close it.
    SlowHead,
    /// It has been quiet for too long: let it end.
    Quiet,
}

/// Knows what a connection is doing.
#[derive(Clone, Debug)]
pub(super) struct Watch(Arc<Mutex<Phase>>);

impl Watch {
    /// Of a connection that was just made: its first head is due.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Phase::Head(Instant::now()))))
    }

    fn change(&self, next: impl FnOnce(Phase) -> Phase) {
        let mut phase = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *phase = next(*phase);
    }

    /// A request is there.
    pub(super) fn busy(&self) {
        self.change(|_| Phase::Busy);
    }

    /// Its reply is made.
    pub(super) fn answered(&self) {
        self.change(|_| Phase::Idle(Instant::now()));
    }

    /// What is to be done now.
    pub(super) fn verdict(&self, header: Duration, idle: Duration) -> Verdict {
        let phase = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match phase {
            Phase::Head(since) if now >= since + header => Verdict::SlowHead,
            Phase::Head(since) => Verdict::Until(since + header),
            Phase::Idle(since) if now >= since + idle => Verdict::Quiet,
            // A head may begin at any moment, and then has less time than the pause.
            Phase::Idle(since) => Verdict::Until((since + idle).min(now + header)),
            Phase::Busy => Verdict::Until(now + header.min(idle)),
        }
    }
}

/// A stream that tells what goes through it.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    watch: Watch,
}

impl<S> Watched<S> {
    /// Watches a stream.
    pub(super) const fn new(stream: S, watch: Watch) -> Self {
        Self { stream, watch }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.watch.change(|phase| match phase {
                Phase::Idle(_) => Phase::Head(Instant::now()),
                Phase::Head(_) | Phase::Busy => phase,
            });
        }
        read
    }
}

impl<S> Watched<S> {
    fn wrote(&self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.watch.change(|phase| match phase {
                Phase::Idle(_) => Phase::Idle(Instant::now()),
                Phase::Head(_) | Phase::Busy => phase,
            });
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
