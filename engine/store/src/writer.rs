//! The one writer: a thread that takes everything that waits, writes it as one transaction with one sync, and answers all.
//!
//! Whoever waits for an answer may go away: the thread does not know and does not care, so nothing is ever half written.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::StoreFault;
use crate::change::Change;

/// At most this many changes share a commit, so that nobody waits long for the others' changes.
const MOST_CHANGES: usize = 8192;
/// At most so many bytes of texts share a commit (one list of changes may hold more).
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Why lists of changes were not written.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A change contradicts what is there. Nothing was written, and the database is well.
    Refused(String),
    /// The database is gone, full or broken; it is not known what was written.
    Lost(String),
}

/// A database that can be written to. Only the writer's thread uses it.
pub(crate) trait Engine {
    /// Writes all lists, in order, as one transaction, which is on the disk when this returns.
    fn write(&mut self, lists: &[&[Change]]) -> Result<(), Failure>;
    /// Looks after the database while nobody waits for an answer.
    fn rest(&mut self);
    /// Connects anew after a failure.
    fn reopen(&mut self) -> Result<(), StoreFault>;
}

/// What the thread is asked to do.
enum Order {
    Write(Vec<Change>, oneshot::Sender<Result<(), StoreFault>>),
    Recover(oneshot::Sender<Result<(), StoreFault>>),
    /// Only to hear that everything before it is done.
    Settle(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

/// Hands lists of changes to the writer's thread.
pub(crate) struct Writer {
    orders: Sender<Order>,
    is_failing: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. `open` runs in it, and this waits until it is done.
    pub(crate) async fn start<E: Engine>(
        open: impl FnOnce() -> Result<E, StoreFault> + Send + 'static,
    ) -> Result<Self, StoreFault> {
        let (orders, received) = channel();
        let (opened, is_open) = oneshot::channel();
        let is_failing = Arc::new(AtomicBool::new(false));
        let failing = Arc::clone(&is_failing);
        let body = move || match open() {
            Ok(engine) => {
                let _ = opened.send(Ok(()));
                Thread { engine, orders: received, is_failing: failing }.run();
            }
            Err(fault) => {
                let _ = opened.send(Err(fault));
            }
        };
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(body)
            .map_err(|error| StoreFault::Lost(format!("no thread for the writer: {error}")))?;
        is_open.await.unwrap_or_else(|_| Err(gone()))?;
        Ok(Self { orders, is_failing, thread: Mutex::new(Some(thread)) })
    }

    pub(crate) fn submit(&self, changes: Vec<Change>) -> Pending {
        let (answer, answered) = oneshot::channel();
        if changes.is_empty() {
            let _ = answer.send(Ok(()));
        } else if let Err(refused) = self.orders.send(Order::Write(changes, answer))
            && let Order::Write(_, answer) = refused.0
        {
            let _ = answer.send(Err(gone()));
        }
        Pending { answered }
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.is_failing.load(Ordering::Acquire)
    }

    pub(crate) async fn recover(&self) -> Result<(), StoreFault> {
        let (answer, answered) = oneshot::channel();
        self.orders.send(Order::Recover(answer)).map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Waits until all is answered that was submitted before.
    pub(crate) async fn settle(&self) -> Result<(), StoreFault> {
        let (answer, answered) = oneshot::channel();
        self.orders.send(Order::Settle(answer)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())
    }

    /// Waits until all is written that was submitted before, and ends the thread.
    pub(crate) async fn close(&self) {
        let (answer, answered) = oneshot::channel();
        if self.orders.send(Order::Close(answer)).is_ok() {
            let _ = answered.await;
        }
    }
}

impl Drop for Writer {
    /// Waits for what was submitted: at most as long as one or two commits take.
    fn drop(&mut self) {
        let (answer, _) = oneshot::channel();
        let _ = self.orders.send(Order::Close(answer));
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the store's writer ended by itself");
        }
    }
}

/// The answer to a list of changes: comes when they are on the disk, or are known not to be written.
///
/// Dropping it changes nothing: what was submitted is written.
#[must_use = "what was submitted is not yet on the disk"]
#[derive(Debug)]
pub struct Pending {
    answered: oneshot::Receiver<Result<(), StoreFault>>,
}

impl Future for Pending {
    type Output = Result<(), StoreFault>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answered).poll(context).map(|answer| answer.unwrap_or_else(|_| Err(gone())))
    }
}

fn gone() -> StoreFault {
    StoreFault::Lost("its writer has ended".to_owned())
}

/// A list of changes whose writer waits.
struct Waiting {
    changes: Vec<Change>,
    answer: oneshot::Sender<Result<(), StoreFault>>,
}

struct Thread<E> {
    engine: E,
    orders: Receiver<Order>,
    is_failing: Arc<AtomicBool>,
}

impl<E: Engine> Thread<E> {
    fn run(mut self) {
        // A thread that ends by a panic must not look well.
        let mut ending = Ending { is_failing: Arc::clone(&self.is_failing), is_meant: false };
        let mut closing = None;
        while closing.is_none() {
            let Ok(first) = self.orders.recv() else { break };
            let (group, last) = self.gather(first);
            if !group.is_empty() {
                self.write(group);
            }
            match last {
                Some(Order::Recover(answer)) => {
                    let _ = answer.send(self.recover());
                }
                Some(Order::Settle(answer)) => {
                    let _ = answer.send(());
                }
                Some(Order::Close(answer)) => closing = Some(answer),
                Some(Order::Write(..)) | None => self.engine.rest(),
            }
        }
        drop(self.engine);
        if let Some(answer) = closing {
            let _ = answer.send(());
        }
        ending.is_meant = true;
    }

    /// Everything that waits now, up to a bound, and the order that ends it, if one does.
    fn gather(&self, first: Order) -> (Vec<Waiting>, Option<Order>) {
        let mut group = Vec::new();
        let (mut changes, mut bytes) = (0, 0);
        let mut next = Some(first);
        loop {
            match next {
                Some(Order::Write(list, answer)) => {
                    changes += list.len();
                    bytes += list.iter().map(size).sum::<usize>();
                    group.push(Waiting { changes: list, answer });
                }
                other => return (group, other),
            }
            if changes >= MOST_CHANGES || bytes >= MOST_BYTES {
                return (group, None);
            }
            next = self.orders.try_recv().ok();
        }
    }

    fn write(&mut self, group: Vec<Waiting>) {
        if self.is_failing.load(Ordering::Acquire) {
            return answer_all(group, &Err(StoreFault::Lost("an earlier commit failed".to_owned())));
        }
        let lists: Vec<&[Change]> = group.iter().map(|waiting| waiting.changes.as_slice()).collect();
        match self.engine.write(&lists) {
            Ok(()) => answer_all(group, &Ok(())),
            Err(Failure::Lost(why)) => self.fail(group, why),
            Err(Failure::Refused(why)) if group.len() == 1 => answer_all(group, &Err(StoreFault::Refused(why))),
            Err(Failure::Refused(_)) => self.write_one_by_one(group),
        }
    }

    /// One list of the group is at fault: each is written by itself, so that it fails only its own caller.
    fn write_one_by_one(&mut self, group: Vec<Waiting>) {
        let mut rest = group.into_iter();
        while let Some(waiting) = rest.next() {
            match self.engine.write(&[&waiting.changes]) {
                Ok(()) => answer_all(vec![waiting], &Ok(())),
                Err(Failure::Refused(why)) => answer_all(vec![waiting], &Err(StoreFault::Refused(why))),
                Err(Failure::Lost(why)) => {
                    let mut unwritten = vec![waiting];
                    unwritten.extend(rest);
                    return self.fail(unwritten, why);
                }
            }
        }
    }

    fn fail(&self, group: Vec<Waiting>, why: String) {
        // Before the answers: whoever hears of the failure finds the store failing.
        self.is_failing.store(true, Ordering::Release);
        tracing::error!(lists = group.len(), why, "a commit failed; the store takes nothing until it has recovered");
        answer_all(group, &Err(StoreFault::Lost(why)));
    }

    fn recover(&mut self) -> Result<(), StoreFault> {
        if !self.is_failing.load(Ordering::Acquire) {
            return Ok(());
        }
        self.engine.reopen()?;
        self.is_failing.store(false, Ordering::Release);
        tracing::info!("the store has recovered");
        Ok(())
    }
}

fn answer_all(group: Vec<Waiting>, answer: &Result<(), StoreFault>) {
    for waiting in group {
        // Nobody may be waiting any more.
        let _ = waiting.answer.send(answer.clone());
    }
}

/// About how many bytes a change writes.
fn size(change: &Change) -> usize {
    match change {
        Change::AddMessage { message, .. } => message.document.len() + message.envelope.len(),
        Change::Enqueue { document: Some(document), .. } => document.len(),
        Change::PutRecord { value, .. } => value.len(),
        _ => 0,
    }
}

/// Marks the store failing when the thread ends without having been asked to.
struct Ending {
    is_failing: Arc<AtomicBool>,
    is_meant: bool,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if !self.is_meant {
            self.is_failing.store(true, Ordering::Release);
        }
    }
}
