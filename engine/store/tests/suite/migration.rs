//! A database that another version of this program wrote.

use store::{MessageFilter, Store, StoreFault};

use crate::support::{Database, add, enqueue, queue, text, zone};

/// Makes the database as the first version left it: tables, and a zone with a little of everything.
async fn first_version(database: &Database) {
    database
        .run(match database {
            Database::Sqlite(_) => include_str!("../fixtures/version-1.sqlite.sql"),
            Database::Postgres(_) => include_str!("../fixtures/version-1.postgres.sql"),
        })
        .await;
}

pub async fn a_database_of_the_first_version_is_brought_up_to_date(database: Database) {
    first_version(&database).await;
    // Twice: what is up to date is left alone.
    for round in 0..2 {
        let store = database.open().await;
        let state = store.load("West", 0).await.unwrap();
        assert_eq!(state.last_number, 4 + round);
        assert_eq!(queue(&store, "West", "Library").await, [1, 3]);
        assert_eq!(store.original("West", 1).await.unwrap(), Some(text(1)));
        assert_eq!(store.document("West", "Library", 3).await.unwrap().as_deref(), Some(&b"<own/>"[..]));
        assert_eq!(store.record("West", "agent", "Library").await.unwrap(), Some("{}".to_owned()));
        assert_eq!(store.dead_letters("West", None, 9, None).await.unwrap().len(), 1);
        assert_eq!(store.history("West", 1).await.unwrap().unwrap().hops.len(), 2);
        assert_eq!(state.seen.len(), usize::try_from(5 + round).unwrap());
        let filter = MessageFilter { agent: Some("Library".to_owned()), limit: 9, ..MessageFilter::default() };
        assert_eq!(store.messages("West", &filter).await.unwrap().len(), 3);
        store.apply(vec![add(&zone("West"), 5 + round)]).await.unwrap();
        store.close().await;
    }
    // The index of the second version is there: making it again fails.
    database.run("DROP INDEX hop_agent").await;
}

pub async fn a_database_of_a_newer_version_is_refused(database: Database) {
    let store = database.open().await;
    store.apply(vec![add(&zone("West"), 1)]).await.unwrap();
    store.close().await;
    database.run("INSERT INTO applied (version) VALUES (99)").await;
    let Err(StoreFault::Lost(why)) = Store::open(&database.url()).await else { panic!("it was opened") };
    assert!(why.contains("a newer version of this program wrote it (its version is 99"), "{why}");
}

pub async fn a_migration_that_fails_changes_nothing(database: Database) {
    first_version(&database).await;
    // In the way of the second version.
    database.run("CREATE INDEX hop_agent ON dead (zone)").await;
    assert!(Store::open(&database.url()).await.is_err());
    database.run("DROP INDEX hop_agent").await;
    // Still of the first version, and is brought up to date as if nothing had happened.
    let store = database.open().await;
    store.apply(vec![add(&zone("West"), 5), enqueue(&zone("West"), "Library", 5)]).await.unwrap();
    assert_eq!(queue(&store, "West", "Library").await, [1, 3, 5]);
}
