//! Section 5: delivery to agents in push mode.

use super::*;
use sif::message::error;

fn failed(code: sif::message::ErrorCode) -> PushResult {
    PushResult::Failed { code, why: "no answer".to_owned() }
}

/// Sis publishes, Library subscribes in push mode; so many events wait.
fn waiting(events: usize) -> Bench {
    let mut bench = Bench::of(&["Sis"]);
    bench.register_push("Library");
    bench.subscribe("Library", "StudentPersonal");
    for _ in 0..events {
        assert_eq!(bench.event("Sis"), "0");
    }
    bench
}

#[test]
fn one_message_is_delivered_at_a_time() {
    let mut bench = waiting(2);
    let first = bench.next_push("Library").unwrap();
    assert_eq!((first.kind.name(), first.source.as_str()), ("SIF_Event", "Sis"));
    assert!(bench.next_push("Library").is_none());
    let step = bench.pushed("Library", &first, "1");
    assert_eq!(step.wake, ["Library"]);
    assert!(bench.next_push("Library").unwrap().number > first.number);
}

#[test]
fn what_came_of_something_else_changes_nothing() {
    let mut bench = waiting(2);
    let first = bench.next_push("Library").unwrap();
    let step = bench.push_result("Library", first.number + 1, failed(error::TRANSPORT));
    assert_eq!(step, Step::default());
    bench.pushed("Library", &first, "1");
    let again = bench.push_result("Library", first.number, failed(error::TRANSPORT));
    assert_eq!(again, Step::default());
}

#[test]
fn a_failed_delivery_is_tried_again_after_pauses_that_double() {
    let mut bench = waiting(1);
    for pause in [1, 2, 4, 8] {
        let delivery = bench.next_push("Library").unwrap();
        bench.push_result("Library", delivery.number, failed(error::TRANSPORT));
        let due = bench.zone.next_due(bench.now).unwrap();
        assert_eq!(due, bench.now.after(pause).min(bench.zone.forget_at));
        assert!(bench.next_push("Library").is_none());
        let before = bench.wait(pause - 1);
        assert!(before.wake.is_empty());
        assert_eq!(bench.wait(1).wake, ["Library"]);
    }
    assert_eq!(bench.next_push("Library").unwrap().attempts, 4);
}

#[test]
fn pauses_have_an_end() {
    let mut bench = waiting(1);
    for _ in 0..100 {
        let delivery = bench.next_push("Library").unwrap();
        bench.push_result("Library", delivery.number, failed(error::CANNOT_CONNECT));
        bench.wait(900);
    }
    assert_eq!(bench.waiting("Library"), 1, "an agent that is gone finds its queue whole");
    assert!(bench.memory.dead.is_empty());
}

#[test]
fn a_zone_may_bury_what_an_agent_that_is_gone_does_not_take() {
    let mut bench = waiting(2);
    bench.zone.config.options.bury_unreachable = true;
    for _ in 0..10 {
        let delivery = bench.next_push("Library").unwrap();
        bench.push_result("Library", delivery.number, failed(error::CANNOT_CONNECT));
        bench.wait(900);
    }
    assert_eq!((bench.waiting("Library"), bench.memory.dead.len()), (1, 1));
}

#[test]
fn a_message_that_always_fails_becomes_a_dead_letter_and_lets_the_next_pass() {
    let mut bench = waiting(2);
    for attempt in 1..=10 {
        let delivery = bench.next_push("Library").unwrap();
        let step = bench.push_result("Library", delivery.number, failed(error::TRANSPORT));
        if attempt < 10 {
            bench.wait(900);
        } else {
            assert_eq!(step.wake, ["Library"]);
            let (reason, _) = &bench.memory.dead[&("Library".to_owned(), delivery.number)];
            assert_eq!(reason, "10 deliveries failed; the last: 10/1 no answer");
        }
    }
    assert!(bench.next_push("Library").is_some(), "at once");
}

#[test]
fn answers_that_are_none_for_the_message_count_as_failed() {
    for says in ["0", "3", "9", "10/4"] {
        let mut bench = waiting(1);
        let delivery = bench.next_push("Library").unwrap();
        bench.pushed("Library", &delivery, says);
        assert_eq!(bench.waiting("Library"), 1, "{says}");
        assert!(bench.next_push("Library").is_none(), "{says}");
    }
    let mut bench = waiting(1);
    let delivery = bench.next_push("Library").unwrap();
    let other = Delivery { message_id: "B".repeat(32), ..delivery.clone() };
    bench.pushed("Library", &other, "1");
    assert_eq!(bench.waiting("Library"), 1, "it names another message");
}

#[test]
fn other_answers_remove_the_message() {
    for says in ["1", "7", "9/3"] {
        let mut bench = waiting(1);
        let delivery = bench.next_push("Library").unwrap();
        bench.pushed("Library", &delivery, says);
        assert_eq!(bench.waiting("Library"), 0, "{says}");
    }
}

#[test]
fn an_agent_that_sleeps_is_not_called_until_it_wakes() {
    let mut bench = waiting(1);
    let delivery = bench.next_push("Library").unwrap();
    bench.pushed("Library", &delivery, "8");
    assert!(bench.zone.push_target("Library").is_none());
    assert!(bench.next_push("Library").is_none());
    bench.wait(10_000);
    assert!(bench.next_push("Library").is_none());
    assert_eq!(bench.control("Library", "<SIF_Wakeup></SIF_Wakeup>"), "0");
    assert!(bench.next_push("Library").is_some());
}

#[test]
fn waking_up_ends_a_pause() {
    let mut bench = waiting(1);
    let delivery = bench.next_push("Library").unwrap();
    bench.push_result("Library", delivery.number, failed(error::TRANSPORT));
    assert!(bench.next_push("Library").is_none());
    assert_eq!(bench.control("Library", "<SIF_Wakeup></SIF_Wakeup>").step.wake, ["Library"]);
    assert!(bench.next_push("Library").is_some());
}

#[test]
fn an_event_that_is_worked_on_holds_back_the_others() {
    let mut bench = waiting(2);
    bench.provide("Library", "StudentPersonal");
    bench.request("Sis");
    let first = bench.next_push("Library").unwrap();
    bench.pushed("Library", &first, "2");
    let request = bench.next_push("Library").unwrap();
    assert_eq!(request.kind.name(), "SIF_Request");
    bench.pushed("Library", &request, "1");
    assert!(bench.next_push("Library").is_none());
    assert_eq!(bench.ack_of("Library", "Sis", &first.message_id, "3").step.wake, ["Library"]);
    assert!(bench.next_push("Library").unwrap().number > first.number);
}

#[test]
fn an_intermediate_answer_to_a_request_counts_as_failed() {
    let mut bench = Bench::of(&["Sis"]);
    bench.register_push("Library");
    bench.provide("Library", "StudentPersonal");
    bench.request("Sis");
    let delivery = bench.next_push("Library").unwrap();
    bench.pushed("Library", &delivery, "2");
    assert_eq!(bench.zone.queue("Library", 1)[0].attempts, 1);
}

#[test]
fn a_zone_that_sleeps_calls_nobody() {
    let mut bench = waiting(1);
    let step = bench.zone.sleep_zone(true);
    bench.keep(&step);
    assert!(bench.next_push("Library").is_none());
    let step = bench.zone.sleep_zone(false);
    assert!(step.wake.contains(&"Library".to_owned()));
    bench.keep(&step);
    assert!(bench.next_push("Library").is_some());
}

#[test]
fn an_address_that_is_not_allowed_any_more_is_not_called() {
    let mut bench = waiting(1);
    bench.zone.config.options.push_hosts.clear();
    assert!(bench.zone.push_target("Library").is_none());
    assert!(bench.next_push("Library").is_none());
}

#[test]
fn an_agent_that_leaves_during_a_delivery_is_forgotten() {
    let mut bench = waiting(2);
    let delivery = bench.next_push("Library").unwrap();
    assert_eq!(bench.send("SIF_Unregister", "Library", ""), "0");
    bench.register_push("Library");
    assert!(bench.next_push("Library").is_none());
    bench.pushed("Library", &delivery, "1");
    assert_eq!(bench.waiting("Library"), 0);
}

#[test]
fn an_agent_that_left_during_a_delivery_is_not_shown_any_more() {
    let mut bench = waiting(1);
    bench.zone.config.agents.remove("Food");
    let delivery = bench.next_push("Library").unwrap();
    let step = bench.zone.remove_agent("Library", None, bench.now).unwrap();
    bench.keep(&step);
    bench.pushed("Library", &delivery, "1");
    assert!(!bench.zone.agents().iter().any(|agent| agent.id == "Library"));
}

#[test]
fn messages_of_one_source_keep_their_order() {
    let mut bench = waiting(20);
    let mut last = 0;
    while let Some(delivery) = bench.next_push("Library") {
        assert!(delivery.number > last);
        if delivery.attempts < 2 {
            bench.push_result("Library", delivery.number, failed(error::TRANSPORT));
            bench.wait(900);
        } else {
            last = delivery.number;
            bench.pushed("Library", &delivery, "1");
        }
    }
    assert_eq!(bench.waiting("Library"), 0);
}
