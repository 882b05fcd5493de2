//! Finds which instances may have changed, maps those, and puts what happened into the outbox.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use agent::Action;
use graph::Date;
use mapper::{Standings, Zone};
use problem::Problem;
use rulebook::plan::Plan;
use rulebook::script::Limits;
use sis::{Source, WatchedTable};

use super::book::Book;
use super::changes::RowChange;
use super::comparison::Scope;
use super::confirmation::confirmed;
use super::fault::EventFault;
use super::guard::Guard;
use super::marks::Seeds;
use super::order::order;
use super::outbox::Outlet;
use super::position::Position;
use super::reads::{Dated, reported, shared, watched};
use super::refusal::Refusal;
use super::rows::{Look, look, look_for_twice};
use super::run::{Days, run};
use super::sending::{Sent, send};
use super::shelf::{CONFIRMED, Entry, PROGRESS, Shelf};
use super::units::Summer;
use super::web::Web;

/// What a publisher is for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The zone, with the options by which it is mapped.
    pub zone: Arc<Zone>,
    /// The URL of the source.
    pub source: String,
    /// Whether the first comparison reports everything that there is as added. Otherwise it only notes it.
    pub announce: bool,
    /// What a script may use.
    pub limits: Limits,
    /// How much one comparison may delete.
    pub guard: Guard,
}

/// How many events were found of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Adds.
    pub added: u64,
    /// Changes.
    pub changed: u64,
    /// Deletes.
    pub deleted: u64,
}

/// What a comparison has found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Whether everything was compared.
    pub whole: bool,
    /// How many rows of the source were found to have changed.
    pub rows: usize,
    /// How many rows were mapped, those that have no instance included.
    pub mapped: u64,
    /// How many students' places in rankings were computed.
    pub ranked: u64,
    /// How many Adds were found.
    pub added: u64,
    /// How many Changes.
    pub changed: u64,
    /// How many Deletes.
    pub deleted: u64,
    /// How many of each object, by its label.
    pub objects: BTreeMap<String, Counts>,
    /// What was wrong with what was mapped, at most a thousand.
    pub problems: Vec<Problem>,
}

impl Report {
    /// How many events were found.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.added + self.changed + self.deleted
    }

    /// Counts an event.
    pub(super) fn count(&mut self, label: &str, action: Action) {
        let counts = self.objects.entry(label.to_owned()).or_default();
        let (all, one) = match action {
            Action::Add => (&mut self.added, &mut counts.added),
            Action::Change => (&mut self.changed, &mut counts.changed),
            Action::Delete => (&mut self.deleted, &mut counts.deleted),
        };
        *all += 1;
        *one += 1;
    }
}

/// An object that raises events.
pub(super) struct Reported {
    /// Its place in the plan.
    pub at: usize,
    /// Its place in the order of Adds.
    pub place: usize,
    pub dated: Dated,
    /// Its parts, if they are known.
    pub web: Option<Arc<Web>>,
}

/// Raises the events of a zone. One publisher at a time may work on its records.
pub struct Publisher {
    pub(super) settings: Settings,
    pub(super) plan: Arc<Plan>,
    pub(super) reported: Vec<Reported>,
    pub(super) book: Book,
    pub(super) summer: Summer,
    /// The places of all students, as far as objects with events read them.
    pub(super) standings: Option<Arc<Standings>>,
    /// What the zone took no events of when something was last sent, by object and action, and why.
    pub(super) barred: BTreeMap<(String, String), String>,
    /// Deletes that the zone finds wrong, by SIF_MsgId, and why; each is tried once by a generation.
    pub(super) wrong_deletes: BTreeMap<String, String>,
    /// How many events were laid aside when something was last sent.
    pub(super) laid_aside: Vec<Refusal>,
    watched: Vec<WatchedTable>,
    /// The tables of the organisation.
    shared: BTreeSet<String>,
}

impl Publisher {
    /// Opens the records of the zone.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn open(settings: Settings, plan: Arc<Plan>, shelf: Box<dyn Shelf>) -> Result<Self, EventFault> {
        let book = Book::open(shelf, &settings.zone.name, settings.guard.held_bytes)?;
        let summer = Summer::new(&book.secret);
        let (reported, watched, shared) = (objects(&plan), watched(&plan), shared(&plan));
        Ok(Self {
            settings,
            plan,
            reported,
            book,
            summer,
            standings: None,
            barred: BTreeMap::new(),
            wrong_deletes: BTreeMap::new(),
            laid_aside: Vec::new(),
            watched,
            shared,
        })
    }

    /// Goes on with another generation of the rulebook. The next [`Publisher::tick`] compares everything.
    pub fn swap(&mut self, plan: Arc<Plan>) {
        self.reported = objects(&plan);
        self.watched = watched(&plan);
        self.shared = shared(&plan);
        self.standings = None;
        self.wrong_deletes.clear();
        self.plan = plan;
    }

    /// Looks what has changed in the source since the last time, by its change feed or else by its rows, and whether the day, the
    /// rulebook or the zone's options are others; compares what may have changed by it, and puts the events into the outbox.
    ///
    /// # Errors
    /// If the source or the store fails, or too much would be deleted; the next time finds the same again.
    pub fn tick(&mut self, as_of: Date) -> Result<Report, EventFault> {
        let source = Source::open(&self.settings.source)?;
        let look = self.look(&source, as_of)?;
        let progress = &self.book.progress;
        let is_other = progress.generation != self.plan.generation || progress.zone != self.zone_sum();
        if !progress.baseline || progress.running || look.first || is_other {
            return self.compare(&source, Days::of(as_of), vec![Scope::All; self.reported.len()], look);
        }
        let before = progress.as_of;
        let scopes = self.reported.iter().map(|object| {
            if object.dated.differs(&self.plan, &self.settings.zone, before, as_of) {
                return Scope::All;
            }
            self.scope(object, &look.changes)
        });
        let scopes = scopes.collect();
        self.compare(&source, Days::of(as_of), scopes, look)
    }

    /// Compares every instance.
    ///
    /// # Errors
    /// If the source or the store fails, or too much would be deleted.
    pub fn full(&mut self, as_of: Date) -> Result<Report, EventFault> {
        let source = Source::open(&self.settings.source)?;
        let look = self.look(&source, as_of)?;
        self.compare(&source, Days::of(as_of), vec![Scope::All; self.reported.len()], look)
    }

    /// Allows what was held back with this token ([`EventFault::Deletions`]): somebody knows it to be meant. The next comparison may
    /// delete exactly that, once; whatever it finds, it uses this up, but not if it fails.
    ///
    /// # Errors
    /// If the store fails.
    pub fn allow(&mut self, token: &str) -> Result<(), EventFault> {
        let entry = Entry::Put(CONFIRMED, token.to_owned(), "{}".to_owned());
        Ok(self.book.shelf.write(vec![entry])?)
    }

    /// Whether a comparison is due that nobody needs to ask for: one was begun and not finished, or somebody has allowed what the last
    /// one held back.
    ///
    /// # Errors
    /// If the store fails.
    pub fn is_due(&self) -> Result<bool, EventFault> {
        Ok(self.book.progress.running || !confirmed(&self.book)?.is_empty())
    }

    /// Compares the instances that these rows may concern. What else changed stays for the next [`Publisher::tick`].
    ///
    /// # Errors
    /// If the source or the store fails, or too much would be deleted.
    pub fn changed(&mut self, as_of: Date, changes: Vec<RowChange>) -> Result<Report, EventFault> {
        if !self.book.progress.baseline || self.book.progress.running {
            return self.tick(as_of);
        }
        let source = Source::open(&self.settings.source)?;
        let scopes = self.reported.iter().map(|object| self.scope(object, &changes)).collect();
        let look = Look { changes, ..Look::default() };
        // The day of the last comparison stays: what depends on the day is compared by the next tick.
        let noted = self.book.progress.as_of;
        self.compare(&source, Days { as_of, noted }, scopes, look)
    }

    /// Sends what waits in the outbox, in order. While a comparison is not finished nothing is sent. What the zone does not take while it
    /// takes others holds nothing else up ([`Publisher::refusals`]).
    ///
    /// # Errors
    /// If the zone takes no events now, or the store fails. What was taken is not sent again.
    pub fn publish(&mut self, outlet: &mut dyn Outlet) -> Result<Sent, EventFault> {
        if self.book.progress.running {
            return Ok(Sent::default());
        }
        send(self, outlet)
    }

    /// How many events wait in the outbox.
    ///
    /// # Errors
    /// If the store fails.
    pub fn waiting(&self) -> Result<usize, EventFault> {
        Ok(self.book.waiting()?)
    }

    pub(super) fn zone_sum(&self) -> u64 {
        Summer::new(&[]).of(format!("{:?}", self.settings.zone).as_bytes())
    }

    /// Which instances of an object changed rows may concern.
    fn scope(&self, object: &Reported, changes: &[RowChange]) -> Scope {
        let plan = &self.plan.objects[object.at];
        let seeds = Seeds::of(&self.plan, &plan.reads, changes);
        let ranked = plan.rankings.iter().filter_map(|ranking| self.plan.pass_reads.get(ranking));
        let is_ranked = ranked.into_iter().any(|reads| !Seeds::of(&self.plan, reads, changes).is_empty());
        match (seeds.everything, seeds.is_empty() && !is_ranked) {
            (true, _) => Scope::All,
            (_, true) => Scope::Nothing,
            _ => Scope::Marked(seeds),
        }
    }

    /// What changed in the source.
    fn look(&self, source: &Source, as_of: Date) -> Result<Look, EventFault> {
        let before: Option<Position> = self.book.read("position")?;
        let above = before.as_ref().map_or(0, Position::above);
        let shelf = &*self.book.shelf;
        let Some(feed) = sis::feed(source, above)?.filter(|feed| self.covers(&feed.watches)) else {
            let mut look = look(source, &self.watched, &self.shared, &self.book.secret, shelf)?;
            if before.is_some() {
                // When there is a feed again, what it did not note meanwhile must be found: it begins anew.
                look.settle.push(Entry::Delete(PROGRESS, "position".to_owned()));
            }
            return Ok(look);
        };
        let mut position = before.clone().unwrap_or_default();
        let rows = position.take(feed.changes, as_of);
        let tables: BTreeSet<String> = rows.iter().map(|row| row.table.to_lowercase()).collect();
        let is_touched = |table: &&WatchedTable| before.is_none() || tables.contains(&table.table.to_lowercase());
        let touched: Vec<WatchedTable> = self.watched.iter().filter(is_touched).cloned().collect();
        let mut look = look_for_twice(source, &touched, &self.book.secret, shelf)?;
        look.first = before.is_none_or(|before| before.is_old(as_of));
        for row in rows {
            // The feed names tables and columns as the source does.
            for table in self.watched.iter().filter(|table| table.table.eq_ignore_ascii_case(&row.table)) {
                let column = |name: &str| {
                    let known = table.found_by.iter().find(|column| column.eq_ignore_ascii_case(name));
                    Arc::from(known.map_or(name, String::as_str))
                };
                let found_by = row.found_by.iter().map(|(name, value)| (column(name), *value)).collect();
                look.changes.push(RowChange {
                    table: Arc::from(table.table.as_str()),
                    key: row.key,
                    found_by,
                    column: None,
                });
            }
        }
        look.settle.push(Book::entry("position", &position)?);
        Ok(look)
    }

    /// Whether the triggers of a feed watch all that is read.
    fn covers(&self, watches: &[(String, String)]) -> bool {
        let name = |table: &str, column: &str| (table.to_lowercase(), column.to_lowercase());
        let known: BTreeSet<_> = watches.iter().map(|(table, column)| name(table, column)).collect();
        let missing = self.watched.iter().find(|table| {
            table.columns.iter().chain(&table.found_by).any(|column| !known.contains(&name(&table.table, column)))
        });
        if let Some(table) = missing {
            tracing::warn!(
                table = table.table,
                "the change feed does not watch all that is read of a table; rows are compared instead"
            );
        }
        missing.is_none()
    }

    fn compare(&mut self, source: &Source, days: Days, scopes: Vec<Scope>, look: Look) -> Result<Report, EventFault> {
        let stack = self.settings.limits.stack_bytes;
        std::thread::scope(|scope| {
            // Rules need a large stack.
            let builder = std::thread::Builder::new().name("events".to_owned()).stack_size(stack);
            let worker = builder.spawn_scoped(scope, || run(self, source, days, &scopes, look));
            let stopped = |why: &str| EventFault::from(Problem::new(problem::code::NOT_FINISHED, why.to_owned()));
            let worker = worker.map_err(|_| stopped("no thread could be started to find events"))?;
            worker
                .join()
                .unwrap_or_else(|_| Err(stopped("the thread that finds events ended before its work was done")))
        })
    }
}

fn objects(plan: &Plan) -> Vec<Reported> {
    let places = order(plan);
    let object = |at: usize| {
        let object = &plan.objects[at];
        Reported { at, place: places[at], dated: Dated::of(plan, object), web: Web::of(plan, object).map(Arc::new) }
    };
    reported(plan).into_iter().map(object).collect()
}
