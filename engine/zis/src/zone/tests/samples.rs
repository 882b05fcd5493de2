//! The sample messages of the specification: those that a zone handles are handled.

use std::path::Path;

use super::*;

/// What is answered to a sample, by its number, where it is not 0. Nobody provides what is asked for, and no request is open.
const OTHERWISE: &[(&str, &str)] = &[
    ("10", "12/5"),
    ("16", "8/4"),
    ("17", "8/10"),
    ("18", "8/10"),
    ("19", "8/10"),
    ("23", "12/6"),
    ("27", "12/6"),
    ("29", "12/6"),
    ("30", "9"),
    ("31", "12/5"),
    ("32", "12/5"),
    ("39", "14/3"),
    ("40", "14/8"),
    ("41", "4/15"),
];

#[test]
fn samples_are_handled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/zis/messages/spec");
    let Ok(files) = std::fs::read_dir(&folder) else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "CI needs ../shared");
        eprintln!("skipped: the samples are not looked at, since ../shared is missing");
        return;
    };
    let mut handled = 0;
    for file in files {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(message) = Message::read(&Bytes::from(text.clone()), &Limits::default()) else { continue };
        let source = message.header.source_id.clone();
        let mut bench = Bench::with(|config| {
            let url = message.value("SIF_Protocol/SIF_URL");
            config.agents.insert(source.clone(), AgentConfig { url, ..agent(&source) });
        });
        if message.kind.name() != "SIF_Register" {
            let body = registration(&source, "4000000000", "*");
            assert_eq!(bench.send("SIF_Register", &source, &body), "0", "{name}");
        }
        let said = bench.post(&text);
        let number = &name[..2];
        let wanted = OTHERWISE.iter().find(|(own, _)| *own == number).map_or("0", |(_, code)| *code);
        assert_eq!(said, wanted, "{name}");
        handled += 1;
    }
    assert!(handled > 20, "only {handled} samples are messages");
}
