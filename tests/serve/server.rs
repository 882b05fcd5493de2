//! A server as a process of its own, and what it says.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::support::program;

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// Waits for something that lasts once it is so.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "it never came: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A server that ends with the test.
pub struct Server {
    pub child: Child,
    said: Arc<Mutex<Vec<String>>>,
    /// Lines that [`Server::address`] has passed.
    passed: usize,
    hearing: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(config: &Path) -> Self {
        Self::spawn(program().args(["serve", "--config"]).arg(config))
    }

    /// As [`Server::start`], telling what passes this filter.
    pub fn start_telling(config: &Path, filter: &str) -> Self {
        Self::spawn(program().args(["serve", "--config"]).arg(config).env("SIFTER_LOG", filter))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = Arc::<Mutex<Vec<String>>>::default();
        let hears = Arc::clone(&said);
        // Somebody has to listen all the time: a pipe that is full would stop the server.
        let hearing = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                hears.lock().unwrap().push(line);
            }
        });
        Self { child, said, passed: 0, hearing: Some(hearing) }
    }

    /// The next address that it says: of a zone or of the administration.
    pub fn address(&mut self) -> String {
        let begun = Instant::now();
        loop {
            let line = self.said.lock().unwrap().get(self.passed).cloned();
            match line {
                Some(line) => {
                    self.passed += 1;
                    if line.starts_with("zone ") || line.starts_with("administration") {
                        return line.split_once(": ").unwrap().1.to_owned();
                    }
                }
                None => {
                    let ended = self.child.try_wait().unwrap();
                    assert!(ended.is_none() && begun.elapsed() < PATIENCE, "the server did not start: {}", self.said());
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
        }
    }

    /// All that it has said.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// Waits until it has said all these words in one line, and gives the line.
    #[track_caller]
    pub fn says(&self, words: &[&str]) -> String {
        let begun = Instant::now();
        loop {
            let said = self.said();
            if let Some(line) = said.lines().find(|line| words.iter().all(|word| line.contains(word))) {
                return line.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "it never said {words:?}: {said}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Tells it to end, and waits until it has.
    pub fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let ended = self.child.wait().unwrap();
        self.hearing.take().unwrap().join().unwrap();
        let said = self.said();
        assert!(ended.success() && !said.contains("panicked"), "{ended}: {said}");
    }

    /// Ends it as if its power had failed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
        if std::thread::panicking() {
            eprintln!("a server said: {}", self.said());
        }
    }
}
