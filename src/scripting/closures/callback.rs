//! A function that a script gives to one of Rhai's, and what it may answer there.

use std::cmp::Ordering;

use rhai::{Dynamic, EvalAltResult, FnPtr, INT, NativeCallContext};

use super::{Answer, Raised};
use crate::scripting::values::fault;

/// A function of the script, and the function of Rhai's that calls it.
pub(super) struct Callback<'c> {
    pub caller: &'static str,
    pub context: &'c NativeCallContext<'c>,
    pub function: FnPtr,
}

impl Callback<'_> {
    /// Calls it for an item, which it gets as `this` or as a parameter, and with the item's place if it takes that too.
    pub(super) fn of_item(&self, item: &mut Dynamic, place: usize) -> Answer {
        let called = self.function.call_raw_with_extra_args(self.caller, self.context, Some(item), [], [index(place)], Some(0));
        called.map_err(limits_uncaught)
    }

    /// Calls it for an entry of a map, with the key and the value.
    pub(super) fn of_entry(&self, key: &str, value: &mut Dynamic) -> Answer {
        let called = self.function.call_raw_with_extra_args(self.caller, self.context, Some(value), [key.into()], [], Some(1));
        called.map_err(limits_uncaught)
    }

    pub(super) fn of_pair(&self, first: &Dynamic, second: &Dynamic) -> Answer {
        self.function.call_raw(self.context, None, [first.clone(), second.clone()]).map_err(limits_uncaught)
    }

    /// Whether an item is one of those that are looked for.
    pub(super) fn takes(&self, item: &mut Dynamic, place: usize) -> Result<bool, Raised> {
        self.truth(self.of_item(item, place)?)
    }

    pub(super) fn truth(&self, answer: Dynamic) -> Result<bool, Raised> {
        answer.flatten().try_cast_result().map_err(|other| self.odd(&other, "true or false"))
    }

    /// How two items are to be ordered: by a number, or by whether the first comes first.
    pub(super) fn order(&self, first: &Dynamic, second: &Dynamic) -> Result<Ordering, Raised> {
        let answer = self.of_pair(first, second)?.flatten();
        let number = answer.as_int().map(|number| number.cmp(&0));
        let first_first = |_| answer.as_bool().map(|first| if first { Ordering::Less } else { Ordering::Greater });
        number.or_else(first_first).map_err(|_| self.odd(&answer, "a whole number, true or false"))
    }

    pub(super) fn odd(&self, answer: &Dynamic, wanted: &str) -> Raised {
        let answered = if answer.is_unit() { "nothing".to_owned() } else { format!("a value of type {}", self.type_of(answer)) };
        fault(format!("the function that `{}` calls answers {answered}: expected {wanted}", self.caller))
    }

    pub(super) fn type_of(&self, value: &Dynamic) -> String {
        self.context.engine().map_type_name(value.type_name()).to_owned()
    }
}

/// Rhai wraps what was raised in a called function, and a script may catch what is wrapped: no limit may be.
pub(super) fn limits_uncaught(error: Raised) -> Raised {
    let mut inner = &*error;
    while let EvalAltResult::ErrorInFunctionCall(_, _, within, _) = inner {
        inner = within;
    }
    if !inner.is_system_exception() {
        return error;
    }
    let mut error = error;
    loop {
        match *error {
            EvalAltResult::ErrorInFunctionCall(_, _, within, _) => error = within,
            _ => return error,
        }
    }
}

pub(super) fn index(place: usize) -> Dynamic {
    INT::try_from(place).unwrap_or(INT::MAX).into()
}
