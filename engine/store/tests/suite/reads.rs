//! What is found, remembered and forgotten.

use std::sync::Arc;

use store::{Change, MessageFilter, Record, SeenId, Store};

use crate::support::{Database, add, bury, delete, dequeue, enqueue, hop, message, put, queue, unbury, zone};

pub async fn a_record_holds_what_was_put_last(database: Database) {
    let (store, west, all) = (database.open().await, zone("West"), zone(""));
    let changes = vec![
        put(&west, "agent", "b", "1"),
        put(&west, "agent", "B", "2"),
        put(&west, "agent", "ä", "3"),
        put(&west, "request", "b", "4"),
        put(&all, "agent", "b", "5"),
    ];
    store.apply(changes).await.unwrap();
    store.apply(vec![put(&west, "agent", "b", "6"), delete(&west, "agent", "ä")]).await.unwrap();
    let record = |key: &str, value: &str| Record { key: key.to_owned(), value: value.to_owned() };
    // By their bytes, on every server.
    assert_eq!(store.records("West", "agent").await.unwrap(), [record("B", "2"), record("b", "6")]);
    assert_eq!(store.records("", "agent").await.unwrap(), [record("b", "5")]);
    assert_eq!(store.record("West", "request", "b").await.unwrap(), Some("4".to_owned()));
    assert_eq!(store.record("West", "agent", "ä").await.unwrap(), None);
    assert_eq!(store.records("East", "agent").await.unwrap(), []);
}

pub async fn a_history_says_what_happened_and_where_a_message_is(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let changes = vec![
        add(&west, 1),
        add(&west, 2),
        enqueue(&west, "Library", 1),
        enqueue(&west, "Food", 1),
        enqueue(&west, "Transport", 1),
        hop(&west, "Library", 1, "delivered"),
        hop(&west, "Library", 2, "skipped"),
    ];
    store.apply(changes).await.unwrap();
    store.apply(vec![hop(&west, "Library", 1, "acknowledged"), bury(&west, "Transport", 1)]).await.unwrap();
    let history = store.history("West", 1).await.unwrap().unwrap();
    let Change::AddHop { hop: delivered, .. } = hop(&west, "Library", 1, "delivered") else { panic!() };
    let Change::AddHop { hop: acknowledged, .. } = hop(&west, "Library", 1, "acknowledged") else { panic!() };
    assert_eq!(history.hops, [delivered, acknowledged]);
    assert_eq!((history.waiting, history.dead), (vec!["Food".into(), "Library".into()], vec!["Transport".into()]));
    assert_eq!(store.history("West", 3).await.unwrap(), None);
}

pub async fn messages_are_found_by_what_is_asked(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let mut changes: Vec<Change> = (1..=6).map(|number| add(&west, number)).collect();
    let mut other = message(7);
    (other.kind, other.object) = ("SIF_Register".to_owned(), None);
    changes.push(Change::AddMessage { zone: Arc::clone(&west), message: other });
    // Of the agent: waits, is dead, was there.
    changes.extend([enqueue(&west, "Library", 2), enqueue(&west, "Library", 4), bury(&west, "Library", 4)]);
    changes.extend([hop(&west, "Library", 6, "delivered"), hop(&west, "Food", 5, "delivered")]);
    store.apply(changes).await.unwrap();

    let all = MessageFilter { limit: 100, ..MessageFilter::default() };
    let cases: [(MessageFilter, &[i64]); 9] = [
        (all.clone(), &[7, 6, 5, 4, 3, 2, 1]),
        (MessageFilter { limit: 2, before: Some(6), ..all.clone() }, &[5, 4]),
        (MessageFilter { source: Some("Source0".into()), ..all.clone() }, &[6, 3]),
        (MessageFilter { agent: Some("Library".into()), ..all.clone() }, &[6, 4, 2]),
        (MessageFilter { kind: Some("SIF_Register".into()), ..all.clone() }, &[7]),
        (MessageFilter { object: Some("StudentPersonal".into()), limit: 1, ..all.clone() }, &[6]),
        (MessageFilter { message_id: Some(format!("{:032X}", 3)), ..all.clone() }, &[3]),
        (MessageFilter { agent: Some("Library".into()), source: Some("Source1".into()), ..all.clone() }, &[4]),
        (MessageFilter { kind: Some("SIF_Ack".into()), ..all }, &[]),
    ];
    for (filter, expected) in cases {
        let found = store.messages("West", &filter).await.unwrap();
        let numbers: Vec<i64> = found.iter().map(|message| message.number).collect();
        assert_eq!(numbers, expected, "{filter:?}");
    }
}

pub async fn ids_are_remembered_since_a_time(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    let seen = |source: &str, id: &str, at| Change::Seen {
        zone: Arc::clone(&west),
        source: source.to_owned(),
        message_id: id.to_owned(),
        at,
    };
    let changes = vec![seen("A", "P1", 500), seen("A", "P2", 1_000), seen("A", "P2", 1_000), seen("B", "P2", 1_002)];
    store.apply(changes).await.unwrap();
    // Received at 1001.
    store.apply(vec![add(&west, 1)]).await.unwrap();
    let found = store.load("West", 1_000).await.unwrap().seen;
    let id = |source: &str, id: &str, at| SeenId { source: source.to_owned(), message_id: id.to_owned(), at };
    assert_eq!(found, [id("A", "P2", 1_000), id("Source1", &format!("{:032X}", 1), 1_001), id("B", "P2", 1_002)]);
    assert_eq!(store.load("East", 0).await.unwrap().seen, []);
}

pub async fn what_is_old_and_waits_nowhere_is_forgotten(database: Database) {
    let (store, west) = (database.open().await, zone("West"));
    // Received at 1001 to 1005.
    let mut changes: Vec<Change> = (1..=5).map(|number| add(&west, number)).collect();
    changes.extend((1..=5).map(|number| hop(&west, "Library", number, "delivered")));
    changes.extend([enqueue(&west, "Library", 2), enqueue(&west, "Library", 3), bury(&west, "Library", 3)]);
    changes.push(Change::Seen { zone: Arc::clone(&west), source: "A".into(), message_id: "P".into(), at: 1_003 });
    changes.push(Change::Seen { zone: Arc::clone(&west), source: "A".into(), message_id: "Q".into(), at: 1_005 });
    changes.extend([add(&zone("East"), 1)]);
    store.apply(changes).await.unwrap();

    let forget = |before| vec![Change::Forget { zone: Arc::clone(&west), before }];
    store.apply(forget(1_005)).await.unwrap();
    let all = MessageFilter { limit: 100, ..MessageFilter::default() };
    let numbers = |found: Vec<store::MessageSummary>| found.iter().map(|message| message.number).collect::<Vec<_>>();
    assert_eq!(numbers(store.messages("West", &all).await.unwrap()), [5, 3, 2]);
    assert_eq!(store.history("West", 1).await.unwrap(), None);
    assert_eq!(store.history("West", 2).await.unwrap().unwrap().hops.len(), 1);
    let seen = store.load("West", 0).await.unwrap().seen;
    let ids: Vec<&str> = seen.iter().filter(|id| id.source == "A").map(|id| id.message_id.as_str()).collect();
    assert_eq!(ids, ["Q"]);
    // A number that was forgotten takes no history with it when it comes again elsewhere.
    assert_eq!(numbers(store.messages("East", &all).await.unwrap()), [1]);

    // When all is gone, the numbers go on.
    store.apply(vec![dequeue(&west, "Library", 2), unbury(&west, "Library", 3, false)]).await.unwrap();
    store.apply(forget(2_000)).await.unwrap();
    store.apply(forget(2_000)).await.unwrap();
    let state = store.load("West", 0).await.unwrap();
    assert_eq!((state.last_number, state.queued.len(), state.seen.len()), (5, 0, 0));
}

pub async fn zones_do_not_mix(database: Database) {
    // Two stores on one database, as two servers on one PostgreSQL.
    let (first, second) = (database.open().await, database.open().await);
    let (west, east) = (zone("West"), zone("East"));
    let work = |store: Store, zone: Arc<str>, agent: &'static str| async move {
        for number in 1..=50 {
            let changes =
                vec![add(&zone, number), enqueue(&zone, "Library", number), put(&zone, "agent", "Library", agent)];
            store.apply(changes).await.unwrap();
        }
    };
    tokio::join!(work(first.clone(), west, "w"), work(second.clone(), Arc::clone(&east), "e"));
    first.apply(vec![Change::Purge { zone: east, agent: "Library".to_owned() }]).await.unwrap();
    assert_eq!(queue(&second, "West", "Library").await, (1..=50).collect::<Vec<i64>>());
    assert_eq!(queue(&second, "East", "Library").await, []);
    assert_eq!(second.record("West", "agent", "Library").await.unwrap(), Some("w".to_owned()));
    assert_eq!(first.record("East", "agent", "Library").await.unwrap(), Some("e".to_owned()));
    assert_eq!(first.load("East", 0).await.unwrap().seen.len(), 50);
}
