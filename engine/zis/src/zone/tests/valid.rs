//! What the zone says is valid against the official schema, by xmllint.

use std::path::Path;
use std::process::Command;

/// Checks messages; without the schema or xmllint says that it does not, which fails in CI.
pub fn check(messages: &[Vec<u8>]) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sif24/SIF_Message.xsd.xml");
    let missing = if schema.exists() {
        Command::new("xmllint").arg("--version").output().err().map(|_| "xmllint")
    } else {
        Some("../shared/sif24")
    };
    if let Some(missing) = missing {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "CI needs {missing}");
        eprintln!("skipped: messages are not checked against the schema, since {missing} is missing");
        return;
    }
    // Of the lists of SIF_AgentACL, those of services came with 2.4, where they are mandatory.
    let is_older = |text: &str| {
        ["2.0", "2.0r1", "2.1", "2.2", "2.3"]
            .iter()
            .any(|version| text.contains(&format!("Version=\"{version}\"><SIF_Ack>")))
    };
    let has_rights = |text: &str| text.contains("<SIF_AgentACL>");
    let messages: Vec<&Vec<u8>> = messages
        .iter()
        .filter(|message| {
            let text = String::from_utf8_lossy(message);
            !(is_older(&text) && has_rights(&text))
        })
        .collect();
    if messages.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema"]).arg(schema);
    for (number, message) in messages.iter().enumerate() {
        let path = folder.path().join(format!("{number}.xml"));
        std::fs::write(&path, message).unwrap();
        command.arg(path);
    }
    let output = command.output().unwrap();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let errors: Vec<&str> = errors.lines().filter(|line| !line.ends_with("validates")).take(10).collect();
        let first =
            errors.first().and_then(|line| line.split(".xml").next()?.rsplit('/').next()?.parse::<usize>().ok());
        let document =
            first.and_then(|number| messages.get(number)).map(|text| String::from_utf8_lossy(text).into_owned());
        panic!("{}\n{}", errors.join("\n"), document.unwrap_or_default());
    }
}

#[test]
fn the_check_notices_what_is_not_valid() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sif24/SIF_Message.xsd.xml");
    if !schema.exists() {
        check(&[]);
        return;
    }
    let bad = b"<SIF_Message xmlns=\"http://www.sifinfo.org/infrastructure/2.x\" Version=\"2.4\"><SIF_Ack></SIF_Ack></SIF_Message>";
    assert!(std::panic::catch_unwind(|| check(&[bad.to_vec()])).is_err());
}
