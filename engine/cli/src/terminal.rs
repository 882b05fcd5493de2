//! What people see on the terminal.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use problem::{Problem, Severity, render};
use rulebook::Files;

use crate::exit::Exit;

/// Prints a problem to standard error, with its excerpt.
pub fn print_problem(problem: &Problem, files: &Files) {
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    anstream::eprint!("{}", render::human(problem, files, colour));
}

/// Prints a problem that ends the program, and says how it ends.
pub fn end(problem: &Problem, files: &Files) -> Exit {
    print_problem(problem, files);
    Exit::Usage
}

/// Says what is wrong with how the program was called, and how it ends.
pub fn usage(message: &str) -> Exit {
    anstream::eprintln!("error: {message}");
    Exit::Usage
}

/// "; did you mean this?", if something is near.
pub fn did_you_mean(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}

/// "2 errors, 1 warning".
pub fn count_of(problems: &[Problem]) -> String {
    let mut parts = Vec::new();
    for (severity, word) in [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")] {
        let count = problems.iter().filter(|problem| problem.severity == severity).count();
        match count {
            0 => {}
            1 => parts.push(format!("1 {word}")),
            _ => parts.push(format!("{count} {word}s")),
        }
    }
    if parts.is_empty() { "no problems".to_owned() } else { parts.join(", ") }
}

/// Counts problems by kind: code, object, path and message, where the message has no numbers of its own.
#[derive(Default)]
pub struct Kinds {
    kinds: BTreeMap<(Severity, &'static str, String, String), u64>,
}

impl Kinds {
    /// Counts a problem.
    pub fn add(&mut self, problem: &Problem) {
        let subject = &problem.subject;
        let whole =
            [subject.object.as_deref(), subject.path.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("/");
        let at = if whole.is_empty() {
            [subject.table.as_deref(), subject.column.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(".")
        } else {
            whole
        };
        // Errors first.
        let key = (problem.severity, problem.code.name(), at, problem.message.clone());
        *self.kinds.entry(key).or_default() += 1;
    }

    /// Prints each kind once, with its count.
    pub fn print(&self) {
        for ((severity, code, at, message), count) in self.kinds.iter().rev() {
            anstream::eprintln!("{severity}[{code}] {count:>6} × {at}: {message}");
        }
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.kinds.keys().any(|(severity, ..)| *severity == Severity::Error)
    }
}

/// A progress bar on standard error: only on a terminal, and only for work that takes longer than two seconds.
pub struct Progress {
    bar: ProgressBar,
    since: Instant,
    total: u64,
}

impl Progress {
    /// A bar for `total` of `what`.
    pub fn new(total: u64, what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg} {eta}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar, since: Instant::now(), total }
    }

    /// So much is done.
    pub fn set(&self, done: u64) {
        if self.bar.is_hidden() && self.since.elapsed() > Duration::from_secs(2) && std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(done.min(self.total));
    }

    /// Everything is done: the bar goes.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
