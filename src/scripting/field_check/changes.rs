//! Which variables a function changes in a way that its statements in their order do not show.

use std::collections::BTreeSet;

use rhai::{ASTNode, Expr, Stmt};

use super::File;

/// What puts something into a list, as its last argument.
pub(super) const PUTS: [&str; 6] = ["push", "insert", "append", "splice", "pad", "set"];

/// The variables of a function that it changes.
#[derive(Default)]
pub(super) struct Changes {
    /// Those that get another value, or another item.
    changed: BTreeSet<String>,
    /// Those of which nothing is known, since the script tells types apart itself, or changes what is within them.
    doubtful: BTreeSet<String>,
}

impl Changes {
    pub(super) fn of(statements: &[Stmt], file: &File) -> Changes {
        let mut changes = Changes::default();
        for statement in statements {
            statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
                changes.note(path, file);
                true
            });
        }
        changes
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.changed.contains(name) || self.doubtful.contains(name)
    }

    pub(super) fn is_doubtful(&self, name: &str) -> bool {
        self.doubtful.contains(name)
    }

    pub(super) fn names(self) -> impl Iterator<Item = String> {
        self.changed.into_iter().chain(self.doubtful)
    }

    fn note(&mut self, path: &[ASTNode<'_>], file: &File) {
        match path.last() {
            Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => match &assignment.1.lhs {
                Expr::Index(parts, ..) => self.doubtful.extend(root(&parts.lhs)),
                target => self.changed.extend(root(target)),
            },
            Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => match (&*call.name, call.args.first()) {
                ("type_of", Some(Expr::Index(parts, ..))) => self.doubtful.extend(root(&parts.lhs)),
                ("type_of", Some(of)) => self.doubtful.extend(root(of)),
                (name, Some(of)) if PUTS.contains(&name) => self.changed.extend(root(of)),
                _ => {}
            },
            Some(ASTNode::Expr(Expr::MethodCall(call, _))) => {
                let name = &*call.name;
                let within = path.iter().rev().skip(1).find_map(|node| match node {
                    ASTNode::Expr(Expr::Index(parts, ..)) => Some((&parts.lhs, true)),
                    ASTNode::Expr(Expr::Dot(parts, ..)) => Some((&parts.lhs, false)),
                    _ => None,
                });
                let Some((of, indexed)) = within else { return };
                let changes_items = name == "for_each" && file.by_closures.contains("this");
                if name == "type_of" || changes_items || file.changing_this.contains(name) || (indexed && PUTS.contains(&name)) {
                    self.doubtful.extend(root(of));
                } else if PUTS.contains(&name) {
                    self.changed.extend(root(of));
                }
            }
            // `list[0].push(…)`, however long the way to it.
            Some(ASTNode::Expr(Expr::Index(parts, ..))) if puts_at_end(&parts.rhs) => self.doubtful.extend(root(&parts.lhs)),
            _ => {}
        }
    }
}

fn root(target: &Expr) -> Option<String> {
    match target {
        Expr::Variable(variable, ..) => Some(variable.1.to_string()),
        Expr::ThisPtr(_) => Some("this".to_owned()),
        _ => None,
    }
}

fn puts_at_end(chain: &Expr) -> bool {
    match chain {
        Expr::Dot(parts, ..) | Expr::Index(parts, ..) => puts_at_end(&parts.rhs),
        Expr::MethodCall(call, _) => PUTS.contains(&&*call.name),
        _ => false,
    }
}
