//! How an extension is named and wrapped stands in objects/common/extension.yaml, and nowhere else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use rulebook::{Files, Rulebook};
use support::{object, small, wrong};

const FILE: &str = "objects/common/extension.yaml";
const NAME: &str = "  LocalId: { const: x }\n  Name/@Type: { const: \"04\" }\n  Name/LastName: { const: x }\n  Name/FirstName: { const: x }\n";

fn with(extension: Option<&str>, elements: &str) -> Files {
    let mut files = small("    1");
    files.insert("objects/StudentPersonal.yaml".to_owned(), object(NAME, elements));
    if let Some(text) = extension {
        files.insert(FILE.to_owned(), text.to_owned());
    }
    files
}

#[test]
fn the_name_and_the_wrapper_are_those_of_the_file() {
    for (text, inside) in [("name: Ours\nwrapper: \"{object}Own\"\n", "StudentPersonalOwn"), ("name: Ours\n", "Own")] {
        let plan = Rulebook::new(with(Some(text), "  Own: { const: x }\n")).plan.unwrap();
        let nodes = plan.objects[0].nodes();
        let at = nodes.iter().position(|node| &*node.path == "SIF_ExtendedElements/SIF_ExtendedElement").unwrap();
        let names: Vec<&str> = nodes[at].children.iter().map(|node| plan.names.text(node.name)).collect();
        assert_eq!(names, ["Name", inside]);
    }
}

#[test]
fn without_the_file_an_extension_is_a_problem_and_an_object_without_one_is_right() {
    let found = wrong(with(None, "  Own: { const: x }\n"));
    let expected = "D109 objects/StudentPersonal.yaml:10:3 there is no objects/common/extension.yaml, which says how an extension is named; write one with `name`, the Name of the SIF_ExtendedElement, and `wrapper`, the element around what is in it";
    assert_eq!(found, [expected]);
    let mut files = with(None, "");
    let text = files.get_mut("objects/StudentPersonal.yaml").unwrap();
    *text = text.replace("extension:\n", "");
    assert_eq!(wrong(files), [""; 0]);
}

#[test]
fn a_file_that_cannot_be_read_is_the_only_problem() {
    for text in ["name: [", "nmae: Ours\n", "wrapper: x\n"] {
        let found = wrong(with(Some(text), "  Own: { const: x }\n"));
        assert!(found.len() == 1 && found[0][5..].starts_with(FILE), "{found:?}");
    }
}
