//! The store fails, and comes back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::task::Poll;

use rusqlite::Connection;
use support::agents::{Manner, PushAgent};
use support::{Running, code, control, event_with_id, eventually, guid, register_push, subscribe};
use zis::Channel;

/// Takes a table away from under the server, and gives it back.
struct Break(Connection);

impl Break {
    fn new(running: &Running) -> Self {
        Self(Connection::open(running.folder.path().join("zone.db")).unwrap())
    }

    fn apart(&self) {
        self.0.execute_batch("ALTER TABLE message RENAME TO elsewhere").unwrap();
    }

    fn together(&self) {
        self.0.execute_batch("ALTER TABLE elsewhere RENAME TO message").unwrap();
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_that_is_not_kept_and_the_zone_goes_on_by_itself() {
    let running = Running::with_agents(&["A", "P"]).await;
    let agent = PushAgent::start(Manner::Good).await;
    running.register("A").await;
    assert_eq!(code(&running.send(&register_push("P", &agent.url())).await), "0");
    assert_eq!(code(&running.send(&subscribe("P", "StudentPersonal")).await), "0");
    let (before, during) = (guid(), guid());
    assert_eq!(code(&running.send(&event_with_id("A", &before)).await), "0");
    eventually("the first is delivered", async || agent.count() == 1).await;
    let broker = running.server.broker(support::ZONE).unwrap();
    let damage = Break::new(&running);
    damage.apart();
    let answer = running.send(&event_with_id("A", &during)).await;
    assert_eq!(code(&answer), "11/1", "{answer}");
    assert_eq!(support::text(&answer, "SIF_OriginalMsgId"), Some(during.as_str()));
    assert!(!broker.is_ready());
    let again = running.send(&event_with_id("A", &during)).await;
    assert_eq!(code(&again), "11/1", "it is no duplicate: it was never taken");
    assert_eq!(agent.count(), 1, "and nothing of it was delivered");
    damage.together();
    eventually("the zone is back", async || broker.is_ready()).await;
    assert_eq!(code(&running.send(&event_with_id("A", &during)).await), "0", "now it is taken");
    assert_eq!(code(&running.send(&event_with_id("A", &before)).await), "7", "and what was taken before is known");
    eventually("it is delivered", async || agent.count() == 2).await;
    assert_eq!(agent.got()[1].message_id(), during);
}

#[tokio::test]
async fn an_answer_without_changes_waits_for_what_it_rests_on() {
    // A message is sent many times at once. Were "I have it already" said before the message is on the disk, a failure
    // would lose a message that a sender believes to be taken.
    let running = Running::with_agents(&["A"]).await;
    running.register("A").await;
    let broker = running.server.broker(support::ZONE).unwrap();
    let damage = Break::new(&running);
    damage.apart();
    let id = guid();
    let event = event_with_id("A", &id);
    let send = || broker.receive(event.clone().into(), Channel::default());
    for answer in futures_util::future::join_all((0..16).map(|_| send())).await {
        assert_eq!(code(std::str::from_utf8(&answer).unwrap()), "11/1");
    }
    damage.together();
    eventually("the zone is back", async || broker.is_ready()).await;
    assert_eq!(code(&running.send(&event).await), "0");
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_the_work() {
    let running = Running::with_agents(&["A", "P"]).await;
    let agent = PushAgent::start(Manner::Good).await;
    running.register("A").await;
    assert_eq!(code(&running.send(&register_push("P", &agent.url())).await), "0");
    assert_eq!(code(&running.send(&subscribe("P", "StudentPersonal")).await), "0");
    let broker = running.server.broker(support::ZONE).unwrap();
    let ids: Vec<String> = (0..20).map(|_| guid()).collect();
    for id in &ids {
        // Polled once, and dropped while the message is on its way to the disk.
        let mut receive = Box::pin(broker.receive(event_with_id("A", id).into(), Channel::default()));
        let is_pending = std::future::poll_fn(|context| Poll::Ready(receive.as_mut().poll(context).is_pending())).await;
        assert!(is_pending);
    }
    // Whoever it is for gets it all the same, though nothing else comes in.
    eventually("all are delivered", async || agent.count() == ids.len()).await;
    assert_eq!(agent.got().iter().map(support::agents::Got::message_id).collect::<Vec<_>>(), ids);
}

#[tokio::test]
async fn a_damaged_message_is_laid_aside_and_the_rest_of_the_queue_flows() {
    let running = Running::with_agents(&["A", "Pull", "Push"]).await;
    running.register("A").await;
    running.register("Pull").await;
    assert_eq!(code(&running.send(&subscribe("Pull", "StudentPersonal")).await), "0");
    let agent = PushAgent::start(Manner::Silent).await;
    assert_eq!(code(&running.send(&register_push("Push", &agent.url())).await), "0");
    assert_eq!(code(&running.send(&subscribe("Push", "StudentPersonal")).await), "0");
    let ids = [guid(), guid()];
    // The agent in push mode sleeps, so that both wait.
    assert_eq!(code(&running.send(&control("Push", "SIF_Sleep")).await), "0");
    for id in &ids {
        assert_eq!(code(&running.send(&event_with_id("A", id)).await), "0");
    }
    let damage = Break::new(&running).0;
    let changed = damage
        .execute("UPDATE message SET document = CAST(replace(CAST(document AS TEXT), 'Quill', 'Quilt') AS BLOB) WHERE message_id = ?1", [&ids[0]]);
    assert_eq!(changed.unwrap(), 1);
    assert_eq!(code(&running.send(&control("Pull", "SIF_GetMessage")).await), "9", "the agent asks again");
    let next = running.send(&control("Pull", "SIF_GetMessage")).await;
    assert!(next.contains(&ids[1]), "{next}");
    agent.behave(Manner::Good);
    assert_eq!(code(&running.send(&control("Push", "SIF_Wakeup")).await), "0");
    eventually("the second is pushed", async || agent.count() == 1).await;
    assert_eq!(agent.got()[0].message_id(), ids[1]);
    let dead = running.server.store().dead_letters(support::ZONE, None, 10, None).await;
    // The letter itself may be called damaged too; what matters is that it is not gone.
    if let Ok(dead) = dead {
        assert_eq!(dead.len(), 2, "one for each agent");
        assert!(dead.iter().all(|letter| letter.message.message_id == ids[0]));
    }
}
