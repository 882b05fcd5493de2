//! What Sifter costs for five student objects, beside a program written by hand and beside writing trees that are built
//! already, over the same graphs in the same run. Both write their XML in two ways: with events of quick-xml, as most programs
//! do, and as fast as we know how. All give the same bytes; that is checked before anything is measured.
//!
//! Then what Sifter costs for every object of the rulebook, each by itself and all together: a byte of their XML beside a byte
//! of the five that are written by hand.
//!
//! The students' places in their classes are found beforehand: the pass over everybody is measured nowhere here.
//!
//! ```text
//! SIFTER_BENCH_STUDENTS=20000 cargo bench -p mapper
//! ```
//!
//! `SIFTER_BENCH_STUDENTS` is the size of the generated district (2,000), `SIFTER_BENCH_RUNS` the number of interleaved runs (15).
//!
//! Instructions instead of times, of one pass of `sifter`, `hand-events`, `hand`, `prebuilt-events` or `prebuilt`, of `everything`,
//! or of Sifter over one object, by its name:
//!
//! ```text
//! SIFTER_BENCH_ONCE=sifter valgrind --tool=callgrind --toggle-collect='*measured_pass*' target/release/deps/student_objects-*
//! ```
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod district;
mod everything;
mod hand_written;
mod measure;
mod prebuilt;
mod sifter;

use district::District;
use everything::Everything;
use hand_written::{Appended, Events, HandWritten};
use prebuilt::Prebuilt;
use sifter::Sifter;

/// As in the program itself, so that allocations cost here what they cost there.
#[global_allocator]
static ALLOCATOR: budget::CountingAllocator = budget::CountingAllocator;

/// The objects, in the order of their outputs.
const OBJECTS: [&str; 5] = [
    "StudentPersonal",
    "StudentSchoolEnrollment",
    "StudentAttendanceSummary",
    "StudentSectionEnrollment",
    "StudentAcademicRecord",
];

/// The XML of a batch, one instance a line, for each object.
type Output = [Vec<u8>; OBJECTS.len()];

/// Something that is measured.
struct Subject<'s> {
    name: &'static str,
    what: &'static str,
    pass: Box<dyn FnMut(&mut Output) + 's>,
}

impl<'s> Subject<'s> {
    fn new(name: &'static str, what: &'static str, pass: impl FnMut(&mut Output) + 's) -> Self {
        Self { name, what, pass: Box::new(pass) }
    }
}

fn main() {
    let students = number_of("SIFTER_BENCH_STUDENTS", 2_000);
    let runs = number_of("SIFTER_BENCH_RUNS", 15);
    let district = District::generate(students);
    let once = std::env::var("SIFTER_BENCH_ONCE").ok();
    if let Some(only) = &once
        && everything_once(only, &district)
    {
        return;
    }
    let mut sifter = Sifter::new(&district);
    let hand_written = HandWritten::new(&district);
    let prebuilt = Prebuilt::new(&district);
    let mut output = Output::default();
    let mut subjects: [Subject<'_>; 5] = [
        Subject::new("sifter", "Sifter: evaluation and XML", |output| sifter.write(&district, output)),
        Subject::new("hand-events", "by hand, quick-xml events", |output| {
            hand_written.write::<Events>(&district, output);
        }),
        Subject::new("hand", "by hand, bytes appended", |output| hand_written.write::<Appended>(&district, output)),
        Subject::new("prebuilt-events", "trees built before, quick-xml events", |output| prebuilt.write_events(output)),
        Subject::new("prebuilt", "trees built before, our own writer", |output| prebuilt.write(output)),
    ];
    if let Some(only) = once {
        let names: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
        let Some(subject) = subjects.iter_mut().find(|subject| subject.name == only) else {
            panic!("SIFTER_BENCH_ONCE is everything, an object or one of {}, not {only}", names.join(", "));
        };
        // The first pass makes the room that the second finds.
        (subject.pass)(&mut output);
        output.iter_mut().for_each(Vec::clear);
        measure::measured_pass(&mut *subject.pass, &mut output);
        println!("{only}: one pass over {} students, {} bytes", district.students, bytes(&output));
        return;
    }
    let [sifter, others @ ..] = &mut subjects;
    (sifter.pass)(&mut output);
    for other in others {
        assert_equal(other, &output, &district);
    }
    println!("{} students, {} bytes of XML, the same from all", district.students, bytes(&output));

    let times = measure::interleaved(runs, &mut subjects);
    measure::print_table(&district, &subjects, &times);
    let by_hand = subjects.iter().zip(&times).filter(|(subject, _)| subject.name.starts_with("hand"));
    let by_hand: Vec<(&str, f64)> =
        by_hand.map(|(subject, time)| (subject.what, *time * 1e9 / bytes(&output) as f64)).collect();
    Everything::new(&district, |_| true).measure(runs.div_ceil(2), &by_hand);
    let (one, two) = measure::two_threads(runs.div_ceil(2), &district);
    println!(
        "\ntwo threads: {:.2} times as fast as one (medians of wall times: {:.1} ms, {:.1} ms)",
        one / two,
        one * 1e3,
        two * 1e3
    );
}

/// One pass of Sifter over everything, or over one object. False if `only` is neither.
fn everything_once(only: &str, district: &District) -> bool {
    let mut everything = Everything::new(district, |object| only == "everything" || only == object);
    if everything.is_empty() {
        return false;
    }
    let no_clock = || 0.0;
    everything.pass(no_clock);
    measure::measured_pass(&mut |_| everything.pass(no_clock), &mut Output::default());
    println!("{only}: one pass over {} students, {} bytes", district.students, everything.bytes());
    true
}

fn number_of(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number")))
}

fn bytes(output: &Output) -> usize {
    output.iter().map(Vec::len).sum()
}

/// Panics with the first instance of each object that differs.
fn assert_equal(subject: &mut Subject<'_>, expected: &Output, district: &District) {
    let mut output = Output::default();
    (subject.pass)(&mut output);
    let mut differ = String::new();
    for ((object, expected), found) in OBJECTS.iter().zip(expected).zip(&output) {
        if let Some(difference) = difference(expected, found) {
            differ.push_str(&format!("\n\n{object}, {difference}"));
        }
    }
    assert!(differ.is_empty(), "{} differs, with {} students: {differ}", subject.what, district.students);
}

/// Where two texts of one instance a line differ first.
fn difference(expected: &[u8], found: &[u8]) -> Option<String> {
    let lines =
        |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
    let (expected, found) = (lines(expected), lines(found));
    if let Some((at, (expected, found))) = expected.iter().zip(&found).enumerate().find(|(_, (a, b))| a != b) {
        let same = expected.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
        let around =
            |text: &str| text.get(same.saturating_sub(300)..(same + 200).min(text.len())).unwrap_or(text).to_owned();
        return Some(format!("instance {at}\nexpected …{}…\nfound    …{}…", around(expected), around(found)));
    }
    (expected.len() != found.len()).then(|| format!("{} instances, not {}", found.len(), expected.len()))
}
