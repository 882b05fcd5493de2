//! Compiles the files of a rulebook into one plan.

mod cover;
mod cycles;
mod facts;
mod mapped;
mod objects;
mod rankings;
mod reads;
mod results;
mod rows;
mod rules;
mod split;
mod tables;
mod unused;
mod variants;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use objects::rule_path;
use problem::{Place, Problem, code};

pub use mapped::{MappedColumn, mapped_columns};

use crate::broken::Broken;
use crate::graph_file::{self, FactTier, GRAPH_FILE};
use crate::language::codes::FactCodes;
use crate::language::{self, Context, FactSignature, Manner};
use crate::object_file::{self, ExtensionFile};
use crate::plan::{Dictionary, Plan};
use crate::rule_file;
use crate::script::{self, Limits};
use crate::types::Type;
use crate::{parameters, value_sets};

/// The files of a rulebook: path (with `/`, from the folder that holds `objects/` and `rules/`) and text.
pub type Files = BTreeMap<String, String>;

/// A rulebook: its files, the plan that they compile to if they are right, and what is wrong.
pub struct Rulebook {
    /// The files.
    pub files: Files,
    /// The plan; none if a problem is an error.
    pub plan: Option<Arc<Plan>>,
    /// What is wrong or worth a remark: what others read stands before what reads it.
    pub problems: Vec<Problem>,
}

impl Rulebook {
    /// Reads, checks and compiles the files.
    #[must_use]
    pub fn new(files: Files) -> Self {
        Self::with(files, Manner::default())
    }

    /// The same, but with every rule run by the rule language's own engine, which is slower: to compare the two.
    #[must_use]
    pub fn of_scripts(files: Files) -> Self {
        Self::with(files, Manner { scripts_only: true, ..Manner::default() })
    }

    /// The same, but nothing may be absent in the eyes of the checker: to show that its question about absence is what keeps rules
    /// from failing. For proofs only.
    #[must_use]
    pub fn without_absence_check(files: Files) -> Self {
        Self::with(files, Manner { unguarded: true, ..Manner::default() })
    }

    fn with(files: Files, manner: Manner) -> Self {
        let mut problems = Vec::new();
        let plan = compile(&files, manner, &mut problems);
        unused::keep_causes(&mut problems);
        problems.sort_by(|a, b| by_cause(a).cmp(&by_cause(b)));
        problems.dedup();
        let problems: Vec<Problem> = problems.into_iter().map(|problem| problem.settled(&files)).collect();
        let right = !problems.iter().any(Problem::is_error);
        Self { files, plan: plan.filter(|_| right).map(Arc::new), problems }
    }
}

/// Where a problem stands among the others: the files in the order in which they read each other, and the place in the file.
fn by_cause(problem: &Problem) -> (usize, &Option<Place>) {
    const ORDER: [&str; 7] = [
        GRAPH_FILE,
        "rules/parameters/",
        "rules/value_sets/",
        "rules/shared/",
        "rules/facts/",
        "rules/",
        "objects/common/",
    ];
    let rank = problem
        .place
        .as_ref()
        .map_or(0, |place| ORDER.iter().position(|start| place.file.starts_with(start)).unwrap_or(ORDER.len()));
    (rank, &problem.place)
}

fn in_folder<'f>(
    files: &'f Files,
    folder: &'f str,
    ending: &'f str,
) -> impl Iterator<Item = (&'f str, &'f str, &'f str)> {
    files.iter().filter_map(move |(path, text)| {
        let name = path.strip_prefix(folder)?.strip_suffix(ending)?;
        Some((name, path.as_str(), text.as_str()))
    })
}

fn compile(files: &Files, manner: Manner, problems: &mut Vec<Problem>) -> Option<Plan> {
    let Some(text) = files.get(GRAPH_FILE) else {
        problems.push(
            Problem::new(code::MISSING_KEY, format!("there is no {GRAPH_FILE}"))
                .help("a rulebook is a folder that holds objects/ and rules/; name it with --rulebook"),
        );
        return None;
    };
    let graph = graph_file::read(GRAPH_FILE, text, problems)?;
    let schema = graph.schema;
    let mut broken = Broken { members: graph.broken, ..Broken::default() };
    let mut parameters = Vec::new();
    for (name, path, text) in in_folder(files, "rules/parameters/", ".yaml") {
        if parameters::may_be_called(name, path, &schema, problems) {
            parameters::read(name, path, text, &mut parameters, &mut broken, problems);
        }
    }
    let mut sets = Vec::new();
    for (name, path, text) in in_folder(files, "rules/value_sets/", ".yaml") {
        if !value_sets::read(name, path, text, &mut sets, problems) {
            broken.value_sets.insert(name.to_owned());
        }
    }
    let engine = script::engine(&Limits::default());
    let mut shared = Vec::new();
    for (_, path, text) in in_folder(files, "rules/shared/", ".rhai") {
        match rule_file::functions(&engine, path, text, problems) {
            Some(functions) => {
                functions.iter().for_each(|function| language::unused::check(function, text, problems));
                shared.extend(functions);
            }
            None => broken.functions.extend(rule_file::names(text)),
        }
    }
    let mut fact_names = BTreeMap::new();
    let mut signatures = Vec::new();
    for (at, fact) in graph.facts.iter().enumerate() {
        let mut read = |word: &str, place: &problem::Place| {
            let ty = Type::parse(word, &schema);
            if ty.is_none() {
                broken.members.insert((fact.entity, fact.name.clone()));
                let names = schema.entities().map(|(_, entity)| entity.name.as_str());
                let plain = word.trim_matches(['[', ']', '?']);
                let words = ["text", "int", "decimal", "bool", "date", "time", "datetime", "days"];
                problems.push(
                    Problem::new(code::UNKNOWN_TYPE, format!("`{word}` is no type of a fact"))
                        .at(place.clone())
                        .did_you_mean(plain, names.chain(words)),
                );
            }
            ty.unwrap_or(Type::ANY)
        };
        let ty = read(&fact.type_word.0, &fact.type_word.1);
        let given = fact.given.iter().map(|(name, word, place)| (name.clone(), read(word, place))).collect();
        fact_names.insert((fact.entity, fact.name.clone()), at);
        let codes = match &fact.tier {
            FactTier::Codes { set, .. } => Some(FactCodes::Mapped(set.text.clone())),
            _ => code_set_of(&fact.type_word.0).map(|set| FactCodes::Set(set.to_owned())),
        };
        signatures.push(FactSignature { ty, given, codes, place: fact.place.clone() });
    }
    let called = RefCell::default();
    let context = Context {
        schema: &schema,
        fact_names: &fact_names,
        facts: &signatures,
        parameters: &parameters,
        value_sets: &sets,
        shared: &shared,
        broken: &broken,
        engine: &engine,
        manner,
        called: &called,
    };
    for (set, place) in context.unknown_sets() {
        let names = context.value_sets.iter().map(|known| known.name.as_str());
        let message = format!("no value set and no code set of SIF is called `{set}`");
        let place = place_of_set(text, &set, place);
        problems.push(Problem::new(code::UNKNOWN_VALUE_SET, message).at(place).did_you_mean(&set, names));
    }
    let mut rules = rules::Rules::new(files);
    let mut after_facts = broken.clone();
    let facts = facts::compile(&context, &graph.facts, &mut rules, &mut after_facts.members, problems);
    cycles::check(&facts, &graph.facts, &context, problems);
    // A fact that gives another type than it says is one mistake; what objects make of it is not looked at.
    let context = Context { broken: &after_facts, ..context };

    let mut extension = ExtensionFile::Missing;
    let mut groups = Vec::new();
    for (name, path, text) in in_folder(files, "objects/common/", ".yaml") {
        if name == "extension" {
            extension = object_file::read_extension(path, text, problems);
        } else {
            groups.push(object_file::read_group(name, path, text, problems));
        }
    }
    let mut names = sif::tree::Names::new();
    let mut objects = Vec::new();
    for (name, path, text) in in_folder(files, "objects/", ".yaml") {
        if matches!(name, "graph" | "requirements") || name.contains('/') {
            continue;
        }
        for definition in object_file::read(path, text, problems).unwrap_or_default() {
            let mut builder = objects::Builder::new(&context, &groups, &extension, &mut names, &mut rules, problems);
            objects.extend(builder.object(name, &definition));
        }
    }
    variants::check(&objects, &schema, problems);
    rules.report_orphans(problems);
    let rules = rules.finish();
    let dictionary = schema.entity("attribute_dictionary").and_then(|entity| {
        let declared = &schema[entity];
        let asked = sets.iter().any(|set| set.dictionary_default.is_some());
        Some(Dictionary {
            entity,
            attribute: declared.field("attribute")?,
            code: declared.field("code")?,
            sif_code: declared.field("sif_code")?,
            is_default: declared.field("is_default").filter(|_| asked),
        })
    });
    let shared_files =
        in_folder(files, "rules/shared/", ".rhai").map(|(_, path, text)| (path.into(), text.into())).collect();
    let mut plan = Plan {
        fact_names: fact_names.clone(),
        facts,
        rules,
        shared: shared_files,
        parameters: parameters.clone(),
        value_sets: sets.clone(),
        objects,
        names: Arc::new(names),
        reads: graph::ReadSet::default(),
        pass_reads: BTreeMap::new(),
        dictionary,
        generation: generation(files),
        schema: Arc::clone(&schema),
    };
    reads::fill(&mut plan);
    rankings::check(&plan, problems);
    results::check(&plan, problems);
    rows::check(&plan, problems);
    // Without objects nothing reads anything yet.
    if !plan.objects.is_empty() && !problems.iter().any(Problem::is_error) {
        unused::check(&plan, &context, &graph.facts, files, problems);
    }
    Some(plan)
}

/// Where a set is named by the type of what is declared at a place.
fn place_of_set(text: &str, set: &str, declared: Place) -> Place {
    let above = declared.line.saturating_sub(1);
    for (line, written) in (1_u32..).zip(text.lines()).skip(above as usize).take(4) {
        if let Some(at) = written.find(&format!("code({set})")) {
            let length = |text: &str| u32::try_from(text.chars().count()).unwrap_or(0);
            let column = length(&written[..at]) + length("code(") + 1;
            return Place { line, column, length: length(set), ..declared };
        }
    }
    declared
}

/// The set that `code(set)` names.
fn code_set_of(word: &str) -> Option<&str> {
    word.strip_suffix('?').unwrap_or(word).strip_prefix("code(")?.strip_suffix(')')
}

/// The hash of a generation: of every file's path and text, as 16 hexadecimal digits.
#[must_use]
pub fn generation(files: &Files) -> String {
    // FNV-1a: short, stable between versions and machines, and only ever compared with itself.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (path, text) in files {
        for byte in path.bytes().chain([0]).chain(text.bytes()).chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
