//! Rhai's functions on lists and maps that call a function of the script: replaced by ones that let none of its errors go, and that
//! take no answer for true or false that is neither. Rhai's own drop errors in comparers, and let a script catch a limit.

mod callback;

use std::cmp::Ordering;

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, FuncRegistration, INT, ImmutableString, Map, NativeCallContext};

use self::callback::{Callback, index, limits_uncaught};

type Raised = Box<EvalAltResult>;
type Answer = Result<Dynamic, Raised>;

/// The place that a count means, from the end where it is negative.
fn start(length: usize, from: INT) -> usize {
    let count = usize::try_from(from.unsigned_abs()).unwrap_or(usize::MAX);
    if from < 0 { length.saturating_sub(count) } else { count.min(length) }
}

/// Where the first item is that is looked for.
fn position(callback: &Callback<'_>, list: &mut Array, from: INT) -> Result<Option<usize>, Raised> {
    let start = start(list.len(), from);
    for (place, item) in list.iter_mut().enumerate().skip(start) {
        if callback.takes(item, place)? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

fn index_of(callback: &Callback<'_>, list: &mut Array, from: INT) -> Answer {
    Ok(position(callback, list, from)?.map_or(Dynamic::from(-1 as INT), index))
}

fn find(callback: &Callback<'_>, list: &mut Array, from: INT) -> Answer {
    Ok(position(callback, list, from)?.map_or(Dynamic::UNIT, |place| list[place].clone()))
}

fn find_map(callback: &Callback<'_>, list: &mut Array, from: INT) -> Answer {
    let start = start(list.len(), from);
    for (place, item) in list.iter_mut().enumerate().skip(start) {
        let answer = callback.of_item(item, place)?;
        if !answer.is_unit() {
            return Ok(answer);
        }
    }
    Ok(Dynamic::UNIT)
}

fn some(callback: &Callback<'_>, list: &mut Array) -> Answer {
    Ok(position(callback, list, 0)?.is_some().into())
}

fn all(callback: &Callback<'_>, list: &mut Array) -> Answer {
    for (place, item) in list.iter_mut().enumerate() {
        if !callback.takes(item, place)? {
            return Ok(false.into());
        }
    }
    Ok(true.into())
}

fn for_each(callback: &Callback<'_>, list: &mut Array) -> Answer {
    for (place, item) in list.iter_mut().enumerate() {
        let function = &callback.function;
        let called = function.call_raw_with_extra_args(callback.caller, callback.context, Some(item), [], [index(place)], None);
        drop(called.map_err(limits_uncaught)?);
    }
    Ok(Dynamic::UNIT)
}

fn map(callback: &Callback<'_>, list: &mut Array) -> Answer {
    let answers: Result<Array, Raised> = list.iter_mut().enumerate().map(|(place, item)| callback.of_item(item, place)).collect();
    answers.map(Dynamic::from)
}

fn filter(callback: &Callback<'_>, list: &mut Array) -> Answer {
    let mut kept = Array::new();
    for (place, item) in list.iter_mut().enumerate() {
        if callback.takes(item, place)? {
            kept.push(item.clone());
        }
    }
    Ok(Dynamic::from(kept))
}

/// Parts a list into what is looked for and the rest.
fn part(callback: &Callback<'_>, list: &mut Array) -> Result<(Array, Array), Raised> {
    let taken: Result<Vec<bool>, Raised> = list.iter_mut().enumerate().map(|(place, item)| callback.takes(item, place)).collect();
    let mut taken = taken?.into_iter();
    Ok(std::mem::take(list).into_iter().partition(|_| taken.next().unwrap_or_default()))
}

fn drain(callback: &Callback<'_>, list: &mut Array) -> Answer {
    let (taken, rest) = part(callback, list)?;
    *list = rest;
    Ok(Dynamic::from(taken))
}

fn retain(callback: &Callback<'_>, list: &mut Array) -> Answer {
    let (taken, rest) = part(callback, list)?;
    *list = taken;
    Ok(Dynamic::from(rest))
}

fn dedup(callback: &Callback<'_>, list: &mut Array) -> Answer {
    let mut kept = Array::with_capacity(list.len());
    for item in &*list {
        let same = match kept.last() {
            Some(before) => callback.truth(callback.of_pair(before, item)?)?,
            None => false,
        };
        if !same {
            kept.push(item.clone());
        }
    }
    *list = kept;
    Ok(Dynamic::UNIT)
}

/// Without a function of the script's, items of one type are compared by `==`; those of two types differ.
fn dedup_equal(context: &NativeCallContext<'_>, list: &mut Array) -> Result<(), Raised> {
    let mut kept = Array::with_capacity(list.len());
    for item in &*list {
        let same = match kept.last() {
            Some(before) if before.type_id() == item.type_id() => {
                let equal = context.call_native_fn_raw("==", true, &mut [&mut item.clone(), &mut Dynamic::clone(before)])?;
                equal.as_bool().unwrap_or(false)
            }
            _ => false,
        };
        if !same {
            kept.push(item.clone());
        }
    }
    *list = kept;
    Ok(())
}

fn reduce(callback: &Callback<'_>, list: &mut Array, first: Dynamic, backwards: bool) -> Answer {
    let mut result = first;
    let length = list.len();
    for step in 0..length {
        let place = if backwards { length - 1 - step } else { step };
        let item = Some(&mut list[place]);
        let function = &callback.function;
        let called = function.call_raw_with_extra_args(callback.caller, callback.context, item, [result], [index(place)], Some(1));
        result = called.map_err(limits_uncaught)?;
    }
    Ok(result)
}

fn zip(callback: &Callback<'_>, first: &Array, second: Array) -> Answer {
    let pair = |(place, (first, second)): (usize, (&Dynamic, Dynamic))| {
        let items = [first.clone(), second];
        let function = &callback.function;
        function.call_raw_with_extra_args(callback.caller, callback.context, None, items, [index(place)], None).map_err(limits_uncaught)
    };
    let answers: Result<Array, Raised> = first.iter().zip(second).enumerate().map(pair).collect();
    answers.map(Dynamic::from)
}

fn sort(callback: &Callback<'_>, list: &mut Array) -> Answer {
    *list = sorted(list, &mut |first, second| callback.order(first, second))?;
    Ok(Dynamic::UNIT)
}

fn order(callback: &Callback<'_>, list: &mut Array) -> Answer {
    sorted(list, &mut |first, second| callback.order(first, second)).map(Dynamic::from)
}

/// A merge sort. The standard library's takes no comparer that fails, and may panic over one that contradicts itself.
fn sorted(list: &[Dynamic], compare: &mut dyn FnMut(&Dynamic, &Dynamic) -> Result<Ordering, Raised>) -> Result<Array, Raised> {
    if list.len() <= 1 {
        return Ok(list.to_vec());
    }
    let (left, right) = list.split_at(list.len() / 2);
    let mut left = sorted(left, compare)?.into_iter().peekable();
    let mut right = sorted(right, compare)?.into_iter().peekable();
    let mut merged = Array::with_capacity(list.len());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if compare(first, second)? == Ordering::Greater { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

fn map_entries(callback: &Callback<'_>, entries: &mut Map) -> Answer {
    let mut answers = Map::new();
    for (key, value) in entries.iter_mut() {
        answers.insert(key.clone(), callback.of_entry(key, value)?);
    }
    Ok(Dynamic::from_map(answers))
}

/// Parts a map into what is looked for and the rest.
fn part_entries(callback: &Callback<'_>, entries: &mut Map) -> Result<(Map, Map), Raised> {
    let (mut taken, mut rest) = (Map::new(), Map::new());
    for (key, value) in entries.iter_mut() {
        if callback.truth(callback.of_entry(key, value)?)? { &mut taken } else { &mut rest }.insert(key.clone(), value.clone());
    }
    Ok((taken, rest))
}

fn filter_entries(callback: &Callback<'_>, entries: &mut Map) -> Answer {
    part_entries(callback, entries).map(|(taken, _)| Dynamic::from_map(taken))
}

fn drain_entries(callback: &Callback<'_>, entries: &mut Map) -> Answer {
    let (taken, rest) = part_entries(callback, entries)?;
    *entries = rest;
    Ok(Dynamic::from_map(taken))
}

fn retain_entries(callback: &Callback<'_>, entries: &mut Map) -> Answer {
    let (taken, rest) = part_entries(callback, entries)?;
    *entries = taken;
    Ok(Dynamic::from_map(rest))
}

/// Puts one of these in the place of Rhai's; `pure` says that it leaves its first argument, which may then be read-only.
macro_rules! replace {
    ($engine:ident, $name:literal, pure $pure:literal, |$callback:ident, $list:ident: $of:ty $(, $more:ident: $kind:ty)*| $do:expr) => {
        FuncRegistration::new($name).with_purity($pure).register_into_engine(
            $engine,
            |context: NativeCallContext<'_>, $list: &mut $of, function: FnPtr $(, $more: $kind)*| -> Answer {
                let $callback = &Callback { caller: $name, context: &context, function };
                $do
            },
        );
    };
}

/// The same for a function that a text names.
macro_rules! replace_by_name {
    ($engine:ident, $name:literal, pure $pure:literal, |$callback:ident, $list:ident $(, $more:ident: $kind:ty)*| $do:expr) => {
        replace!($engine, $name, pure $pure, |$callback, $list: Array $(, $more: $kind)*| $do);
        FuncRegistration::new($name).with_purity($pure).register_into_engine(
            $engine,
            |context: NativeCallContext<'_>, $list: &mut Array, name: ImmutableString $(, $more: $kind)*| -> Answer {
                let $callback = &Callback { caller: $name, context: &context, function: FnPtr::new(name)? };
                $do
            },
        );
    };
}

/// Replaces every function of Rhai's that calls one of the script.
pub(super) fn register(engine: &mut Engine) {
    replace!(engine, "for_each", pure false, |of, list: Array| for_each(of, list));
    replace_by_name!(engine, "map", pure true, |of, list| map(of, list));
    replace_by_name!(engine, "filter", pure true, |of, list| filter(of, list));
    replace_by_name!(engine, "index_of", pure true, |of, list| index_of(of, list, 0));
    replace_by_name!(engine, "index_of", pure true, |of, list, from: INT| index_of(of, list, from));
    replace!(engine, "find", pure true, |of, list: Array| find(of, list, 0));
    replace!(engine, "find", pure true, |of, list: Array, from: INT| find(of, list, from));
    replace!(engine, "find_map", pure true, |of, list: Array| find_map(of, list, 0));
    replace!(engine, "find_map", pure true, |of, list: Array, from: INT| find_map(of, list, from));
    replace_by_name!(engine, "some", pure true, |of, list| some(of, list));
    replace_by_name!(engine, "all", pure true, |of, list| all(of, list));
    replace_by_name!(engine, "reduce", pure true, |of, list| reduce(of, list, Dynamic::UNIT, false));
    replace_by_name!(engine, "reduce", pure true, |of, list, first: Dynamic| reduce(of, list, first, false));
    replace_by_name!(engine, "reduce_rev", pure true, |of, list| reduce(of, list, Dynamic::UNIT, true));
    replace_by_name!(engine, "reduce_rev", pure true, |of, list, first: Dynamic| reduce(of, list, first, true));
    replace_by_name!(engine, "drain", pure false, |of, list| drain(of, list));
    replace_by_name!(engine, "retain", pure false, |of, list| retain(of, list));
    replace_by_name!(engine, "dedup", pure false, |of, list| dedup(of, list));
    replace_by_name!(engine, "sort", pure false, |of, list| sort(of, list));
    replace!(engine, "sort_by", pure false, |of, list: Array| sort(of, list));
    replace!(engine, "order", pure true, |of, list: Array| order(of, list));
    replace!(engine, "order_by", pure true, |of, list: Array| order(of, list));
    engine.register_fn("dedup", |context: NativeCallContext<'_>, list: &mut Array| dedup_equal(&context, list));
    FuncRegistration::new("zip").with_purity(true).register_into_engine(
        engine,
        |context: NativeCallContext<'_>, first: &mut Array, second: Array, function: FnPtr| -> Answer {
            zip(&Callback { caller: "zip", context: &context, function }, first, second)
        },
    );
    replace!(engine, "map", pure true, |of, entries: Map| map_entries(of, entries));
    replace!(engine, "filter", pure true, |of, entries: Map| filter_entries(of, entries));
    replace!(engine, "drain", pure false, |of, entries: Map| drain_entries(of, entries));
    replace!(engine, "retain", pure false, |of, entries: Map| retain_entries(of, entries));
}

#[cfg(test)]
mod tests;
