#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use zis::{Mode, Right};

use super::{Looks, ServeConfig, read};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("zone.yaml", "name: z\nschool_years: [2026]\n");
        folder
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Reads a configuration in which `FOLDER` stands for this folder.
    fn read(&self, text: &str) -> Result<ServeConfig, Vec<String>> {
        let path = self.write("serve.yaml", &text.replace("FOLDER", &self.0.path().display().to_string()));
        let environment = |name: &str| (name == "SECRET").then(|| "a secret of 20 letters".to_owned());
        read(&path, &environment).map_err(|(problems, _)| {
            let told = problems.into_iter().map(|problem| {
                let line = problem.place.map_or(0, |place| place.line);
                format!("{}:{line}: {} {}", problem.code.name(), problem.message, problem.help.unwrap_or_default())
            });
            told.collect()
        })
    }
}

const SMALL: &str = "listen: 127.0.0.1:0\nstore: sqlite:x.db\nzones:\n  - zone: FOLDER/zone.yaml\n";

#[test]
fn a_small_configuration_has_the_usual_values() {
    let config = Folder::new().read(SMALL).unwrap();
    assert_eq!(config.server.zones.len(), 1);
    let zone = &config.server.zones[0];
    assert_eq!((zone.name.as_str(), &zone.contexts[..]), ("z", &["SIF_Default".to_owned()][..]));
    assert_eq!(zone.options, zis::ZoneOptions::default());
    assert!(zone.versions.iter().any(|version| version.to_string() == "2.0r1"), "OpenADK's requests come in it");
    assert!(config.zones[0].provider.is_none() && config.server.tls.is_none() && config.server.admin.is_none());
}

#[test]
fn everything_can_be_said() {
    let folder = Folder::new();
    folder.write("cert.pem", "certificate");
    folder.write("key.pem", "key");
    folder.write(
        "zone.yaml",
        "name: z\nschool_years: [2026]\nagents:\n  - id: a\n    approved: true\n    mode: push\n    url: https://a.example.org/\n    \
         contexts: [SIF_Default, Other]\n    certificate: \"FINGERPRINT\"\n    \
         rights: { \"*\": [request], StaffPersonal: [provide, publish_add] }\n    services: { s: [provide] }\n    \
         elements: { StudentPersonal: [Name, UTExtensions/LimitedEnglish] }\n"
            .replace("FINGERPRINT", &vec!["AB:CD"; 16].join(":"))
            .as_str(),
    );
    let config = folder.read(
        "listen: 0.0.0.0:7080\nstore: postgres://u:${SECRET}@db/s\n\
         tls: { certificate: FOLDER/cert.pem, key: FOLDER/key.pem, client_ca: FOLDER/cert.pem, hosts: { a.example.org: [10.0.0.5] } }\n\
         admin: { listen: 127.0.0.1:1, first_administrator: { name: root, password: \"${SECRET}\" } }\n\
         push: { connect_seconds: 3 }\nlimits: { connections: 7, body_seconds: 9 }\n\
         zones:\n  - zone: FOLDER/zone.yaml\n    source: sqlite:sis.db\n    rulebook: book\n    contexts: [Third]\n    versions: [2.4]\n    \
         options: { max_attempts: 3, min_authentication: 2, validate: false, push_hosts: [a.example.org] }\n    \
         provider: { id: p, as_of: 2026-02-02, jobs: 3, events_every_seconds: 0, watch: false, offer_again_seconds: 30, keep_generations: 4 }\n",
    );
    let config = config.unwrap();
    assert_eq!(config.server.store, "postgres://u:a secret of 20 letters@db/s");
    let tls = config.server.tls.as_ref().unwrap();
    assert_eq!((tls.certificates.as_slice(), tls.hosts["a.example.org"].len()), (&b"certificate"[..], 1));
    assert_eq!(config.server.admin.as_ref().unwrap().first_administrator.as_ref().unwrap().0, "root");
    assert_eq!((config.server.limits.connections, config.server.limits.body_timeout), (7, Duration::from_secs(9)));
    assert_eq!(config.server.push.connect_timeout, Duration::from_secs(3));
    let zone = &config.server.zones[0];
    assert_eq!(zone.contexts, ["Other", "SIF_Default", "Third"]);
    assert_eq!((zone.options.max_attempts, zone.options.min_authentication, zone.options.validate), (3, 2, false));
    let agent = &zone.agents["a"];
    assert_eq!((agent.mode, agent.approved), (Some(Mode::Push), true));
    assert_eq!(agent.certificate.as_deref(), Some(&*"abcd".repeat(16)));
    assert_eq!(agent.rights["StaffPersonal"], [Right::Provide, Right::PublishAdd].into());
    let path = "SIF_ExtendedElements/SIF_ExtendedElement/StudentPersonalExtensions/LimitedEnglish";
    assert!(agent.elements["StudentPersonal"].contains(path), "{:?}", agent.elements);
    assert!(config.zones[0].elements["a"]["StudentPersonal"].contains("Name"), "the provider answers by them");
    let provider = config.zones[0].provider.as_ref().unwrap();
    assert_eq!((provider.id.as_str(), provider.jobs, provider.looks, provider.watch), ("p", 3, Looks::Never, false));
    assert_eq!((provider.offer_again, provider.keep_generations), (Duration::from_secs(30), 4));
    assert!(zone.agents["p"].approved && zone.agents["p"].rights["*"].contains(&Right::Provide), "it may do its work");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let folder = Folder::new();
    folder.write("bad.yaml", "name: b\nschool_years: [2026]\nagents:\n  - id: a\n    mode: pussh\n    rights: { StudentPersonel: [request], SchoolInfo: [reqest] }\n    elements: { StudentPersonal: [Nam, Name/FirstName], StaffPersonal: [Name] }\n  - id: a\n");
    let told = folder
        .read(
            "listn: 127.0.0.1:0\nlisten: here\nstore: oracle:x\nlimits: { connections: 0, header_secs: 1 }\ntls: { certificate: FOLDER/no.pem, key: \"${NONE}\" }\n\
             admin: { listen: 127.0.0.1:1, first_administrator: { name: root, password: short } }\n\
             zones:\n  - zone: FOLDER/bad.yaml\n    provider: {}\n  - zone: FOLDER/none.yaml\n  - zone: FOLDER/zone.yaml\n    source: csv:x\n    remote: { url: example.org, mode: push }\n  - zone: FOLDER/zone.yaml\n    options: { max_attemps: 1 }\n    versions: [1.1]\n  - zone: FOLDER/zone.yaml\n    source: csv:x\n    remote: { url: \"http://z\", mode: push, listen: 127.0.0.1:0, own_url: sis.example.org, check_every_seconds: 0 }\n",
        )
        .unwrap_err();
    let all = told.join("\n");
    for words in [
        "Y102:1: unknown key `listn`",
        "Z103:2: `listen` is an address and a port",
        "Z103:3: the store is sqlite:PATH or postgres://…",
        "Z103:4: `connections` is a whole number from 1 to 1000000",
        "unknown key `header_secs` in `limits`",
        "did you mean `header_seconds`?",
        "no.pem cannot be read",
        "Z103:5: the environment has no variable `NONE`",
        "Z103:6: a password has 15 characters or more",
        "a provider needs a `source`",
        "Z101:5: `pussh` is no mode; the modes are push and pull did you mean `push`?",
        "Z101:6: SIF 2.4 has no object `StudentPersonel` did you mean `StudentPersonal`?",
        "Z101:6: `reqest` is no right",
        "Z101:7: `StudentPersonal` has no `Nam` did you mean `Name`?",
        "Z101:7: the elements of `StaffPersonal` cannot be told apart",
        "Z101:8: two agents have the id `a`",
        "none.yaml cannot be read",
        "the url of a zone starts with https:// or http://",
        "push mode needs `listen`",
        "Z103:19: `own_url` starts with https:// or http://",
        "Z103:19: `check_every_seconds` is a whole number from 1 to 86400",
        "unknown key `max_attemps`",
        "Z103:16: `versions` are of SIF 2",
        "two zones have the name z",
    ] {
        assert!(all.contains(words), "{words} is not in:\n{all}");
    }
    assert!(!all.contains("Name/FirstName"), "what is right is not told: {all}");
}

#[test]
fn events_are_looked_for_by_the_clock_on_demand_or_never() {
    let read = |provider: &str| {
        let admin = "admin: { listen: 127.0.0.1:1 }";
        let text = format!("{admin}\n{SMALL}    source: csv:x\n    provider: {{ {provider} }}\n");
        let config = Folder::new().read(&text).map_err(|told| told.join("\n"))?;
        Ok::<_, String>(config.zones[0].provider.as_ref().unwrap().looks)
    };
    let every = |seconds| Ok(Looks::Every(Duration::from_secs(seconds)));
    assert_eq!(read("jobs: 1"), every(60));
    assert_eq!(read("events_every_seconds: 5"), every(5));
    assert_eq!(read("events: scheduled, events_every_seconds: 5"), every(5));
    assert_eq!(read("events_every_seconds: 0"), Ok(Looks::Never));
    assert_eq!(read("events: never"), Ok(Looks::Never));
    assert_eq!(read("events: on_demand"), Ok(Looks::OnDemand));
    for (provider, words) in [
        ("events: on_demand, events_every_seconds: 5", "leave `events_every_seconds` out"),
        ("events: never, events_every_seconds: 0", "leave `events_every_seconds` out"),
        ("events: scheduled, events_every_seconds: 0", "needs `events_every_seconds` of 1 or more"),
        ("events: sometimes", "`events` is scheduled, on_demand or never"),
    ] {
        let told = read(provider).unwrap_err();
        assert!(told.contains("Z103") && told.contains(words), "{provider}: {told}");
    }
    // Where nobody could ask.
    let asked = format!("{SMALL}    source: csv:x\n    provider: {{ events: on_demand }}\n");
    assert!(Folder::new().read(&asked).unwrap_err()[0].contains("needs `admin`"));
    let far = format!("{asked}    remote: {{ url: \"http://a.example/\" }}\n");
    assert!(Folder::new().read(&far).unwrap_err()[0].contains("needs `admin`"));
    let far = format!("admin: {{ listen: 127.0.0.1:1 }}\n{far}");
    assert!(Folder::new().read(&far).is_ok());
}

#[test]
fn no_message_has_the_value_of_a_variable() {
    let told = Folder::new().read(&SMALL.replace("127.0.0.1:0", "\"${SECRET}\"")).unwrap_err();
    assert!(told[0].contains("`listen` is an address") && !told[0].contains("secret of 20"), "{told:?}");
    let config = Folder::new().read(&SMALL.replace("sqlite:x.db", "\"sqlite:$${x}\"")).unwrap();
    assert_eq!(config.server.store, "sqlite:${x}");
    assert!(Folder::new().read(&SMALL.replace("sqlite:x.db", "\"sqlite:${x\"")).unwrap_err()[0].contains("has no `}`"));
}

#[test]
fn the_example_is_right() {
    let text = std::fs::read_to_string(workspace().join("examples/cedar-ridge/serve.yaml")).unwrap();
    let folder = Folder::new();
    let text = text.replace("zone: examples/", &format!("zone: {}/examples/", workspace().display()));
    let config = folder.read(&text).unwrap();
    assert_eq!(config.server.zones[0].agents.keys().collect::<Vec<_>>(), ["library", "lunch", "sifter", "tester"]);
}

#[test]
fn a_database_that_would_be_reached_in_plain_text_is_told_with_its_place_and_without_its_password() {
    let folder = Folder::new();
    folder.write("zone.yaml", "name: z\nschool_years: [2026]\n");
    let told = folder
        .read(
            "listen: 0.0.0.0:7080\nstore: postgres://u:${SECRET}@db.example.org/s?sslmode=prefer\n\
             zones:\n  - zone: FOLDER/zone.yaml\n    source: postgres://u:${SECRET}@db.example.org/s?sslrootcert=FOLDER/none.pem\n",
        )
        .unwrap_err();
    let all = told.join("\n");
    assert_eq!(told.len(), 2, "{all}");
    for words in [
        "Z103:2: PostgreSQL at db.example.org: `sslmode=allow` and `sslmode=prefer` go on in plain text",
        "Z103:5: PostgreSQL at db.example.org: `sslrootcert`: the file",
        "none.pem` cannot be read",
    ] {
        assert!(all.contains(words), "{words}: {all}");
    }
    assert!(!all.contains("secret"), "{all}");
}
