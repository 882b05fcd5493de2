//! A PostgreSQL server for tests: `SIFTER_TEST_POSTGRES`, or this machine's.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::district::Tables;
use super::write;

/// A database of a test's own, dropped at its end.
pub(super) struct Scratch {
    name: String,
}

fn server() -> String {
    std::env::var("SIFTER_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/test".to_owned())
}

fn run(url: &str, sql: &str) -> Result<(), sqlx::Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        connection.close().await
    })
}

impl Scratch {
    /// A database with these tables. None where no server is reachable, which only a developer's machine may lack.
    pub(super) fn with(tables: &Tables) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sis_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        if let Err(error) = run(&server(), &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")) {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "CI needs PostgreSQL at {}: {error}", server());
            println!("skipped: no PostgreSQL at {} ({error})", server());
            return None;
        }
        let scratch = Self { name };
        scratch.run(&write::sql(tables));
        Some(scratch)
    }

    pub(super) fn url(&self) -> String {
        let server = server();
        let (host, _) = server.rsplit_once('/').unwrap();
        format!("{host}/{}", self.name)
    }

    pub(super) fn run(&self, sql: &str) {
        run(&self.url(), sql).unwrap();
    }

    /// Ends all connections to it, as a failing server would.
    pub(super) fn cut(&self) {
        let sql = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", self.name);
        run(&server(), &sql).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = run(&server(), &format!("DROP DATABASE {} WITH (FORCE)", self.name)) {
            eprintln!("database {} was left behind: {error}", self.name);
        }
    }
}
