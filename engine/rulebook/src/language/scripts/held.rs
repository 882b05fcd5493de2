//! What is known of a script beside its scope: what its variables and lists hold, and its closures.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rhai::{AST, ASTNode, Expr as Tree, Stmt};

use super::LEFT;
use crate::rule_file::Function;
use crate::types::Type;

/// A closure's parameters and body.
type Closure = (Vec<String>, Rc<[Stmt]>);

/// A function's name and the types of its arguments.
type Call = (String, Vec<Type>);

/// What is known of a script beside its scope.
#[derive(Default)]
pub(in crate::language) struct Script {
    /// `zone` and the groups of parameters that the rule asks for.
    groups: Vec<String>,
    /// Variables that are given another value somewhere.
    pub(in crate::language) assigned: BTreeSet<String>,
    /// Variables that a closure may change: what they hold is not known.
    pub(in crate::language) shared: BTreeSet<String>,
    /// What the variables that are given another value hold: all of their values together.
    pub(in crate::language) held: BTreeMap<String, Type>,
    /// What the items of lists are, by the lists' names.
    pub(in crate::language) items: BTreeMap<String, Type>,
    /// The closures of the body by the names that the parser has given them: parameters and body.
    closures: Rc<BTreeMap<String, Closure>>,
    /// Functions that have been looked at, with the types of their arguments.
    pub(in crate::language) seen: Rc<RefCell<Vec<Call>>>,
}

impl Script {
    pub(in crate::language) fn has_group(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group == name)
    }

    pub(in crate::language) fn is_shared(&self, name: &str) -> bool {
        self.shared.contains(name)
    }

    /// A function that the script calls sees its arguments and nothing else.
    pub(in crate::language) fn callee(&self, function: &Function) -> Self {
        Self { seen: Rc::clone(&self.seen), ..Self::of(&function.tree) }
    }

    /// Of the body of a rule that asks for these groups.
    pub(in crate::language) fn asking_for(groups: &[String], tree: &AST) -> Self {
        Self { groups: groups.to_vec(), ..Self::of(tree) }
    }

    fn of(tree: &AST) -> Self {
        let mut closures = BTreeMap::new();
        for function in tree.iter_fn_def() {
            let parameters = function.params.iter().map(ToString::to_string).collect();
            let body = body_of(tree, &function.name);
            closures.insert(function.name.to_string(), (parameters, body));
        }
        let (mut assigned_to, shared) = assigned(tree.statements());
        let mut in_closures = BTreeSet::new();
        for (_, body) in closures.values() {
            in_closures.extend(assigned(body).0);
        }
        // What a closure only reads keeps what it holds.
        let written = |name: &String| in_closures.contains(name) || assigned_to.contains(name);
        let shared: BTreeSet<String> = shared.into_iter().filter(written).collect();
        assigned_to.extend(in_closures);
        Self { assigned: assigned_to, shared, closures: Rc::new(closures), ..Self::default() }
    }

    pub(in crate::language) fn closure(&self, name: &str) -> Option<Closure> {
        self.closures.get(name).cloned()
    }

    pub(in crate::language) fn items_held(&self, list: &str) -> Option<Type> {
        self.items.get(list).copied()
    }

    /// Items of this type are put into a list; none: something unknown is.
    pub(in crate::language) fn takes_items(&mut self, list: &str, items: Option<Type>) {
        let known = self.items.get(list).copied().unwrap_or(LEFT);
        let joined = items.and_then(|items| known.join(items)).unwrap_or(Type::ANY);
        self.items.insert(list.to_owned(), joined);
    }

    /// A variable is given a value of this type. What it may hold altogether.
    pub(in crate::language) fn holds(&mut self, name: &str, ty: Type) -> Type {
        let known = self.held.get(name).copied();
        let joined = known.map_or(ty, |known| known.join(ty).unwrap_or(Type::ANY));
        self.held.insert(name.to_owned(), joined);
        joined
    }
}

/// The statements of a function: a walk is the only way to them.
fn body_of(tree: &AST, name: &str) -> Rc<[Stmt]> {
    let mut statements = Vec::new();
    let alone = tree.clone_functions_only_filtered(|_, _, _, other, _| other == name);
    alone.walk(&mut |path| {
        if let [ASTNode::Stmt(statement)] = path {
            statements.push((*statement).clone());
        }
        true
    });
    statements.into()
}

/// The names of variables that are assigned to, and of those that a closure may change.
pub(in crate::language) fn assigned(statements: &[Stmt]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut names, mut by_closures) = (BTreeSet::new(), BTreeSet::new());
    let mut see = |path: &[ASTNode<'_>]| {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => {
                if let Tree::Variable(variable, ..) = &assignment.1.lhs {
                    names.insert(variable.1.to_string());
                }
            }
            Some(ASTNode::Stmt(Stmt::Share(shared))) => {
                // A closure may change it.
                by_closures.extend(shared.iter().map(|(name, _)| name.name.to_string()));
            }
            _ => {}
        }
        true
    };
    for statement in statements {
        statement.walk(&mut Vec::new(), &mut see);
    }
    (names, by_closures)
}
