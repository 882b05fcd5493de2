//! What the tests of the store share: a database of one's own, on either store, and changes to write.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use sqlx::{Connection, Executor, PgConnection};
use store::{Change, Hop, NewMessage, Number, Store};
use tempfile::TempDir;

/// The server that the tests of PostgreSQL use.
const SERVER: &str = "postgres://root@127.0.0.1/test";

/// Says that a test was skipped. On the CI server everything is installed, so there it is a failure.
pub fn skip(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "on CI nothing may be skipped: {why}");
    println!("skipped: {why}");
}

/// A database of a test's own, which goes with it.
pub enum Database {
    Sqlite(TempDir),
    /// A schema.
    Postgres(String),
}

impl Database {
    pub fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// None, with a remark, where there is no server.
    pub async fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(mut connection) = PgConnection::connect(SERVER).await else {
            skip("no PostgreSQL at 127.0.0.1 takes the user root");
            return None;
        };
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let name = format!("store_{}_{nanos:x}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"))).await.unwrap();
        Some(Self::Postgres(name))
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(_) => format!("sqlite:{}", self.file().display()),
            Self::Postgres(schema) => format!("{SERVER}?options[search_path]={schema}&application_name={schema}"),
        }
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    /// The file of SQLite.
    pub fn file(&self) -> PathBuf {
        match self {
            Self::Sqlite(folder) => folder.path().join("store.db"),
            Self::Postgres(_) => panic!("PostgreSQL has no file"),
        }
    }

    /// Runs SQL behind the store's back.
    pub async fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(_) => rusqlite::Connection::open(self.file()).unwrap().execute_batch(sql).unwrap(),
            Self::Postgres(_) => {
                let sql = sqlx::AssertSqlSafe(sql.to_owned());
                sqlx::raw_sql(sql).execute(&mut self.connect().await).await.unwrap();
            }
        }
    }

    /// A connection to the schema of PostgreSQL, from outside of the store.
    pub async fn connect(&self) -> PgConnection {
        let Self::Postgres(schema) = self else { panic!("SQLite has no server") };
        let url = format!("{SERVER}?options[search_path]={schema}&application_name=outside");
        PgConnection::connect(&url).await.unwrap()
    }

    /// What the connections of this database's store are called on the server.
    pub fn schema(&self) -> &str {
        let Self::Postgres(schema) = self else { panic!("SQLite has no server") };
        schema
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Self::Postgres(schema) = self else { return };
        let sql = format!("DROP SCHEMA {schema} CASCADE");
        // A runtime of its own: this one may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect(SERVER).await.unwrap();
                connection.execute("SET client_min_messages = warning").await.unwrap();
                connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
            });
        });
        let _ = dropping.join();
    }
}

/// Runs each test against both stores.
#[macro_export]
macro_rules! on_both_stores {
    ($($file:ident::$name:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$file::$name($crate::support::Database::sqlite()).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = $crate::support::Database::postgres().await {
                    super::$file::$name(database).await;
                }
            })*
        }
    };
}

pub fn zone(name: &str) -> Arc<str> {
    Arc::from(name)
}

/// A text of 2 KB that tells which message it is of.
pub fn text(number: Number) -> Bytes {
    let mut text = format!("<SIF_Message number='{number}'>");
    while text.len() < 2048 {
        text.push_str(&format!("<Value>{}</Value>", number.wrapping_mul(7919) ^ i64::try_from(text.len()).unwrap()));
    }
    Bytes::from(text)
}

pub fn message(number: Number) -> NewMessage {
    NewMessage {
        number,
        message_id: format!("{number:032X}"),
        source: format!("Source{}", number % 3),
        kind: "SIF_Event".to_owned(),
        object: Some("StudentPersonal".to_owned()),
        received: 1_000 + number,
        envelope: format!("{{\"size\":{number}}}"),
        document: text(number),
    }
}

pub fn add(zone: &Arc<str>, number: Number) -> Change {
    Change::AddMessage { zone: Arc::clone(zone), message: message(number) }
}

pub fn enqueue(zone: &Arc<str>, agent: &str, message: Number) -> Change {
    Change::Enqueue { zone: Arc::clone(zone), agent: agent.to_owned(), message, document: None }
}

pub fn enqueue_own(zone: &Arc<str>, agent: &str, message: Number, document: &'static str) -> Change {
    let document = Some(Bytes::from_static(document.as_bytes()));
    Change::Enqueue { zone: Arc::clone(zone), agent: agent.to_owned(), message, document }
}

pub fn dequeue(zone: &Arc<str>, agent: &str, message: Number) -> Change {
    Change::Dequeue { zone: Arc::clone(zone), agent: agent.to_owned(), message }
}

pub fn attempts(zone: &Arc<str>, agent: &str, message: Number, attempts: u32) -> Change {
    Change::Attempts { zone: Arc::clone(zone), agent: agent.to_owned(), message, attempts }
}

pub fn bury(zone: &Arc<str>, agent: &str, message: Number) -> Change {
    let reason = format!("10/4 from {agent}");
    Change::Bury { zone: Arc::clone(zone), agent: agent.to_owned(), message, at: 9_000 + message, reason }
}

pub fn unbury(zone: &Arc<str>, agent: &str, message: Number, requeue: bool) -> Change {
    Change::Unbury { zone: Arc::clone(zone), agent: agent.to_owned(), message, requeue }
}

pub fn hop(zone: &Arc<str>, agent: &str, message: Number, what: &str) -> Change {
    let hop = Hop {
        message,
        at: 5_000 + message,
        agent: agent.to_owned(),
        what: what.to_owned(),
        code: "1".to_owned(),
        detail: String::new(),
    };
    Change::AddHop { zone: Arc::clone(zone), hop }
}

pub fn put(zone: &Arc<str>, space: &'static str, key: &str, value: &str) -> Change {
    Change::PutRecord { zone: Arc::clone(zone), space, key: key.to_owned(), value: value.to_owned() }
}

pub fn delete(zone: &Arc<str>, space: &'static str, key: &str) -> Change {
    Change::DeleteRecord { zone: Arc::clone(zone), space, key: key.to_owned() }
}

/// The numbers in an agent's queue, in its order.
pub async fn queue(store: &Store, zone: &str, agent: &str) -> Vec<Number> {
    let state = store.load(zone, 0).await.unwrap();
    state.queued.iter().filter(|queued| queued.agent == agent).map(|queued| queued.message).collect()
}
