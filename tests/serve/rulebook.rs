//! A rulebook that changes while the zone is served, and over restarts.

use std::path::Path;

use serde_json::{Value, json};

use crate::administrator::{Administrator, PASSWORD};
use crate::server::{Server, until};
use crate::small::small;
use crate::support;

const RULEBOOK: &str = "/api/zones/small/rulebook";

/// Starts a server of the zone, and logs in.
fn enter(config: &Path) -> (Server, Administrator) {
    let mut server = Server::start(config);
    assert!(server.address().ends_with("/zones/small"));
    let root = Administrator::log_in(&server.address(), "root");
    (server, root)
}

fn is_well(view: &Value) -> bool {
    view["problems"].as_array().is_some_and(Vec::is_empty)
}

#[test]
fn a_changed_rulebook_is_put_in_force_shown_and_taken_back_while_the_zone_is_served() {
    let (folder, config) = small();
    let admin = format!(
        "admin: {{ listen: 127.0.0.1:0, first_administrator: {{ name: root, password: {PASSWORD} }} }}\nzones:"
    );
    support::edit(&config, "zones:", &admin);
    let (server, root) = enter(&config);
    let first = root.get(RULEBOOK)["generation"].as_str().unwrap().to_owned();
    let rule = folder.path().join("rules/shared/attendance.rhai");

    support::edit(&rule, "least(", "leest(");
    let refused = until("it is refused", || Some(root.get(RULEBOOK)).filter(|view| !is_well(view)));
    assert_eq!(refused["generation"], *first, "the last good one goes on");
    assert_eq!(refused["problems"][0]["file"], "rules/shared/attendance.rhai");
    server.stop();

    // Not even a restart puts in force what is refused, nor does it keep the zone from being served.
    let (server, root) = enter(&config);
    assert!(server.said().contains("does not check"), "{}", server.said());
    let refused = until("it is refused again", || Some(root.get(RULEBOOK)).filter(|view| !is_well(view)));
    assert_eq!(refused["generation"], *first);

    std::fs::write(&rule, std::fs::read_to_string(&rule).unwrap().replace("leest(", "least(") + "// More.\n").unwrap();
    let second = until("it is in force", || Some(root.get(RULEBOOK)).filter(|view| view["generation"] != *first));
    assert_eq!(second["earlier"], json!([first]));
    assert!(is_well(&second), "{second}");

    let back = |generation: &str| root.post(&format!("{RULEBOOK}/roll-back"), &json!({ "generation": generation }));
    assert_eq!(back("00000000").0, 404);
    let (status, rolled) = back(&first);
    assert_eq!((status, &rolled["generation"]), (200, &json!(first)), "{rolled}");
    assert_eq!(rolled["earlier"][0], second["generation"]);
    let audit = root.get("/api/zones/small/audit");
    assert!(audit.to_string().contains("roll back rulebook"), "{audit}");

    // What was acknowledged holds, though the power fails.
    drop(server);
    let (server, root) = enter(&config);
    let view = root.get(RULEBOOK);
    assert_eq!((&view["generation"], &view["earlier"][0]), (&json!(first), &second["generation"]));
    support::edit(&rule, "// More.", "// Still more.");
    let third = until("an edit counts again", || Some(root.get(RULEBOOK)).filter(|view| view["generation"] != *first));
    assert_eq!(third["earlier"], json!([first, second["generation"]]));
    server.stop();
}
