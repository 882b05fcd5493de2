//! Reading from SQLite: a few connections, used by threads that may block.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, named_params, params};
use tokio::sync::Semaphore;

use super::{BUSY, STATEMENTS, lost};
use crate::change::{Hop, Millis, Number};
use crate::rows::{DeadLetter, MessageFilter, MessageHistory, MessageSummary, Queued, Record, SeenId, ZoneState};
use crate::{Document, StoreFault, sum};

/// The columns of a message that [`summary`] reads, in its order.
const HEAD: &str = "message.number, message.message_id, message.source, message.kind, message.object, message.received, \
                    message.size, message.envelope, message.head_sum";

/// The connections that read.
pub(crate) struct Reader {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
    /// Most connections that read at a time.
    readers: u32,
}

impl Reader {
    pub(super) fn new(path: PathBuf, readers: u32) -> Self {
        let places = usize::try_from(readers).unwrap_or(1);
        Self { path, idle: Arc::default(), places: Arc::new(Semaphore::new(places)), readers }
    }

    /// The file.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Runs a function with a connection, in a thread that may block. Dropping the future does not stop it.
    async fn with<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StoreFault::Lost("it is closed".to_owned()))?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let task = tokio::task::spawn_blocking(move || {
            let waiting = lock(&idle).pop();
            let connection = match waiting {
                Some(connection) => connection,
                None => connect(&path).map_err(|error| lost(&error))?,
            };
            let outcome = read(&connection);
            // A connection that failed is not used again.
            if !matches!(outcome, Err(Fault::Database(_))) {
                lock(&idle).push(connection);
            }
            drop(place);
            outcome.map_err(StoreFault::from)
        });
        task.await.unwrap_or_else(|_| Err(StoreFault::Lost("a thread that reads ended by itself".to_owned())))
    }

    /// Waits for whoever reads, and ends the connections.
    pub(crate) async fn close(&self) {
        let all = self.places.acquire_many(self.readers).await;
        lock(&self.idle).clear();
        self.places.close();
        drop(all);
    }

    pub(crate) async fn load(&self, zone: &str, seen_since: Millis) -> Result<ZoneState, StoreFault> {
        let zone = zone.to_owned();
        self.with(move |on| {
            // One snapshot for all parts.
            let snapshot = on.unchecked_transaction()?;
            let state = ZoneState {
                last_number: last_number(on, &zone)?,
                queued: queued(on, &zone)?,
                seen: seen(on, &zone, seen_since)?,
            };
            snapshot.finish()?;
            Ok(state)
        })
        .await
    }

    pub(crate) async fn records(&self, zone: &str, space: &str) -> Result<Vec<Record>, StoreFault> {
        let (zone, space) = (zone.to_owned(), space.to_owned());
        self.with(move |on| {
            let sql = "SELECT key, value, sum FROM record WHERE zone = ?1 AND space = ?2 ORDER BY key";
            let mut statement = on.prepare_cached(sql)?;
            let mut rows = statement.query(params![zone, space])?;
            let mut records = Vec::new();
            while let Some(row) = rows.next()? {
                let record = Record { key: row.get(0)?, value: row.get(1)? };
                if sum::of_record(&space, &record.key, &record.value) != row.get::<_, i64>(2)? {
                    return Err(damaged(format!("a record of space `{space}` of zone `{zone}`")));
                }
                records.push(record);
            }
            Ok(records)
        })
        .await
    }

    pub(crate) async fn record(&self, zone: &str, space: &str, key: &str) -> Result<Option<String>, StoreFault> {
        let (zone, space, key) = (zone.to_owned(), space.to_owned(), key.to_owned());
        self.with(move |on| {
            let sql = "SELECT value, sum FROM record WHERE zone = ?1 AND space = ?2 AND key = ?3";
            let found: Option<(String, i64)> = on
                .prepare_cached(sql)?
                .query_row(params![zone, space, key], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match found {
                Some((value, sum)) if sum::of_record(&space, &key, &value) == sum => Ok(Some(value)),
                Some(_) => Err(damaged(format!("a record of space `{space}` of zone `{zone}`"))),
                None => Ok(None),
            }
        })
        .await
    }

    pub(crate) async fn document(
        &self,
        zone: &str,
        agent: &str,
        number: Number,
    ) -> Result<Option<Document>, StoreFault> {
        let (zone, agent) = (zone.to_owned(), agent.to_owned());
        self.with(move |on| {
            for table in ["queue", "dead"] {
                let sql = format!("SELECT document, sum FROM {table} WHERE zone = ?1 AND message = ?3 AND agent = ?2");
                let own: Option<(Option<Vec<u8>>, Option<i64>)> = on
                    .prepare_cached(&sql)?
                    .query_row(params![zone, agent, number], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                match own {
                    Some((Some(text), Some(sum))) => return Ok(Some(sum::checked(text, sum, &zone, number)?)),
                    Some((None, None)) => return original(on, &zone, number),
                    Some(_) => return Err(damaged(format!("the row of message {number} in zone `{zone}`"))),
                    None => {}
                }
            }
            Ok(None)
        })
        .await
    }

    pub(crate) async fn original(&self, zone: &str, number: Number) -> Result<Option<Document>, StoreFault> {
        let zone = zone.to_owned();
        self.with(move |on| original(on, &zone, number)).await
    }

    pub(crate) async fn messages(&self, zone: &str, filter: &MessageFilter) -> Result<Vec<MessageSummary>, StoreFault> {
        let (zone, filter) = (zone.to_owned(), filter.clone());
        self.with(move |on| messages(on, &zone, &filter)).await
    }

    pub(crate) async fn history(&self, zone: &str, number: Number) -> Result<Option<MessageHistory>, StoreFault> {
        let zone = zone.to_owned();
        self.with(move |on| {
            let snapshot = on.unchecked_transaction()?;
            let sql = format!("SELECT {HEAD} FROM message WHERE zone = ?1 AND number = ?2");
            let found =
                on.prepare_cached(&sql)?.query_row(params![zone, number], |row| Ok(summary(row, &zone))).optional()?;
            let Some(message) = found.transpose()? else { return Ok(None) };
            let history = MessageHistory {
                message,
                hops: hops(on, &zone, number)?,
                waiting: agents(on, "queue", &zone, number)?,
                dead: agents(on, "dead", &zone, number)?,
            };
            snapshot.finish()?;
            Ok(Some(history))
        })
        .await
    }

    pub(crate) async fn dead_letters(
        &self,
        zone: &str,
        agent: Option<&str>,
        limit: u32,
        before: Option<(Number, &str)>,
    ) -> Result<Vec<DeadLetter>, StoreFault> {
        let (zone, agent) = (zone.to_owned(), agent.map(str::to_owned));
        let before = before.map(|(number, agent)| (number, agent.to_owned()));
        self.with(move |on| {
            let sql = format!(
                "SELECT {HEAD}, dead.agent, dead.at, dead.reason
                 FROM dead JOIN message ON message.zone = dead.zone AND message.number = dead.message
                 WHERE dead.zone = :zone AND (:agent IS NULL OR dead.agent = :agent)
                 AND (:number IS NULL OR dead.message < :number OR (dead.message = :number AND dead.agent > :last))
                 ORDER BY dead.message DESC, dead.agent LIMIT :limit"
            );
            let (number, last) = before.unzip();
            let mut statement = on.prepare_cached(&sql)?;
            let mut rows = statement.query(named_params! {
                ":zone": zone, ":agent": agent, ":number": number, ":last": last, ":limit": limit,
            })?;
            let mut letters = Vec::new();
            while let Some(row) = rows.next()? {
                let message = summary(row, &zone)?;
                letters.push(DeadLetter { agent: row.get(9)?, message, at: row.get(10)?, reason: row.get(11)? });
            }
            Ok(letters)
        })
        .await
    }
}

fn last_number(on: &Connection, zone: &str) -> Result<Number, Fault> {
    let sql = "SELECT max(coalesce((SELECT max(number) FROM message WHERE zone = ?1), 0),
                          coalesce((SELECT last_number FROM zone WHERE name = ?1), 0))";
    Ok(on.prepare_cached(sql)?.query_row([zone], |row| row.get(0))?)
}

fn queued(on: &Connection, zone: &str) -> Result<Vec<Queued>, Fault> {
    let sql = format!(
        "SELECT {HEAD}, queue.agent, queue.attempts
         FROM queue JOIN message ON message.zone = queue.zone AND message.number = queue.message
         WHERE queue.zone = ?1 ORDER BY queue.place"
    );
    let mut statement = on.prepare_cached(&sql)?;
    let mut rows = statement.query([zone])?;
    let mut queued = Vec::new();
    while let Some(row) = rows.next()? {
        let message = summary(row, zone)?;
        queued.push(Queued {
            agent: row.get(9)?,
            message: message.number,
            attempts: row.get(10)?,
            envelope: row.get(7)?,
        });
    }
    let sql = "SELECT count(*) FROM queue WHERE zone = ?1";
    let count: i64 = on.prepare_cached(sql)?.query_row([zone], |row| row.get(0))?;
    if usize::try_from(count) != Ok(queued.len()) {
        return Err(damaged(format!("a queue of zone `{zone}`: a message that waits there")));
    }
    Ok(queued)
}

fn seen(on: &Connection, zone: &str, since: Millis) -> Result<Vec<SeenId>, Fault> {
    let sql = "SELECT source, message_id, at FROM seen WHERE zone = ?1 AND at >= ?2
               UNION ALL
               SELECT source, message_id, received FROM message INDEXED BY message_received
               WHERE zone = ?1 AND received >= ?2 ORDER BY 3";
    let mut statement = on.prepare_cached(sql)?;
    let rows = statement.query_map(params![zone, since], |row| {
        Ok(SeenId { source: row.get(0)?, message_id: row.get(1)?, at: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn original(on: &Connection, zone: &str, number: Number) -> Result<Option<Document>, Fault> {
    let sql = "SELECT document, sum FROM message WHERE zone = ?1 AND number = ?2";
    let found: Option<(Vec<u8>, i64)> =
        on.prepare_cached(sql)?.query_row(params![zone, number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.map(|(text, sum)| sum::checked(text, sum, zone, number)).transpose()?)
}

fn messages(on: &Connection, zone: &str, filter: &MessageFilter) -> Result<Vec<MessageSummary>, Fault> {
    // Numbers of one agent's messages, or of one id, are few; what is asked of neither walks down from the newest.
    let mut sql = format!("SELECT {HEAD} FROM message WHERE zone = :zone");
    for (is_asked, condition) in [
        (filter.before.is_some(), "number < :before"),
        (filter.source.is_some(), "source = :source"),
        (filter.kind.is_some(), "kind = :kind"),
        (filter.object.is_some(), "object = :object"),
        (
            filter.message_id.is_some(),
            "number IN (SELECT number FROM message INDEXED BY message_received
             WHERE zone = :zone AND message_id = :message_id)",
        ),
        (
            filter.agent.is_some(),
            "number IN (SELECT message FROM queue WHERE zone = :zone AND agent = :agent
             UNION SELECT message FROM dead WHERE zone = :zone AND agent = :agent
             UNION SELECT message FROM hop WHERE zone = :zone AND agent = :agent)",
        ),
    ] {
        if is_asked {
            sql.push_str(" AND ");
            sql.push_str(condition);
        }
    }
    sql.push_str(" ORDER BY number DESC LIMIT :limit");
    let mut statement = on.prepare_cached(&sql)?;
    let named: [(&str, &dyn rusqlite::ToSql); 8] = [
        (":zone", &zone),
        (":before", &filter.before),
        (":source", &filter.source),
        (":kind", &filter.kind),
        (":object", &filter.object),
        (":message_id", &filter.message_id),
        (":agent", &filter.agent),
        (":limit", &filter.limit),
    ];
    let mut asked = Vec::new();
    for (name, value) in named {
        if statement.parameter_index(name)?.is_some() {
            asked.push((name, value));
        }
    }
    let mut rows = statement.query(asked.as_slice())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(summary(row, zone)?);
    }
    Ok(found)
}

fn hops(on: &Connection, zone: &str, message: Number) -> Result<Vec<Hop>, Fault> {
    let sql = "SELECT message, at, agent, what, code, detail FROM hop WHERE zone = ?1 AND message = ?2 ORDER BY id";
    let mut statement = on.prepare_cached(sql)?;
    let rows = statement.query_map(params![zone, message], |row| {
        Ok(Hop {
            message: row.get(0)?,
            at: row.get(1)?,
            agent: row.get(2)?,
            what: row.get(3)?,
            code: row.get(4)?,
            detail: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The agents in whose queues, or among whose dead letters, a message is.
fn agents(on: &Connection, table: &str, zone: &str, message: Number) -> Result<Vec<String>, Fault> {
    let sql = format!("SELECT agent FROM {table} WHERE zone = ?1 AND message = ?2 ORDER BY agent");
    let mut statement = on.prepare_cached(&sql)?;
    let rows = statement.query_map(params![zone, message], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A message from the columns of [`HEAD`], if it is what was written.
fn summary(row: &Row<'_>, zone: &str) -> Result<MessageSummary, Fault> {
    let message = MessageSummary {
        number: row.get(0)?,
        message_id: row.get(1)?,
        source: row.get(2)?,
        kind: row.get(3)?,
        object: row.get(4)?,
        received: row.get(5)?,
        size: row.get(6)?,
    };
    let envelope: String = row.get(7)?;
    if sum::of_summary(&message, &envelope) != row.get::<_, i64>(8)? {
        return Err(damaged(format!("the head of message {} of zone `{zone}`", message.number)));
    }
    Ok(message)
}

fn connect(path: &std::path::Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a read failed: the database's own fault, or one that was found in what it gave.
enum Fault {
    Database(rusqlite::Error),
    Found(StoreFault),
}

fn damaged(what: String) -> Fault {
    Fault::Found(StoreFault::Damaged(format!("{what} is not what was written")))
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        Self::Found(fault)
    }
}

impl From<Fault> for StoreFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Database(rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..)) => {
                Self::Damaged("a row makes no sense".to_owned())
            }
            Fault::Database(error) => lost(&error),
            Fault::Found(fault) => fault,
        }
    }
}
