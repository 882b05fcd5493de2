//! Many messages: the head of a queue is found at once, whatever waits.

use std::time::{Duration, Instant};

use super::super::queue::{Entry, Queue};
use super::super::seen::{Id, MessageKey};
use super::*;
use sif::message::{MessageKind, Security};

fn filled(count: Number) -> Queue {
    let mut queue = Queue::default();
    for number in 1..=count {
        queue.push(number, entry(number, if number == count { MessageKind::Request } else { MessageKind::Event }));
    }
    queue
}

fn entry(number: Number, kind: MessageKind) -> Entry {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    // Every message but the last of a thousand asks for a better channel.
    let encryption = if number % 1000 == 0 { 0 } else { 4 };
    let security = Security { authentication: 0, encryption };
    Entry::new(MessageKey { source: 0, id: Id::Guid(id) }, kind, Version::V2_4, security, 1000, None)
}

#[test]
fn the_head_is_found_at_once_behind_frozen_events_and_weak_channels() {
    let weak = Security::default();
    let time = |count: Number| {
        let queue = filled(count);
        assert_eq!(queue.head(true, Security { authentication: 0, encryption: 4 }, count), Some(count));
        assert_eq!(queue.head(false, weak, count), Some(1000));
        let best = (0..5).map(|_| {
            let start = Instant::now();
            for _ in 0..1000 {
                std::hint::black_box(queue.head(true, std::hint::black_box(weak), count));
                std::hint::black_box(queue.head(false, std::hint::black_box(weak), count));
            }
            start.elapsed()
        });
        best.min().unwrap()
    };
    let (shallow, deep) = (time(1000), time(100_000));
    assert!(deep < shallow * 2 + Duration::from_micros(200), "{shallow:?} at 1000, {deep:?} at 100000");
}

#[test]
fn a_long_queue_is_taken_from_both_ends_and_the_middle() {
    let mut queue = filled(10_000);
    for number in (1..=10_000).rev().filter(|number| number % 3 == 0) {
        assert!(queue.remove(number).is_some());
        assert!(queue.remove(number).is_none());
    }
    let left: Vec<Number> = queue.in_order().into_iter().map(|(number, _)| number).collect();
    let wanted: Vec<Number> = (1..=10_000).filter(|number| number % 3 != 0).collect();
    assert_eq!(left, wanted);
    let all = Security { authentication: 3, encryption: 4 };
    for number in wanted {
        assert_eq!(queue.head(false, all, Number::MAX), Some(number));
        queue.remove(number);
    }
    assert_eq!((queue.head(false, all, Number::MAX), queue.bytes(), queue.len()), (None, 0, 0));
}

#[test]
fn a_message_that_goes_back_stands_at_the_end() {
    let mut queue = filled(3);
    let first = queue.remove(1).unwrap();
    queue.push(1, first);
    let order: Vec<Number> = queue.in_order().into_iter().map(|(number, _)| number).collect();
    assert_eq!(order, [2, 3, 1]);
    let all = Security { authentication: 3, encryption: 4 };
    assert_eq!(queue.head(false, all, Number::MAX), Some(2));
    queue.push(2, entry(2, MessageKind::Event));
    assert_eq!(queue.len(), 3, "nothing is in a queue twice");
}

#[test]
fn a_queued_message_takes_little_room() {
    // Entry, its place in its lane, and its key in the index; tables are at most half empty.
    let bytes = 2 * (size_of::<(Number, Entry)>() + size_of::<(MessageKey, Number)>()) + size_of::<(u64, Number)>();
    assert!(bytes < 400, "{bytes} bytes a message: 100000 take {} MiB", (bytes * 100_000) >> 20);
}

#[test]
fn an_event_costs_little_beside_reading_it() {
    let mut bench = Bench::of(&["Sis", "Library"]);
    bench.zone.config.options.max_queue = u64::MAX;
    bench.subscribe("Library", "StudentPersonal");
    let elements: String = (0..30).map(|number| format!("<LocalId>value {number} of an element</LocalId>")).collect();
    let student = STUDENT.replace("></", &format!(">{elements}</"));
    let texts: Vec<Bytes> = (0..2000)
        .map(|_| {
            let id = bench.guid();
            bench.text(&id, "SIF_Event", "Sis", "", &event("StudentPersonal", "Add", &student)).into()
        })
        .collect();
    // The best of ten rounds, since other work on the machine only ever adds time.
    let (mut reading, mut receiving) = (Duration::MAX, Duration::MAX);
    let mut steps = Vec::new();
    for texts in texts.chunks(200) {
        let start = Instant::now();
        let messages: Vec<Message> =
            texts.iter().map(|text| Message::read(text, &Limits::default()).unwrap()).collect();
        reading = reading.min(start.elapsed());
        let start = Instant::now();
        for message in &messages {
            steps.push(bench.zone.receive(message, &Channel::default(), bench.now));
        }
        receiving = receiving.min(start.elapsed());
    }
    eprintln!("{} bytes: reading {:?}, receiving {:?}", texts[0].len(), reading / 200, receiving / 200);
    assert!(steps.iter().all(|step| step.changes.len() == 2), "the message, and its place in one queue");
    assert!(receiving < reading, "receiving {receiving:?}, reading {reading:?}");
}
