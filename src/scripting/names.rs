//! Names that a script uses and nobody has defined: found at load, since Rhai itself finds them only when the line is reached, which
//! for a migration may be half-way.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Expr, Position, Stmt};

use super::faults::did_you_mean;

/// What a script defines and uses.
#[derive(Default)]
pub(super) struct Names {
    /// Functions that are called, each with where that is first done.
    called: BTreeMap<String, Position>,
    /// Variables, parameters, properties and keys of maps: a function may be kept under any of them.
    kept_under: BTreeSet<String>,
    /// Texts, which may name a function for `Fn("…")`.
    texts: BTreeSet<String>,
    /// The script's own functions.
    defined: BTreeSet<String>,
}

/// What Rhai itself understands besides what is registered.
const BUILT_IN: [&str; 9] = ["print", "debug", "type_of", "call", "curry", "is_def_var", "is_def_fn", "is_shared", "Fn"];

impl Names {
    pub(super) fn of(ast: &AST) -> Names {
        let mut names = Names::default();
        for function in ast.iter_functions() {
            names.defined.insert(function.name.to_owned());
            names.kept_under.extend(function.params.iter().map(|parameter| (*parameter).to_owned()));
        }
        ast.walk(&mut |path| {
            if let Some(node) = path.last() {
                names.note(node);
            }
            true
        });
        names
    }

    fn note(&mut self, node: &ASTNode<'_>) {
        match node {
            ASTNode::Stmt(Stmt::Var(variable, ..)) => drop(self.kept_under.insert(variable.0.name.to_string())),
            ASTNode::Stmt(Stmt::For(names, _)) => drop(self.kept_under.insert(names.0.name.to_string())),
            ASTNode::Expr(Expr::Property(property, _)) => drop(self.kept_under.insert(property.2.to_string())),
            ASTNode::Expr(Expr::Map(map, _)) => self.kept_under.extend(map.0.iter().map(|(key, _)| key.name.to_string())),
            ASTNode::Expr(Expr::StringConstant(text, _)) => drop(self.texts.insert(text.to_string())),
            ASTNode::Expr(Expr::Variable(variable, ..)) => drop(self.texts.insert(variable.1.to_string())),
            ASTNode::Expr(Expr::FnCall(call, position) | Expr::MethodCall(call, position))
            | ASTNode::Stmt(Stmt::FnCall(call, position))
                if call.namespace.is_empty() && call.op_token.is_none() =>
            {
                self.called.entry(call.name.to_string()).or_insert(*position);
            }
            _ => {}
        }
    }

    /// Whether the script calls a function of this name, or may.
    pub(super) fn uses(&self, name: &str) -> bool {
        self.called.contains_key(name) || self.texts.contains(name)
    }

    /// Calls of functions that neither the script nor the engine has, up to so many: the name, where, and what was likely meant.
    pub(super) fn undefined(&self, engine: &Engine, most: usize) -> Vec<(String, Position, Option<String>)> {
        let registered = engine.collect_fn_metadata(None, |function| Some(function.metadata.name.to_string()), true);
        let known: BTreeSet<&str> =
            registered.iter().map(String::as_str).chain(self.defined.iter().map(String::as_str)).chain(BUILT_IN).collect();
        let undefined = self.called.iter().filter(|(name, _)| {
            let operator = !name.starts_with(|first: char| first.is_alphabetic() || first == '_');
            !operator && !name.starts_with("anon$") && !known.contains(name.as_str()) && !self.kept_under.contains(name.as_str())
        });
        let likely = |name: &str| did_you_mean(name, known.iter().copied().filter(|name| !name.contains('$')));
        undefined.take(most).map(|(name, position)| (name.clone(), *position, likely(name))).collect()
    }
}
