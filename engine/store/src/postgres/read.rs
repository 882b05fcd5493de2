//! Reading from PostgreSQL: every question is one statement on a connection of the pool, but what a zone needs to start.

use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{Connection, Executor, PgConnection, PgPool, Row};
use tokio::sync::Mutex;

use super::claim::{Ended, Session};
use super::{SETTLED, lost};
use crate::change::{Hop, Millis, Number};
use crate::claim::Standing;
use crate::rows::{DeadLetter, MessageFilter, MessageHistory, MessageSummary, Queued, Record, SeenId, ZoneState};
use crate::{Document, StoreFault, sum};

/// The connections that read.
pub(crate) struct Reader {
    pool: PgPool,
    options: PgConnectOptions,
    /// Zones are loaded one after the other, so that there is one connection for them and not one for each.
    loading: Arc<Mutex<()>>,
}

impl Reader {
    pub(super) fn new(pool: PgPool, options: PgConnectOptions) -> Self {
        Self { pool, options, loading: Arc::default() }
    }

    /// Takes a zone.
    pub(crate) async fn claim(
        &self,
        zone: &str,
        standing: &Arc<Standing>,
        before: Option<&Ended>,
    ) -> Result<Session, StoreFault> {
        super::claim::claim(&self.options, zone, standing, before).await
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// One snapshot for all parts: it needs a transaction, so it has a connection and a task of its own.
    pub(crate) async fn load(&self, zone: &str, seen_since: Millis) -> Result<ZoneState, StoreFault> {
        if self.pool.is_closed() {
            return Err(StoreFault::Lost("it is closed".to_owned()));
        }
        let (options, zone, loading) = (self.options.clone(), zone.to_owned(), Arc::clone(&self.loading));
        let task = tokio::spawn(async move {
            let _turn = loading.lock().await;
            let mut connection = super::connect(&options).await?;
            let state = load(&mut connection, &zone, seen_since).await?;
            connection.close().await.map_err(|error| lost(&error))?;
            Ok(state)
        });
        task.await.unwrap_or_else(|_| Err(StoreFault::Lost("a task that reads ended by itself".to_owned())))
    }

    pub(crate) async fn records(&self, zone: &str, space: &str) -> Result<Vec<Record>, StoreFault> {
        let sql = "SELECT key, value, sum FROM record WHERE zone = $1 AND space = $2 ORDER BY key";
        let rows = sqlx::query(sql).bind(zone).bind(space).fetch_all(&self.pool).await.map_err(|error| lost(&error))?;
        let record = |row: PgRow| {
            let record = Record { key: cell(&row, 0)?, value: cell(&row, 1)? };
            checked_record(zone, space, &record.key, &record.value, cell(&row, 2)?)?;
            Ok(record)
        };
        rows.into_iter().map(record).collect()
    }

    pub(crate) async fn record(&self, zone: &str, space: &str, key: &str) -> Result<Option<String>, StoreFault> {
        let sql = "SELECT value, sum FROM record WHERE zone = $1 AND space = $2 AND key = $3";
        let query = sqlx::query(sql).bind(zone).bind(space).bind(key);
        let Some(row) = query.fetch_optional(&self.pool).await.map_err(|error| lost(&error))? else { return Ok(None) };
        let value: String = cell(&row, 0)?;
        checked_record(zone, space, key, &value, cell(&row, 1)?)?;
        Ok(Some(value))
    }

    pub(crate) async fn document(
        &self,
        zone: &str,
        agent: &str,
        number: Number,
    ) -> Result<Option<Document>, StoreFault> {
        let sql = "SELECT CASE WHEN own.sum IS NULL THEN message.document ELSE own.document END, coalesce(own.sum, message.sum)
                   FROM (SELECT sum, document FROM queue WHERE zone = $1 AND message = $3 AND agent = $2
                         UNION ALL
                         SELECT sum, document FROM dead WHERE zone = $1 AND message = $3 AND agent = $2) AS own
                   LEFT JOIN message ON message.zone = $1 AND message.number = $3
                   LIMIT 1";
        let query = sqlx::query(sql).bind(zone).bind(agent).bind(number);
        let Some(row) = query.fetch_optional(&self.pool).await.map_err(|error| lost(&error))? else { return Ok(None) };
        sum::checked(cell(&row, 0)?, cell(&row, 1)?, zone, number).map(Some)
    }

    pub(crate) async fn original(&self, zone: &str, number: Number) -> Result<Option<Document>, StoreFault> {
        let sql = "SELECT document, sum FROM message WHERE zone = $1 AND number = $2";
        let query = sqlx::query(sql).bind(zone).bind(number);
        let Some(row) = query.fetch_optional(&self.pool).await.map_err(|error| lost(&error))? else { return Ok(None) };
        sum::checked(cell(&row, 0)?, cell(&row, 1)?, zone, number).map(Some)
    }

    pub(crate) async fn messages(&self, zone: &str, filter: &MessageFilter) -> Result<Vec<MessageSummary>, StoreFault> {
        let sql = "SELECT number, message_id, source, kind, object, received, size, envelope, head_sum
                   FROM message WHERE zone = $1
                   AND ($2::bigint IS NULL OR number < $2)
                   AND ($3::text IS NULL OR source = $3)
                   AND ($4::text IS NULL OR kind = $4)
                   AND ($5::text IS NULL OR object = $5)
                   AND ($6::text IS NULL OR message_id = $6)
                   AND ($7::text IS NULL OR number IN (
                        SELECT message FROM queue WHERE zone = $1 AND agent = $7
                        UNION SELECT message FROM dead WHERE zone = $1 AND agent = $7
                        UNION SELECT message FROM hop WHERE zone = $1 AND agent = $7))
                   ORDER BY number DESC LIMIT $8";
        let rows = sqlx::query(sql)
            .bind(zone)
            .bind(filter.before)
            .bind(&filter.source)
            .bind(&filter.kind)
            .bind(&filter.object)
            .bind(&filter.message_id)
            .bind(&filter.agent)
            .bind(i64::from(filter.limit))
            // Its best plan is another for each set of what is asked.
            .persistent(false)
            .fetch_all(&self.pool)
            .await
            .map_err(|error| lost(&error))?;
        rows.iter().map(|row| summary(row, zone)).collect()
    }

    pub(crate) async fn history(&self, zone: &str, number: Number) -> Result<Option<MessageHistory>, StoreFault> {
        let sql = "SELECT number, message_id, source, kind, object, received, size, envelope, head_sum,
                   ARRAY(SELECT agent FROM queue WHERE zone = $1 AND message = $2 ORDER BY agent),
                   ARRAY(SELECT agent FROM dead WHERE zone = $1 AND message = $2 ORDER BY agent)
                   FROM message WHERE zone = $1 AND number = $2";
        let query = sqlx::query(sql).bind(zone).bind(number);
        let Some(row) = query.fetch_optional(&self.pool).await.map_err(|error| lost(&error))? else { return Ok(None) };
        let sql = "SELECT at, agent, what, code, detail FROM hop WHERE zone = $1 AND message = $2 ORDER BY id";
        let query = sqlx::query(sql).bind(zone).bind(number);
        let hops = query.fetch_all(&self.pool).await.map_err(|error| lost(&error))?;
        let hop = |row: &PgRow| {
            Ok(Hop {
                message: number,
                at: cell(row, 0)?,
                agent: cell(row, 1)?,
                what: cell(row, 2)?,
                code: cell(row, 3)?,
                detail: cell(row, 4)?,
            })
        };
        Ok(Some(MessageHistory {
            message: summary(&row, zone)?,
            hops: hops.iter().map(hop).collect::<Result<_, StoreFault>>()?,
            waiting: cell(&row, 9)?,
            dead: cell(&row, 10)?,
        }))
    }

    pub(crate) async fn dead_letters(
        &self,
        zone: &str,
        agent: Option<&str>,
        limit: u32,
        before: Option<(Number, &str)>,
    ) -> Result<Vec<DeadLetter>, StoreFault> {
        let sql = "SELECT message.number, message_id, source, kind, object, received, size, envelope, head_sum,
                   dead.agent, dead.at, dead.reason
                   FROM dead JOIN message ON message.zone = dead.zone AND message.number = dead.message
                   WHERE dead.zone = $1 AND ($2::text IS NULL OR dead.agent = $2)
                   AND ($3::bigint IS NULL OR dead.message < $3 OR (dead.message = $3 AND dead.agent > $4))
                   ORDER BY dead.message DESC, dead.agent LIMIT $5";
        let (number, last) = before.unzip();
        let query = sqlx::query(sql).bind(zone).bind(agent).bind(number).bind(last).bind(i64::from(limit));
        let rows = query.persistent(false).fetch_all(&self.pool).await.map_err(|error| lost(&error))?;
        let letter = |row: &PgRow| {
            Ok(DeadLetter {
                message: summary(row, zone)?,
                agent: cell(row, 9)?,
                at: cell(row, 10)?,
                reason: cell(row, 11)?,
            })
        };
        rows.iter().map(letter).collect()
    }
}

async fn load(on: &mut PgConnection, zone: &str, seen_since: Millis) -> Result<ZoneState, StoreFault> {
    let failed = |error: sqlx::Error| lost(&error);
    on.execute(SETTLED).await.map_err(failed)?;
    on.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map_err(failed)?;
    let sql = "SELECT greatest(coalesce((SELECT max(number) FROM message WHERE zone = $1), 0),
                               coalesce((SELECT last_number FROM zone WHERE name = $1), 0))";
    let last_number = sqlx::query_scalar(sql).bind(zone).fetch_one(&mut *on).await.map_err(failed)?;
    let sql = "SELECT message.number, message_id, source, kind, object, received, size, envelope, head_sum,
               queue.agent, queue.attempts
               FROM queue LEFT JOIN message ON message.zone = queue.zone AND message.number = queue.message
               WHERE queue.zone = $1 ORDER BY queue.place";
    let rows = sqlx::query(sql).bind(zone).fetch_all(&mut *on).await.map_err(failed)?;
    let place = |row: &PgRow| {
        let message = summary(row, zone)?;
        let attempts: i64 = cell(row, 10)?;
        Ok(Queued {
            agent: cell(row, 9)?,
            message: message.number,
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            envelope: cell(row, 7)?,
        })
    };
    let queued = rows.iter().map(place).collect::<Result<_, StoreFault>>()?;
    let sql = "SELECT source, message_id, at FROM seen WHERE zone = $1 AND at >= $2
               UNION ALL
               SELECT source, message_id, received FROM message WHERE zone = $1 AND received >= $2 ORDER BY 3";
    let rows = sqlx::query(sql).bind(zone).bind(seen_since).fetch_all(&mut *on).await.map_err(failed)?;
    let id = |row: &PgRow| Ok(SeenId { source: cell(row, 0)?, message_id: cell(row, 1)?, at: cell(row, 2)? });
    let seen = rows.iter().map(id).collect::<Result<_, StoreFault>>()?;
    on.execute("COMMIT").await.map_err(failed)?;
    Ok(ZoneState { last_number, queued, seen })
}

/// A message from its first nine columns, if it is what was written.
fn summary(row: &PgRow, zone: &str) -> Result<MessageSummary, StoreFault> {
    let message = MessageSummary {
        number: cell(row, 0)?,
        message_id: cell(row, 1)?,
        source: cell(row, 2)?,
        kind: cell(row, 3)?,
        object: cell(row, 4)?,
        received: cell(row, 5)?,
        size: cell(row, 6)?,
    };
    let envelope: String = cell(row, 7)?;
    let sum: i64 = cell(row, 8)?;
    if sum::of_summary(&message, &envelope) != sum {
        let what = format!("the head of message {} of zone `{zone}` is not what was written", message.number);
        return Err(StoreFault::Damaged(what));
    }
    Ok(message)
}

fn checked_record(zone: &str, space: &str, key: &str, value: &str, sum: i64) -> Result<(), StoreFault> {
    if sum::of_record(space, key, value) == sum {
        return Ok(());
    }
    Err(StoreFault::Damaged(format!("a record of space `{space}` of zone `{zone}` is not what was written")))
}

fn cell<'r, T>(row: &'r PgRow, column: usize) -> Result<T, StoreFault>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(column).map_err(|error| lost(&error))
}
