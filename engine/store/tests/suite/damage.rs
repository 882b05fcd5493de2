//! A byte that changes on the disk is noticed when it is read, and only what it belongs to is damaged.

use std::os::unix::fs::FileExt;

use store::StoreFault;

use crate::support::{Database, add, enqueue, enqueue_own, put, text, zone};

/// Writes `to` over `from`, behind the store's back.
async fn flip(database: &Database, table: &str, column: &str, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    match database {
        Database::Sqlite(_) => {
            let bytes = std::fs::read(database.file()).unwrap();
            let at =
                bytes.windows(from.len()).position(|part| part == from.as_bytes()).expect("the text is in the file");
            let file = std::fs::OpenOptions::new().write(true).open(database.file()).unwrap();
            file.write_all_at(to.as_bytes(), u64::try_from(at).unwrap()).unwrap();
        }
        Database::Postgres(_) => {
            let (from, to) = (from.replace('\'', "''"), to.replace('\'', "''"));
            let sql = if column == "document" {
                format!(
                    "UPDATE {table} SET document = overlay(document PLACING '{to}'::bytea FROM position('{from}'::bytea IN document))
                     WHERE position('{from}'::bytea IN document) > 0"
                )
            } else {
                format!("UPDATE {table} SET {column} = replace({column}, '{from}', '{to}')")
            };
            database.run(&sql).await;
        }
    }
}

pub async fn a_byte_that_changed_in_a_text_is_noticed(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let mut changes = Vec::new();
    for number in 1..=3 {
        changes.extend([add(&west, number), enqueue(&west, "Library", number)]);
        changes.push(enqueue_own(
            &west,
            "Food",
            number,
            ["<a>pruned1</a>", "<a>pruned2</a>", "<a>pruned3</a>"][usize::try_from(number - 1).unwrap()],
        ));
    }
    store.apply(changes).await.unwrap();
    store.close().await;
    drop(store);
    flip(&database, "message", "document", "number='2'", "number='6'").await;
    flip(&database, "queue", "document", "pruned3", "prunee3").await;
    let store = database.open().await;
    let Err(StoreFault::Damaged(what)) = store.document("West", "Library", 2).await else { panic!("not noticed") };
    // Tells which, and nothing of what it says.
    assert_eq!(what, "the text of message 2 of zone `West` is not what was written");
    assert!(matches!(store.original("West", 2).await, Err(StoreFault::Damaged(_))));
    assert!(matches!(store.document("West", "Food", 3).await, Err(StoreFault::Damaged(_))));
    // All else flows.
    for number in [1, 3] {
        assert_eq!(store.document("West", "Library", number).await.unwrap(), Some(text(number)));
    }
    assert_eq!(store.document("West", "Food", 2).await.unwrap().as_deref(), Some(&b"<a>pruned2</a>"[..]));
    assert_eq!(store.load("West", 0).await.unwrap().queued.len(), 6);
    assert!(!store.is_failing());
}

pub async fn a_byte_that_changed_elsewhere_is_noticed(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let changes = vec![
        add(&west, 1),
        add(&west, 77),
        enqueue(&west, "Library", 77),
        put(&west, "agent", "Library", "{\"mode\":\"Pull\"}"),
        put(&west, "request", "Library", "well"),
    ];
    store.apply(changes).await.unwrap();
    store.close().await;
    drop(store);
    flip(&database, "message", "envelope", "{\"size\":77}", "{\"size\":78}").await;
    flip(&database, "record", "value", "Pull", "Push").await;
    let store = database.open().await;
    assert!(matches!(store.load("West", 0).await, Err(StoreFault::Damaged(_))));
    assert!(matches!(store.history("West", 77).await, Err(StoreFault::Damaged(_))));
    assert!(matches!(store.records("West", "agent").await, Err(StoreFault::Damaged(_))));
    assert!(matches!(store.record("West", "agent", "Library").await, Err(StoreFault::Damaged(_))));
    assert_eq!(store.record("West", "request", "Library").await.unwrap(), Some("well".to_owned()));
    assert!(store.history("West", 1).await.unwrap().is_some());
}
