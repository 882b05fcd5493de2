//! `sifter agent pull --listen`: the zone calls.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use agent::{Action, Agent, Event, HttpTransport, Resend};

use super::{SCHOOL, Served, TWO};
use crate::support::program;

/// The program while it listens.
struct Listening {
    child: Child,
    said: BufReader<std::process::ChildStderr>,
    url: String,
}

impl Listening {
    /// Listens at a free port; the zone is told the address after that.
    fn start(served: &Served, arguments: &str) -> Self {
        let mut command = program();
        command.args(["agent", "pull", "--url", &served.url, "--id", "Library", "--listen", "127.0.0.1:0"]);
        command.args(arguments.split_whitespace()).current_dir(served.folder.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening at ").unwrap_or_else(|| panic!("it said {line}")).to_owned();
        Self { child, said, url }
    }

    /// What it printed until it ended, as it must.
    fn ends(mut self) -> String {
        let mut printed = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        let ended = self.child.wait().unwrap();
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        assert!(ended.success(), "{ended}: {rest}");
        printed
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn as_many_messages_are_taken_as_was_said_and_each_once() {
    let served = Served::start(TWO);
    served.agent("Sis", "register").ends(0);
    let first = Listening::start(&served, "--wait 120 --max 1 --out first");
    served.agent("Library", &format!("register --push {}", first.url)).ends(0);
    served.agent("Library", "pull").ends(1).says(&["5/9", "help: the zone calls this agent by itself"]);
    served.agent("Library", "subscribe SchoolInfo").ends(0);
    served.agent("Library", "sleep").ends(0);
    served.write("school.xml", SCHOOL);
    let ids: Vec<String> = (0..3)
        .map(|_| served.json("Sis", "event school.xml --action Add", 0)["message_id"].as_str().unwrap().to_owned())
        .collect();
    // All three are delivered one directly after the other, if they are let.
    served.agent("Library", "wakeup").ends(0);
    let printed = first.ends();
    assert_eq!((printed.lines().count(), printed.contains(&ids[0])), (1, true), "{printed}");
    assert!(printed.contains("SIF_Event") && printed.contains("SchoolInfo Add"), "{printed}");
    assert_eq!(std::fs::read_dir(served.folder.path().join("first")).unwrap().count(), 1);

    let second = Listening::start(&served, "--wait 120 --max 2");
    served.agent("Library", &format!("register --push {}", second.url)).ends(0);
    let printed = second.ends();
    assert_eq!(printed.lines().count(), 2, "{printed}");
    assert!(printed.contains(&ids[1]) && printed.contains(&ids[2]), "the first was acknowledged: {printed}");
}

#[test]
fn over_https_a_zone_that_shows_its_certificate_is_let_in() {
    let served =
        Served::start("about: https\nzone: { https: true }\nagents: { Library: { registered: false } }\nsteps: []\n");
    let known = crate::certificates::certificates();
    served.write("authority.pem", &known.authority);
    // Whoever listens at 127.0.0.1 shows a certificate of that name.
    served.write("library.pem", &known.server.certificate);
    served.write("library.key", &known.server.key);
    served.write("school.xml", SCHOOL);
    let shows = "--authorities authority.pem --certificate library.pem --key library.key";
    let listens = "--secure --wait 120 --max 1 --client-authorities";
    let to = |what: &str| served.agent("Library", &format!("{what} {shows}")).ends(0);

    let listening = Listening::start(&served, &format!("{shows} {listens} authority.pem"));
    assert!(listening.url.starts_with("https://127.0.0.1:"), "{}", listening.url);
    to(&format!("register --push {}", listening.url));
    to("subscribe SchoolInfo");
    to("event school.xml --action Add");
    let printed = listening.ends();
    assert!(printed.contains("SchoolInfo Add"), "{printed}");

    // A zone whose certificate is another authority's is not heard, and delivers to the next who listens.
    served.write("stranger.pem", &known.stranger.certificate);
    let deaf = Listening::start(&served, &format!("{shows} --secure --wait 3 --client-authorities stranger.pem"));
    to(&format!("register --push {}", deaf.url));
    to("event school.xml --action Change");
    assert_eq!(deaf.ends(), "nothing waits\n");
    let hears = Listening::start(&served, &format!("{shows} {listens} authority.pem"));
    to(&format!("register --push {}", hears.url));
    let printed = hears.ends();
    assert!(printed.contains("SchoolInfo Change"), "{printed}");
}

#[test]
fn of_many_messages_at_once_no_more_are_taken_than_was_said() {
    let served = Served::start(TWO);
    let listening = Listening::start(&served, "--wait 120 --max 1 --out inbox");
    // Eight connections, as no zone would have.
    let url = listening.url.clone();
    let taken = served.runtime.block_on(async move {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let once = Resend { attempts: 1, pause: Duration::ZERO };
            let transport = Arc::new(HttpTransport::builder(url.as_str()).build().unwrap());
            let zone = Agent::new("Cedar", transport).with_resend(once);
            calls.spawn(async move {
                let event = Event::new("SchoolInfo", Action::Delete, "<SchoolInfo RefId=\"A\"/>");
                zone.publish(&event).await.and_then(agent::Answer::accepted).is_ok()
            });
        }
        calls.join_all().await.into_iter().filter(|is_taken| *is_taken).count()
    });
    let printed = listening.ends();
    assert_eq!((taken, printed.lines().count()), (1, 1), "{printed}");
    assert_eq!(std::fs::read_dir(served.folder.path().join("inbox")).unwrap().count(), 1);
}
