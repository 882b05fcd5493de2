//! The arguments of each command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use graph::Date;

/// Maps a student information system's data to SIF US 2.4 objects, by definitions and rules that anyone can edit.
#[derive(Parser, Debug)]
#[command(name = "sifter", version, max_term_width = 100)]
pub struct Arguments {
    /// Which command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Maps a district: reads the source, writes one XML file for each object
    #[command(after_help = "Examples:\n  \
        sifter map --source csv:examples/cedar-ridge --zone examples/cedar-ridge/zone.yaml --as-of 2026-02-02 --out out\n  \
        sifter map --source sqlite:sis.db --zone zone.yaml --objects StudentPersonal --students 1042,1043\n  \
        sifter map --source postgres://reader@db/sis --zone zone.yaml --out out --shard 1/3 --jobs 2")]
    Map(Map),
    /// Checks the rulebook: names, types, paths, order, codes
    #[command(
        after_help = "Examples:\n  sifter check\n  sifter check --rulebook my-district --format sarif > check.sarif\n  sifter check --source csv:examples/cedar-ridge\n  sifter check --explain R102"
    )]
    Check(Check),
    /// Runs the fixtures: cases of rules, facts and whole objects
    #[command(
        after_help = "Examples:\n  sifter test\n  sifter test tests/rules/StudentPersonal --filter exited\n  sifter test --format junit > report.xml\n  sifter test --watch\n  sifter test --affected-by main --update\n  sifter test --coverage --coverage-at-least 100\n  sifter test --coverage=html --out coverage\n  sifter test --mutate --mutation-at-least 90"
    )]
    Test(Test),
    /// Says why an element has its value: the rule or step, and what it read with table, row and column
    #[command(after_help = "Examples:\n  \
        sifter explain StudentPersonal 1023 LimitedEnglish --source csv:examples/cedar-ridge --zone examples/cedar-ridge/zone.yaml --as-of 2026-02-02\n  \
        sifter explain StudentSchoolEnrollment 7C834AA200000000000000000000000F --source sqlite:sis.db --zone zone.yaml")]
    Explain(Explain),
    /// Begins a rule, a fact or a fixture: writes the files that it needs, with what is at hand
    #[command(after_help = "Examples:\n  \
        sifter new rule StudentPersonal/UTExtensions/BusRider\n  \
        sifter new rule StudentPersonal/Demographics/Age --rulebook my-district\n  \
        sifter new fact student.is_senior --type bool\n  \
        sifter new fixture StudentPersonal/Name/SortName")]
    New(New),
    /// Makes the reference: a static site that says what each element reports, and from which columns
    #[command(
        after_help = "Examples:\n  sifter docs --out reference\n  sifter docs --rulebook my-district --out /srv/reference\n\n\
        Open index.html in the folder; it needs no server."
    )]
    Docs(Docs),
    /// Serves zones: a SIF zone integration server with a provider of the mapped objects
    #[command(after_help = "Examples:\n  \
        sifter serve --config examples/cedar-ridge/serve.yaml\n  \
        sifter serve --config examples/cedar-ridge/serve.yaml --check\n  \
        sifter serve --config /etc/sifter/serve.yaml --print-triggers > triggers.sql\n\n\
        It ends on SIGTERM and Ctrl-C, and looks at its rulebooks anew on SIGHUP.")]
    Serve(Serve),
    /// Generates a district of any size; the same seed gives the same bytes
    #[command(
        after_help = "Examples:\n  sifter generate --students 2000 --seed 1 --out csv:district\n  sifter generate --students 200000 --seed 1 --out sqlite:district.db"
    )]
    Generate(Generate),
    /// Speaks to any zone integration server as an agent: for testers and operators
    #[command(after_help = "Examples:\n  \
        sifter agent register --url http://127.0.0.1:7080/zones/Cedar --id Library\n  \
        sifter agent request --url http://127.0.0.1:7080/zones/Cedar --id Library StudentPersonal --where 'Name/LastName EQ Smith'\n  \
        sifter agent pull --url http://127.0.0.1:7080/zones/Cedar --id Library\n\n\
        It ends with 0 if the zone takes the message, with 1 if it refuses, and with 3 if no answer comes.")]
    Agent(crate::commands::agent::Agent),
    /// Prints the completions of a shell
    #[command(after_help = "Example:\n  sifter completions bash > /etc/bash_completion.d/sifter")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Writes the manual pages into a folder
    #[command(after_help = "Example:\n  sifter man --out /usr/local/share/man/man1")]
    Man {
        /// The folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// Where the rulebook is.
#[derive(Args, Debug, Clone)]
pub struct Rulebook {
    /// Folder that holds objects/ and rules/
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub rulebook: PathBuf,
}

/// What is mapped, from where.
#[derive(Args, Debug, Clone)]
pub struct Run {
    /// The source: sqlite:PATH, postgres://… or csv:DIR
    #[arg(long, value_name = "URL")]
    pub source: String,
    /// The zone file
    #[arg(long, value_name = "FILE")]
    pub zone: PathBuf,
    /// The date that counts as today; the default is today
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// Where the rulebook is.
    #[command(flatten)]
    pub rulebook: Rulebook,
}

/// Arguments of `map`.
#[derive(Args, Debug)]
pub struct Map {
    /// What is mapped, from where.
    #[command(flatten)]
    pub run: Run,
    /// Folder for the files; without it one object goes to standard output
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Only these objects
    #[arg(long, value_name = "OBJECT", value_delimiter = ',')]
    pub objects: Vec<String>,
    /// Only the students with these personIDs
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub students: Vec<i64>,
    /// Only the students (or rows) whose key modulo N is I - 1
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(u32, u32)>,
    /// Threads that read and evaluate; the default is the number of cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

fn shard(text: &str) -> Result<(u32, u32), String> {
    let parsed = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match parsed {
        Some((part, of)) if part >= 1 && part <= of => Ok((part, of)),
        _ => Err("a shard is written 1/3: the part, from 1, and how many parts there are".to_owned()),
    }
}

/// How many threads that is: as many as there are cores, if nothing is said.
pub fn threads(jobs: Option<u16>) -> usize {
    jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from)
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// For code scanners and editors: SARIF 2.1.0
    Sarif,
    /// For the log of a GitHub job: workflow commands
    Github,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// Where the rulebook is.
    #[command(flatten)]
    pub rulebook: Rulebook,
    /// How problems are printed
    #[arg(long, value_enum, default_value = "human")]
    pub format: Format,
    /// A source whose data is counted: sqlite:PATH, postgres://… or csv:DIR
    #[arg(long, value_name = "URL", conflicts_with = "ledger")]
    pub source: Option<String>,
    /// Holds the rulebook and its fixtures against objects/requirements.yaml, and lists every row; =summary: only counts
    #[arg(long, value_name = "ROWS", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "rows")]
    pub ledger: Option<LedgerRows>,
    /// Explains a code and ends
    #[arg(long, value_name = "CODE")]
    pub explain: Option<String>,
}

/// How much of the ledger is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LedgerRows {
    /// Every row
    Rows,
    /// How many rows of each object are answered in each way
    Summary,
}

/// How test results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// For CI systems
    Junit,
}

/// How coverage is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// For people
    Human,
    /// A page for each file
    Html,
    /// LCOV tracefile
    Lcov,
    /// For programs
    Json,
}

/// Arguments of `test`.
#[derive(Args, Debug)]
pub struct Test {
    /// Fixture files or folders; the default is tests/ of the rulebook
    pub paths: Vec<PathBuf>,
    /// Only fixtures that depend on what changed since this commit or branch of the git repository
    #[arg(long, value_name = "GIT-REF")]
    pub affected_by: Option<String>,
    /// Rewrites what failing cases expect to what came, in place, and prints the difference
    #[arg(long)]
    pub update: bool,
    /// Waits for files to change and runs the fixtures that a change concerns, until Ctrl-C
    #[arg(long, conflicts_with_all = ["update", "affected_by"])]
    pub watch: bool,
    /// Only cases whose name or rule has this text in it
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How results are printed
    #[arg(long, value_enum, default_value = "human")]
    pub format: TestFormat,
    /// Threads; the default is the number of cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// What proves more than that the cases pass.
    #[command(flatten)]
    pub proof: Proof,
    /// Where the rulebook is.
    #[command(flatten)]
    pub rulebook: Rulebook,
}

/// What `test` proves more than that the cases pass.
#[derive(Args, Debug)]
pub struct Proof {
    /// Also tells which conditions, rows, codes, periods and elements the cases reach
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "human")]
    pub coverage: Option<CoverageFormat>,
    /// Ends with 4 if less than this part of all outcomes is reached, in percent
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub coverage_at_least: Option<u8>,
    /// Also changes the rulebook in small ways, in memory, and tells which changes no case notices
    #[arg(long)]
    pub mutate: bool,
    /// Ends with 4 if the cases notice less than this part of the changes, in percent
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub mutation_at_least: Option<u8>,
    /// Tries no more changes after so many seconds, and says how many were not tried
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub mutate_seconds: u64,
    /// Folder for what is written about coverage and changes; needed for html
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// The SIF object
    pub object: String,
    /// The instance: its RefId or the primary key of its row
    pub key: String,
    /// The element's path, or its end; without it every element is listed
    pub path: Option<String>,
    /// What is mapped, from where.
    #[command(flatten)]
    pub run: Run,
}

/// Arguments of `new`.
#[derive(Args, Debug)]
pub struct New {
    /// What is begun.
    #[command(subcommand)]
    pub kind: NewKind,
}

/// What `new` begins.
#[derive(Subcommand, Debug)]
pub enum NewKind {
    /// The rule of an element: its line in the object's file, rules/<path>.rhai and tests/rules/<path>.yaml
    Rule {
        /// The element, such as StudentPersonal/UTExtensions/BusRider
        path: String,
        /// Where the rulebook is.
        #[command(flatten)]
        rulebook: Rulebook,
    },
    /// A fact that a rule computes: its lines in objects/graph.yaml, its rule and its fixture
    Fact {
        /// The fact, such as student.is_senior
        name: String,
        /// Its type: text, int, decimal, bool, or any with a question mark
        #[arg(long, value_name = "TYPE", default_value = "bool")]
        r#type: String,
        /// Instead of a rule: the student's place among all by this number, such as student.weighted_gpa_uncapped
        #[arg(long, value_name = "EXPRESSION", conflicts_with = "type")]
        rank: Option<String>,
        /// Where the rulebook is.
        #[command(flatten)]
        rulebook: Rulebook,
    },
    /// The fixture of an element or a fact
    Fixture {
        /// The element or fact, such as StudentPersonal/Name/SortName or student.gpa_courses
        name: String,
        /// Where the rulebook is.
        #[command(flatten)]
        rulebook: Rulebook,
    },
}

/// Arguments of `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// The configuration
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Checks the configuration, its zones, rulebooks and fixtures, says what would run, and ends
    #[arg(long)]
    pub check: bool,
    /// Prints the script by which a source's owner installs a change feed, for each source that can have one, and ends
    #[arg(long, conflicts_with = "check")]
    pub print_triggers: bool,
}

/// Arguments of `docs`.
#[derive(Args, Debug)]
pub struct Docs {
    /// The folder; a reference that is there already is replaced
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Where the rulebook is.
    #[command(flatten)]
    pub rulebook: Rulebook,
}

/// Arguments of `generate`.
#[derive(Args, Debug)]
pub struct Generate {
    /// How many students
    #[arg(long, value_name = "N")]
    pub students: u64,
    /// What everything is drawn from
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The school year, by the year in which it ends
    #[arg(long, value_name = "YEAR", default_value_t = 2026)]
    pub school_year: i32,
    /// Where to: csv:DIR, sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    pub out: String,
    /// Where the rulebook is.
    #[command(flatten)]
    pub rulebook: Rulebook,
}
