//! An agent that is to end, and one that the zone has forgotten.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use agent::{Agent, AgentFault, Answered, Resend, Transport};
use bytes::Bytes;
use sif::message::{Outcome, Status, error};
use support::{Play, Script};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

const PATIENCE: Duration = Duration::from_secs(20);

/// A zone that takes messages and never answers.
struct Silent;

impl Transport for Silent {
    fn send(&self, _: Bytes) -> Answered<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn what_is_waited_for_is_given_up_at_the_deadline() {
    let (deadline, until) = watch::channel(None);
    let agent = Agent::new("Library", Arc::new(Silent)).with_deadline(until);
    let waiting = tokio::spawn(async move { agent.ping().await.map(|_| ()) });
    assert!(
        timeout(Duration::from_millis(50), async {
            while !waiting.is_finished() {
                tokio::task::yield_now().await
            }
        })
        .await
        .is_err()
    );
    deadline.send_replace(Some(Instant::now()));
    let ended = timeout(PATIENCE, waiting).await.expect("it ends").unwrap();
    assert!(matches!(ended, Err(AgentFault::Transport(fault)) if fault.why == "the agent ends"));
}

#[tokio::test]
async fn a_message_without_an_answer_is_not_sent_again_after_the_deadline() {
    let script = Script::of([Play::Fail, Play::Fail]);
    let (_deadline, until) = watch::channel(Some(Instant::now()));
    let resend = Resend { attempts: 4, pause: Duration::from_secs(3600) };
    let agent = Agent::new("Library", Arc::<Script>::clone(&script)).with_resend(resend).with_deadline(until);
    let ended = timeout(PATIENCE, agent.ping()).await.expect("it ends");
    assert!(matches!(ended, Err(AgentFault::Transport(_))));
    assert_eq!(script.messages().len(), 1);
    // What is answered at once is no reason to wait.
    script.plays.lock().unwrap().clear();
    script.plays.lock().unwrap().push_back(Play::Status(Status::Success));
    assert!(agent.ping().await.is_ok());
}

#[tokio::test]
async fn an_agent_hears_that_the_zone_does_not_know_it_by_whichever_message() {
    let refuses = |code| Play::Error(Outcome::error(code));
    let script = Script::of([refuses(error::MAY_NOT_PUBLISH), refuses(error::NOT_REGISTERED)]);
    let agent = Agent::new("Library", script);
    let forgotten = || timeout(Duration::from_millis(20), agent.forgotten());
    agent.ping().await.unwrap();
    assert!(forgotten().await.is_err(), "another refusal says nothing of that");
    let other = agent.clone();
    other.zone_status().await.unwrap();
    assert!(timeout(PATIENCE, agent.forgotten()).await.is_ok());
    assert!(forgotten().await.is_err(), "it is said once");
}
