//! What the README tells people to type must exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

#[test]
fn the_first_two_commands_of_the_readme_map_and_test() {
    let file = support::workspace().join("README.md");
    let Ok(text) = std::fs::read_to_string(file) else {
        support::skip("there is no README.md");
        return;
    };
    let blocks: Vec<&str> =
        text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().trim()).collect();
    assert!(blocks.len() >= 2, "the README has two blocks of commands");
    assert!(blocks[0].contains("cargo run") && blocks[0].contains(" map "), "the first one maps: {}", blocks[0]);
    assert!(blocks[1].contains("cargo test"), "the second one tests: {}", blocks[1]);
}
