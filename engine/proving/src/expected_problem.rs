//! The problems that a case expects: exactly these come, each once.

use problem::{Code, Place, Problem, code};
use rulebook::yaml::{Kind, Node, Reader};

/// A problem that a case expects.
#[derive(Clone, Debug)]
pub struct ExpectedProblem {
    /// Its code.
    pub code: Code,
    /// The path of the element that it is about.
    pub path: Option<String>,
    /// A text that its message has in it.
    pub says: Option<String>,
    /// Where the case says so.
    pub place: Place,
}

impl ExpectedProblem {
    fn is(&self, problem: &Problem) -> bool {
        self.code == problem.code
            && self.path.as_deref().is_none_or(|path| problem.subject.path.as_deref() == Some(path))
            && self.says.as_deref().is_none_or(|says| problem.message.contains(says))
    }

    /// The problem in a few words.
    #[must_use]
    pub fn text(&self) -> String {
        let at = self.path.as_ref().map(|path| format!(" at {path}")).unwrap_or_default();
        let says = self.says.as_ref().map(|says| format!(" that says `{says}`")).unwrap_or_default();
        format!("{}{at}{says}", self.code.name())
    }
}

/// A problem that came, in a few words.
#[must_use]
pub fn shown(problem: &Problem) -> String {
    let at = problem.subject.path.as_ref().map(|path| format!(" at {path}")).unwrap_or_default();
    format!("{}{at}: {}", problem.code.name(), problem.message)
}

/// Reads what stands after `expect_problem`: a code, `{ code, path, says }`, or a list of them; an empty list expects none. What
/// is wrong is added to `problems`.
pub fn read(node: &Node, problems: &mut Vec<Problem>) -> Option<Vec<ExpectedProblem>> {
    match &node.kind {
        Kind::List(items) => items.iter().map(|item| one(item, problems)).collect(),
        _ => Some(vec![one(node, problems)?]),
    }
}

fn one(node: &Node, problems: &mut Vec<Problem>) -> Option<ExpectedProblem> {
    let place = node.place.clone();
    if let Kind::Map(_) = &node.kind {
        let mut reader = Reader::new(node, "an expected problem", problems);
        let code = reader.need("code", problems);
        let path = reader.text("path", problems).map(|path| path.text.clone());
        let says = reader.text("says", problems).map(|says| says.text.clone());
        reader.finish(problems);
        return Some(ExpectedProblem { code: code_of(code?, problems)?, path, says, place });
    }
    Some(ExpectedProblem { code: code_of(node, problems)?, path: None, says: None, place })
}

fn code_of(node: &Node, problems: &mut Vec<Problem>) -> Option<Code> {
    let scalar = node.scalar("a code", problems)?;
    let found = Code::find(&scalar.text);
    if found.is_none() {
        problems.push(
            Problem::new(code::BAD_FIXTURE, format!("no problem has the code {}", scalar.text))
                .at(node.place.clone())
                .did_you_mean(&scalar.text, code::ALL.iter().map(|code| code.name())),
        );
    }
    found
}

/// The problems that were expected and did not come, and those that came and were not expected.
#[must_use]
pub fn differences<'a>(
    expected: &'a [ExpectedProblem],
    came: &'a [Problem],
) -> (Vec<&'a ExpectedProblem>, Vec<&'a Problem>) {
    let mut left: Vec<&Problem> = came.iter().collect();
    // What says most takes its pick first, so that `M104` alone does not take what `M104 at Name` needs.
    let mut order: Vec<&ExpectedProblem> = expected.iter().collect();
    order.sort_by_key(|problem| (problem.says.is_none(), problem.path.is_none()));
    let mut missing = Vec::new();
    for wanted in order {
        match left.iter().position(|problem| wanted.is(problem)) {
            Some(at) => {
                left.remove(at);
            }
            None => missing.push(wanted),
        }
    }
    (missing, left)
}
