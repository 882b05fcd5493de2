//! Messages, queues and dead letters.

use std::sync::Arc;

use store::{Change, MessageFilter, Queued};

use crate::support::{
    Database, add, attempts, bury, dequeue, enqueue, enqueue_own, message, put, queue, text, unbury, zone,
};

pub async fn a_message_is_read_as_it_was_written(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    store.apply(vec![add(&west, 1), enqueue(&west, "Library", 1)]).await.unwrap();
    assert_eq!(store.original("West", 1).await.unwrap(), Some(text(1)));
    assert_eq!(store.document("West", "Library", 1).await.unwrap(), Some(text(1)));
    assert_eq!(store.original("West", 2).await.unwrap(), None);
    let summary = store.history("West", 1).await.unwrap().unwrap().message;
    let written = message(1);
    assert_eq!((summary.number, summary.received, summary.size), (1, written.received, 2048 + summary.size - 2048));
    assert_eq!(usize::try_from(summary.size).unwrap(), written.document.len());
    assert_eq!(
        (summary.message_id, summary.source, summary.kind, summary.object),
        (written.message_id, written.source, written.kind, written.object)
    );
    let state = store.load("West", 0).await.unwrap();
    assert_eq!(state.last_number, 1);
    let queued = Queued { agent: "Library".to_owned(), message: 1, attempts: 0, envelope: written.envelope };
    assert_eq!(state.queued, [queued]);
}

pub async fn an_agent_gets_its_own_text_and_nobody_elses(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let changes = vec![add(&west, 1), enqueue_own(&west, "Library", 1, "<pruned/>"), enqueue(&west, "Food", 1)];
    store.apply(changes).await.unwrap();
    assert_eq!(store.document("West", "Library", 1).await.unwrap().as_deref(), Some(&b"<pruned/>"[..]));
    assert_eq!(store.document("West", "Food", 1).await.unwrap(), Some(text(1)));
    // It has no copy: not even the original is given to it.
    assert_eq!(store.document("West", "Transport", 1).await.unwrap(), None);
    store.apply(vec![dequeue(&west, "Library", 1)]).await.unwrap();
    assert_eq!(store.document("West", "Library", 1).await.unwrap(), None);
    assert_eq!(store.original("West", 1).await.unwrap(), Some(text(1)));
    // An empty text of its own is one.
    store.apply(vec![enqueue_own(&west, "Library", 1, "")]).await.unwrap();
    assert_eq!(store.document("West", "Library", 1).await.unwrap().as_deref(), Some(&b""[..]));
}

pub async fn a_queue_keeps_the_order_in_which_messages_were_put_into_it(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    for number in 1..=5 {
        store.apply(vec![add(&west, number)]).await.unwrap();
    }
    let changes = [3, 1, 5, 2].map(|number| enqueue(&west, "Library", number));
    store.apply(changes.into()).await.unwrap();
    store.apply(vec![enqueue(&west, "Food", 2), enqueue(&west, "Library", 4)]).await.unwrap();
    assert_eq!(queue(&store, "West", "Library").await, [3, 1, 5, 2, 4]);
    store.apply(vec![dequeue(&west, "Library", 4), dequeue(&west, "Library", 3)]).await.unwrap();
    store.apply(vec![enqueue(&west, "Library", 3)]).await.unwrap();
    assert_eq!(queue(&store, "West", "Library").await, [1, 5, 2, 3]);
    assert_eq!(queue(&store, "West", "Food").await, [2]);
    let purge = Change::Purge { zone: Arc::clone(&west), agent: "Library".to_owned() };
    store.apply(vec![purge]).await.unwrap();
    assert_eq!(queue(&store, "West", "Library").await, []);
    assert_eq!(queue(&store, "West", "Food").await, [2]);
}

pub async fn a_dead_letter_is_kept_sent_again_or_dropped(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let mut changes: Vec<Change> = (1..=3).map(|number| add(&west, number)).collect();
    changes.extend([enqueue_own(&west, "Library", 1, "<pruned/>"), enqueue(&west, "Library", 2)]);
    changes.push(attempts(&west, "Library", 1, 10));
    store.apply(changes).await.unwrap();
    store.apply(vec![bury(&west, "Library", 1), bury(&west, "Library", 2)]).await.unwrap();
    assert_eq!(queue(&store, "West", "Library").await, []);
    let letters = store.dead_letters("West", Some("Library"), 10, None).await.unwrap();
    let told: Vec<_> = letters.iter().map(|dead| (dead.message.number, dead.at, dead.reason.as_str())).collect();
    assert_eq!(told, [(2, 9_002, "10/4 from Library"), (1, 9_001, "10/4 from Library")]);
    // Its text can be looked at, as it was for the agent.
    assert_eq!(store.document("West", "Library", 1).await.unwrap().as_deref(), Some(&b"<pruned/>"[..]));
    assert_eq!(store.document("West", "Library", 2).await.unwrap(), Some(text(2)));

    let changes =
        vec![enqueue(&west, "Library", 3), unbury(&west, "Library", 1, true), unbury(&west, "Library", 2, false)];
    store.apply(changes).await.unwrap();
    assert_eq!(store.dead_letters("West", None, 10, None).await.unwrap(), []);
    let state = store.load("West", 0).await.unwrap();
    let rows: Vec<(i64, u32)> = state.queued.iter().map(|row| (row.message, row.attempts)).collect();
    assert_eq!(rows, [(3, 0), (1, 0)], "at the end, and tried anew");
    assert_eq!(store.document("West", "Library", 1).await.unwrap().as_deref(), Some(&b"<pruned/>"[..]));
    assert_eq!(store.document("West", "Library", 2).await.unwrap(), None);
}

pub async fn dead_letters_come_in_pages(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    for number in 1..=3 {
        let mut changes = vec![add(&west, number)];
        for agent in ["Food", "Library", "Transport"] {
            changes.extend([enqueue(&west, agent, number), bury(&west, agent, number)]);
        }
        store.apply(changes).await.unwrap();
    }
    let mut found: Vec<(i64, String)> = Vec::new();
    loop {
        let before = found.last().map(|(number, agent)| (*number, agent.as_str()));
        let page = store.dead_letters("West", None, 2, before).await.unwrap();
        if page.is_empty() {
            break;
        }
        found.extend(page.into_iter().map(|dead| (dead.message.number, dead.agent)));
    }
    let all: Vec<(i64, String)> = [3, 2, 1]
        .iter()
        .flat_map(|number| ["Food", "Library", "Transport"].map(|agent| (*number, agent.to_owned())))
        .collect();
    assert_eq!(found, all);
    assert_eq!(store.dead_letters("West", Some("Food"), 10, Some((3, "Food"))).await.unwrap().len(), 2);
}

pub async fn texts_of_all_kinds_come_back(database: Database) {
    let store = database.open().await;
    let odd = zone("O'Brien & \"Söhne\" %_?$1\n");
    let mut changes = Vec::new();
    for (number, length) in [(1, 0), (2, 1), (3, 9_000), (4, 3_000_000)] {
        let mut message = message(number);
        message.document = (0..length).map(|at| u8::try_from(at % 256).unwrap()).collect();
        message.source = "-- '; DROP TABLE message; 🚌".to_owned();
        changes.push(Change::AddMessage { zone: Arc::clone(&odd), message });
    }
    changes.push(put(&odd, "agent", "'", &"é".repeat(100_000)));
    store.apply(changes).await.unwrap();
    for (number, length) in [(1, 0), (2, 1), (3, 9_000), (4, 3_000_000)] {
        let found = store.original(&odd, number).await.unwrap().unwrap();
        assert_eq!(found.len(), length);
        assert!(found.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 256));
    }
    let filter =
        MessageFilter { source: Some("-- '; DROP TABLE message; 🚌".into()), limit: 9, ..Default::default() };
    assert_eq!(store.messages(&odd, &filter).await.unwrap().len(), 4);
    assert_eq!(store.record(&odd, "agent", "'").await.unwrap().unwrap().len(), 200_000);
}
