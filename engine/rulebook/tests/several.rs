//! Several mistakes of a file are reported together, as far as its parser allows.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use rulebook::{Files, Rulebook};

/// Code and place of each problem of a file of the project's rulebook, with this text in its stead.
fn reported(file: &str, text: &str) -> Vec<String> {
    let mut files: Files = support::small("1");
    files.insert(file.to_owned(), text.to_owned());
    let problems = Rulebook::new(files).problems.into_iter();
    let here =
        problems.filter_map(|problem| Some((problem.code.name(), problem.place.filter(|at| &*at.file == file)?)));
    here.map(|(code, at)| format!("{code} {}:{}", at.line, at.column)).collect()
}

#[test]
fn each_function_that_cannot_be_parsed_is_reported() {
    let text = "fn one(a) {\n    a +\n}\n\nfn two(a) {\n    a + 1\n}\n\nfn three(a) {\n    let = a;\n}\n";
    assert_eq!(reported("rules/shared/several.rhai", text), ["R101 3:1", "R101 10:9"]);
}

#[test]
fn every_mistake_of_a_yaml_file_is_reported() {
    let text = "cap:\n  type: number\n  values: {}\nlimit:\n  doc: A limit.\n  tpye: int\n  values:\n    2000-07-01: { value: 1 }\n";
    let found = reported("rules/parameters/several.yaml", text);
    assert_eq!(found, ["Y103 2:3", "G101 2:9", "Y102 6:3"]);
}
