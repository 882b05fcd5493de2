//! The connection that writes to PostgreSQL.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Executor, PgConnection};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::group::Group;
use super::{LONGEST, check, failure, migrate::migrate};
use crate::StoreFault;
use crate::change::Change;
use crate::claim::{Claims, Standing};
use crate::writer::{Engine, Failure};

/// The connection that writes, with a runtime of its own: a server that stops has no task of ours to cancel.
pub(super) struct PostgresEngine {
    options: PgConnectOptions,
    /// None after a failure, until it is opened anew. Before the runtime, which it needs.
    connection: Option<PgConnection>,
    runtime: Runtime,
    claims: Arc<Claims>,
}

impl PostgresEngine {
    pub(super) fn open(options: PgConnectOptions, claims: Arc<Claims>) -> Result<Self, StoreFault> {
        // Each of a group's changes is looked up by its key; any other way to join them only looks better on an empty table.
        let options = options.options([("enable_hashjoin", "off"), ("enable_mergejoin", "off")]);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreFault::Lost(format!("no runtime for the writer: {error}")))?;
        let mut engine = Self { options, connection: None, runtime, claims };
        engine.reopen()?;
        Ok(engine)
    }
}

impl Engine for PostgresEngine {
    fn write(&mut self, lists: &[&[Change]]) -> Result<(), Failure> {
        let tokens = self.claims.tokens(lists).map_err(|zone| gone(&zone))?;
        // Whatever goes wrong with the connection is dropped here with it, and the server takes back what was not committed.
        let mut connection = self.connection.take();
        let written = self.runtime.block_on(async {
            let work = async {
                let on = begun(&mut connection, &self.options).await?;
                if !hold(on, &tokens).await? {
                    on.execute("ROLLBACK").await.map_err(|error| Failure::Lost(super::describe(&error)))?;
                    return Err(Failure::Refused("another process has taken over the zone".to_owned()));
                }
                transaction(on, lists).await
            };
            timeout(LONGEST, work).await.unwrap_or_else(|_| Err(Failure::Lost("PostgreSQL does not answer".to_owned())))
        });
        if !matches!(written, Err(Failure::Lost(_))) {
            self.connection = connection;
        }
        written
    }

    fn rest(&mut self) {}

    fn reopen(&mut self) -> Result<(), StoreFault> {
        self.connection = None;
        let work = async {
            let mut connection = super::connect(&self.options).await?;
            check(&mut connection).await?;
            migrate(&mut connection).await?;
            Ok(connection)
        };
        let connection = self.runtime.block_on(async {
            timeout(LONGEST, work)
                .await
                .unwrap_or_else(|_| Err(StoreFault::Lost("PostgreSQL does not answer".to_owned())))
        })?;
        self.connection = Some(connection);
        Ok(())
    }
}

/// Begins a transaction, and says so to whoever loads a zone ([`super::SETTLED`]).
const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock_shared(739140392, hashtext(current_schema()))";

/// A transaction that has begun. A connection that the server closed while nothing was to be done is replaced: nothing was written
/// with it, so nothing is unknown.
async fn begun<'c>(
    connection: &'c mut Option<PgConnection>,
    options: &PgConnectOptions,
) -> Result<&'c mut PgConnection, Failure> {
    let waiting = match connection.take() {
        Some(mut waiting) => waiting.execute(BEGIN).await.is_ok().then_some(waiting),
        None => None,
    };
    let ready = match waiting {
        Some(ready) => ready,
        None => {
            let mut anew = super::connect(options).await.map_err(|fault| Failure::Lost(fault.to_string()))?;
            check(&mut anew).await.map_err(|fault| Failure::Lost(fault.to_string()))?;
            anew.execute(BEGIN).await.map_err(|error| failure(&error))?;
            anew
        }
    };
    Ok(connection.insert(ready))
}

/// Whether all these claims still count. Whoever takes a zone waits until no transaction is under way, so what is seen here holds
/// until this one is committed.
async fn hold(on: &mut PgConnection, tokens: &[(i64, Arc<Standing>)]) -> Result<bool, Failure> {
    if tokens.is_empty() {
        return Ok(true);
    }
    let asked: Vec<i64> = tokens.iter().map(|(token, _)| *token).collect();
    let sql = "SELECT token FROM claim WHERE token = ANY($1)";
    let found: Vec<i64> = sqlx::query_scalar(sql).bind(asked).fetch_all(on).await.map_err(|error| failure(&error))?;
    let mut is_held = true;
    for (token, standing) in tokens {
        if !found.contains(token) {
            standing.lose_token(*token);
            is_held = false;
        }
    }
    Ok(is_held)
}

fn gone(zone: &str) -> Failure {
    Failure::Refused(format!("zone {zone} is not claimed any more"))
}

async fn transaction(on: &mut PgConnection, lists: &[&[Change]]) -> Result<(), Failure> {
    if let Err(error) = Group::default().write(on, lists).await {
        let why = failure(&error);
        if matches!(why, Failure::Refused(_)) {
            on.execute("ROLLBACK").await.map_err(|error| Failure::Lost(super::describe(&error)))?;
        }
        return Err(why);
    }
    on.execute("COMMIT").await.map(drop).map_err(|error| Failure::Lost(super::describe(&error)))
}
