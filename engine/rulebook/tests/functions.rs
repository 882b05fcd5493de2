//! A function that does not exist: the nearest name is told, or every name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use rulebook::functions::FUNCTIONS;
use support::{small, wrong};

#[test]
fn a_name_near_to_none_is_answered_with_all_of_them() {
    let mut files = small("    fetch_everything(student)");
    files.insert("rules/shared/own.rhai".to_owned(), "fn our_own(x) { x }\n".to_owned());
    let found = wrong(files);
    assert_eq!(found.len(), 1);
    let names = FUNCTIONS.iter().map(|function| function.name).chain(["lookup", "our_own"]);
    for name in names {
        assert!(found[0].contains(&format!("`{name}`")), "{name}: {found:?}");
    }
    assert!(wrong(small("    cuont(student.enrollments)"))[0].ends_with("did you mean `count`?"));
}
