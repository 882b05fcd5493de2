//! The store in PostgreSQL: one connection writes, in the writer's thread, and a pool reads.
//!
//! In sqlx 0.9 a future that is dropped while it begins a transaction gives its connection back to the pool inside of it. So there
//! are two rules: the pool's connections never begin one, and what does runs where nobody can drop it. (A check when a connection
//! comes back would not help: sqlx itself does not know that the transaction is there.) The server ends a session that stands in one.

mod claim;
mod group;
mod migrate;
mod read;
mod write;

pub(crate) use claim::{Ended, Session};
pub(crate) use read::Reader;

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection};

use crate::StoreFault;
use crate::claim::Claims;
use crate::writer::{Failure, Writer};
use write::PostgresEngine;

/// How long a caller waits for a connection that reads.
const ACQUIRE: Duration = Duration::from_secs(10);
/// A transaction that takes longer has lost its server.
const LONGEST: Duration = Duration::from_secs(60);

/// Waits until no transaction of a writer is under way: a program that was killed may have a commit in the server's hands, and what
/// is loaded before it is done would not be the end of it.
const SETTLED: &str = "SELECT pg_advisory_lock(739140392, hashtext(current_schema())),
                              pg_advisory_unlock(739140392, hashtext(current_schema()))";

/// Opens the database and brings it up to date.
pub(crate) async fn open(url: &str, readers: u32, claims: Arc<Claims>) -> Result<(Writer, Reader), StoreFault> {
    let options = postgresql::connection(url).map_err(|fault| StoreFault::Lost(fault.to_string()))?;
    let name = options.get_application_name().unwrap_or("sifter").to_owned();
    let options = options
        .application_name(&name)
        .options([
            // A role or database may have it off, and answer before the disk has.
            ("synchronous_commit", "on"),
            ("idle_in_transaction_session_timeout", "10s"),
            // Every statement has its index. Statistics of a table that was empty a minute ago say otherwise.
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ])
        // Statements are logged without their values; even so, they say nothing that an operator needs.
        .disable_statement_logging();
    let writing = options.clone();
    let writer = Writer::start(move || PostgresEngine::open(writing, claims)).await?;
    let pool =
        PgPoolOptions::new().max_connections(readers).acquire_timeout(ACQUIRE).connect_lazy_with(options.clone());
    Ok((writer, Reader::new(pool, options)))
}

/// Refuses a server that does not wait for its disk, since nothing that it says is stored would be.
async fn check(connection: &mut PgConnection) -> Result<(), StoreFault> {
    let sql = "SELECT current_setting('synchronous_commit'), current_setting('fsync')";
    let (commit, sync): (String, String) =
        sqlx::query_as(sql).fetch_one(&mut *connection).await.map_err(|error| lost(&error))?;
    if commit != "on" {
        return Err(StoreFault::Lost(format!("synchronous_commit is `{commit}`: it must be `on`")));
    }
    if sync != "on" {
        tracing::warn!("this PostgreSQL runs with fsync off: a power failure loses what was acknowledged");
    }
    Ok(())
}

/// What became of a write, and whether the connection can be trusted after it.
fn failure(error: &sqlx::Error) -> Failure {
    match error.as_database_error().and_then(|error| error.code()) {
        // Bad data, and constraints.
        Some(code) if code.starts_with("23") => Failure::Refused("what it names is there already".to_owned()),
        Some(code) if code.starts_with("22") || code == "54000" => {
            Failure::Refused(format!("PostgreSQL cannot hold a text (error {code})"))
        }
        _ => Failure::Lost(describe(error)),
    }
}

fn lost(error: &sqlx::Error) -> StoreFault {
    match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            StoreFault::Damaged("a row makes no sense".to_owned())
        }
        _ => StoreFault::Lost(describe(error)),
    }
}

/// A connection of its own.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreFault> {
    options.connect().await.map_err(|error| match postgresql::explain(&error, Some(options)) {
        Some(fault) => StoreFault::Lost(fault.to_string()),
        None => lost(&error),
    })
}

/// An error without values: of PostgreSQL's own messages only those about the server.
fn describe(error: &sqlx::Error) -> String {
    if let Some(fault) = postgresql::explain(error, None) {
        return fault.to_string();
    }
    let Some(told) = error.as_database_error() else { return error.to_string() };
    let code = told.code().unwrap_or_default();
    // Connection, resources, operator, system, and the database that is not there.
    if ["08", "28", "3D", "3F", "53", "57", "58"].iter().any(|class| code.starts_with(class)) {
        format!("PostgreSQL: {} ({code})", told.message())
    } else {
        format!("PostgreSQL: error {code}")
    }
}
