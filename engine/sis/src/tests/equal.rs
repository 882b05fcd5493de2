//! The same data gives the same graphs, whatever holds it, in whatever order, in whatever portions.

use graph::ReadSet;
use problem::Problem;
use proptest::prelude::*;

use super::district::{Tables, sound};
use super::servers::Scratch;
use super::shape::{dump, schema};
use super::{bad_data, write};
use crate::{Loader, Selection, Source};

/// Everything that a source gives: problems at the start, then each batch with its problems.
pub(super) fn load(url: &str, selection: &Selection, memory: usize) -> Vec<(String, Vec<Problem>)> {
    let all = load_from(&Source::open(url).unwrap(), selection, memory);
    let ahead = load_from(&Source::open(url).unwrap().read_ahead(), selection, memory);
    assert!(all == ahead, "reading ahead gives something else");
    all
}

fn load_from(source: &Source, selection: &Selection, memory: usize) -> Vec<(String, Vec<Problem>)> {
    let schema = schema();
    let reads = ReadSet::everything(&schema);
    let (loader, problems) = Loader::start_within(source, schema, reads.clone(), selection, memory).unwrap();
    let mut all = vec![(dump(loader.organisation(), &reads), problems)];
    for index in 0..loader.batch_count() {
        let (graph, problems) = loader.batch(index).unwrap();
        all.push((dump(&graph, &reads), problems));
    }
    assert_eq!(loader.rows().has_file(), memory == 0 && loader.batch_count() > 0);
    all
}

const ENOUGH: usize = 1 << 20;

pub(super) fn load_csv(tables: &Tables, selection: &Selection) -> Vec<(String, Vec<Problem>)> {
    let folder = tempfile::tempdir().unwrap();
    load(&write::csv(tables, folder.path()), selection, ENOUGH)
}

fn of(batch: usize) -> Selection {
    Selection { batch, ..Selection::default() }
}

#[test]
fn the_small_district_is_what_it_should_be() {
    let all = load_csv(&sound(), &of(2));
    assert_eq!(all.len(), 3, "two batches of students 1, 2 and 5");
    assert!(
        all.iter().all(|(_, problems)| problems.is_empty()),
        "{:?}",
        all.iter().map(|one| &one.1).collect::<Vec<_>>()
    );
    let organisation = "\
calendar 3: Int(3) Text(\"aaaaaaaa-0000-0000-0000-000000000003\") Text(\"Main, \\\"A\\\"\") Date(2025-08-20) days=None[30, 31]
calendar 4: Int(4) Text(\"aaaaaaaa-0000-0000-0000-000000000004\") Text(\"Other\") Absent days=None[32]
day 30: Int(30) Int(3) Date(2025-08-20) Decimal(300) calendar=Some(3)[]
day 31: Int(31) Int(3) Date(2025-08-21) Decimal(325.5) calendar=Some(3)[]
day 32: Int(32) Int(4) Date(2025-08-20) Absent calendar=Some(4)[]
";
    // Of the tables that hold everybody, the rows of those who took part alone.
    let incidents = "\
participant_identity 22: Int(22) Int(2) Text(\"Łukasz\\tTab\")
participant_identity 27: Int(27) Int(7) Text(\"Father\")
participant 2: Int(2) Text(\"bbbbbbbb-0000-0000-0000-000000000002\") identities=None[22]
participant 7: Int(7) Text(\"bbbbbbbb-0000-0000-0000-000000000007\") identities=None[27]
role 95: Int(95) Int(91) Int(7) participant=Some(7)[]
role 96: Int(96) Int(91) Int(2) participant=Some(2)[]
role 97: Int(97) Int(91) Int(2) participant=Some(2)[]
role 98: Int(98) Int(91) Absent participant=None[]
incident 91: Int(91) Int(3) calendar=Some(3)[] roles=None[95, 96, 97, 98]
";
    assert_eq!(all[0].0, format!("{organisation}{incidents}"));
    let first = format!(
        "{organisation}\
student 1: Int(1) Text(\"bbbbbbbb-0000-0000-0000-000000000001\") Text(\"0001\") enrollments=None[11] identities=None[21] attendance=None[53, 51, 54] attendance_days=None[51, 53] memberships=None[71] pairs=None[81] contact=None[]
student 2: Int(2) Text(\"bbbbbbbb-0000-0000-0000-000000000002\") Text(\"back\\\\slash\") enrollments=None[12] identities=None[22] attendance=None[] attendance_days=None[] memberships=None[72] pairs=None[82, 83] contact=Some(2)[]
contact 2: Int(2) Text(\"two@example.org\")
race 41: Int(41) Int(21) Text(\"W\")
race 42: Int(42) Int(21) Text(\"A\")
enrollment 11: Int(11) Int(1) Int(3) Bool(false) calendar=Some(3)[] student=Some(1)[]
enrollment 12: Int(12) Int(2) Int(4) Bool(true) calendar=Some(4)[] student=Some(2)[]
identity 21: Int(21) Int(1) Text(\"O'Brien\") Date(2011-03-01) races=None[42, 41]
identity 22: Int(22) Int(2) Text(\"Łukasz\\tTab\") Date(2010-02-28) races=None[]
attendance 51: Int(51) Int(1) Date(2025-08-21) Text(\"A\") Decimal(12.5) DateTime(2025-08-21T08:01:02) Time(08:30:00)
attendance 53: Int(53) Int(1) Date(2025-08-20) Text(\"A\") Decimal(0) Absent Absent
attendance 54: Int(54) Int(1) Date(2025-08-21) Absent Decimal(7) Absent Absent
attendance_day 51: Int(51) Int(1) Date(2025-08-21) student=Some(1)[]
attendance_day 53: Int(53) Int(1) Date(2025-08-20) student=Some(1)[]
household 61: Int(61) Text(\"Shared\")
member 71: Int(71) Int(61) Int(1) household=Some(61)[]
member 72: Int(72) Int(61) Int(2) household=Some(61)[]
pair 81: Int(81) Int(1) Int(7) relative=Some(7)[]
pair 82: Int(82) Int(2) Int(7) relative=Some(7)[]
pair 83: Int(83) Int(2) Int(1) relative=Some(1)[]
relative 1: Int(1) Text(\"bbbbbbbb-0000-0000-0000-000000000001\") Text(\"0001\")
relative 7: Int(7) Text(\"bbbbbbbb-0000-0000-0000-000000000007\") Absent
{incidents}"
    );
    assert_eq!(all[1].0, first);
    // Student 5 was given no `noShow`: the declared default stands.
    assert!(all[2].0.contains("enrollment 15: Int(15) Int(5) Int(3) Bool(false)"));
}

#[test]
fn sqlite_gives_what_csv_gives() {
    let folder = tempfile::tempdir().unwrap();
    for batch in [1, 2, 500] {
        let sqlite = load(&write::sqlite(&sound(), folder.path()), &of(batch), ENOUGH);
        assert_eq!(sqlite, load_csv(&sound(), &of(batch)));
        std::fs::remove_file(folder.path().join("district.db")).unwrap();
    }
}

#[test]
fn postgresql_gives_what_csv_gives() {
    if let Some(scratch) = Scratch::with(&sound()) {
        for batch in [1, 2, 500] {
            assert_eq!(load(&scratch.url(), &of(batch), ENOUGH), load_csv(&sound(), &of(batch)));
        }
    }
}

#[test]
fn padded_columns_and_quoted_names_of_postgresql_do_not_matter() {
    if let Some(scratch) = Scratch::with(&sound()) {
        scratch.run(
            "ALTER TABLE race ALTER COLUMN code TYPE char(5); ALTER TABLE race RENAME TO \"Race\"; \
             ALTER TABLE \"Race\" RENAME COLUMN code TO \"CODE\"; \
             DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET datestyle = German', current_database()); END $$",
        );
        assert_eq!(load(&scratch.url(), &of(2), ENOUGH), load_csv(&sound(), &of(2)));
    }
}

#[test]
fn rows_in_a_file_are_the_rows_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let url = write::sqlite(&sound(), folder.path());
    assert_eq!(load(&url, &of(2), 0), load(&url, &of(2), ENOUGH));
}

#[test]
fn batches_may_be_asked_for_by_several_threads_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::open(&write::csv(&sound(), folder.path())).unwrap();
    let reads = ReadSet::everything(&schema());
    let (loader, _) = Loader::start_within(&source, schema(), reads.clone(), &of(1), 0).unwrap();
    let batch = |index| dump(&loader.batch(index).unwrap().0, &reads);
    let want: Vec<String> = (0..3).map(batch).collect();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| (0..30).rev().all(|at| batch(at % 3) == want[at % 3]))).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
    assert_eq!(loader.student_count(), 3);
    assert_eq!(loader.students(), [1, 2, 5]);
    // Every table once for each entity that reads it: 2 calendars, 3 days, 3 × 4 persons, 2 × 4 identities and so on.
    assert_eq!(loader.rows_read(), 2 + 3 + 3 * 4 + 2 + 4 + 2 * 4 + 4 + 5 + 3 + 5 + 3 + 1 + 4);
}

/// The students' graphs and all problems, one by one, so that portions can be put together again.
fn pieces(tables: &Tables, selection: &Selection) -> (Vec<String>, Vec<String>) {
    let all = load_csv(tables, &Selection { batch: 1, ..selection.clone() });
    let students = all[1..].iter().map(|(graph, _)| graph.clone()).collect();
    let problems = all.iter().flat_map(|(_, problems)| problems.iter().map(Problem::to_json_line)).collect();
    (students, problems)
}

#[test]
fn shards_are_the_whole_together_and_nothing_twice() {
    for tables in [sound(), bad_data::tables()] {
        let (mut whole, whole_problems) = pieces(&tables, &Selection::default());
        let (mut parts, mut problems) = (Vec::new(), Vec::new());
        for part in 1..=3 {
            let (graphs, found) = pieces(&tables, &Selection { shard: Some((part, 3)), ..Selection::default() });
            parts.extend(graphs);
            problems.extend(found);
        }
        whole.sort();
        parts.sort();
        assert_eq!(parts, whole);
        // The organisation's own problems come with every shard; the rest with one each.
        let distinct = |mut problems: Vec<String>| {
            problems.sort();
            problems.dedup();
            problems
        };
        // Person 9 took part in an incident, and what role 99 names is not there.
        let organisation = ["calendar\"", "day\"", "role\",\"row\":\"99\"", "person\",\"row\":\"9\""]
            .map(|start| format!("\"table\":\"{start}"));
        let of_students =
            |lines: &[String]| lines.iter().filter(|line| !organisation.iter().any(|one| line.contains(one))).count();
        assert_eq!(of_students(&problems), of_students(&whole_problems));
        assert_eq!(distinct(problems.clone()), distinct(whole_problems));
    }
}

#[test]
fn named_students_come_alone() {
    let selection = Selection { students: Some(vec![5, 1, 99, 7]), ..Selection::default() };
    let (students, problems) = pieces(&sound(), &selection);
    let (whole, _) = pieces(&sound(), &Selection::default());
    assert_eq!(students, [whole[0].clone(), whole[2].clone()]);
    assert!(problems.is_empty());
}

#[test]
fn only_what_is_read_need_be_there() {
    let mut tables = sound();
    tables.remove("attendance");
    tables.remove("pair");
    tables.get_mut("identity").unwrap().columns[3].0 = "other".to_owned();
    let folder = tempfile::tempdir().unwrap();
    let source = Source::open(&write::sqlite(&tables, folder.path())).unwrap();
    let schema = schema();
    let mut reads = ReadSet::default();
    let identity = schema.entity("identity").unwrap();
    reads.add_field(&schema, identity, schema[identity].field("lastName").unwrap());
    let (loader, problems) = Loader::start(source, schema, reads, Selection::default()).unwrap();
    assert!(problems.is_empty());
    assert_eq!(loader.batch(0).unwrap().0.rows(identity), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_order_of_rows_does_not_matter(bad in any::<bool>(), batch in 1_usize..4, seed in proptest::collection::vec(any::<u16>(), 20)) {
        let tables = if bad { bad_data::tables() } else { sound() };
        let mut shuffled = tables.clone();
        for (at, table) in shuffled.values_mut().enumerate() {
            let length = table.rows.len();
            for (from, random) in seed.iter().enumerate().take(length) {
                table.rows.swap(from, (usize::from(*random) + at) % length);
            }
        }
        prop_assert_eq!(load_csv(&shuffled, &of(batch)), load_csv(&tables, &of(batch)));
    }
}
