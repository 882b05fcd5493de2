//! Lists of changes: whole, in order, and nobody else's fault.

use std::sync::Arc;

use store::{Change, MessageFilter, Store, StoreFault};

use crate::support::{Database, add, attempts, bury, delete, dequeue, enqueue, hop, put, queue, unbury, zone};

pub async fn changes_of_one_row_in_one_list_happen_in_order(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let purge = Change::Purge { zone: Arc::clone(&west), agent: "Food".to_owned() };
    let changes = vec![
        add(&west, 1),
        add(&west, 2),
        enqueue(&west, "Library", 1),
        enqueue(&west, "Library", 2),
        attempts(&west, "Library", 1, 4),
        dequeue(&west, "Library", 1),
        enqueue(&west, "Library", 1),
        attempts(&west, "Library", 2, 1),
        attempts(&west, "Library", 2, 2),
        enqueue(&west, "Food", 1),
        purge,
        enqueue(&west, "Food", 2),
        put(&west, "agent", "a", "1"),
        delete(&west, "agent", "a"),
        put(&west, "agent", "a", "2"),
        put(&west, "agent", "b", "1"),
        delete(&west, "agent", "b"),
        hop(&west, "Library", 1, "delivered"),
        hop(&west, "Library", 1, "failed"),
        bury(&west, "Library", 2),
        unbury(&west, "Library", 2, true),
        attempts(&west, "Library", 2, 7),
    ];
    store.apply(changes).await.unwrap();
    let state = store.load("West", 0).await.unwrap();
    let rows: Vec<(&str, i64, u32)> =
        state.queued.iter().map(|row| (row.agent.as_str(), row.message, row.attempts)).collect();
    assert_eq!(rows, [("Library", 1, 0), ("Food", 2, 0), ("Library", 2, 7)]);
    assert_eq!(store.record("West", "agent", "a").await.unwrap(), Some("2".to_owned()));
    assert_eq!(store.record("West", "agent", "b").await.unwrap(), None);
    let history = store.history("West", 1).await.unwrap().unwrap();
    assert_eq!(history.hops.iter().map(|hop| hop.what.as_str()).collect::<Vec<_>>(), ["delivered", "failed"]);
}

pub async fn what_is_not_there_can_be_taken_away(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let changes = vec![
        add(&west, 1),
        delete(&west, "agent", "nobody"),
        dequeue(&west, "Library", 1),
        attempts(&west, "Library", 1, 3),
        bury(&west, "Library", 1),
        unbury(&west, "Library", 1, true),
        unbury(&west, "Library", 1, false),
        Change::Purge { zone: Arc::clone(&west), agent: "Library".to_owned() },
        Change::Forget { zone: zone("East"), before: 1_000_000 },
    ];
    store.apply(changes).await.unwrap();
    let state = store.load("West", 0).await.unwrap();
    assert_eq!((state.last_number, state.queued.len()), (1, 0));
    assert_eq!(store.dead_letters("West", None, 10, None).await.unwrap(), []);
    assert_eq!(store.load("East", 0).await.unwrap().last_number, 0);
}

pub async fn a_zone_is_the_same_after_a_restart(database: Database) {
    let west = zone("West");
    let store = database.open().await;
    for number in 1..=20 {
        let agent = if number % 2 == 0 { "Library" } else { "Food" };
        let changes = vec![
            add(&west, number),
            enqueue(&west, agent, number),
            hop(&west, agent, number, "delivered"),
            put(&west, "agent", agent, &number.to_string()),
        ];
        store.apply(changes).await.unwrap();
    }
    store.apply(vec![bury(&west, "Food", 3), attempts(&west, "Library", 4, 2)]).await.unwrap();
    let before = everything(&store).await;
    drop(store);
    let store = database.open().await;
    assert_eq!(everything(&store).await, before);
}

/// All that can be read of a zone, as text.
async fn everything(store: &Store) -> String {
    let all = MessageFilter { limit: 1_000, ..MessageFilter::default() };
    let messages = store.messages("West", &all).await.unwrap();
    let mut told = format!("{:?}", store.load("West", 0).await.unwrap());
    for message in &messages {
        told.push_str(&format!("{:?}", store.history("West", message.number).await.unwrap()));
        told.push_str(&format!("{:?}", store.original("West", message.number).await.unwrap()));
    }
    let records = store.records("West", "agent").await.unwrap();
    let dead = store.dead_letters("West", None, 100, None).await.unwrap();
    assert!(messages.len() == 20 && records.len() == 2 && dead.len() == 1);
    format!("{told}{records:?}{dead:?}")
}

pub async fn what_was_submitted_is_written_though_nobody_waits(database: Database) {
    let west = zone("West");
    let store = database.open().await;
    for number in 1..=200 {
        drop(store.submit(vec![add(&west, number)]));
    }
    // Waits for all of them.
    drop(store);
    let store = database.open().await;
    assert_eq!(store.load("West", 0).await.unwrap().last_number, 200);
}

pub async fn a_list_is_written_whole_or_not_at_all(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    store.apply(vec![add(&west, 1)]).await.unwrap();
    let changes = vec![put(&west, "agent", "a", "1"), add(&west, 2), enqueue(&west, "Library", 2), add(&west, 1)];
    assert!(matches!(store.apply(changes).await, Err(StoreFault::Refused(_))));
    assert!(!store.is_failing());
    assert_eq!(store.record("West", "agent", "a").await.unwrap(), None);
    assert_eq!(store.original("West", 2).await.unwrap(), None);
    assert_eq!(queue(&store, "West", "Library").await, []);
    // Twice into one queue is refused as well, and then the same numbers can be used.
    let twice = vec![enqueue(&west, "Library", 1), enqueue(&west, "Library", 1)];
    assert!(matches!(store.apply(twice).await, Err(StoreFault::Refused(_))));
    store.apply(vec![add(&west, 2), enqueue(&west, "Library", 2)]).await.unwrap();
    assert_eq!(queue(&store, "West", "Library").await, [2]);
}

pub async fn a_list_that_is_refused_fails_nobody_else(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    store.apply(vec![add(&west, 1)]).await.unwrap();
    // Submitted at once, they share commits. Every tenth is refused.
    let pending: Vec<_> = (2..=300)
        .map(|number| {
            let taken = if number % 10 == 0 { 1 } else { number };
            (number, store.submit(vec![put(&west, "agent", &number.to_string(), "x"), add(&west, taken)]))
        })
        .collect();
    for (number, answer) in pending {
        let answer = answer.await;
        if number % 10 == 0 {
            assert!(matches!(answer, Err(StoreFault::Refused(_))), "{number}: {answer:?}");
        } else {
            assert_eq!(answer, Ok(()), "{number}");
        }
    }
    assert!(!store.is_failing());
    assert_eq!(store.records("West", "agent").await.unwrap().len(), 299 - 30);
}

pub async fn lists_are_written_in_the_order_of_submission(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    // What each list finds there depends on the one before.
    let mut pending = Vec::new();
    for number in 1..=300 {
        let mut changes =
            vec![add(&west, number), enqueue(&west, "Library", number), put(&west, "a", "n", &number.to_string())];
        if number > 1 {
            changes.push(dequeue(&west, "Library", number - 1));
        }
        pending.push(store.submit(changes));
    }
    for answer in pending {
        answer.await.unwrap();
    }
    assert_eq!(queue(&store, "West", "Library").await, [300]);
    assert_eq!(store.record("West", "a", "n").await.unwrap(), Some("300".to_owned()));
}

pub async fn a_closed_store_takes_nothing(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let pending = store.submit(vec![add(&west, 1)]);
    let other = store.clone();
    store.close().await;
    assert_eq!(pending.await, Ok(()));
    assert!(matches!(other.apply(vec![add(&west, 2)]).await, Err(StoreFault::Lost(_))));
    assert!(matches!(other.load("West", 0).await, Err(StoreFault::Lost(_))));
    other.close().await;
    let store = database.open().await;
    assert_eq!(store.load("West", 0).await.unwrap().last_number, 1);
}
