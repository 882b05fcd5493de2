//! Which crate may use which. The table below is the architecture; whoever changes it means to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A crate, and the crates of ours that its normal dependencies may name.
const MAY_USE: &[(&str, &[&str])] = &[
    ("problem", &[]),
    ("sif", &["problem"]),
    ("graph", &["problem"]),
    ("budget", &["problem"]),
    ("rulebook", &["graph", "sif", "problem"]),
    ("mapper", &["rulebook", "graph", "sif", "problem", "budget"]),
    ("proving", &["mapper", "rulebook", "graph", "sif", "problem"]),
    ("reference", &["proving", "rulebook", "graph", "sif", "problem"]),
    ("webpki-roots", &[]),
    ("postgresql", &["webpki-roots"]),
    ("sis", &["graph", "postgresql", "problem"]),
    ("sample", &["graph", "postgresql", "problem"]),
    ("store", &["postgresql", "problem"]),
    ("access", &["store", "problem"]),
    ("zis", &["sif", "store", "access", "problem"]),
    ("agent", &["sif", "problem"]),
    ("provider", &["mapper", "rulebook", "sis", "graph", "sif", "store", "agent", "zis", "problem"]),
    (
        "cli",
        &[
            "problem",
            "sif",
            "graph",
            "budget",
            "rulebook",
            "mapper",
            "proving",
            "reference",
            "sis",
            "sample",
            "postgresql",
            "store",
            "access",
            "zis",
            "agent",
            "provider",
        ],
    ),
    (
        "xtask",
        &[
            "problem", "sif", "graph", "budget", "rulebook", "mapper", "proving", "sis", "sample", "store", "access",
            "zis", "agent", "provider", "cli", "sifter",
        ],
    ),
    ("sifter", &["cli", "budget"]),
];

/// Libraries that are hidden behind the crates that name them: to change one, only these are read.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("quick-xml", &["sif"]),
    ("rhai", &["rulebook", "mapper"]),
    ("rusqlite", &["sis", "sample", "store"]),
    ("sqlx", &["postgresql", "sis", "sample", "store"]),
];

/// Who else may name such a library in tests and benchmarks, and why.
const ONLY_FOR_TESTS: &[(&str, &str, &str)] = &[
    ("quick-xml", "mapper", "its benchmark writes the same XML as most programs would, to be held against ours"),
    ("rusqlite", "zis", "its tests break a store under a running server"),
    ("sqlx", "zis", "its tests cut a running server off from its database"),
    ("rusqlite", "provider", "its tests change rows of a source as its owner would"),
];

/// A crate of the workspace.
struct Member {
    folder: PathBuf,
    normal: BTreeSet<String>,
    for_tests: BTreeSet<String>,
}

fn members() -> BTreeMap<String, Member> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(|package| (package["name"].as_str().unwrap().to_owned(), member(package))).collect()
}

fn member(package: &Value) -> Member {
    // A normal dependency has no kind; the others are `dev` and `build`.
    let of_kind = |kind: Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        dependencies
            .filter(|dependency| dependency["kind"] == kind)
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect()
    };
    Member {
        folder: Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned(),
        normal: of_kind(Value::Null),
        for_tests: of_kind("dev".into()),
    }
}

#[test]
fn a_crate_uses_only_the_crates_that_the_table_allows() {
    let members = members();
    let known: BTreeSet<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    assert_eq!(known, members.keys().map(String::as_str).collect(), "the table names every crate and no other");
    for (name, allowed) in MAY_USE {
        for used in members[*name].normal.iter().filter(|used| members.contains_key(*used)) {
            assert!(allowed.contains(&used.as_str()), "`{name}` may not use `{used}`");
        }
    }
}

#[test]
fn a_library_is_named_only_by_the_crates_that_hide_it() {
    let members = members();
    for (library, allowed) in ONLY_IN {
        let users: Vec<&String> =
            members.iter().filter(|(_, member)| member.normal.contains(*library)).map(|(name, _)| name).collect();
        assert!(!users.is_empty(), "nobody uses `{library}`; take it out of the list");
        for user in users {
            assert!(allowed.contains(&user.as_str()), "`{user}` may not use `{library}`");
        }
        for (user, _) in members.iter().filter(|(_, member)| member.for_tests.contains(*library)) {
            let is_allowed = allowed.contains(&user.as_str())
                || ONLY_FOR_TESTS.iter().any(|(known, by, _)| known == library && by == user);
            assert!(is_allowed, "`{user}` may not use `{library}`, not even in tests");
        }
    }
}

/// sqlx would trust the public authorities of this crate beside the one that a URL names: see `engine/webpki-roots/src/lib.rs`.
#[test]
fn the_list_of_public_authorities_is_our_empty_one() {
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let packages = lock.split("[[package]]").filter(|package| package.contains("name = \"webpki-roots\"\n"));
    let packages: Vec<&str> = packages.collect();
    assert_eq!(packages.len(), 1, "sqlx has another one: the patch in Cargo.toml does not fit it any more");
    assert!(!packages[0].contains("source = "), "{}", packages[0]);
    assert!(
        lock.split("[[package]]")
            .any(|package| package.contains("name = \"sqlx-core\"") && package.contains("\"webpki-roots\""))
    );
}

#[test]
fn only_budget_may_hold_unsafe_code() {
    let workspace = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let forbidden_for_all = workspace
        .split("[workspace.lints.rust]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .is_some_and(|lints| lints.contains("unsafe_code = \"forbid\""));
    for (name, member) in members().iter().filter(|(name, _)| *name != "budget") {
        let manifest = std::fs::read_to_string(member.folder.join("Cargo.toml")).unwrap();
        let inherits = forbidden_for_all && manifest.contains("[lints]\nworkspace = true");
        let forbids = ["src/lib.rs", "src/main.rs"].iter().any(|file| {
            std::fs::read_to_string(member.folder.join(file)).is_ok_and(|text| text.contains("#![forbid(unsafe_code)]"))
        });
        assert!(inherits || forbids, "`{name}` does not forbid unsafe code");
    }
}
