//! Calls of functions: of the script's own, of its modules', and of those that casebridge and Rhai have.

use std::sync::Arc;

use rhai::{Expr, FnCallExpr};

use super::changes::{Changes, PUTS};
use super::{Call, FieldCheck, Frame, Function, MOST_CALLS};
use crate::scripting::value_types::ValueType;

impl FieldCheck<'_> {
    /// Looks at a function for these types of its parameters, and says what it answers.
    pub(super) fn call(&mut self, file: usize, function: &Function, mut types: Vec<ValueType>, this: ValueType) -> ValueType {
        types.resize(function.parameters.len(), ValueType::Unknown);
        let call = Call { file, name: function.name.as_str().into(), types: types.clone(), this: this.clone() };
        if let Some(answer) = self.answers.get(&call) {
            return answer.clone();
        }
        if self.answers.len() >= MOST_CALLS || self.is_over() {
            return ValueType::Unknown;
        }
        self.answers.insert(call.clone(), ValueType::Unknown);
        self.answered.push(call.clone());
        let changes = Changes::of(&function.body, &self.files[file]);
        let this = if changes.has("this") { ValueType::Unknown } else { this };
        let caller = std::mem::replace(&mut self.frame, Frame { file, this, changes, ..Frame::default() });
        for (name, kind) in function.parameters.iter().zip(types) {
            self.bind(name, kind);
        }
        let last = self.block(&function.body);
        let returned = std::mem::replace(&mut self.frame, caller).returned;
        let answer = returned.map_or(last.clone(), |returned| returned.or(last));
        self.answers.insert(call, answer.clone());
        answer
    }

    /// Calls a function that the script holds as a value.
    fn call_value(&mut self, function: &ValueType, types: Vec<ValueType>, this: ValueType) -> ValueType {
        let ValueType::Function { file, name, captured } = function else { return ValueType::Unknown };
        let Some([function]) = self.files[*file].functions.get(&**name).map(Vec::as_slice) else { return ValueType::Unknown };
        let function = Arc::clone(function);
        self.call(*file, &function, [captured.clone(), types].concat(), this)
    }

    pub(super) fn function_call(&mut self, call: &FnCallExpr) -> ValueType {
        let types: Vec<ValueType> = call.args.iter().map(|argument| self.expression(argument)).collect();
        if !call.namespace.is_empty() {
            let file = self.files[self.frame.file].imports.get(call.namespace.root()).copied();
            let function = file.and_then(|file| Some((file, self.function(file, &call.name, types.len())?)));
            return function.map_or(ValueType::Unknown, |(file, function)| self.call(file, &function, types, ValueType::Nothing));
        }
        if call.name == "curry" {
            return self.closure(call, &types);
        }
        if let Some(function) = self.function(self.frame.file, &call.name, types.len()) {
            return self.call(self.frame.file, &function, types, ValueType::Nothing);
        }
        // `filter(list, f)` is `list.filter(f)`.
        let Some((of, rest)) = types.split_first() else { return ValueType::Unknown };
        let answer = self.answer(of, &call.name, rest);
        if let ([target, ..], Some(last)) = (&*call.args, rest.last()) {
            self.put(target, &call.name, last.clone());
        }
        answer
    }

    /// A closure is its function with what it captured: shared with it, so that a variable that changes may have any value.
    fn closure(&mut self, call: &FnCallExpr, types: &[ValueType]) -> ValueType {
        let Some((ValueType::Function { file, name, .. }, captured)) = types.split_first() else { return ValueType::Unknown };
        let captured = call.args.iter().skip(1).zip(captured).map(|(argument, kind)| match argument {
            Expr::Variable(variable, ..) if self.frame.changes.has(&variable.1) => ValueType::Unknown,
            _ => kind.clone(),
        });
        let function = ValueType::Function { file: *file, name: name.clone(), captured: captured.collect() };
        // Whoever calls it, it has what it captured.
        self.call_value(&function, Vec::new(), ValueType::Unknown);
        function
    }

    pub(super) fn method(&mut self, of: &ValueType, call: &FnCallExpr) -> ValueType {
        let types: Vec<ValueType> = call.args.iter().map(|argument| self.expression(argument)).collect();
        if let Some(function) = self.function(self.frame.file, &call.name, types.len()) {
            return self.call(self.frame.file, &function, types, of.clone());
        }
        if call.name == "call" {
            return self.call_value(of, types, ValueType::Unknown);
        }
        self.answer(of, &call.name, &types)
    }

    /// What a registered function answers; one of the script's that it is handed is looked at for what it gets.
    fn answer(&mut self, of: &ValueType, name: &str, arguments: &[ValueType]) -> ValueType {
        let item = of.item();
        let this = if matches!(of, ValueType::List(_)) { item.clone() } else { ValueType::Unknown };
        let gets = match name {
            "sort" | "sort_by" | "order" | "order_by" | "dedup" => vec![item.clone(), item.clone()],
            "reduce" | "reduce_rev" => vec![ValueType::Unknown, item.clone()],
            "zip" => vec![item.clone(), arguments.first().map(ValueType::item).unwrap_or_default()],
            "for_each" => Vec::new(),
            _ => vec![item.clone()],
        };
        let mut called = ValueType::Unknown;
        for argument in arguments {
            if matches!(argument, ValueType::Function { .. }) {
                called = self.call_value(argument, gets.clone(), this.clone());
            }
        }
        match (of, name) {
            (ValueType::List(_), "filter" | "drain" | "retain" | "order" | "order_by" | "extract") => of.clone(),
            (ValueType::List(_), "find" | "get" | "pop" | "shift" | "remove") => item,
            (ValueType::List(_), "map" | "zip") => ValueType::list_of(called),
            (_, "==" | "!=" | "<" | ">" | "<=" | ">=" | "!" | "in" | "contains") => ValueType::Plain,
            _ => self.types.answer(of, name),
        }
    }

    /// Puts something into a list.
    pub(super) fn put(&mut self, target: &Expr, name: &str, what: ValueType) {
        if !PUTS.contains(&name) {
            return;
        }
        let item = match (name, what) {
            ("append" | "splice", ValueType::List(item)) => *item,
            (_, what) => what,
        };
        if matches!(target, Expr::Variable(..)) && matches!(self.expression(target), ValueType::List(_)) {
            self.assign(target, ValueType::list_of(item));
        }
    }
}
