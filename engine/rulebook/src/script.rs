//! The rule language's engine, fenced: what rules may use, and no more. The mapper builds its engines from here too.

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicStringPackage, LogicPackage,
    MoreStringPackage, Package,
};
use rhai::{Engine, OptimizationLevel};

/// How much of each thing a rule may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps of the interpreter.
    pub operations: u64,
    /// Calls inside calls.
    pub call_levels: usize,
    /// Expressions inside expressions.
    pub expression_depth: usize,
    /// Length of a text, in bytes.
    pub text_bytes: usize,
    /// Items of an array or map.
    pub items: usize,
    /// Variables.
    pub variables: usize,
    /// Milliseconds.
    pub milliseconds: u64,
    /// Bytes of memory.
    pub memory_bytes: usize,
    /// Stack of the thread that runs rules, in bytes.
    pub stack_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            operations: 200_000,
            call_levels: 24,
            expression_depth: 64,
            text_bytes: 64 * 1024,
            items: 10_000,
            variables: 64,
            milliseconds: 250,
            memory_bytes: 32 * 1024 * 1024,
            stack_bytes: 16 * 1024 * 1024,
        }
    }
}

/// Words that rules may not use: they reach outside, or make code out of text.
pub const FORBIDDEN: &[&str] =
    &["eval", "import", "export", "print", "debug", "sleep", "timestamp", "Fn", "call", "curry"];

/// An engine that can do arithmetic, logic, texts, arrays and maps; that reaches no file, clock, screen or module; and that stops
/// at `limits`.
#[must_use]
pub fn engine(limits: &Limits) -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    for word in ["eval", "import", "export", "print", "debug"] {
        engine.disable_symbol(word);
    }
    engine.set_max_operations(limits.operations);
    engine.set_max_call_levels(limits.call_levels);
    engine.set_max_expr_depths(limits.expression_depth, limits.expression_depth);
    engine.set_max_string_size(limits.text_bytes);
    engine.set_max_array_size(limits.items);
    engine.set_max_map_size(limits.items);
    engine.set_max_variables(limits.variables);
    engine.set_max_functions(64);
    engine.set_max_modules(0);
    // The optimizer would drop dead branches, which the checker must see.
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_fail_on_invalid_map_property(true);
    engine
}
