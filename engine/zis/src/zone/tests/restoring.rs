//! A zone that is read back from what it kept is the zone that kept it.

use proptest::prelude::*;

use super::*;

/// What must be the same: all that decides about later messages. What is in flight, and pauses, begin anew.
fn snapshot(zone: &Zone) -> Vec<String> {
    let mut all = vec![format!("{:?} {} {}", zone.state, zone.last_number, zone.durable)];
    for (id, agent) in &zone.agents {
        if agent.record != super::super::record::AgentRecord::default() || agent.queue.len() > 0 {
            all.push(format!("{id} {:?}", agent.record));
        }
        for (number, entry) in agent.queue.in_order() {
            all.push(format!(
                "{id} {number} {} {:?} {:?} {} {:?} {} {} {:?}",
                zone.sources.name(entry.key.source),
                entry.key.id,
                entry.kind,
                entry.version,
                entry.security,
                entry.size,
                entry.attempts,
                entry.about
            ));
        }
    }
    all.push(format!("{:?} {:?}", zone.providers, zone.subscribers.iter().collect::<BTreeMap<_, _>>()));
    all.push(format!("{:?} {:?} {:?}", zone.requests, zone.services, zone.deadlines));
    all.push(format!("{:?}", zone.log));
    all.push(format!("{:?}", zone.config.agents));
    let own = zone.sources.find("Zone");
    let seen = zone.seen.keys().iter().filter(|key| Some(key.source) != own);
    let seen: BTreeSet<_> = seen.map(|key| (zone.sources.name(key.source).to_owned(), key.id.text())).collect();
    all.push(format!("{seen:?}"));
    all
}

fn check(bench: &mut Bench) {
    let options = &bench.zone.config.options;
    let since = bench.now.before(options.duplicate_seconds).0;
    bench.zone.seen.forget(since);
    bench.zone.durable = bench.zone.last_number;
    let file = config(options.clone());
    let state = bench.memory.state(since);
    let restored = Zone::restore(file, Box::new(Counting(0)), state, |space| bench.memory.records(space)).unwrap();
    let (live, restored) = (snapshot(&bench.zone), snapshot(&restored));
    if live != restored {
        let differences: Vec<_> = live.iter().zip(&restored).filter(|(live, restored)| live != restored).collect();
        panic!("{differences:#?}\n{} {}", live.len(), restored.len());
    }
}

/// Something that happens: what, and two numbers that it makes of what it likes.
type Happening = (u8, u8, u8);

const AGENTS: [&str; 4] = ["Sis", "Library", "Food", "Clerk"];
const OBJECTS: [&str; 3] = ["StudentPersonal", "SchoolInfo", "SIF_LogEntry"];

fn pick<T: Copy>(from: &[T], number: u8) -> T {
    from[usize::from(number) % from.len()]
}

fn happen(bench: &mut Bench, (what, first, second): Happening, asked: &mut Vec<(String, String)>) {
    let agent = pick(&AGENTS, first);
    let item = format!("<SIF_Object ObjectName=\"{}\"></SIF_Object>", pick(&OBJECTS, second));
    match what {
        0 => drop(bench.send("SIF_Register", agent, &registration(agent, pick(&["1024", "100000"], second), "2.*"))),
        1 => drop(bench.send("SIF_Register", agent, &push_registration(agent, "http://agents.test/sif"))),
        2 => drop(bench.send("SIF_Unregister", agent, "")),
        3 => drop(bench.send("SIF_Provide", agent, &item)),
        4 => drop(bench.send("SIF_Unprovide", agent, &item)),
        5..=7 => drop(bench.send("SIF_Subscribe", agent, &item)),
        8 => drop(bench.send("SIF_Unsubscribe", agent, &item)),
        9..=13 => {
            let student =
                STUDENT.replace("></", &format!("><LocalId>{}</LocalId></", "1".repeat(usize::from(second) * 10)));
            drop(bench.send("SIF_Event", agent, &event("StudentPersonal", "Add", &student)));
        }
        14..=16 => {
            let id = bench.guid();
            let object = pick(&["StudentPersonal", "SchoolInfo", "SIF_ZoneStatus"], second);
            if bench.send_as(&id, "SIF_Request", agent, "", &request(object).replace("100000", "1024")) == "0" {
                asked.push((agent.to_owned(), id));
            }
        }
        17..=19 if !asked.is_empty() => {
            let (requester, id) = asked[usize::from(second) % asked.len()].clone();
            let packet = bench.zone.requests.get(&id).map_or(1, |request| request.next_packet);
            bench.respond(agent, &requester, &id, packet, pick(&["Yes", "No"], second));
        }
        20..=25 => {
            if let Some(waiting) = bench.zone.queue(agent, 1).pop() {
                let says = pick(&["1", "2", "3", "7", "8", "10/1", "9/3", "0"], second);
                bench.ack_of(agent, &waiting.source, &waiting.message_id, says);
            }
            if let Some(delivery) = bench.next_push(agent) {
                bench.pushed(agent, &delivery, pick(&["1", "2", "8", "10/1", "9/3"], second));
            }
        }
        26 => drop(bench.control(agent, pick(&["<SIF_Sleep></SIF_Sleep>", "<SIF_Wakeup></SIF_Wakeup>"], second))),
        27 if !asked.is_empty() => {
            let (requester, id) = asked[usize::from(second) % asked.len()].clone();
            bench.control(
                &requester,
                &format!(
                    "<SIF_CancelRequests><SIF_NotificationType>Standard</SIF_NotificationType><SIF_RequestMsgIds>\
                     <SIF_RequestMsgId>{id}</SIF_RequestMsgId></SIF_RequestMsgIds></SIF_CancelRequests>"
                ),
            );
        }
        28 => drop(bench.wait(u64::from(second) * 1000)),
        29 => {
            let step = bench.zone.approve(agent, second % 4 > 0, bench.now).unwrap();
            bench.keep(&step);
        }
        30 => {
            let step = bench.zone.sleep_zone(second % 8 == 0);
            bench.keep(&step);
        }
        31 => {
            let step = if second % 2 == 0 {
                bench.zone.purge_queue(agent, bench.now)
            } else {
                bench.zone.remove_agent(agent, Some(super::agent(agent)), bench.now)
            };
            step.iter().for_each(|step| bench.keep(step));
        }
        32 => {
            let dead = bench.memory.dead.keys().nth(usize::from(second) % 4).cloned();
            let Some((agent, number)) = dead else { return };
            let document = bench.memory.messages[&number].document.clone();
            let message = Message::read(&document, &Limits::default()).unwrap();
            if let Ok(step) = bench.zone.resend(&agent, number, &message, bench.now) {
                bench.keep(&step);
            }
        }
        33..=35 => {
            let id = format!("{:032X}", 0xC0_u32 + u32::from(second % 4));
            let packet = bench.zone.services.get(&id).and_then(|service| service.next_input).unwrap_or(1);
            bench.send("SIF_ServiceInput", agent, &services::input(&id, packet, pick(&["Yes", "No"], second), ""));
        }
        36 => {
            let id = format!("{:032X}", 0xC0_u32 + u32::from(second % 4));
            let Some(service) = bench.zone.services.get(&id).cloned() else { return };
            services::output(
                bench,
                &service.provider,
                &service.invoker,
                &id,
                service.next_output,
                pick(&["Yes", "No"], second),
            );
        }
        _ => services::announce(bench, agent),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens(happenings in prop::collection::vec((0..39_u8, any::<u8>(), any::<u8>()), 1..120)) {
        let mut bench = Bench::with(|config| {
            config.options.max_attempts = 2;
            config.options.request_seconds = 100_000;
        });
        AGENTS.iter().for_each(|agent| bench.register(agent));
        let mut asked = Vec::new();
        for happening in happenings {
            happen(&mut bench, happening, &mut asked);
            check(&mut bench);
        }
    }
}

#[test]
fn an_event_that_is_worked_on_holds_back_others_after_a_restart() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.subscribe("Library", "StudentPersonal");
    bench.event("Sis");
    bench.event("Sis");
    let (number, message) = bench.get("Library").unwrap();
    bench.ack("Library", &message, "2");
    let state = bench.memory.state(0);
    let file = config(ZoneOptions::default());
    bench.zone = Zone::restore(file, Box::new(Counting(1000)), state, |space| bench.memory.records(space)).unwrap();
    assert!(bench.get("Library").is_none());
    assert_eq!(bench.ack("Library", &message, "3"), "0");
    assert!(bench.get("Library").unwrap().0 > number);
}

#[test]
fn what_is_damaged_is_told_without_its_content() {
    let record = |space: &'static str| {
        move |asked: store::Space| {
            let record = store::Record { key: "k".to_owned(), value: "{\"secret\":".to_owned() };
            if asked == space { vec![record] } else { Vec::new() }
        }
    };
    for space in ["agent", "agent_config", "request", "service", "zone"] {
        let zone = Zone::restore(
            config(ZoneOptions::default()),
            Box::new(Counting(0)),
            store::ZoneState::default(),
            record(space),
        );
        let fault = zone.err().unwrap().to_string();
        assert!(fault.contains(space) && !fault.contains("secret"), "{fault}");
    }
}
