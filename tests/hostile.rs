//! Rules written by someone who means harm, or who errs badly: they are refused, or they are stopped and the rest is mapped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{District, OBJECTS, assert_valid, copy_rulebook, instances, problems, workspace};

const RULE: &str = "rules/StudentPersonal/UTExtensions/CumulativeGPA.rhai";
const PATH: &str = "UTExtensions/CumulativeGPA";
const MOST_KIBIBYTES: u64 = 300 * 1024;
const MOST_TIME: Duration = Duration::from_secs(60);

/// Rules that the checker lets through, each with the code of what stops it.
const STOPPED: &[(&str, &str, &str)] = &[
    ("endless loop", "loop { }\n    1.0", "M102"),
    ("endless counting", "let n = 0;\n    while n < 1 { n = n * 1; }\n    1.0", "M102"),
    ("growing text", "let text = \"abcdefgh\";\n    loop { text += text; }\n    1.0", "M102"),
    ("padded text", "let text = \"a\";\n    text.pad(900000000, \"x\");\n    1.0", "M102"),
    ("growing array", "let big = [1];\n    loop { big.push(1); }\n    1.0", "M102"),
    ("arrays of arrays", "let big = [1];\n    loop { big = [big, big, big, big]; }\n    1.0", "M102"),
    ("padded array", "let big = [1];\n    big.pad(9000000000, 5);\n    1.0", "M102"),
    (
        "growing map of long texts",
        "let big = #{};\n    let n = 0;\n    let text = \"x\";\n    for i in 0..15 { text += text; }\n    \
         loop { n += 1; big[\"k\" + n] = text + n; }\n    1.0",
        "M102",
    ),
    (
        "closures that hold arrays",
        "let big = [1, 2, 3];\n    let f = || big;\n    loop { let g = f; f = || [g, g, big]; }\n    1.0",
        "M102",
    ),
    ("huge range", "let n = 0;\n    for i in range(0, 9000000000000000000) { n = i; }\n    1.0 * n", "M102"),
    ("recursion of a shared function", "deep(0)", "M102"),
    ("recursion of the rule's own function", "inner(0)\n}\nfn inner(n) {\n    inner(n + 1)", "M102"),
    ("throw", "throw \"no\";", "M101"),
    ("a number that is too large", "let n = 9223372036854775807;\n    n + 1", "M101"),
];

/// Rules that are refused, each with the code and its line and column.
const REFUSED: &[(&str, &str, &str)] = &[
    ("sleep(10);\n    1.0", "R108", "9:5"),
    ("import \"/etc/passwd\" as x;\n    1.0", "R108", "9:5"),
    ("eval(\"1\")", "R108", "9:5"),
];

/// A rulebook whose GPA rule has another body. The header and its eight lines stay.
fn rulebook_with(folder: &Path, body: &str) -> PathBuf {
    let book = folder.join("book");
    copy_rulebook(&book);
    std::fs::write(book.join("rules/shared/deep.rhai"), "// Never ends.\nfn deep(n) {\n    deep(n + 1)\n}\n").unwrap();
    let text = std::fs::read_to_string(workspace().join(RULE)).unwrap();
    let (header, _) = text.split_once("fn value").unwrap();
    std::fs::write(book.join(RULE), format!("{header}fn value(student) {{\n    {body}\n}}\n")).unwrap();
    book
}

/// Maps Cedar Ridge, watching memory and time. Gives the exit code and the most memory held, in KiB.
fn map_watched(book: &Path, out: &Path) -> (i32, u64) {
    let mut command = District::cedar_ridge().command(&["--rulebook", &book.display().to_string()]);
    command.arg("--out").arg(out).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut most = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(peak.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code().expect("the process ends by itself, whatever the rule does"), most);
        }
        if begun.elapsed() > MOST_TIME {
            child.kill().unwrap();
            panic!("it ran for more than {MOST_TIME:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_rule_that_takes_too_much_is_stopped_and_everything_else_is_mapped() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound");
    District::cedar_ridge().map(&sound, &[]).ends(0);
    for (what, body, code) in STOPPED {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let (exit, kibibytes) = map_watched(&rulebook_with(folder.path(), body), &out);
        assert_eq!(exit, 1, "{what}");
        assert!(kibibytes > 0 && kibibytes < MOST_KIBIBYTES, "{what}: {kibibytes} KiB");
        assert_valid(&out);
        for object in OBJECTS {
            assert_eq!(instances(&out, object).len(), instances(&sound, object).len(), "{what}: {object}");
        }
        let all = problems(&out);
        let of_rule: Vec<_> = all.iter().filter(|problem| problem["path"] == PATH).collect();
        assert_eq!(of_rule.len(), instances(&out, "StudentPersonal").len(), "{what}: one problem a student");
        assert_eq!(of_rule[0]["code"], *code, "{what}");
        // After a few times in a row it is not tried again.
        assert!(of_rule.iter().all(|problem| problem["code"] == *code || problem["code"] == "M111"), "{what}");
    }
}

#[test]
fn a_rule_that_reaches_outside_is_refused_with_its_place() {
    for (body, code, place) in REFUSED {
        let folder = tempfile::tempdir().unwrap();
        let book = rulebook_with(folder.path(), body);
        let run = District::cedar_ridge().map(&folder.path().join("out"), &["--rulebook", &book.display().to_string()]);
        run.ends(2).says(&[&format!("error[{code}]"), &format!("{RULE}:{place}"), "^"]);
        assert!(!folder.path().join("out").exists(), "nothing is written");
    }
}
