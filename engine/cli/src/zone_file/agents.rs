//! The agents of a zone file.

use std::collections::{BTreeMap, BTreeSet};

use problem::{Problem, code};
use rulebook::yaml::{Key, Node, Reader, Scalar};
use sif::message::DEFAULT_CONTEXT;
use sif::prune::{PruneFault, PruneFaultKind, Visible};
use zis::{AgentConfig, Mode, Right};

/// Stands for every object or service.
const EVERY: &str = "*";

/// The longest SIF_SourceId, in characters.
const LONGEST_ID: usize = 64;

/// Reads the list of agents. What is wrong with it is added to `problems`.
pub fn read(node: &Node, problems: &mut Vec<Problem>) -> BTreeMap<String, AgentConfig> {
    let mut agents = BTreeMap::new();
    for node in node.list("agents", problems).unwrap_or_default() {
        let Some((agent, id)) = agent(node, problems) else { continue };
        if agents.insert(agent.id.clone(), agent).is_some() {
            problems.push(bad(format!("two agents have the id `{}`", id.text), id));
        }
    }
    agents
}

fn bad(message: impl Into<String>, at: &Scalar) -> Problem {
    Problem::new(code::BAD_ZONE, message).at(at.start.clone())
}

fn agent<'n>(node: &'n Node, problems: &mut Vec<Problem>) -> Option<(AgentConfig, &'n Scalar)> {
    let mut reader = Reader::new(node, "an agent", problems);
    let id = reader.need("id", problems).and_then(|node| node.scalar("an id", problems));
    let approved = reader.flag("approved", problems);
    let mode = reader.text("mode", problems);
    let url = reader.text("url", problems);
    let certificate = reader.text("certificate", problems);
    let rights = reader.get("rights");
    let services = reader.get("services");
    let contexts = reader.get("contexts");
    let elements = reader.get("elements");
    reader.finish(problems);
    let agent = AgentConfig {
        id: id.map(|id| self::id(id, problems)).unwrap_or_default(),
        approved,
        mode: mode.and_then(|mode| self::mode(mode, problems)),
        url: url.and_then(|url| self::url(url, problems)),
        certificate: certificate.and_then(|certificate| fingerprint(certificate, problems)),
        rights: rights.map(|node| rights_by_object(node, problems)).unwrap_or_default(),
        services: services.map(|node| rights_by_service(node, problems)).unwrap_or_default(),
        contexts: contexts.map_or_else(|| vec![DEFAULT_CONTEXT.to_owned()], |node| texts(node, "contexts", problems)),
        elements: elements.map(|node| paths_by_object(node, problems)).unwrap_or_default(),
    };
    id.map(|id| (agent, id))
}

fn id(id: &Scalar, problems: &mut Vec<Problem>) -> String {
    if id.text.trim().is_empty() || id.text != id.text.trim() || id.text.chars().count() > LONGEST_ID {
        problems.push(bad("an agent's id has 1 to 64 characters, and no space at its ends", id));
    }
    id.text.clone()
}

fn mode(mode: &Scalar, problems: &mut Vec<Problem>) -> Option<Mode> {
    match mode.text.as_str() {
        "push" => Some(Mode::Push),
        "pull" => Some(Mode::Pull),
        other => {
            let problem = bad(format!("`{other}` is no mode; the modes are push and pull"), mode);
            problems.push(problem.did_you_mean(other, ["push", "pull"]));
            None
        }
    }
}

fn url(url: &Scalar, problems: &mut Vec<Problem>) -> Option<String> {
    if !url.text.starts_with("https://") && !url.text.starts_with("http://") {
        problems.push(bad("an agent's url starts with https:// or http://", url));
        return None;
    }
    Some(url.text.clone())
}

/// SHA-256 of a certificate in hexadecimal digits, as `openssl x509 -fingerprint -sha256` prints it, with or without colons.
fn fingerprint(certificate: &Scalar, problems: &mut Vec<Problem>) -> Option<String> {
    let digits = certificate.text.replace(':', "").to_lowercase();
    if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Some(digits);
    }
    let problem = bad("a certificate is named by its SHA-256: 64 hexadecimal digits", certificate);
    problems.push(problem.help("openssl x509 -in FILE -noout -fingerprint -sha256 prints it"));
    None
}

fn texts(node: &Node, expected: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    node.texts(expected, problems).into_iter().map(|scalar| scalar.text.clone()).collect()
}

fn rights_by_object(node: &Node, problems: &mut Vec<Problem>) -> BTreeMap<String, BTreeSet<Right>> {
    let mut all = BTreeMap::new();
    for (object, node) in node.map("rights by object", problems).unwrap_or_default() {
        check_object(object, problems);
        all.insert(object.text.clone(), rights(node, &Right::ALL, problems));
    }
    all
}

fn rights_by_service(node: &Node, problems: &mut Vec<Problem>) -> BTreeMap<String, BTreeSet<Right>> {
    const OF_SERVICES: [Right; 4] = [Right::Provide, Right::Subscribe, Right::Request, Right::Respond];
    let services = node.map("rights by service", problems).unwrap_or_default();
    services.iter().map(|(service, node)| (service.text.clone(), rights(node, &OF_SERVICES, problems))).collect()
}

fn rights(node: &Node, known: &[Right], problems: &mut Vec<Problem>) -> BTreeSet<Right> {
    let words: Vec<&str> = known.iter().map(|right| right.word()).collect();
    let mut found = BTreeSet::new();
    for scalar in node.texts("rights", problems) {
        match known.iter().find(|right| right.word() == scalar.text) {
            Some(right) => {
                found.insert(*right);
            }
            None => problems.push(
                bad(format!("`{}` is no right; the rights are {}", scalar.text, words.join(", ")), scalar)
                    .did_you_mean(&scalar.text, words.iter().copied()),
            ),
        }
    }
    found
}

fn paths_by_object(node: &Node, problems: &mut Vec<Problem>) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (object, node) in node.map("paths by object", problems).unwrap_or_default() {
        let known = check_elements_of(object, problems);
        let scalars = node.texts("paths", problems);
        let paths: BTreeSet<String> = scalars.iter().map(|scalar| whole_path(&object.text, &scalar.text)).collect();
        // Each path by itself, so that every wrong one is told, and where.
        for scalar in scalars.into_iter().filter(|_| known) {
            let alone = BTreeSet::from([whole_path(&object.text, &scalar.text)]);
            if let Err(fault) = Visible::new(&object.text, &alone)
                && (!matches!(fault.kind, PruneFaultKind::Attribute { .. })
                    || Visible::new(&object.text, &paths).is_err_and(|all| all.path == fault.path))
            {
                problems.push(bad(fault_words(&fault), scalar).did_you_mean(&scalar.text, fault.meant()));
            }
        }
        all.insert(object.text.clone(), paths);
    }
    all
}

/// What is wrong with a path, without what may be meant, which stands in the help.
fn fault_words(fault: &PruneFault) -> String {
    let words = fault.to_string();
    words.split("; did you mean").next().map_or(words.clone(), str::to_owned)
}

/// `UTExtensions/X` stands for the path through SIF_ExtendedElements, as it does in rules and fixtures.
fn whole_path(object: &str, path: &str) -> String {
    match path.split_once('/') {
        Some((first, rest)) if first.ends_with("Extensions") => {
            format!("SIF_ExtendedElements/SIF_ExtendedElement/{object}Extensions/{rest}")
        }
        _ => path.to_owned(),
    }
}

/// Agents' rights are about all objects of the standard, not only those that Sifter maps.
fn check_object(key: &Key, problems: &mut Vec<Problem>) {
    if key.text != EVERY && !zis::zone::object_names().any(|name| name == key.text) {
        problems.push(no_object(key));
    }
}

/// Only of objects whose elements we know can some be hidden.
fn check_elements_of(key: &Key, problems: &mut Vec<Problem>) -> bool {
    let known = sif::schema().object(&key.text).is_some();
    if !known && zis::zone::object_names().any(|name| name == key.text) {
        let names: Vec<&str> = sif::schema().object_names().collect();
        let message = format!("the elements of `{}` cannot be told apart; they can of {}", key.text, names.join(", "));
        problems.push(Problem::new(code::BAD_ZONE, message).at(key.place.clone()));
    } else if !known {
        problems.push(no_object(key));
    }
    known
}

fn no_object(key: &Key) -> Problem {
    Problem::new(code::BAD_ZONE, format!("SIF 2.4 has no object `{}`", key.text))
        .at(key.place.clone())
        .did_you_mean(&key.text, zis::zone::object_names())
}
