//! Statements and expressions in their order, with the types of variables.

use rhai::{ASTFlags, Expr, FnPtr, Stmt};

use super::FieldCheck;
use super::changes::PUTS;
use crate::scripting::value_types::ValueType;

/// A loop whose variables have not settled by then leaves nothing known of them.
const MOST_PASSES: usize = 4;

impl FieldCheck<'_> {
    pub(super) fn bind(&mut self, name: &str, kind: ValueType) {
        let doubtful = self.frame.changes.is_doubtful(name) || self.files[self.frame.file].by_closures.contains(name);
        self.frame.variables.push((name.to_owned(), if doubtful { ValueType::Unknown } else { kind }));
    }

    /// What a variable may be besides what it was: whether a statement is reached is not known.
    pub(super) fn assign(&mut self, target: &Expr, kind: ValueType) {
        if let Expr::Variable(variable, ..) = target
            && let Some((_, known)) = self.frame.variables.iter_mut().rev().find(|(name, _)| **name == *variable.1)
        {
            *known = std::mem::take(known).or(kind);
        }
    }

    fn variable(&self, name: &str) -> ValueType {
        let own = self.frame.variables.iter().rev().find(|(known, _)| known == name).map(|(_, kind)| kind);
        own.or_else(|| self.names.iter().find(|(known, _)| *known == name).map(|(_, kind)| kind)).cloned().unwrap_or_default()
    }

    pub(super) fn block(&mut self, statements: &[Stmt]) -> ValueType {
        if self.is_over() {
            return ValueType::Unknown;
        }
        self.depth += 1;
        let outer = self.frame.variables.len();
        let mut last = ValueType::Nothing;
        for statement in statements {
            last = self.statement(statement);
        }
        self.frame.variables.truncate(outer);
        self.depth -= 1;
        last
    }

    /// What may be done again, until it no longer changes what its variables may be.
    fn repeated(&mut self, pass: &mut dyn FnMut(&mut Self)) {
        for _ in 0..MOST_PASSES {
            let (variables, faults, answered) = (self.frame.variables.clone(), self.faults.len(), self.answered.len());
            pass(self);
            if self.frame.variables == variables || self.is_over() {
                return;
            }
            // These faults stood on less than may be there.
            self.faults.truncate(faults);
            for call in self.answered.drain(answered..) {
                self.answers.remove(&call);
            }
        }
        self.frame.variables.iter_mut().for_each(|(_, kind)| *kind = ValueType::Unknown);
        pass(self);
    }

    fn statement(&mut self, statement: &Stmt) -> ValueType {
        match statement {
            Stmt::Expr(expression) => return self.expression(expression),
            Stmt::FnCall(call, _) => return self.function_call(call),
            Stmt::Block(block) => return self.block(block.statements()),
            Stmt::If(flow, _) => {
                self.expression(&flow.expr);
                let first = self.block(flow.body.statements());
                return first.or(self.block(flow.branch.statements()));
            }
            Stmt::Switch(parts, _) => {
                self.expression(&parts.0);
                let arms = parts.1.expressions.iter().map(|arm| {
                    self.expression(&arm.lhs);
                    self.expression(&arm.rhs)
                });
                return arms.reduce(ValueType::or).unwrap_or(ValueType::Nothing);
            }
            Stmt::While(flow, _) | Stmt::Do(flow, ..) => {
                self.repeated(&mut |check| {
                    check.expression(&flow.expr);
                    check.block(flow.body.statements());
                });
                return ValueType::Unknown;
            }
            Stmt::For(parts, _) => {
                let (name, counter, flow) = &**parts;
                let item = self.expression(&flow.expr).item();
                self.repeated(&mut |check| {
                    let outer = check.frame.variables.len();
                    check.bind(&name.name, item.clone());
                    if let Some(counter) = counter {
                        check.bind(&counter.name, ValueType::Plain);
                    }
                    check.block(flow.body.statements());
                    check.frame.variables.truncate(outer);
                });
                return ValueType::Unknown;
            }
            Stmt::TryCatch(flow, _) => {
                let first = self.block(flow.body.statements());
                let outer = self.frame.variables.len();
                if let Expr::Variable(caught, ..) = &flow.expr {
                    self.bind(&caught.1, ValueType::Unknown);
                }
                let second = self.block(flow.branch.statements());
                self.frame.variables.truncate(outer);
                return first.or(second);
            }
            Stmt::Var(variable, ..) => {
                let kind = self.expression(&variable.1);
                self.bind(&variable.0.name, kind);
            }
            Stmt::Assignment(assignment) => {
                let (how, parts) = &**assignment;
                let kind = self.expression(&parts.rhs);
                let target = self.expression(&parts.lhs);
                if how.is_op_assignment() && matches!(target, ValueType::List(_)) {
                    self.put(&parts.lhs, "append", kind);
                } else {
                    self.assign(&parts.lhs, kind);
                }
            }
            Stmt::Return(Some(expression), flags, _) => {
                let kind = self.expression(expression);
                if !flags.contains(ASTFlags::BREAK) {
                    self.frame.returned = Some(self.frame.returned.take().map_or(kind.clone(), |known| known.or(kind)));
                }
            }
            Stmt::BreakLoop(Some(expression), ..) => drop(self.expression(expression)),
            _ => {}
        }
        ValueType::Nothing
    }

    pub(super) fn expression(&mut self, expression: &Expr) -> ValueType {
        if self.is_over() {
            return ValueType::Unknown;
        }
        self.depth += 1;
        let kind = self.kind_of(expression);
        self.depth -= 1;
        kind
    }

    fn kind_of(&mut self, expression: &Expr) -> ValueType {
        match expression {
            Expr::Variable(variable, ..) if variable.2.is_empty() => self.variable(&variable.1),
            Expr::ThisPtr(_) => self.frame.this.clone(),
            Expr::StringConstant(..) | Expr::IntegerConstant(..) | Expr::BoolConstant(..) => ValueType::Plain,
            Expr::Unit(_) => ValueType::Nothing,
            Expr::DynamicConstant(value, _) => {
                if let Some(function) = value.read_lock::<FnPtr>() {
                    return ValueType::Function { file: self.frame.file, name: function.fn_name().into(), captured: Vec::new() };
                }
                let is_empty = value.as_array_ref().is_ok_and(|list| list.is_empty());
                if is_empty { ValueType::list_of(ValueType::Nothing) } else { ValueType::Unknown }
            }
            Expr::InterpolatedString(parts, _) => {
                parts.iter().for_each(|part| drop(self.expression(part)));
                ValueType::Plain
            }
            Expr::Array(items, _) => {
                let items = items.iter().map(|item| self.expression(item)).reduce(ValueType::or);
                ValueType::list_of(items.unwrap_or(ValueType::Nothing))
            }
            Expr::Map(map, _) => {
                map.0.iter().for_each(|(_, value)| drop(self.expression(value)));
                ValueType::Unknown
            }
            Expr::Stmt(block) => self.block(block.statements()),
            Expr::FnCall(call, _) => self.function_call(call),
            Expr::Dot(parts, flags, _) => {
                let of = self.expression(&parts.lhs);
                let answer = self.chain(&of, true, flags.contains(ASTFlags::BREAK), &parts.rhs);
                if let Expr::MethodCall(call, _) = &parts.rhs
                    && PUTS.contains(&&*call.name)
                    && let Some(last) = call.args.last()
                {
                    let last = self.expression(last);
                    self.put(&parts.lhs, &call.name, last);
                }
                answer
            }
            Expr::Index(parts, flags, _) => {
                let of = self.expression(&parts.lhs);
                self.chain(&of, false, flags.contains(ASTFlags::BREAK), &parts.rhs)
            }
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                parts.iter().for_each(|part| drop(self.expression(part)));
                ValueType::Plain
            }
            Expr::Coalesce(parts, _) => parts.iter().map(|part| self.expression(part)).reduce(ValueType::or).unwrap_or_default(),
            _ => ValueType::Unknown,
        }
    }

    /// Rhai nests `a.b[0].c` to the right.
    fn chain(&mut self, of: &ValueType, dot: bool, ends: bool, rest: &Expr) -> ValueType {
        match rest {
            Expr::Dot(next, flags, _) if !ends => {
                let of = self.step(of, dot, &next.lhs);
                self.chain(&of, true, flags.contains(ASTFlags::BREAK), &next.rhs)
            }
            Expr::Index(next, flags, _) if !ends => {
                let of = self.step(of, dot, &next.lhs);
                self.chain(&of, false, flags.contains(ASTFlags::BREAK), &next.rhs)
            }
            last => self.step(of, dot, last),
        }
    }

    fn step(&mut self, of: &ValueType, dot: bool, step: &Expr) -> ValueType {
        match step {
            Expr::Property(property, position) if dot => self.field(of, &property.2, *position, false),
            Expr::MethodCall(call, _) if dot => self.method(of, call),
            Expr::StringConstant(name, position) if matches!(of, ValueType::Value(_)) => self.field(of, name, *position, true),
            index => {
                self.expression(index);
                of.item()
            }
        }
    }
}
