//! Who may administer: users, tokens, sessions.
#![forbid(unsafe_code)]
