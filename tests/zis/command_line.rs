//! `sifter agent` against a real server: what it prints, what it writes, how it ends.

mod pushed;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent::{Agent, Body, Delivered, HttpTransport, Packet};
use serde_json::Value;
use sif::message::{Outcome, Status};
use tempfile::TempDir;

use crate::script::{self, Conversation};
use crate::stage::Stage;
use crate::support::{self, Run, program};

const ZONE: &str = "Cedar";

/// A server that agents of another process talk to.
struct Served {
    runtime: tokio::runtime::Runtime,
    stage: Option<Stage>,
    folder: TempDir,
    url: String,
}

impl Served {
    fn start(conversation: &str) -> Self {
        let conversation: Conversation = script::read(conversation).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let store = format!("sqlite:{}", folder.path().join("zone.db").display());
        let stage = runtime.block_on(Stage::open(ZONE, &store, &conversation)).unwrap();
        let url = stage.url().unwrap();
        Self { runtime, stage: Some(stage), folder, url }
    }

    /// Runs `sifter agent <what>` as an agent, in a folder that goes.
    fn agent(&self, id: &str, arguments: &str) -> Run {
        let mut command = program();
        let mut arguments = arguments.split_whitespace();
        command.arg("agent").arg(arguments.next().unwrap()).args(["--url", &self.url, "--id", id]);
        support::run(command.args(arguments.map(|argument| argument.replace('_', " "))).current_dir(self.folder.path()))
    }

    /// The same, for programs: the only line that it prints.
    fn json(&self, id: &str, arguments: &str, code: i32) -> Value {
        let run = self.agent(id, &format!("{arguments} --format json")).ends(code);
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr))
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut stage) = self.stage.take() {
            self.runtime.block_on(stage.close());
        }
    }
}

const TWO: &str = "
about: two agents
agents: { Library: { registered: false }, Sis: { registered: false } }
steps: []
";

const SCHOOL: &str = "<?xml version=\"1.0\"?>\n<!-- a school -->\n<SchoolInfo RefId=\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\">\
    <SchoolName>Cedar</SchoolName></SchoolInfo>\n";

/// Whether only its owner may read a file.
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0
}

#[test]
fn an_agent_joins_says_what_it_does_and_leaves() {
    let served = Served::start(TWO);
    let refused = served.agent("Library", "ping").ends(1);
    refused.says(&["error: 4/9: SIF_SourceId is not registered", "help: register first: sifter agent register"]);
    let run = served.agent("Library", "register --name Our_library").ends(0);
    assert!(
        run.stdout.starts_with("Library is registered\n") && run.stdout.contains(" others (--format json lists them)"),
        "{}",
        run.stdout
    );
    let rights = served.json("Library", "acl", 0)["rights"].clone();
    let of_schools = rights.as_array().unwrap().iter().find(|right| right["name"] == "SchoolInfo").unwrap();
    assert_eq!(of_schools["rights"].as_array().unwrap().len(), 7, "{of_schools}");
    assert_eq!(served.agent("Library", "ping").ends(0).stdout, "the zone is there\n");
    served.agent("Library", "provision --provide SchoolInfo --subscribe LEAInfo,TermInfo --request SchoolInfo").ends(0);
    served.agent("Sis", "register").ends(0);
    served.agent("Sis", "provide SchoolInfo").ends(1).says(&["6/4", "help: sifter agent status shows who provides"]);
    served.agent("Sis", "provide LEAInfo").ends(0);
    served.agent("Sis", "unprovide LEAInfo").ends(0);
    served.agent("Sis", "subscribe SchoolInfo TermInfo").ends(0);
    served.agent("Sis", "unsubscribe TermInfo").ends(0);
    served.agent("Sis", "sleep").ends(0);
    let status = served.json("Library", "status", 0);
    assert_eq!(status["zone"], ZONE);
    assert_eq!(status["provides"]["Library"], serde_json::json!(["SchoolInfo"]));
    assert_eq!(status["subscribes"]["Sis"], serde_json::json!(["SchoolInfo"]));
    let sleeping: Vec<&Value> = status["agents"].as_array().unwrap().iter().map(|agent| &agent["sleeping"]).collect();
    assert_eq!(sleeping, ["No", "Yes"]);
    let shown = served.agent("Library", "status").ends(0).stdout;
    assert!(shown.contains("zone: Cedar") && shown.contains("provides: SchoolInfo"), "{shown}");
    served.agent("Sis", "wakeup").ends(0);
    served.agent("Library", "unregister").ends(0);
    let error = served.json("Library", "pull", 1);
    assert_eq!((&error["category"], &error["code"]), (&4.into(), &9.into()), "{error}");
}

#[test]
fn an_event_is_sent_from_a_file_looked_at_kept_and_acknowledged() {
    let served = Served::start(TWO);
    served.agent("Library", "register").ends(0);
    served.agent("Sis", "register").ends(0);
    served.agent("Library", "subscribe SchoolInfo").ends(0);
    served.write("school.xml", SCHOOL);
    let sent = served.json("Sis", "event school.xml --action Change", 0);
    let id = sent["message_id"].as_str().unwrap().to_owned();
    let again = served.json("Sis", &format!("event school.xml --action Change --message-id {id}"), 0);
    assert_eq!(again["status"], 7);
    let looked = served.json("Library", "pull --leave --out inbox", 0);
    assert_eq!(looked["message_id"], id.as_str());
    assert_eq!((&looked["object"], &looked["action"]), (&"SchoolInfo".into(), &"Change".into()));
    assert_eq!(looked["acknowledged"], Value::Null);
    let file = format!("inbox/{}", looked["file"].as_str().unwrap());
    assert!(served.read(&file).contains("<SchoolName>Cedar</SchoolName>"));
    assert!(is_private(&served.folder.path().join(&file)));
    served.agent("Library", &format!("ack {id} --from Sis --error 10/1")).ends(0);
    let worked = served.json("Library", "pull --reply 2", 0);
    assert_eq!((&worked["message_id"], &worked["acknowledged"]), (&id.as_str().into(), &2.into()));
    served.agent("Library", &format!("ack {id} --from Sis --status 1")).ends(0);
    assert_eq!(served.agent("Library", "pull").ends(0).stdout, "nothing waits\n");
    served.agent("Library", &format!("ack {id} --from Sis --status 3")).ends(1).says(&["13/4"]);
    // Nothing of what an event holds is printed.
    assert!(!worked.to_string().contains("Cedar"), "{worked}");
}

#[test]
fn a_request_waits_for_its_packets_and_writes_one_document() {
    let served = Served::start(TWO);
    served.agent("Library", "register").ends(0);
    served.agent("Sis", "register").ends(0);
    served.agent("Sis", "provide SchoolInfo --extended-query").ends(0);
    let nobody = served.agent("Library", "request StaffPersonal").ends(1);
    nobody.says(&["8/4: the object has no provider", "help: nobody answers for the object now"]);
    let asked =
        served.json("Library", "request SchoolInfo --wait 0 --where SchoolName_EQ_Cedar --elements SchoolName", 0);
    let late = served.agent("Library", "request SchoolInfo --wait 1 --out schools.xml").ends(1);
    late.says(&["packet 1 of request", "did not come within 1 seconds"]);
    assert!(!served.folder.path().join("schools.xml").exists());
    let delivered = served.json("Sis", "pull --max 1 --out inbox", 0);
    assert_eq!(delivered["message_id"], asked["message_id"]);
    let request = served.read(&format!("inbox/{}", delivered["file"].as_str().unwrap()));
    assert!(
        request.contains("<SIF_Element>SchoolName</SIF_Element><SIF_Operator>EQ</SIF_Operator><SIF_Value>Cedar<"),
        "{request}"
    );

    served.agent("Library", "subscribe LEAInfo").ends(0);
    served.write("lea.xml", "<LEAInfo RefId=\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"/>");
    served.agent("Sis", "event lea.xml --action Add").ends(0);
    let stopped = served.agent("Library", "request SchoolInfo --wait 2").ends(1);
    stopped.says(&["another message comes first: SIF_Event", "LEAInfo Add", "--drop-others"]);
    let answering = served.answer_the_third();
    let told = served.json("Library", "request SchoolInfo --wait 20 --drop-others --out schools.xml", 0);
    answering.join().unwrap();
    assert_eq!((&told["packets"], &told["count"]), (&2.into(), &"3 objects".into()), "{told}");
    let file = served.folder.path().join("schools.xml");
    assert!(is_private(&file));
    support::assert_valid_by("sif24.xsd", &file);
    assert_eq!(served.read("schools.xml").matches("<SchoolInfo RefId=").count(), 3);
}

#[test]
fn how_it_ends_when_there_is_no_zone() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let at = |url: &str| {
        let arguments = ["agent", "ping", "--url", url, "--id", "Library", "--timeout", "2"];
        support::run(program().args(arguments))
    };
    at(&format!("http://{closed}/zones/Cedar")).ends(3).says(&["no answer", "sent 4 times", "help: check --url"]);
    at("zones/Cedar").ends(3).says(&["the address cannot be used"]);
    let served = Served::start(TWO);
    at(&served.url.replace("Cedar", "Nowhere")).ends(3).says(&["HTTP status 404"]);
    let usage = |arguments: &str| support::run(program().arg("agent").args(arguments.split(' '))).ends(3);
    let to = format!("--url {} --id Library", served.url);
    usage(&format!("event {to} nothing.xml --action Add")).says(&["nothing.xml cannot be read"]);
    usage(&format!("request {to} SchoolInfo --where Name")).says(&["a condition is written: Name/LastName EQ Smith"]);
    usage(&format!("ack {to} A --from B --status 5")).says(&["a status is 1, 2, 3, 7 or 8"]);
    usage(&format!("register {to} --versions two")).says(&["a version is written 2.4, 2.*, 2.0r* or *"]);
    usage(&format!("ping {to} --certificate a.pem")).says(&["--key"]);
}

#[test]
fn over_https_it_shows_its_certificate() {
    let served = Served::start(
        "about: https\nzone: { https: true, options: { min_authentication: 2 } }\nagents: { Library: { registered: false } }\nsteps: []\n",
    );
    let known = crate::certificates::certificates();
    served.write("authority.pem", &known.authority);
    served.write("library.pem", &known.trusted.certificate);
    served.write("library.key", &known.trusted.key);
    served.agent("Library", "register --timeout 5").ends(3).says(&["certificate"]);
    let bare = served.agent("Library", "register --authorities authority.pem").ends(1);
    bare.says(&["3/3", "help: show the agent's certificate with --certificate and --key"]);
    served.agent("Library", "register --authorities authority.pem --certificate library.pem --key library.key").ends(0);
}

#[test]
fn every_example_of_the_help_is_understood() {
    let served = Served::start(TWO);
    served.agent("Library", "register").ends(0);
    served.agent("Sis", "register").ends(0);
    served.write("school.xml", SCHOOL);
    let query = "<SIF_ExtendedQuery><SIF_Select Distinct=\"false\" RowCount=\"All\"><SIF_Element ObjectName=\"SchoolInfo\">@RefId\
        </SIF_Element></SIF_Select><SIF_From ObjectName=\"SchoolInfo\"/></SIF_ExtendedQuery>";
    served.write("query.xml", query);
    let whole = support::sifter(&["agent", "--help"]).ends(0).stdout;
    let (_, commands) = whole.split_once("Commands:\n").unwrap();
    let names: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert_eq!(names.len(), 17, "{names:?}");
    let mut count = 0;
    for name in names {
        let help = support::sifter(&["agent", name, "--help"]).ends(0).stdout;
        let (_, examples) = help.split_once("Example").unwrap_or_else(|| panic!("{name} has no example"));
        for example in support::commands(examples).iter().filter(|example| example.contains("127.0.0.1:7080")) {
            let line = example.replace("http://127.0.0.1:7080/zones/Cedar", &served.url);
            let mut arguments = support::words(&line);
            // Nobody waits so long here, and a port may be taken.
            let wait = arguments.iter().position(|argument| argument == "--wait");
            match wait {
                Some(at) => arguments[at + 1] = "1".to_owned(),
                None if name == "request" => arguments.extend(["--wait".to_owned(), "1".to_owned()]),
                None => {}
            }
            for argument in &mut arguments {
                *argument = argument.replace("127.0.0.1:9000", "127.0.0.1:0");
            }
            let run = support::run(program().args(&arguments[1..]).current_dir(served.folder.path()));
            assert!(matches!(run.code, 0 | 1), "{example}: {}", run.stderr);
            count += 1;
        }
    }
    assert!(count >= 19, "only {count} examples were tried");
}

impl Served {
    /// Has Sis answer the third request that waits for it, with two packets of three objects, on a thread of its own.
    fn answer_the_third(&self) -> std::thread::JoinHandle<()> {
        let url = self.url.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(answer(&url));
        })
    }
}

async fn answer(url: &str) {
    let sis = Agent::new("Sis", Arc::new(HttpTransport::builder(url).build().unwrap()));
    let until = Instant::now() + Duration::from_secs(20);
    let mut requests = Vec::new();
    while requests.len() < 3 {
        let got = sis.get_message().await.unwrap();
        match got.delivered() {
            Some(message) => {
                sis.acknowledge(&Delivered::of(message), &Outcome::Status(Status::Immediate)).await.unwrap();
                requests.push(message.header.message_id.clone());
            }
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        assert!(Instant::now() < until, "there are {} requests", requests.len());
    }
    let request = requests.pop().unwrap();
    let school = crate::lines::element("SchoolInfo");
    for (number, objects) in [(1, 2), (2, 1)] {
        let body = Body::Objects(school.repeat(objects));
        let packet = Packet { number, more: number == 1, ..Packet::only(request.clone(), "Library", body) };
        sis.respond(&packet).await.unwrap().accepted().unwrap();
    }
}
