//! The changes of a commit, gathered into few statements of many rows.
//!
//! Changes that do not touch the same row may be written in any order, so those of one kind go together. One that touches a row
//! which is gathered already, or a whole queue, is written after what was gathered.

use std::collections::{BTreeMap, HashSet};

use sqlx::PgConnection;

use crate::change::{Change, Hop, Millis, NewMessage, Number};
use crate::sum;

/// Zone, agent and message: a row of a queue.
type Place<'c> = (&'c str, &'c str, Number);

/// What was gathered.
#[derive(Default)]
pub(super) struct Group<'c> {
    messages: Vec<(&'c str, &'c NewMessage)>,
    seen: Vec<(&'c str, Millis, &'c str, &'c str)>,
    hops: Vec<(&'c str, &'c Hop)>,
    /// What a record will hold; none where it is to go. Of several changes the last counts.
    records: BTreeMap<(&'c str, &'c str, &'c str), Option<&'c str>>,
    /// The rows of queues that the following touch.
    touched: HashSet<Place<'c>>,
    enqueued: Vec<(Place<'c>, Option<&'c [u8]>)>,
    attempts: Vec<(Place<'c>, u32)>,
    dequeued: Vec<Place<'c>>,
}

impl<'c> Group<'c> {
    /// Writes all lists in order, within the transaction that has begun.
    pub(super) async fn write(mut self, on: &mut PgConnection, lists: &[&'c [Change]]) -> Result<(), sqlx::Error> {
        for change in lists.iter().flat_map(|list| list.iter()) {
            match change {
                Change::PutRecord { zone, space, key, value } => {
                    self.records.insert((zone, space, key), Some(value));
                }
                Change::DeleteRecord { zone, space, key } => {
                    self.records.insert((zone, space, key), None);
                }
                Change::AddMessage { zone, message } => self.messages.push((zone, message)),
                Change::Seen { zone, source, message_id, at } => self.seen.push((zone, *at, source, message_id)),
                Change::AddHop { zone, hop } => self.hops.push((zone, hop)),
                Change::Enqueue { zone, agent, message, document } => {
                    let place = self.touch(on, (zone, agent, *message)).await?;
                    self.enqueued.push((place, document.as_deref()));
                }
                Change::Dequeue { zone, agent, message } => {
                    let place = self.touch(on, (zone, agent, *message)).await?;
                    self.dequeued.push(place);
                }
                Change::Attempts { zone, agent, message, attempts } => {
                    let place = self.touch(on, (zone, agent, *message)).await?;
                    self.attempts.push((place, *attempts));
                }
                Change::Bury { zone, agent, message, at, reason } => {
                    self.flush(on).await?;
                    bury(on, (zone, agent, *message), *at, reason).await?;
                }
                Change::Unbury { zone, agent, message, requeue } => {
                    self.flush(on).await?;
                    unbury(on, (zone, agent, *message), *requeue).await?;
                }
                Change::Purge { zone, agent } => {
                    self.flush(on).await?;
                    let sql = "DELETE FROM queue WHERE zone = $1 AND agent = $2";
                    sqlx::query(sql).bind(&**zone).bind(agent).execute(&mut *on).await?;
                }
                Change::Forget { zone, before } => {
                    self.flush(on).await?;
                    forget(on, zone, *before).await?;
                }
            }
        }
        self.flush(on).await
    }

    /// Notes a row of a queue. If something that was gathered touches it too, that is written first.
    async fn touch(&mut self, on: &mut PgConnection, place: Place<'c>) -> Result<Place<'c>, sqlx::Error> {
        if self.touched.contains(&place) {
            self.flush_queues(on).await?;
        }
        self.touched.insert(place);
        Ok(place)
    }

    async fn flush(&mut self, on: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.flush_messages(on).await?;
        self.flush_seen(on).await?;
        self.flush_records(on).await?;
        self.flush_queues(on).await?;
        self.flush_hops(on).await
    }

    async fn flush_messages(&mut self, on: &mut PgConnection) -> Result<(), sqlx::Error> {
        let messages = std::mem::take(&mut self.messages);
        if messages.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO message (zone, number, message_id, source, kind, object, received, envelope, head_sum, size, sum, document)
                   SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                                        $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bytea[])";
        sqlx::query(sql)
            .bind(column(&messages, |(zone, _)| *zone))
            .bind(column(&messages, |(_, message)| message.number))
            .bind(column(&messages, |(_, message)| message.message_id.as_str()))
            .bind(column(&messages, |(_, message)| message.source.as_str()))
            .bind(column(&messages, |(_, message)| message.kind.as_str()))
            .bind(column(&messages, |(_, message)| message.object.as_deref()))
            .bind(column(&messages, |(_, message)| message.received))
            .bind(column(&messages, |(_, message)| message.envelope.as_str()))
            .bind(column(&messages, |(_, message)| sum::of_head(message)))
            .bind(column(&messages, |(_, message)| i64::try_from(message.document.len()).unwrap_or(i64::MAX)))
            .bind(column(&messages, |(_, message)| sum::of(&message.document)))
            .bind(column(&messages, |(_, message)| &message.document[..]))
            .execute(on)
            .await
            .map(drop)
    }

    async fn flush_seen(&mut self, on: &mut PgConnection) -> Result<(), sqlx::Error> {
        let seen = std::mem::take(&mut self.seen);
        if seen.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO seen (zone, at, source, message_id)
                   SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING";
        sqlx::query(sql)
            .bind(column(&seen, |row| row.0))
            .bind(column(&seen, |row| row.1))
            .bind(column(&seen, |row| row.2))
            .bind(column(&seen, |row| row.3))
            .execute(on)
            .await
            .map(drop)
    }

    async fn flush_records(&mut self, on: &mut PgConnection) -> Result<(), sqlx::Error> {
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        for ((zone, space, key), value) in std::mem::take(&mut self.records) {
            match value {
                Some(value) => put.push((zone, space, key, value)),
                None => gone.push((zone, space, key)),
            }
        }
        if !put.is_empty() {
            let sql = "INSERT INTO record (zone, space, key, value, sum)
                       SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
                       ON CONFLICT (zone, space, key) DO UPDATE SET value = excluded.value, sum = excluded.sum";
            sqlx::query(sql)
                .bind(column(&put, |row| row.0))
                .bind(column(&put, |row| row.1))
                .bind(column(&put, |row| row.2))
                .bind(column(&put, |row| row.3))
                .bind(column(&put, |row| sum::of_record(row.1, row.2, row.3)))
                .execute(&mut *on)
                .await?;
        }
        if !gone.is_empty() {
            let sql = "DELETE FROM record USING UNNEST($1::text[], $2::text[], $3::text[]) AS gone (zone, space, key)
                       WHERE record.zone = gone.zone AND record.space = gone.space AND record.key = gone.key";
            sqlx::query(sql)
                .bind(column(&gone, |row| row.0))
                .bind(column(&gone, |row| row.1))
                .bind(column(&gone, |row| row.2))
                .execute(&mut *on)
                .await?;
        }
        Ok(())
    }

    async fn flush_queues(&mut self, on: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.touched.clear();
        let enqueued = std::mem::take(&mut self.enqueued);
        if !enqueued.is_empty() {
            // Places are drawn in the order of the rows, which is that of the changes.
            let sql = "INSERT INTO queue (zone, agent, message, attempts, sum, document)
                       SELECT zone, agent, message, 0, sum, document
                       FROM UNNEST($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bytea[])
                            WITH ORDINALITY AS new (zone, agent, message, sum, document, nth)
                       ORDER BY nth";
            sqlx::query(sql)
                .bind(column(&enqueued, |(place, _)| place.0))
                .bind(column(&enqueued, |(place, _)| place.1))
                .bind(column(&enqueued, |(place, _)| place.2))
                .bind(column(&enqueued, |(_, document)| document.map(sum::of)))
                .bind(column(&enqueued, |(_, document)| *document))
                .execute(&mut *on)
                .await?;
        }
        let attempts = std::mem::take(&mut self.attempts);
        if !attempts.is_empty() {
            let sql = "UPDATE queue SET attempts = new.attempts
                       FROM UNNEST($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS new (zone, agent, message, attempts)
                       WHERE queue.zone = new.zone AND queue.message = new.message AND queue.agent = new.agent";
            sqlx::query(sql)
                .bind(column(&attempts, |(place, _)| place.0))
                .bind(column(&attempts, |(place, _)| place.1))
                .bind(column(&attempts, |(place, _)| place.2))
                .bind(column(&attempts, |(_, attempts)| i64::from(*attempts)))
                .execute(&mut *on)
                .await?;
        }
        let dequeued = std::mem::take(&mut self.dequeued);
        if !dequeued.is_empty() {
            let sql =
                "DELETE FROM queue USING UNNEST($1::text[], $2::text[], $3::bigint[]) AS gone (zone, agent, message)
                       WHERE queue.zone = gone.zone AND queue.message = gone.message AND queue.agent = gone.agent";
            sqlx::query(sql)
                .bind(column(&dequeued, |place| place.0))
                .bind(column(&dequeued, |place| place.1))
                .bind(column(&dequeued, |place| place.2))
                .execute(&mut *on)
                .await?;
        }
        Ok(())
    }

    async fn flush_hops(&mut self, on: &mut PgConnection) -> Result<(), sqlx::Error> {
        let hops = std::mem::take(&mut self.hops);
        if hops.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO hop (zone, message, at, agent, what, code, detail)
                   SELECT zone, message, at, agent, what, code, detail
                   FROM UNNEST($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
                        WITH ORDINALITY AS new (zone, message, at, agent, what, code, detail, nth)
                   ORDER BY nth";
        sqlx::query(sql)
            .bind(column(&hops, |(zone, _)| *zone))
            .bind(column(&hops, |(_, hop)| hop.message))
            .bind(column(&hops, |(_, hop)| hop.at))
            .bind(column(&hops, |(_, hop)| hop.agent.as_str()))
            .bind(column(&hops, |(_, hop)| hop.what.as_str()))
            .bind(column(&hops, |(_, hop)| hop.code.as_str()))
            .bind(column(&hops, |(_, hop)| hop.detail.as_str()))
            .execute(on)
            .await
            .map(drop)
    }
}

/// One column of the rows.
fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

async fn bury(on: &mut PgConnection, place: Place<'_>, at: Millis, reason: &str) -> Result<(), sqlx::Error> {
    let sql = "WITH gone AS (DELETE FROM queue WHERE zone = $1 AND agent = $2 AND message = $3
                             RETURNING zone, message, agent, sum, document)
               INSERT INTO dead (zone, message, agent, at, reason, sum, document)
               SELECT zone, message, agent, $4, $5, sum, document FROM gone";
    sqlx::query(sql).bind(place.0).bind(place.1).bind(place.2).bind(at).bind(reason).execute(on).await.map(drop)
}

async fn unbury(on: &mut PgConnection, place: Place<'_>, requeue: bool) -> Result<(), sqlx::Error> {
    let sql = "WITH gone AS (DELETE FROM dead WHERE zone = $1 AND agent = $2 AND message = $3
                             RETURNING zone, message, agent, sum, document)
               INSERT INTO queue (zone, agent, message, attempts, sum, document)
               SELECT zone, agent, message, 0, sum, document FROM gone WHERE $4";
    sqlx::query(sql).bind(place.0).bind(place.1).bind(place.2).bind(requeue).execute(on).await.map(drop)
}

async fn forget(on: &mut PgConnection, zone: &str, before: Millis) -> Result<(), sqlx::Error> {
    let sql = "INSERT INTO zone (name, last_number) SELECT $1, coalesce(max(number), 0) FROM message WHERE zone = $1
               ON CONFLICT (name) DO UPDATE SET last_number = greatest(zone.last_number, excluded.last_number)";
    sqlx::query(sql).bind(zone).execute(&mut *on).await?;
    let sql = "WITH gone AS (
                 DELETE FROM message WHERE zone = $1 AND received < $2
                 AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.zone = $1 AND queue.message = message.number)
                 AND NOT EXISTS (SELECT 1 FROM dead WHERE dead.zone = $1 AND dead.message = message.number)
                 RETURNING number)
               DELETE FROM hop USING gone WHERE hop.zone = $1 AND hop.message = gone.number";
    sqlx::query(sql).bind(zone).bind(before).execute(&mut *on).await?;
    sqlx::query("DELETE FROM seen WHERE zone = $1 AND at < $2").bind(zone).bind(before).execute(on).await.map(drop)
}
