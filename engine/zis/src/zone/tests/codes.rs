//! The table of codes in the manual: complete, and every test in it is there and speaks of its code.

use std::collections::BTreeMap;
use std::path::Path;

use sif::message::{Status, error};

/// What the table says: code, and the test or the reason why a zone never sends it. The conversations behind it are read by `tests/zis`.
fn table() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/zis-codes.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit());
    let mut table = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        assert!(table.insert(cells[0].to_owned(), cells[2].to_owned()).is_none(), "{row} stands twice");
    }
    table
}

/// The text of a test function.
fn test_text(name: &str) -> Option<String> {
    let (module, function) = name.split_once("::")?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/zone/tests/{module}.rs"));
    let text = std::fs::read_to_string(path).ok()?;
    let start = text.find(&format!("#[test]\nfn {function}("))?;
    let rest = &text[start..];
    Some(rest[..rest.find("\n}\n")?].to_owned())
}

#[test]
fn every_code_is_in_the_table() {
    let table = table();
    for code in error::ALL {
        assert!(table.contains_key(&code.to_string()), "{code} is not in engine/docs/zis-codes.md");
    }
    for status in Status::ALL {
        assert!(table.contains_key(&status.code().to_string()), "{} is not in engine/docs/zis-codes.md", status.code());
    }
}

#[test]
fn every_test_of_the_table_is_there() {
    let mut tests = 0;
    for (code, says) in table() {
        if let Some(reason) = says.strip_prefix("never: ") {
            assert!(reason.len() > 10, "{code}: {reason}");
            continue;
        }
        let name = says.trim_matches('`');
        let text = test_text(name).unwrap_or_else(|| panic!("{code}: there is no test {name}"));
        assert!(text.contains(&format!("\"{code}\"")), "{code}: the test {name} does not speak of it");
        tests += 1;
    }
    assert!(tests > 70, "only {tests} codes have a test");
}
