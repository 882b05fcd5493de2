//! Answers that are cut, at every packet, and go on.

use std::sync::Arc;

use agent::Request;
use provider::{Generation, ProviderConfig};
use rulebook::Rulebook;

use crate::support::answer::{Answer, all_of, answers, extended, request};
use crate::support::life::{Life, config};
use crate::support::zone::{Cut, FakeZone};
use crate::support::{cedar_ridge, mapped, plan, rulebook_files};

/// The answer to a request whose provider was killed at each of these cuts, one after the other.
fn cut_at(asked: &Request, cuts: &[Cut], configs: &[ProviderConfig]) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let zone = FakeZone::new();
    let (id, document) = request("Library", asked);
    zone.ask(document);
    let mut configs = configs.iter().cycle();
    for cut in cuts {
        zone.cut(Some(*cut));
        Life::begin(&zone, configs.next().unwrap().clone(), folder.path()).kill_at_the_cut();
    }
    zone.cut(None);
    let life = Life::begin(&zone, configs.next().unwrap().clone(), folder.path());
    life.settle();
    assert_eq!(life.provider.open_requests(), 0);
    answers(&zone, &[id]).pop().unwrap()
}

fn small(object: &str) -> Request {
    Request { max_buffer_size: 24_000, ..all_of(object) }
}

#[test]
fn every_packet_comes_once_and_in_order_wherever_the_answer_is_cut() {
    let wanted = mapped(&cedar_ridge(), "StudentPersonal");
    let whole = cut_at(&small("StudentPersonal"), &[], &[config(&cedar_ridge())]);
    let packets = u32::try_from(whole.packets.len()).unwrap();
    assert!(packets >= 4);
    for number in 1..=packets {
        for cut in [Cut::Before(number), Cut::After(number)] {
            let answer = cut_at(&small("StudentPersonal"), &[cut], &[config(&cedar_ridge())]);
            assert_eq!(answer.items(), wanted, "{cut:?}");
            assert_eq!(answer.packets.len(), whole.packets.len(), "{cut:?}: packets end where they would have ended");
        }
    }
    let every: Vec<Cut> = (1..=packets).flat_map(|number| [Cut::Before(number), Cut::After(number)]).collect();
    assert_eq!(cut_at(&small("StudentPersonal"), &every, &[config(&cedar_ridge())]).items(), wanted);
}

#[test]
fn objects_of_the_organisation_go_on_too() {
    let wanted = mapped(&cedar_ridge(), "StudentSectionEnrollment");
    let answer =
        cut_at(&small("StudentSectionEnrollment"), &[Cut::After(1), Cut::Before(2)], &[config(&cedar_ridge())]);
    assert_eq!(answer.items(), wanted);
    let wanted = mapped(&cedar_ridge(), "SectionInfo");
    let asked = Request { max_buffer_size: 5_000, ..all_of("SectionInfo") };
    let answer = cut_at(&asked, &[Cut::After(1), Cut::Before(2), Cut::After(2)], &[config(&cedar_ridge())]);
    assert_eq!(answer.items(), wanted);
}

#[test]
fn rows_of_an_extended_query_go_on() {
    for order in [
        "",
        "<SIF_OrderBy><SIF_Element ObjectName=\"StudentPersonal\" Ordering=\"Descending\">Name/LastName</SIF_Element></SIF_OrderBy>",
    ] {
        for count in ["All", "33"] {
            let query = format!(
                "<SIF_ExtendedQuery><SIF_Select Distinct=\"false\" RowCount=\"{count}\"><SIF_Element ObjectName=\"StudentPersonal\"/></SIF_Select>\
                <SIF_From ObjectName=\"StudentPersonal\"/>{order}</SIF_ExtendedQuery>"
            );
            let asked = Request { max_buffer_size: 24_000, ..extended(&query) };
            let whole = cut_at(&asked, &[], &[config(&cedar_ridge())]);
            assert!(whole.packets.len() >= 4);
            let answer = cut_at(&asked, &[Cut::After(1), Cut::Before(3), Cut::After(3)], &[config(&cedar_ridge())]);
            assert_eq!(answer.items(), whole.items());
        }
    }
}

/// A district like the example without some of its students.
fn without(folder: &std::path::Path, students: &[&str]) -> String {
    let out = folder.join(students.join("-"));
    std::fs::create_dir(&out).unwrap();
    let from = cedar_ridge();
    for entry in std::fs::read_dir(from.strip_prefix("csv:").unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_owned();
        if name == "enrollment.csv" || name == "person.csv" {
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let headers = reader.headers().unwrap().clone();
            let at = headers.iter().position(|header| header == "personID").unwrap();
            let mut writer = csv::Writer::from_path(out.join(&name)).unwrap();
            writer.write_record(&headers).unwrap();
            for row in reader.records().map(Result::unwrap).filter(|row| !students.contains(&&row[at])) {
                writer.write_record(&row).unwrap();
            }
        } else if path.extension().is_some_and(|end| end == "csv") {
            std::fs::copy(&path, out.join(&name)).unwrap();
        }
    }
    format!("csv:{}", out.display())
}

#[test]
fn what_changes_meanwhile_shifts_nothing_that_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let fewer = without(folder.path(), &["1002", "1006", "1020", "1030", "1049", "1050"]);
    let asked = small("StudentPersonal");
    let packets = cut_at(&asked, &[], &[config(&cedar_ridge())]).packets.len();
    for (first, then) in [(cedar_ridge(), fewer.clone()), (fewer, cedar_ridge())] {
        let (before, after) = (mapped(&first, "StudentPersonal"), mapped(&then, "StudentPersonal"));
        for number in 1..=u32::try_from(packets).unwrap() - 1 {
            for cut in [Cut::Before(number), Cut::After(number)] {
                let answer = cut_at(&asked, &[cut], &[config(&first), config(&then)]);
                let items = answer.items();
                let mut once = items.clone();
                once.sort();
                once.dedup();
                assert_eq!(once.len(), items.len(), "{cut:?}: nothing comes twice");
                for item in &items {
                    assert!(before.contains(item) || after.contains(item), "{cut:?}");
                }
                // Who is there before and after comes.
                for item in before.iter().filter(|item| after.contains(item)) {
                    assert!(items.contains(item), "{cut:?}");
                }
            }
        }
    }
}

#[test]
fn an_answer_goes_on_by_a_generation_that_was_put_in_force_meanwhile() {
    let mut files = rulebook_files();
    let text = files.get_mut("objects/StudentPersonal.yaml").unwrap();
    *text = text.replacen("from: student.student_number", "const: ANEW", 1);
    let anew = Rulebook::new(files).plan.expect("the changed rulebook checks");
    let folder = tempfile::tempdir().unwrap();
    let zone = FakeZone::new();
    let (id, document) = request("Library", &small("StudentPersonal"));
    zone.ask(document);
    zone.cut(Some(Cut::After(2)));
    Life::begin(&zone, config(&cedar_ridge()), folder.path()).kill_at_the_cut();
    let sent: usize = zone.packets(&id).iter().map(|packet| crate::support::answer::items(packet).len()).sum();
    zone.cut(None);
    Life::with_plan(&zone, config(&cedar_ridge()), folder.path(), anew).settle();
    let items = answers(&zone, &[id]).pop().unwrap().items();
    assert_eq!(items.len(), mapped(&cedar_ridge(), "StudentPersonal").len());
    for (at, item) in items.iter().enumerate() {
        assert_eq!(item.contains("<LocalId>ANEW</LocalId>"), at >= sent, "{at}");
    }
}

#[test]
fn a_swap_concerns_requests_that_begin_later_and_fails_none() {
    let mut files = rulebook_files();
    let text = files.get_mut("objects/SchoolInfo.yaml").unwrap();
    *text = text.replacen("from: to_text(school.school_id)", "const: ANEW", 1);
    let anew = Rulebook::new(files).plan.expect("the changed rulebook checks");
    let folder = tempfile::tempdir().unwrap();
    let zone = FakeZone::new();
    let life = Life::begin(&zone, config(&cedar_ridge()), folder.path());
    let mut ids = Vec::new();
    for number in 0..40 {
        let (id, document) = request(&format!("Agent{}", number % 3), &all_of("SchoolInfo"));
        zone.ask(document);
        ids.push(id);
        let next = if number % 2 == 0 { anew.clone() } else { plan() };
        let old = life.provider.swap(Generation::of(Arc::clone(&next)));
        assert_ne!(old.hash, Generation::of(next).hash);
        std::thread::sleep(std::time::Duration::from_millis(3));
    }
    life.settle();
    let wanted = mapped(&cedar_ridge(), "SchoolInfo").len();
    for answer in answers(&zone, &ids) {
        assert_eq!(answer.error(), None);
        let items = answer.items();
        let changed = items.iter().filter(|item| item.contains("ANEW")).count();
        assert!(items.len() == wanted && (changed == 0 || changed == wanted), "one generation answers");
    }
}

#[test]
fn a_zone_that_fails_for_a_while_gets_every_packet_once() {
    let folder = tempfile::tempdir().unwrap();
    let zone = FakeZone::new();
    let (id, document) = request("Library", &small("StudentPersonal"));
    zone.ask(document);
    zone.refuse(2);
    Life::begin(&zone, config(&cedar_ridge()), folder.path()).settle();
    assert_eq!(answers(&zone, &[id]).pop().unwrap().items(), mapped(&cedar_ridge(), "StudentPersonal"));
}

#[test]
fn several_requests_are_answered_at_the_same_time_and_a_long_one_holds_up_no_short_one() {
    let folder = tempfile::tempdir().unwrap();
    let zone = FakeZone::new();
    // The first packet of the long answer is never acknowledged.
    let (long, document) = request("Slow", &Request { max_buffer_size: 8192, ..all_of("StudentPersonal") });
    zone.ask(document);
    zone.cut(Some(Cut::Before(2)));
    let life = Life::begin(&zone, config(&cedar_ridge()), folder.path());
    let (short, document) = request("Quick", &all_of("SchoolInfo"));
    zone.ask(document);
    let begun = std::time::Instant::now();
    while zone.packets(&short).is_empty() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(120), "the short request is answered");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(!zone.is_closed(&long));
    drop(life);
}
