//! What the tests share.

pub mod cluster;

/// Says that a test was skipped. On the CI server everything is installed, so there it is a failure.
pub fn skip(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "on CI nothing may be skipped: {why}");
    println!("skipped: {why}");
}
