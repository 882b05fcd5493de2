//! Brings a database up to date: each migration is one transaction, and the table `applied` says which were made.

use sqlx::{Executor, PgConnection};

use super::lost;
use crate::StoreFault;

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001.sql"),
    include_str!("../../migrations/postgres/0002.sql"),
    include_str!("../../migrations/postgres/0003.sql"),
];

/// Taken by whoever migrates, so that of two programs that open a database at once the second finds it up to date.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7391403925)";

pub(super) async fn migrate(on: &mut PgConnection) -> Result<(), StoreFault> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    run(on, known).await.map_err(|error| lost(&error))?.map_err(|found| crate::newer(found, known))
}

/// The version that was found, if it is newer than what is known. A connection that fails here is dropped, and takes back what it began.
async fn run(on: &mut PgConnection, known: i64) -> Result<Result<(), i64>, sqlx::Error> {
    on.execute("BEGIN").await?;
    on.execute(LOCK).await?;
    on.execute("SET LOCAL client_min_messages = warning").await?;
    on.execute(
        "CREATE TABLE IF NOT EXISTS applied (version bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
    )
    .await?;
    let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM applied").fetch_one(&mut *on).await?;
    if found > known {
        on.execute("ROLLBACK").await?;
        return Ok(Err(found));
    }
    on.execute("COMMIT").await?;
    for (version, script) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        on.execute("BEGIN").await?;
        on.execute(LOCK).await?;
        let is_applied: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM applied WHERE version = $1)")
            .bind(version)
            .fetch_one(&mut *on)
            .await?;
        if !is_applied {
            sqlx::raw_sql(*script).execute(&mut *on).await?;
            sqlx::query("INSERT INTO applied (version) VALUES ($1)").bind(version).execute(&mut *on).await?;
        }
        on.execute("COMMIT").await?;
        tracing::info!(version, "the store was brought up to date");
    }
    Ok(Ok(()))
}
