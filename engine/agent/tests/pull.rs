//! The pull loop against a zone that plays a script.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::{Agent, Handled, Handler, Pull, Pulled, Reply, Resend};
use sif::message::{Ack, ErrorCode, Message, MessageKind, Outcome, Status, error};
use support::{NAMESPACE, Play, Script, event};

struct Says(Mutex<Vec<Reply>>, Mutex<Vec<String>>);

impl Handler for Says {
    fn handle<'h>(&'h self, message: &'h Message) -> Handled<'h> {
        self.1.lock().unwrap().push(message.header.message_id.clone());
        let reply = self.0.lock().unwrap().pop().unwrap_or(Reply::Done);
        Box::pin(async move { reply })
    }
}

fn pull(script: &Arc<Script>, replies: Vec<Reply>) -> (Pull, Arc<Says>) {
    let resend = Resend { attempts: 1, pause: Duration::ZERO };
    let agent = Agent::new("Library", Arc::<Script>::clone(script)).with_resend(resend);
    let handler = Arc::new(Says(Mutex::new(replies), Mutex::default()));
    (Pull::new(agent, Arc::<Says>::clone(&handler)).every(Duration::from_millis(2)), handler)
}

#[tokio::test]
async fn a_message_is_handled_and_the_acknowledgement_names_the_inner_message() {
    let script = Script::of([Play::Deliver(event("B")), Play::Status(Status::Success)]);
    let (pull, handler) = pull(&script, vec![Reply::Working]);
    assert_eq!(pull.once().await.unwrap(), Pulled::Handled(Reply::Working));
    assert_eq!(*handler.1.lock().unwrap(), ["B".repeat(32)]);
    let sent = script.messages();
    assert_eq!((sent[0].kind, sent[1].kind), (MessageKind::SystemControl, MessageKind::Ack));
    let ack = Ack::read(&sent[1]);
    assert_eq!(ack.original_message_id, Some("B".repeat(32)));
    assert_eq!(ack.original_source_id.as_deref(), Some("Other"));
    assert_eq!(ack.outcome, Some(Outcome::Status(Status::Intermediate)));
    assert_eq!(pull.once().await.unwrap(), Pulled::Nothing);
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_refused_so_that_it_does_not_come_for_ever() {
    let odd = event("B").replace("SIF_Event>", "SIF_Evnt>");
    let script = Script::of([Play::Deliver(odd), Play::Status(Status::Success)]);
    let (pull, handler) = pull(&script, Vec::new());
    assert!(matches!(pull.once().await.unwrap(), Pulled::Handled(Reply::Error { .. })));
    assert!(handler.1.lock().unwrap().is_empty());
    let ack = Ack::read(&script.messages()[1]);
    assert_eq!(ack.original_message_id, Some("B".repeat(32)));
    let Some(Outcome::Error { code, .. }) = ack.outcome else { panic!("{ack:?}") };
    assert_eq!(code, error::MESSAGE_UNSUPPORTED);
}

#[tokio::test]
async fn an_acknowledgement_that_the_zone_took_before_is_no_fault_and_another_refusal_is() {
    let gone = Outcome::error(error::NO_SUCH_MESSAGE);
    let denied = Outcome::error(error::NOT_REGISTERED);
    let script = Script::of([
        Play::Deliver(event("B")),
        Play::Error(gone),
        Play::Deliver(event("C")),
        Play::Error(denied.clone()),
        Play::Error(denied),
    ]);
    let (pull, _) = pull(&script, Vec::new());
    assert_eq!(pull.once().await.unwrap(), Pulled::Handled(Reply::Done));
    assert!(pull.once().await.unwrap_err().to_string().contains("4/9"));
    assert!(pull.once().await.unwrap_err().to_string().contains("4/9"));
}

#[tokio::test]
async fn the_loop_goes_on_over_faults_until_it_is_stopped() {
    let done = || Play::Status(Status::Success);
    let transport = Reply::Error { code: ErrorCode::new(10, 1), description: String::new() };
    let script = Script::of([Play::Fail, Play::Deliver(event("B")), done(), Play::Deliver(event("B")), done()]);
    let (pull, handler) = pull(&script, vec![Reply::Done, transport]);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let watch = Arc::clone(&script);
    let stopper = tokio::spawn(async move {
        while watch.sent.lock().unwrap().len() < 6 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let _ = stop.send(());
    });
    let run = pull.run(async { drop(stopped.await) });
    tokio::time::timeout(Duration::from_secs(20), run).await.unwrap();
    stopper.await.unwrap();
    assert_eq!(*handler.1.lock().unwrap(), ["B".repeat(32), "B".repeat(32)]);
}

#[tokio::test]
async fn a_delivered_message_is_read_where_it_leaves_its_namespace_to_what_is_around_it() {
    let bare = event("B").replace(&format!(" xmlns=\"{NAMESPACE}\""), "");
    let script = Script::of([Play::Deliver(bare), Play::Status(Status::Success)]);
    let (pull, handler) = pull(&script, Vec::new());
    assert_eq!(pull.once().await.unwrap(), Pulled::Handled(Reply::Done));
    assert_eq!(handler.1.lock().unwrap().len(), 1);
}
