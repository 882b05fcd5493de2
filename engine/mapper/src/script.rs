//! Runs scripts: rules that have no native steps, in the rule language's own engine, fenced by time, steps, memory and depth.

mod convert;
mod register;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rhai::{AST, Dynamic, Engine, EvalAltResult, Scope};
use rulebook::plan::Plan;
use rulebook::rule_file;
use rulebook::script::{Limits, engine};

use crate::evaluation::Evaluation;
use crate::fault::{Fault, Outcome};
use crate::value::Value;
use convert::{Group, ZoneHandle, from_dynamic, to_dynamic};

/// A rule that was stopped so often in a row is not tried again for the rest of a batch.
const PATIENCE: u32 = 3;

/// Why a script failed though its types are right.
pub(crate) const NO_RESULT: &str = "an arithmetic operation has no result";
pub(crate) const PAST_THE_END: &str = "it reads past the end";
pub(crate) const THROWN: &str = "it gave up with `throw`";

/// The evaluation that scripts read from.
pub(crate) type Slot = Rc<RefCell<Option<Rc<Evaluation>>>>;

/// The scripts of one thread. The engine is built when the first script runs; the evaluation changes with each batch.
pub struct Scripts {
    engine: OnceCell<(Engine, AST)>,
    plan: Arc<Plan>,
    trees: RefCell<Vec<Option<Rc<AST>>>>,
    limits: Limits,
    slot: Slot,
    guard: Rc<Guard>,
    failures: RefCell<Vec<u32>>,
}

/// When and at how much memory a script is stopped.
#[derive(Default)]
struct Guard {
    deadline: Cell<Option<Instant>>,
    most_memory: Cell<isize>,
    reason: Cell<&'static str>,
}

impl Scripts {
    /// The scripts of a plan, for this thread.
    #[must_use]
    pub fn new(plan: &Arc<Plan>, limits: Limits) -> Rc<Self> {
        Rc::new(Self {
            engine: OnceCell::new(),
            plan: Arc::clone(plan),
            trees: RefCell::new(vec![None; plan.rules.len()]),
            limits,
            slot: Rc::default(),
            guard: Rc::default(),
            failures: RefCell::new(vec![0; plan.rules.len()]),
        })
    }

    /// The engine, and the functions of `rules/shared/`.
    fn engine(&self) -> &(Engine, AST) {
        self.engine.get_or_init(|| {
            let mut engine = engine(&self.limits);
            register::everything(&mut engine, &self.plan, &self.slot);
            let seen = Rc::clone(&self.guard);
            engine.on_progress(move |operations| {
                if budget::held_by_this_thread() > seen.most_memory.get() {
                    seen.reason.set("it took more memory than a rule may take");
                    return Some(Dynamic::UNIT);
                }
                // Asking the clock costs more than a step, so it is asked now and then.
                if operations % 256 == 0 && seen.deadline.get().is_some_and(|deadline| Instant::now() > deadline) {
                    seen.reason.set("it took more time than a rule may take");
                    return Some(Dynamic::UNIT);
                }
                None
            });
            let mut shared = AST::empty();
            for (_, text) in &self.plan.shared {
                if let Ok(tree) = engine.compile(&**text) {
                    shared = shared.merge(&tree.clone_functions_only());
                }
            }
            (engine, shared)
        })
    }

    /// From now on scripts read from this evaluation.
    pub fn begin(&self, evaluation: &Rc<Evaluation>) {
        *self.slot.borrow_mut() = Some(Rc::clone(evaluation));
        self.failures.borrow_mut().fill(0);
    }

    /// Scripts read from nothing any more.
    pub fn end(&self) {
        *self.slot.borrow_mut() = None;
    }

    fn tree(&self, rule: usize) -> Option<Rc<AST>> {
        if let Some(tree) = &self.trees.borrow()[rule] {
            return Some(Rc::clone(tree));
        }
        let declared = &self.plan.rules[rule];
        let (engine, shared) = self.engine();
        let whole = engine.compile(&*declared.text).ok()?.clone_functions_only();
        let functions = rule_file::functions(engine, &declared.file, &declared.text, &mut Vec::new())?;
        let value = functions.into_iter().find(|function| function.name == "value")?;
        let tree = Rc::new(shared.merge(&whole).merge(&value.tree));
        self.trees.borrow_mut()[rule] = Some(Rc::clone(&tree));
        Some(tree)
    }

    /// The value of a script.
    ///
    /// # Errors
    /// Why there is none.
    pub fn run(&self, evaluation: &Evaluation, rule: usize, inputs: Vec<Value>) -> Outcome {
        let declared = &self.plan.rules[rule];
        let fault = |fault: Fault| Err(Rc::new(fault));
        if self.failures.borrow()[rule] >= PATIENCE {
            return fault(Fault::SwitchedOff(Arc::clone(&declared.name)));
        }
        let Some(tree) = self.tree(rule) else {
            return fault(Fault::Script(Arc::clone(&declared.name), "it cannot be compiled".to_owned(), 1));
        };
        let mut scope = Scope::new();
        let mut values = inputs.into_iter();
        for parameter in &declared.parameters {
            let is_group = self.plan.parameters.iter().any(|known| known.group == *parameter);
            let value = if parameter == "zone" {
                Dynamic::from(ZoneHandle)
            } else if is_group {
                Dynamic::from(Group(Arc::from(parameter.as_str())))
            } else {
                to_dynamic(evaluation, values.next().unwrap_or(Value::Absent))
            };
            scope.push_dynamic(parameter.as_str(), value);
        }
        // A script may read a fact that another script computes: each has its own limits, and they are put back after it.
        let outer = (self.guard.deadline.get(), self.guard.most_memory.get());
        let budget = isize::try_from(self.limits.memory_bytes).unwrap_or(isize::MAX);
        self.guard.deadline.set(Some(Instant::now() + Duration::from_millis(self.limits.milliseconds)));
        self.guard.most_memory.set(budget::held_by_this_thread().saturating_add(budget));
        let result = self.engine().0.eval_ast_with_scope::<Dynamic>(&mut scope, &tree);
        self.guard.deadline.set(outer.0);
        self.guard.most_memory.set(outer.1);
        match result {
            Ok(value) => {
                self.failures.borrow_mut()[rule] = 0;
                match from_dynamic(value) {
                    Some(value) => Ok(value),
                    None => fault(Fault::Script(
                        Arc::clone(&declared.name),
                        "it gives something that is no value".to_owned(),
                        1,
                    )),
                }
            }
            Err(error) => {
                let found = self.explain(&error, &declared.name);
                if matches!(&*found, Fault::Stopped(..)) {
                    self.failures.borrow_mut()[rule] += 1;
                }
                Err(found)
            }
        }
    }

    /// What went wrong, without any value: error texts of the engine may hold some.
    fn explain(&self, error: &EvalAltResult, rule: &Arc<str>) -> Rc<Fault> {
        let line = u32::try_from(error.position().line().unwrap_or(1)).unwrap_or(1);
        let script = |message: String| Rc::new(Fault::Script(Arc::clone(rule), message, line));
        let stopped = |reason: &'static str| Rc::new(Fault::Stopped(Arc::clone(rule), reason));
        match error {
            EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => self.explain(inner, rule),
            EvalAltResult::ErrorRuntime(value, _) => match value.read_lock::<Rc<Fault>>() {
                Some(fault) => Rc::clone(&fault),
                None => script(THROWN.to_owned()),
            },
            EvalAltResult::ErrorTerminated(..) => stopped(self.guard.reason.get()),
            EvalAltResult::ErrorTooManyOperations(_) => stopped("it took more steps than a rule may take"),
            EvalAltResult::ErrorStackOverflow(_) => stopped("it called itself too deeply"),
            EvalAltResult::ErrorTooManyVariables(_) => stopped("it has more variables than a rule may have"),
            EvalAltResult::ErrorDataTooLarge(..) => stopped("a text, array or map grew larger than a rule may make it"),
            EvalAltResult::ErrorTooManyModules(_) | EvalAltResult::ErrorModuleNotFound(..) => {
                script("modules are not available to rules".to_owned())
            }
            EvalAltResult::ErrorFunctionNotFound(name, _) => {
                let name = name.split(" (").next().unwrap_or_default();
                script(format!("no function `{name}` takes values of these types"))
            }
            EvalAltResult::ErrorVariableNotFound(name, _) => script(format!("nothing is called `{name}`")),
            EvalAltResult::ErrorPropertyNotFound(name, _) => {
                let name = name.split(['\'', ' ']).find(|part| !part.is_empty()).unwrap_or_default();
                script(format!("there is no `{name}` here"))
            }
            EvalAltResult::ErrorDotExpr(..) => script("it reads a member of something that has none".to_owned()),
            EvalAltResult::ErrorMismatchDataType(wanted, found, _) => {
                script(format!("it gives {} where {} is wanted", short(found), short(wanted)))
            }
            EvalAltResult::ErrorArithmetic(..) => script(NO_RESULT.to_owned()),
            EvalAltResult::ErrorArrayBounds(..)
            | EvalAltResult::ErrorStringBounds(..)
            | EvalAltResult::ErrorIndexNotFound(..) => script(PAST_THE_END.to_owned()),
            _ => script("it cannot go on here".to_owned()),
        }
    }
}

/// The last part of a Rust type's name.
fn short(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}
