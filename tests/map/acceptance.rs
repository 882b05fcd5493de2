//! Whole districts: every file valid, every problem in its form.

use std::path::Path;

use crate::support::{District, OBJECTS, assert_valid, instances, problems};

const KEYS: [&str; 10] = ["code", "severity", "object", "key", "path", "rule", "table", "row", "column", "message"];

/// What holds of every run, whatever the district.
fn assert_sound(out: &Path, code: i32) {
    assert_valid(out);
    let problems = problems(out);
    for problem in &problems {
        let keys: Vec<&String> = problem.as_object().unwrap().keys().collect();
        assert_eq!(keys, KEYS);
    }
    let errors = problems.iter().any(|problem| problem["severity"] == "error");
    assert_eq!(code, i32::from(errors), "the code is 1 exactly when a problem is an error");
}

fn counts(out: &Path) -> [usize; 14] {
    OBJECTS.map(|object| instances(out, object).len())
}

#[test]
fn grand_bend_gives_fourteen_valid_files_without_an_error() {
    let Some(district) = District::grand_bend() else { return };
    let out = tempfile::tempdir().unwrap();
    let run = district.map(out.path(), &[]).ends(0);
    assert_sound(out.path(), run.code);
    assert_eq!(counts(out.path()), [3, 9, 1, 84, 3, 532, 0, 960, 960, 108, 960, 960, 60, 24]);
}

#[test]
fn cedar_ridge_gives_fourteen_valid_files_without_an_error() {
    let out = tempfile::tempdir().unwrap();
    let run = District::cedar_ridge().map(out.path(), &[]).ends(0);
    assert_sound(out.path(), run.code);
    assert_eq!(counts(out.path()), [3, 1, 1, 30, 3, 31, 4, 52, 48, 5, 48, 53, 224, 15]);
}

#[test]
fn generated_districts_of_five_seeds_give_fourteen_valid_files() {
    for seed in [7, 11, 2026, 40_000, 987_654_321] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let run = District::generated(&folder.path().join("district"), 300, seed).map(&out, &[]);
        assert_sound(&out, run.code);
        for (object, count) in OBJECTS.iter().zip(counts(&out)) {
            assert!(count > 0, "{object} has no instance with seed {seed}");
        }
    }
}
