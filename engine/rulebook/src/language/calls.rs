//! Calls: functions of the engine, facts with arguments, shared functions, value sets.

use std::sync::Arc;

use problem::{Problem, code};
use rhai::{Expr as Tree, FnCallExpr, Position};

use super::library::library_has;
use super::{At, Compiler, Result, Scope, Stop};
use crate::functions::{self, FUNCTIONS, Native};
use crate::plan::{Body, Const, Expr, Op};
use crate::rule_file::Function;
use crate::script::FORBIDDEN;
use crate::types::{Kind, Type};

impl Compiler<'_, '_> {
    pub(super) fn call(&mut self, call: &FnCallExpr, position: Position) -> Result<Expr> {
        if let Some(result) = self.operator(&call.name, &call.args, position) {
            return result;
        }
        // `x in list` is `contains(list, x)` in the syntax tree; as a method of days it comes another way.
        if call.name == "contains"
            && let [list, value] = &call.args[..]
        {
            self.check_order("contains", std::slice::from_ref(value), position)?;
            return self.one_of(list, value, position);
        }
        if call.name == "lookup" {
            return self.lookup(&call.args, position);
        }
        let arguments = call.args.iter().map(|argument| self.lower(argument)).collect::<Result<Vec<_>>>()?;
        self.function(&call.name, arguments, position)
    }

    pub(super) fn method(&mut self, receiver: Expr, call: &FnCallExpr, position: Position) -> Result<Expr> {
        let name = call.name.as_str();
        let arguments = call.args.iter().map(|argument| self.lower(argument)).collect::<Result<Vec<_>>>()?;
        if let Kind::Row(entity) = receiver.ty.kind {
            if name == "active_on" {
                return self.active_on(receiver, entity, arguments, position);
            }
            if let Some(fact) = self.context.fact_names.get(&(entity, name.to_owned())) {
                return self.fact_call(receiver, *fact, name, arguments, position);
            }
            if self.context.broken.has_member(entity, name) {
                return Err(Stop::Wrong);
            }
            // A typing mistake in a fact's name is more likely than one in a function's.
            let names = self
                .context
                .fact_names
                .iter()
                .filter(|((of, _), fact)| *of == entity && !self.context.facts[**fact].given.is_empty())
                .map(|((_, name), _)| name.as_str());
            if let Some(near) = problem::nearest(name, names.chain(["active_on"])) {
                let place = self.place(position, name.chars().count());
                let entity_name = &self.context.schema[entity].name;
                self.problems.push(
                    Problem::new(code::UNKNOWN_FIELD, format!("`{entity_name}` has no fact `{name}`"))
                        .at(place)
                        .help(format!("did you mean `{near}`?"))
                        .replacing(name, near),
                );
                return Err(Stop::Wrong);
            }
        }
        let mut all = vec![receiver];
        all.extend(arguments);
        self.function(name, all, position)
    }

    fn active_on(
        &mut self,
        row: Expr,
        entity: graph::EntityId,
        arguments: Vec<Expr>,
        position: Position,
    ) -> Result<Expr> {
        if self.context.schema[entity].period.is_none() {
            if self.context.broken.has_member(entity, "active_on") {
                return Err(Stop::Wrong);
            }
            let name = self.context.schema[entity].name.clone();
            return self
                .wrong(code::WRONG_TYPE, position, format!("`{name}` declares no period in graph.yaml"))
                .or_else(|stop| self.with_help(Err(stop), "add `period: { start, end, absent_start }` to the entity"));
        }
        match <[Expr; 1]>::try_from(arguments) {
            Ok([date]) if date.ty.fits(Type::of(Kind::Date)) => {
                let at = row.at;
                Ok(Self::make(Op::ActiveOn(Box::new(row), entity, Box::new(date)), Type::of(Kind::Bool), at))
            }
            _ => self.wrong(code::WRONG_TYPE, position, "`active_on` takes one date that is there".to_owned()),
        }
    }

    fn fact_call(
        &mut self,
        row: Expr,
        fact: usize,
        name: &str,
        arguments: Vec<Expr>,
        position: Position,
    ) -> Result<Expr> {
        let signature = &self.context.facts[fact];
        let fits = arguments.len() == signature.given.len()
            && arguments.iter().zip(&signature.given).all(|(argument, (_, wanted))| argument.ty.fits(*wanted));
        if !fits {
            let wanted: Vec<String> =
                signature.given.iter().map(|(name, ty)| format!("{name}: {}", self.words(*ty))).collect();
            let given: Vec<String> = arguments.iter().map(|argument| self.words(argument.ty)).collect();
            let message = format!("`{name}` takes ({}), not ({})", wanted.join(", "), given.join(", "));
            let declared = (signature.place.clone(), "declared here".to_owned());
            let stop = self.wrong(code::WRONG_TYPE, position, message);
            if let Some(problem) = self.problems.last_mut() {
                problem.related.push(declared);
            }
            return self.with_declarations(stop, &arguments.iter().collect::<Vec<_>>());
        }
        let (at, ty) = (row.at, signature.ty);
        Ok(Self::make(Op::Fact(Box::new(row), fact, arguments), ty, at))
    }

    fn function(&mut self, name: &str, arguments: Vec<Expr>, position: Position) -> Result<Expr> {
        let at = self.at(position);
        if FORBIDDEN.contains(&name) {
            return self.wrong(code::FORBIDDEN, position, format!("`{name}` is not allowed in rules"));
        }
        if let Some(shared) = self.function_called(name) {
            return self.shared_call(&shared, arguments, position);
        }
        if self.context.broken.functions.contains(name) {
            return Err(Stop::Wrong);
        }
        let types: Vec<Type> = arguments.iter().map(|argument| argument.ty).collect();
        if types.iter().any(|ty| ty.kind == Kind::Any) {
            return Err(Stop::Script);
        }
        if self.script.is_some() && matches!(name, ".." | "..=") {
            return Err(Stop::Script);
        }
        match functions::find(name, &types) {
            Ok((native, ty)) => {
                self.check_names(native, &arguments, position)?;
                Ok(Self::make(Op::Call(native, arguments), ty, at))
            }
            Err(Some(wanted)) => {
                if types.first().is_none_or(|first| library_has(first.kind, name)) && is_library_function(name) {
                    self.only_with_steps()?;
                }
                let given: Vec<String> = types.iter().map(|ty| self.words(*ty)).collect();
                let stop = self.wrong(
                    code::UNKNOWN_FUNCTION,
                    position,
                    format!("`{name}` takes {wanted}, not ({})", given.join(", ")),
                );
                let about = FUNCTIONS.iter().find(|function| function.name == name).map_or("", |function| function.doc);
                let stop = self.with_help(stop, &format!("what it does: {about}"));
                self.with_declarations(stop, &arguments.iter().collect::<Vec<_>>())
            }
            Err(None) => {
                let place = self.place(position, name.chars().count());
                let names = FUNCTIONS.iter().map(|function| function.name).chain(["lookup"]);
                let names = names.chain(self.context.shared.iter().map(|shared| shared.name.as_str()));
                let names: Vec<&str> = names.collect();
                let near = problem::nearest(name, names.iter().copied());
                // A function that only the rule language's own library has: a script.
                if near.is_none() && !matches!(name, "sleep" | "timestamp") && is_library_function(name) {
                    if let Some(first) = types.first() {
                        self.check_library(first.present(), None, name, position)?;
                    }
                    return Err(Stop::Script);
                }
                let problem = Problem::new(code::UNKNOWN_FUNCTION, format!("no function is called `{name}`")).at(place);
                self.problems.push(match near {
                    None => problem.help(format!("the functions are {}", in_words(names))),
                    Some(near) => problem.help(format!("did you mean `{near}`?")).replacing(name, near),
                });
                Err(Stop::Wrong)
            }
        }
    }

    /// Functions that take the name of a member as text: the name must exist.
    fn check_names(&mut self, native: Native, arguments: &[Expr], position: Position) -> Result<()> {
        match native {
            Native::WeightedMean => {
                let Kind::Rows(entity) = arguments[0].ty.kind else { return Ok(()) };
                for argument in &arguments[1..] {
                    let Op::Const(Const::Text(name)) = &argument.op else {
                        return self.wrong(
                            code::WRONG_TYPE,
                            position,
                            "the names of value and weight are written as texts".to_owned(),
                        );
                    };
                    let row = Self::make(Op::Local(0), Type::of(Kind::Row(entity)), argument.at);
                    let member = self.member(row, name, position)?;
                    if !matches!(member.ty.kind, Kind::Decimal | Kind::Int) {
                        return self.wrong(code::WRONG_TYPE, position, format!("`{name}` is no number"));
                    }
                }
                Ok(())
            }
            Native::ListHasCode | Native::ListHasOther => {
                let Op::Const(Const::Text(name)) = &arguments[1].op else {
                    return self.wrong(code::WRONG_TYPE, position, "the value set is written as a text".to_owned());
                };
                self.value_set(&Arc::clone(name), position).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    fn value_set(&mut self, name: &str, position: Position) -> Result<usize> {
        let place = self.place(position, 0);
        self.context.value_set(name, &place).map_err(|problem| {
            self.problems.extend(problem);
            Stop::Wrong
        })
    }

    /// `lookup("set", code)`
    fn lookup(&mut self, arguments: &[Tree], position: Position) -> Result<Expr> {
        let [set, code] = arguments else {
            return self.wrong(code::UNKNOWN_FUNCTION, position, "`lookup` takes a value set and a code".to_owned());
        };
        let Tree::StringConstant(name, name_position) = set else {
            return self.wrong(code::WRONG_TYPE, position, "the value set is written as a text".to_owned());
        };
        let found = self.value_set(name, *name_position)?;
        let code = self.lower(code)?;
        if !code.ty.fits(Type::maybe(Kind::Text)) {
            let words = self.words(code.ty);
            let stop = self.wrong(code::WRONG_TYPE, position, format!("a local code is a text; this is {words}"));
            return self.with_declarations(stop, &[&code]);
        }
        let set = &self.context.value_sets[found];
        let always = set.otherwise.is_some() && (set.blank.is_some() || !code.ty.optional);
        let at = self.at(position);
        Ok(Self::make(Op::Lookup(found, Box::new(code)), Type { kind: Kind::Text, optional: !always }, at))
    }

    /// `value in [a, b]` and `value in zone.list`
    fn one_of(&mut self, list: &Tree, value: &Tree, position: Position) -> Result<Expr> {
        let value_expr = self.lower(value)?;
        let at = value_expr.at;
        if let Tree::Array(items, _) = list {
            let mut constants = Vec::new();
            for item in items.iter() {
                let item_expr = self.lower(item)?;
                let Op::Const(constant) = item_expr.op else { return Err(Stop::Script) };
                if value_expr.ty.join(item_expr.ty).is_none() {
                    let (x, y) = (self.words(value_expr.ty), self.words(item_expr.ty));
                    let stop = self.wrong(
                        code::SILENT_COMPARISON,
                        item.start_position(),
                        format!("{x} is never equal to {y}"),
                    );
                    let stop = self.with_help(stop, "write both as the same type");
                    return self.with_declarations(stop, &[&value_expr]);
                }
                self.check_code(&value_expr, &constant, item.start_position())?;
                constants.push(constant);
            }
            return Ok(Self::make(Op::OneOf(Box::new(value_expr), constants), Type::of(Kind::Bool), at));
        }
        if let Tree::DynamicConstant(items, _) = list
            && let Some(items) = items.clone().try_cast::<rhai::Array>()
        {
            let mut constants = Vec::new();
            for item in items {
                let Some(constant) = constant_of(&item) else { return Err(Stop::Script) };
                if value_expr.ty.join(constant.ty()).is_none() {
                    let (x, y) = (self.words(value_expr.ty), self.words(constant.ty()));
                    let stop = self.wrong(code::SILENT_COMPARISON, position, format!("{x} is never equal to {y}"));
                    return self.with_declarations(stop, &[&value_expr]);
                }
                constants.push(constant);
            }
            return Ok(Self::make(Op::OneOf(Box::new(value_expr), constants), Type::of(Kind::Bool), at));
        }
        let list = self.lower(list)?;
        if list.ty.kind == Kind::Any || value_expr.ty.kind == Kind::Any {
            return Err(Stop::Script);
        }
        if list.ty.kind == Kind::Text {
            self.only_with_steps()?;
        }
        if list.ty.kind == Kind::Days && value_expr.ty.fits(Type::of(Kind::Date)) {
            return Ok(Self::make(Op::Call(Native::DaysContains, vec![list, value_expr]), Type::of(Kind::Bool), at));
        }
        let fits = matches!(
            (list.ty.kind, value_expr.ty.kind),
            (Kind::Texts, Kind::Text | Kind::Nothing) | (Kind::Ints, Kind::Int | Kind::Nothing)
        );
        if !fits {
            let (x, y) = (self.words(value_expr.ty), self.words(list.ty));
            return self.wrong(code::WRONG_TYPE, position, format!("{x} cannot be in a {y}"));
        }
        Ok(Self::make(Op::InList(Box::new(value_expr), Box::new(list)), Type::of(Kind::Bool), at))
    }

    /// A function of the file, or of `rules/shared/`.
    pub(super) fn function_called(&self, name: &str) -> Option<Function> {
        let own = self.helpers.iter().find(|helper| helper.name == name);
        let found = own.or_else(|| self.context.shared.iter().find(|shared| shared.name == name));
        if let Some(function) = found {
            self.context.called.borrow_mut().insert((Arc::clone(&function.file), name.to_owned()));
        }
        found.cloned()
    }

    pub(super) fn wrong_arity<T>(&mut self, function: &Function, given: usize, position: Position) -> Result<T> {
        let message = format!("`{}` takes {} arguments, not {given}", function.name, function.parameters.len());
        let stop = self.wrong(code::UNKNOWN_FUNCTION, position, message);
        let stop = self.with_help(stop, &format!("give it ({})", function.parameters.join(", ")));
        if let Some(problem) = self.problems.last_mut() {
            problem.related.push((function.place.clone(), "the function".to_owned()));
        }
        stop
    }

    fn shared_call(&mut self, function: &Function, arguments: Vec<Expr>, position: Position) -> Result<Expr> {
        if function.parameters.len() != arguments.len() {
            return self.wrong_arity(function, arguments.len(), position);
        }
        if self.depth > 32 {
            // A function that calls itself: the script engine has a limit for it.
            return Err(Stop::Script);
        }
        let mut scope = Scope::new();
        for (parameter, argument) in function.parameters.iter().zip(&arguments) {
            scope.bind(parameter, argument.ty);
        }
        let (file, text) = (Arc::clone(&function.file), function.text.clone());
        let mut inner =
            Compiler::new(self.context, Arc::clone(&file), &text, At { line: 1, column: 1 }, scope, self.problems);
        inner.helpers = Arc::clone(&self.helpers);
        inner.script = self.script.as_ref().map(|script| script.callee(function));
        inner.depth = self.depth + 8;
        inner.callee = true;
        for (local, argument) in (0_u16..).zip(&arguments) {
            if let Some(codes) = self.context.codes_of(argument, &self.local_codes) {
                inner.local_codes.push((local, codes));
            }
        }
        let expr = inner.function_body(function.tree.statements())?;
        let locals = inner.scope.locals();
        let (ty, at) = (expr.ty, self.at(position));
        let body = Arc::new(Body { locals, expr, file });
        Ok(Self::make(Op::Shared(body, arguments), ty, at))
    }
}

/// Names in their order, each once.
fn in_words(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    names.dedup();
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Functions of the rule language's own packages that a rule may use; a rule that does is a script.
pub(super) fn is_library_function(name: &str) -> bool {
    const LIBRARY: &[&str] = &[
        "len",
        "push",
        "pop",
        "shift",
        "insert",
        "remove",
        "split",
        "to_upper",
        "to_lower",
        "sub_string",
        "index_of",
        "starts_with",
        "ends_with",
        "replace",
        "abs",
        "sign",
        "round",
        "floor",
        "ceiling",
        "to_string",
        "to_int",
        "parse_float",
        "range",
        "keys",
        "values",
        "append",
        "chop",
        "truncate",
        "pad",
        "clear",
        "is_empty",
        "min",
        "max",
        "contains",
        "chars",
        "crop",
        "extract",
        "reverse",
        "type_of",
        "is_odd",
        "is_even",
        "splice",
        "dedup",
        "drain",
        "retain",
        "for_each",
        "map",
        "filter",
        "reduce",
        "some",
        "all",
        "find",
        "sort",
    ];
    LIBRARY.contains(&name)
}

fn constant_of(value: &rhai::Dynamic) -> Option<Const> {
    if value.is_unit() {
        return Some(Const::Absent);
    }
    if let Ok(yes) = value.as_bool() {
        return Some(Const::Bool(yes));
    }
    if let Ok(number) = value.as_int() {
        return Some(Const::Int(number));
    }
    value.read_lock::<rhai::ImmutableString>().map(|text| Const::Text(Arc::from(text.as_str())))
}
