//! The claim on a zone in PostgreSQL: a lock of a session that does nothing else, and a token in the table `claim`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::lost;
use crate::claim::{Held, Standing};
use crate::{StoreFault, this_process};

/// How often the session is asked whether it is still there.
const EVERY: Duration = Duration::from_secs(1);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long it may take to claim: a commit of a process that was stopped in the middle of it is ended after ten seconds.
const LONGEST: Duration = Duration::from_secs(30);

/// A zone's lock: of its name and the schema, among the locks with our seed.
const KEY: &str = "SELECT hashtextextended(current_schema() || chr(10) || $1, 739140394)";

/// Who has the lock.
const HOLDER: &str = "SELECT pid, application_name, host(client_addr) AS address
                      FROM pg_locks JOIN pg_stat_activity USING (pid)
                      WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                        AND classid::bigint = ($1 >> 32) & 4294967295 AND objid::bigint = $1 & 4294967295
                      LIMIT 1";

/// Waits until no commit is under way (see [`super::SETTLED`]): each either is done, or will find the new token.
const ALONE: &str = "BEGIN; SELECT pg_advisory_xact_lock(739140392, hashtext(current_schema()))";

const TAKE: &str = "INSERT INTO claim (zone, token, holder) VALUES ($1, nextval('claim_token'), $2)
                    ON CONFLICT (zone) DO UPDATE SET token = excluded.token, holder = excluded.holder, since = now()
                    RETURNING token";

/// A session that holds a zone, and the task that watches it.
pub(crate) struct Session {
    process: i32,
    token: i64,
    close: Option<oneshot::Sender<()>>,
    watching: JoinHandle<()>,
}

/// A session of this process that held the zone before. The server may not yet know that it has ended.
pub(crate) struct Ended {
    process: i32,
    token: i64,
}

impl Session {
    /// Ends it, without waiting for the server.
    pub(crate) fn end(self) -> Ended {
        Ended { process: self.process, token: self.token }
    }

    /// Ends it; the lock is free when this returns, unless the server does not answer.
    pub(crate) async fn close(mut self) {
        if let Some(close) = self.close.take() {
            let _ = close.send(());
        }
        let _ = timeout(PATIENCE, &mut self.watching).await;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// Takes a zone.
pub(super) async fn claim(
    options: &PgConnectOptions,
    zone: &str,
    standing: &Arc<Standing>,
    before: Option<&Ended>,
) -> Result<Session, StoreFault> {
    let work = async {
        // A machine that is gone says no goodbye: its session, and so its lock, ends within half a minute.
        let options = options.clone().options([
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
            ("idle_session_timeout", "0"),
        ]);
        let mut connection = super::connect(&options).await?;
        let taken = take(&mut connection, zone, before).await?;
        Ok((connection, taken))
    };
    let (connection, Taken { process, token, asked }) = timeout(LONGEST, work)
        .await
        .unwrap_or_else(|_| Err(StoreFault::Lost("PostgreSQL does not answer".to_owned())))?;
    standing.hold(Held::Confirmed { token, at: asked });
    let (close, closed) = oneshot::channel();
    let watching = tokio::spawn(watch(connection, token, Arc::clone(standing), closed));
    Ok(Session { process, token, close: Some(close), watching })
}

/// A zone that was taken.
struct Taken {
    process: i32,
    token: i64,
    /// When the session was asked last. Before that it may have waited long for a commit to end.
    asked: Instant,
}

async fn take(on: &mut PgConnection, zone: &str, before: Option<&Ended>) -> Result<Taken, StoreFault> {
    let failed = |error: sqlx::Error| lost(&error);
    let key: i64 = sqlx::query_scalar(KEY).bind(zone).fetch_one(&mut *on).await.map_err(failed)?;
    let is_ours: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key).fetch_one(&mut *on).await.map_err(failed)?;
    if !is_ours {
        return Err(taken(on, zone, key, before).await.unwrap_or_else(failed));
    }
    on.execute(ALONE).await.map_err(failed)?;
    let token = sqlx::query_scalar(TAKE).bind(zone).bind(this_process()).fetch_one(&mut *on).await.map_err(failed)?;
    on.execute("COMMIT").await.map_err(failed)?;
    let asked = Instant::now();
    let process = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *on).await.map_err(failed)?;
    Ok(Taken { process, token, asked })
}

/// Says who has the zone. If it is a session of ours that the server takes for alive, ends it, so that the next attempt succeeds.
async fn taken(on: &mut PgConnection, zone: &str, key: i64, before: Option<&Ended>) -> Result<StoreFault, sqlx::Error> {
    let session: Option<(i32, String, Option<String>)> =
        sqlx::query_as(HOLDER).bind(key).fetch_optional(&mut *on).await?;
    let claim: Option<(i64, String, String)> =
        sqlx::query_as("SELECT token, holder, to_char(since, 'YYYY-MM-DD HH24:MI:SSOF') FROM claim WHERE zone = $1")
            .bind(zone)
            .fetch_optional(&mut *on)
            .await?;
    let is_before = before
        .zip(session.as_ref())
        .zip(claim.as_ref())
        .is_some_and(|((before, session), claim)| before.process == session.0 && before.token == claim.0);
    if let Some(before) = before.filter(|_| is_before) {
        sqlx::query("SELECT pg_terminate_backend($1)").bind(before.process).execute(&mut *on).await?;
    }
    let holder =
        claim.map_or_else(|| "another process".to_owned(), |(_, holder, since)| format!("{holder} since {since}"));
    let session = session.map_or_else(String::new, |(process, name, address)| {
        let address = address.map_or_else(String::new, |address| format!(" from {address}"));
        format!(" (PostgreSQL session {process} of {name}{address})")
    });
    Ok(StoreFault::Taken(format!("zone {zone} is served by {holder}{session}")))
}

/// Asks the session every now and then whether it holds the zone, until it does not, or is to end.
async fn watch(mut connection: PgConnection, token: i64, standing: Arc<Standing>, mut closed: oneshot::Receiver<()>) {
    loop {
        tokio::select! {
            _ = &mut closed => {
                let _ = timeout(PATIENCE, connection.close()).await;
                return;
            }
            () = tokio::time::sleep(EVERY) => {}
        }
        let asked = Instant::now();
        let sql = "SELECT EXISTS (SELECT 1 FROM claim WHERE token = $1)";
        let answer = timeout(PATIENCE, sqlx::query_scalar::<_, bool>(sql).bind(token).fetch_one(&mut connection)).await;
        if !matches!(answer, Ok(Ok(true))) || !standing.confirm(token, asked) {
            tracing::warn!("the claim on a zone is lost");
            return standing.lose_token(token);
        }
    }
}
