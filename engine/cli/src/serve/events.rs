//! The thread that looks for events of a zone: again and again, or when it is asked to.

mod board;
mod desk;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use provider::events::{
    AgentOutlet, EventFault, Guard, NotTaken, OutgoingEvent, Outlet, Publisher, Report, Sent, Settings, StoreShelf,
};
use provider::{AsOf, Generation, Generations, Provider};
use rulebook::script::Limits;
use store::{Change, Millis, Store};
use tokio::runtime::Handle;
use tracing::{error, info, warn};

use super::config::{Looks, ProviderSettings, ServedZone};
use board::{Begun, Board, Ended, Turn};
pub use desk::EventsDesk;

/// Where nobody looks by the clock: how long until what still waits is sent again.
const SEND_AGAIN: Duration = Duration::from_secs(60);

/// Ends the thread when it is told to.
pub struct Events {
    board: Board,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What the thread works with besides its zone.
pub struct Means<'m> {
    pub as_of: AsOf,
    pub provider: &'m Provider,
    pub store: Store,
    pub runtime: Handle,
    /// Whether administrators can reach this zone over the API.
    pub is_administered: bool,
}

impl Events {
    /// Begins to look for events; none if the zone is never to be looked at.
    ///
    /// # Errors
    /// If the store cannot be read or no thread be started.
    pub async fn start(
        served: &ServedZone,
        settings: &ProviderSettings,
        means: Means<'_>,
    ) -> Result<Option<Self>, String> {
        let every = match settings.looks {
            Looks::Never => return Ok(None),
            Looks::OnDemand => None,
            Looks::Every(every) => Some(every),
        };
        let Means { as_of, provider, store, runtime, is_administered } = means;
        let board = Board::open(&served.zone.name, every, &store).await.map_err(|fault| fault.to_string())?;
        let worker = Worker {
            settings: Settings {
                zone: Arc::clone(&served.zone),
                source: settings.source.to_string(),
                announce: settings.announce,
                limits: Limits::default(),
                guard: Guard { max_deleted_share: f64::from(settings.max_deleted_percent) / 100.0, ..Guard::default() },
            },
            way: is_administered.then(|| way(&served.zone.name)),
            as_of,
            generations: provider.generations(),
            outlet: AgentOutlet::new(provider.agent().clone(), Vec::new(), runtime.clone()),
            store,
            runtime,
            board: board.clone(),
            publisher: None,
        };
        let thread = std::thread::Builder::new()
            .name("events".to_owned())
            .stack_size(Limits::default().stack_bytes)
            .spawn(move || worker.run(every))
            .map_err(|error| format!("no thread for events: {error}"))?;
        Ok(Some(Self { board, thread: Some(thread) }))
    }

    /// What is known of the events and wished.
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// Ends it behind what it is doing.
    pub fn stop(mut self) {
        self.board.stop();
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// Where deletions of a zone are confirmed.
fn way(zone: &str) -> String {
    let mut path = String::new();
    for byte in zone.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => path.push(char::from(byte)),
            other => path.push_str(&format!("%{other:02X}")),
        }
    }
    format!("POST /api/zones/{path}/events/confirm-deletions")
}

/// An outlet that logs each event, by its ids, with the generation of the rulebook that found it or sends it.
struct Logged<'o> {
    outlet: &'o mut AgentOutlet,
    generation: &'o str,
    board: &'o Board,
}

impl Outlet for Logged<'_> {
    fn publish(&mut self, event: OutgoingEvent) -> Result<(), NotTaken> {
        let (id, object, action) = (event.message_id.clone(), event.object.clone(), event.action);
        self.outlet.publish(event)?;
        self.board.sent();
        info!(message_id = id, object, ?action, generation = self.generation, "an event was taken");
        Ok(())
    }
}

struct Worker {
    settings: Settings,
    /// How what is held back is confirmed; none where nobody can.
    way: Option<String>,
    as_of: AsOf,
    generations: Generations,
    outlet: AgentOutlet,
    store: Store,
    runtime: Handle,
    board: Board,
    /// Open unless the store has failed, with the generation that it maps by.
    publisher: Option<(Publisher, Generation)>,
}

/// What came of a look.
type Looked = (Result<Report, EventFault>, Result<Sent, EventFault>);

impl Worker {
    fn run(mut self, every: Option<Duration>) {
        let rest = every.unwrap_or(SEND_AGAIN);
        let mut turn = Turn::Rested;
        loop {
            match (turn, every) {
                (Turn::Stop, _) => return,
                (Turn::Asked, _) | (Turn::Rested, Some(_)) => self.look(false),
                (Turn::Rested, None) => self.go_on(),
            }
            turn = self.board.wait(rest);
        }
    }

    /// Does what nobody needs to ask for: ends what was begun, uses what was confirmed, sends what waits.
    fn go_on(&mut self) {
        let generation = self.generations.current();
        let open = self.open(&generation).and_then(|publisher| Ok((publisher.is_due()?, publisher.waiting()?)));
        let fault = match open {
            Ok((true, _)) => return self.look(self.board.looked_at_everything()),
            Ok((false, waiting)) => {
                self.board.waits(waiting as u64);
                let sent = if waiting == 0 { Ok(Sent::default()) } else { self.send(&generation) };
                self.count_waiting();
                self.count_refused();
                sent.err()
            }
            Err(fault) => Some(fault),
        };
        if let Some(fault) = fault {
            self.warn(&generation, &fault);
            self.close_after(&fault);
        }
    }

    fn look(&mut self, everything: bool) {
        let begun = self.board.begin(everything, now());
        let generation = self.generations.current();
        let as_of = (self.as_of)();
        let (found, sent) = self.find_and_send(&generation, as_of, begun);
        let taken = sent.as_ref().map_or(0, |sent| sent.taken);
        if let Ok(report) = &found
            && (report.events() > 0 || taken > 0)
        {
            info!(
                zone = self.settings.zone.name,
                generation = &*generation.hash,
                added = report.added,
                changed = report.changed,
                deleted = report.deleted,
                sent = taken,
                "events"
            );
        }
        self.count_refused();
        let faults = [found.as_ref().err(), sent.as_ref().err()];
        for fault in faults.into_iter().flatten() {
            self.warn(&generation, fault);
            self.close_after(fault);
        }
        let fault = faults.into_iter().flatten().next().map(ToString::to_string);
        let held_back = match &found {
            Err(EventFault::Deletions(held)) => Some(held.clone()),
            _ => None,
        };
        let kept = self.board.end(Ended {
            begun,
            at: now(),
            generation: generation.hash.to_string(),
            as_of: as_of.to_string(),
            report: found.ok(),
            held_back,
            sent: taken as u64,
            fault,
            waiting: self.publisher.as_ref().and_then(|(open, _)| open.waiting().ok()).map(|waiting| waiting as u64),
        });
        self.keep(kept);
    }

    fn find_and_send(&mut self, generation: &Generation, as_of: graph::Date, begun: Begun) -> Looked {
        let found = self.open(generation).and_then(|publisher| match begun.everything {
            true => publisher.full(as_of),
            false => publisher.tick(as_of),
        });
        if found.as_ref().is_ok_and(|report| report.events() > 0) {
            self.count_waiting();
        }
        // Also where nothing could be looked for: what was found before still waits.
        let sent = match &found {
            Err(EventFault::Store(_)) => Ok(Sent::default()),
            _ => self.send(generation),
        };
        (found, sent)
    }

    /// The publisher, by the generation in force.
    fn open(&mut self, generation: &Generation) -> Result<&mut Publisher, EventFault> {
        let open = match self.publisher.take() {
            Some((mut open, before)) => {
                if before.hash != generation.hash {
                    open.swap(Arc::clone(&generation.plan));
                }
                open
            }
            None => {
                let zone = Arc::from(self.settings.zone.name.as_str());
                let shelf = StoreShelf::new(self.store.clone(), zone, self.runtime.clone());
                Publisher::open(self.settings.clone(), Arc::clone(&generation.plan), Box::new(shelf))?
            }
        };
        Ok(&mut self.publisher.insert((open, generation.clone())).0)
    }

    fn send(&mut self, generation: &Generation) -> Result<Sent, EventFault> {
        let Some((publisher, _)) = &mut self.publisher else { return Ok(Sent::default()) };
        publisher.publish(&mut Logged { outlet: &mut self.outlet, generation: &generation.hash, board: &self.board })
    }

    fn count_waiting(&self) {
        if let Some(Ok(waiting)) = self.publisher.as_ref().map(|(open, _)| open.waiting()) {
            self.board.waits(waiting as u64);
        }
    }

    fn count_refused(&self) {
        if let Some(Ok(refusals)) = self.publisher.as_ref().map(|(open, _)| open.refusals()) {
            self.board.refused(refusals);
        }
    }

    /// After a fault of the store it is not known what was written: what was published is read again.
    fn close_after(&mut self, fault: &EventFault) {
        if matches!(fault, EventFault::Store(_)) {
            self.publisher = None;
        }
    }

    fn warn(&self, generation: &Generation, fault: &EventFault) {
        let zone = &*self.settings.zone.name;
        let generation = &*generation.hash;
        match (fault, &self.way) {
            (EventFault::Deletions(held), Some(way)) => {
                let confirm = format!("{way} {{\"token\": \"{}\"}}", held.token);
                warn!(zone, generation, %fault, "events are held back; if these deletions are meant, confirm with {confirm}");
            }
            (EventFault::Deletions(_), None) => warn!(
                zone,
                generation,
                %fault,
                "events are held back; if these deletions are meant, set `max_deleted_percent` to 100 for one start"
            ),
            _ => warn!(zone, generation, %fault, "events wait for the next look"),
        }
    }

    /// Keeps what came of a look, for who asks after the next start.
    fn keep(&self, value: String) {
        let zone = Arc::from(self.settings.zone.name.as_str());
        let change = Change::PutRecord { zone, space: board::SPACE, key: board::LAST.to_owned(), value };
        if let Err(fault) = self.runtime.block_on(self.store.apply(vec![change])) {
            error!(zone = self.settings.zone.name, %fault, "what came of a look for events could not be kept");
        }
    }
}

fn now() -> Millis {
    chrono::Utc::now().timestamp_millis()
}
