//! `sifter serve` without serving: what it would do, and the script for a source's owner.

use crate::small::small;
use crate::support::{self, sifter};

#[test]
fn check_says_what_would_run_and_what_is_wrong() {
    let (folder, config) = small();
    let check = || sifter(&["serve", "--config", config.to_str().unwrap(), "--check"]);
    let said = check().ends(0).stdout;
    for words in
        ["cases pass", "served at http://127.0.0.1:0/zones/", "1 agents, 1 of them approved", "provider sifter over"]
    {
        assert!(said.contains(words), "{words} is not in {said}");
    }
    assert!(!folder.path().join("store.db").exists(), "nothing is started");
    let object = folder.path().join("objects/StudentAttendanceSummary.yaml");
    support::edit(&object, "limits.cap)", "limits.cap + 1)");
    check().ends(1).says(&["error[Z104]", "the case `more days than the cap`"]);
    support::edit(&object, "limits.cap + 1)", "limits.capp)");
    check().ends(2).says(&["does not check"]);
    support::edit(&config, "source:", "sorce:");
    check().ends(3).says(&["unknown key `sorce`", "did you mean `source`?"]);
}

#[test]
fn triggers_are_printed_for_databases_only() {
    let (folder, config) = small();
    let print = || sifter(&["serve", "--config", config.to_str().unwrap(), "--print-triggers"]);
    print().ends(3).says(&["no source of these zones can have a change feed"]);
    support::edit(&config, &format!("csv:{}/source", folder.path().display()), "sqlite:sis.db");
    let script = print().ends(0).stdout;
    assert!(script.contains("CREATE TRIGGER"), "{script}");
}
