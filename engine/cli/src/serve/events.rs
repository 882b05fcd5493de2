//! The thread that looks for events of a zone, again and again.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use provider::events::{
    AgentOutlet, EventFault, Guard, NotTaken, OutgoingEvent, Outlet, Publisher, Settings, StoreShelf,
};
use provider::{AsOf, Generation, Generations, Provider};
use rulebook::script::Limits;
use store::Store;
use tokio::runtime::Handle;
use tracing::{info, warn};

use super::config::ServedZone;

/// Ends the thread when it is told to.
pub struct Events {
    stop: Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Events {
    /// Begins to look for events.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(
        served: &ServedZone,
        every: Duration,
        as_of: AsOf,
        provider: &Provider,
        store: Store,
        runtime: Handle,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        let settings = served.provider.as_ref();
        let worker = Worker {
            settings: Settings {
                zone: Arc::clone(&served.zone),
                source: settings.map(|settings| settings.source.to_string()).unwrap_or_default(),
                announce: settings.is_some_and(|settings| settings.announce),
                limits: Limits::default(),
                guard: Guard {
                    max_deleted_share: settings.map_or(0.1, |settings| f64::from(settings.max_deleted_percent) / 100.0),
                    ..Guard::default()
                },
            },
            as_of,
            generations: provider.generations(),
            outlet: AgentOutlet::new(provider.agent().clone(), Vec::new(), runtime.clone()),
            store,
            runtime,
        };
        let thread = std::thread::Builder::new()
            .name("events".to_owned())
            .stack_size(Limits::default().stack_bytes)
            .spawn(move || worker.run(every, &stopped))?;
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Ends it behind what it is doing.
    pub fn stop(mut self) {
        drop(self.stop);
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// An outlet that logs each event, by its ids, with the generation of the rulebook that found it or sends it.
struct Logged<'o> {
    outlet: &'o mut AgentOutlet,
    generation: &'o str,
}

impl Outlet for Logged<'_> {
    fn publish(&mut self, event: OutgoingEvent) -> Result<(), NotTaken> {
        let (id, object, action) = (event.message_id.clone(), event.object.clone(), event.action);
        self.outlet.publish(event)?;
        info!(message_id = id, object, ?action, generation = self.generation, "an event was taken");
        Ok(())
    }
}

struct Worker {
    settings: Settings,
    as_of: AsOf,
    generations: Generations,
    outlet: AgentOutlet,
    store: Store,
    runtime: Handle,
}

impl Worker {
    fn run(mut self, every: Duration, stopped: &std::sync::mpsc::Receiver<()>) {
        let zone = self.settings.zone.name.clone();
        let mut generation = self.generations.current();
        let mut publisher: Option<Publisher> = None;
        loop {
            let current = self.generations.current();
            let is_another = current.hash != generation.hash;
            generation = current;
            let looked = match publisher.take() {
                None => self.open(&generation),
                Some(mut open) => {
                    if is_another {
                        open.swap(Arc::clone(&generation.plan));
                    }
                    Ok(open)
                }
            }
            .and_then(|mut open| {
                let looked = self.look(&mut open);
                // After a fault of the store it is not known what was written: what was published is read again.
                publisher = (!matches!(looked, Err(EventFault::Store(_)))).then_some(open);
                looked
            });
            if let Err(fault) = looked {
                warn!(zone, generation = %generation.hash, %fault, "events wait for the next look");
            }
            if !matches!(stopped.recv_timeout(every), Err(RecvTimeoutError::Timeout)) {
                return;
            }
        }
    }

    fn open(&self, generation: &Generation) -> Result<Publisher, EventFault> {
        let zone = Arc::from(self.settings.zone.name.as_str());
        let shelf = StoreShelf::new(self.store.clone(), zone, self.runtime.clone());
        Publisher::open(self.settings.clone(), Arc::clone(&generation.plan), Box::new(shelf))
    }

    fn look(&mut self, publisher: &mut Publisher) -> Result<(), EventFault> {
        let found = publisher.tick((self.as_of)());
        let generation = self.generations.current().hash;
        // Also where nothing could be looked for: what was found before still waits.
        let sent = publisher.publish(&mut Logged { outlet: &mut self.outlet, generation: &generation });
        let (report, sent) = (found?, sent?);
        if report.events() > 0 || sent.taken > 0 {
            info!(
                zone = self.settings.zone.name,
                generation = &*generation,
                added = report.added,
                changed = report.changed,
                deleted = report.deleted,
                sent = sent.taken,
                "events"
            );
        }
        Ok(())
    }
}
