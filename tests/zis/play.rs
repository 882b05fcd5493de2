//! Plays a conversation, step by step.

use std::time::Duration;

use agent::{Control, Delivered};
use bytes::Bytes;
use sif::message::{Message, Version};
use tokio::time::Instant;

use super::actor;
use super::expect::{self, Asked};
use super::labels::Sent;
use super::lines::{self, Sender};
use super::script::{Administrator, Answered, Conversation, Receives, Registers, Step};
use super::stage::Stage;

/// Plays all steps in a zone that exists for it alone. Gives all that the server said; the error names the step.
pub async fn play(zone: &str, store: &str, conversation: &Conversation) -> Result<Vec<Bytes>, String> {
    let mut stage = Stage::open(zone, store, conversation).await?;
    let mut played = begin(&stage, conversation).await.map_err(|why| format!("before the first step: {why}"));
    if played.is_ok() {
        for (number, next) in conversation.steps.iter().enumerate() {
            if let Err(why) = step(&mut stage, next).await {
                let note = next.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
                played = Err(format!("step {}{note}: {why}", number + 1));
                break;
            }
        }
    }
    stage.close().await;
    let said = std::mem::take(&mut *stage.said.lock().unwrap());
    played.map(|()| said)
}

/// Has the agents register and say what they do.
async fn begin(stage: &Stage, conversation: &Conversation) -> Result<(), String> {
    for (id, setup) in &conversation.agents {
        if setup.registered == Some(false) || setup.known == Some(false) || setup.approved == Some(false) {
            continue;
        }
        let register = Step { agent: Some(id.clone()), register: Some(Registers::default()), ..Step::default() };
        send(stage, id, &register).await.map_err(|why| format!("{id} registers: {why}"))?;
        if let Some(does) = &setup.does {
            let provision = Step { agent: Some(id.clone()), provision: Some(does.clone()), ..Step::default() };
            send(stage, id, &provision).await.map_err(|why| format!("{id} says what it does: {why}"))?;
        }
    }
    Ok(())
}

async fn step(stage: &mut Stage, step: &Step) -> Result<(), String> {
    if step.restart {
        stage.restart().await?;
    }
    if let Some(seconds) = step.wait {
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }
    if let Some(act) = &step.administrator {
        administer(stage, act).await?;
    }
    let Some(agent) = &step.agent else {
        return if step.restart || step.wait.is_some() || step.administrator.is_some() {
            Ok(())
        } else {
            Err("a step names an agent, or restart, wait or administrator".to_owned())
        };
    };
    if !step.replies.is_empty() {
        let mut replies = Vec::new();
        for text in &step.replies {
            replies.push(actor::reply(lines::outcome(text)?)?);
        }
        stage.actor(agent)?.inbox.replies.lock().unwrap().extend(replies);
    }
    if let Some(http) = &step.http {
        let status = super::raw_http::status(stage.server()?.address(), &stage.zone, http).await?;
        if status != http.status {
            return Err(format!("HTTP status: expected {}, got {status}", http.status));
        }
    }
    let sends = send(stage, agent, step).await?;
    if let Some(expected) = &step.receives {
        if stage.actor(agent)?.setup.push {
            pushed(stage, agent, expected, step.more).await?;
        } else {
            pulled(stage, agent, expected, step.more).await?;
        }
    } else if !sends && step.http.is_none() && step.replies.is_empty() {
        return Err("the agent neither sends nor receives".to_owned());
    }
    Ok(())
}

/// Sends the message of a step, if it has one, and looks at the answer.
async fn send(stage: &Stage, agent: &str, step: &Step) -> Result<bool, String> {
    let actor = stage.actor(agent)?;
    let url = actor.url();
    let sender = Sender { id: agent, setup: &actor.setup, url: url.as_deref() };
    let Some(line) = lines::line(step, &sender, &stage.labels)? else {
        return Ok(false);
    };
    let service = [&step.service_input, &step.service_notify].into_iter().flatten().next();
    let sent = Sent { source: agent.to_owned(), document: line.document.clone() };
    let invocation = service.map(|service| service.invocation.as_str());
    stage.labels.keep(step.id.as_deref(), invocation, sent);
    let answer = stage.send(agent, line.document.clone()).await?;
    let asked = Asked { source: agent, message_id: &line.message_id, version: line.version.to_string() };
    let expected = step.answer.clone().unwrap_or_default();
    expect::answer(&answer, &asked, &expected, &stage.labels)?;
    Ok(true)
}

/// Asks for messages until nothing is left, and acknowledges each.
async fn pulled(stage: &Stage, agent: &str, expected: &[Receives], more: bool) -> Result<(), String> {
    for (number, wanted) in expected.iter().enumerate() {
        let place = |why: String| format!("message {}: {why}", number + 1);
        let message = ask(stage, agent).await.map_err(place)?.ok_or_else(|| place("nothing waits".to_owned()))?;
        expect::received(&message, wanted, &stage.labels).map_err(place)?;
        match wanted.ack.as_deref() {
            Some("leave") => {}
            ack => acknowledge(stage, agent, &message, ack.unwrap_or("1")).await.map_err(place)?,
        }
    }
    if !more && expected.last().is_none_or(|last| last.ack.as_deref() != Some("leave")) {
        let left = ask(stage, agent).await?;
        if let Some(message) = left {
            let shown = String::from_utf8_lossy(&message.document).into_owned();
            return Err(format!("one more message waits: {shown}"));
        }
    }
    Ok(())
}

/// The next message; what was enqueued a moment ago may take one to be safe.
async fn ask(stage: &Stage, agent: &str) -> Result<Option<Message>, String> {
    let actor = stage.actor(agent)?;
    let sender = Sender { id: agent, setup: &actor.setup, url: None };
    let step = Step::default();
    let header = lines::header(&step, &sender, &stage.labels)?;
    let version = actor.setup.version.as_deref().and_then(Version::parse).unwrap_or(Version::V2_4);
    let answer = stage.send(agent, Control::GetMessage.write(version, &header)).await?;
    let asked = Asked { source: agent, message_id: &header.message_id, version: version.to_string() };
    let status = |status| Answered { status: Some(status), ..Answered::default() };
    match expect::answer(&answer, &asked, &status(9), &stage.labels) {
        Ok(()) => Ok(None),
        Err(_) => {
            expect::answer(&answer, &asked, &status(0), &stage.labels)?;
            expect::delivered(&answer)?
                .ok_or_else(|| "the answer has status 0 and delivers nothing".to_owned())
                .map(Some)
        }
    }
}

async fn acknowledge(stage: &Stage, agent: &str, message: &Message, ack: &str) -> Result<(), String> {
    let actor = stage.actor(agent)?;
    let sender = Sender { id: agent, setup: &actor.setup, url: None };
    let header = lines::header(&Step::default(), &sender, &stage.labels)?;
    let version = actor.setup.version.as_deref().and_then(Version::parse).unwrap_or(Version::V2_4);
    let document = Delivered::of(message).write_ack(version, &header, &lines::outcome(ack)?);
    let answer = stage.send(agent, document).await?;
    let asked = Asked { source: agent, message_id: &header.message_id, version: version.to_string() };
    expect::answer(&answer, &asked, &Answered::default(), &stage.labels)
        .map_err(|why| format!("its acknowledgement: {why}"))
}

/// How long a push may take to come: the server may have to try again.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long nothing must come for it to be said that nothing more comes.
const SILENCE: Duration = Duration::from_millis(200);

async fn pushed(stage: &Stage, agent: &str, expected: &[Receives], more: bool) -> Result<(), String> {
    let inbox = &stage.actor(agent)?.inbox;
    let until = Instant::now() + PATIENCE;
    for (number, wanted) in expected.iter().enumerate() {
        let place = |why: String| format!("message {}: {why}", number + 1);
        let document = loop {
            let next = inbox.messages.lock().unwrap().pop_front();
            match next {
                Some(document) => break document,
                None if Instant::now() < until => tokio::time::sleep(Duration::from_millis(10)).await,
                None => return Err(place("nothing comes".to_owned())),
            }
        };
        stage.said.lock().unwrap().push(document.clone());
        let message = expect::read(&document).map_err(place)?;
        expect::received(&message, wanted, &stage.labels).map_err(place)?;
    }
    if !more {
        tokio::time::sleep(SILENCE).await;
        let left = inbox.messages.lock().unwrap().pop_front();
        if let Some(document) = left {
            return Err(format!("one more message comes: {}", String::from_utf8_lossy(&document)));
        }
    }
    Ok(())
}

async fn administer(stage: &Stage, act: &Administrator) -> Result<(), String> {
    let broker = stage.server()?.broker(&stage.zone).ok_or("the zone is not served")?;
    let refused = |fault: zis::AdminRefusal| format!("the administrator: {fault}");
    if let Some(asleep) = act.zone_sleeps {
        broker.administer(move |zone, _| Ok(zone.sleep_zone(asleep))).await.map_err(refused)?;
    }
    if let Some(label) = &act.removes_request {
        let id = stage.labels.id(label);
        broker.administer(move |zone, now| zone.cancel_request(&id, now)).await.map_err(refused)?;
    }
    if let Some(agent) = act.approves.clone() {
        broker.administer(move |zone, now| zone.approve(&agent, true, now)).await.map_err(refused)?;
    }
    if let Some(agent) = act.withdraws.clone() {
        broker.administer(move |zone, now| zone.approve(&agent, false, now)).await.map_err(refused)?;
    }
    if let Some(agent) = act.removes_agent.clone() {
        broker.administer(move |zone, now| zone.remove_agent(&agent, None, now)).await.map_err(refused)?;
    }
    Ok(())
}
