//! The order of arrays: `asort`, `asorti`, and the walks that `PROCINFO["sorted_in"]` rules.

use std::cmp::Ordering;

use crate::array::ArrayRef;
use crate::builtins::{as_array, key};
use crate::code::Place;
use crate::failure::{Failure, Result};
use crate::machine::Machine;
use crate::special;
use crate::value::{Text, Value};

/// Most sorts within the functions that compare for sorts: each takes from this program's own stack.
const SORTS_MAX: usize = 20;

/// One element.
type Pair = (Text, Value);

/// How two elements are compared.
enum Order<'a> {
    KeysAsStrings,
    KeysAsNumbers,
    ValuesByType,
    ValuesAsStrings,
    ValuesAsNumbers,
    /// By a function of the program.
    Function(&'a str),
}

/// Reads the name of an order; the flag is for a descending one.
fn named(name: &str) -> Option<(Order<'_>, bool)> {
    let (base, descending) = match name.strip_suffix("_desc") {
        Some(base) => (base, true),
        None => (name.strip_suffix("_asc").unwrap_or(name), false),
    };
    let order = match base {
        "@ind_str" => Order::KeysAsStrings,
        "@ind_num" => Order::KeysAsNumbers,
        "@val_type" => Order::ValuesByType,
        "@val_str" => Order::ValuesAsStrings,
        "@val_num" => Order::ValuesAsNumbers,
        _ if base.starts_with('@') => return None,
        _ => return Some((Order::Function(name), false)),
    };
    Some((order, descending))
}

impl Machine<'_> {
    /// The keys of an array in the order of a walk.
    pub(super) fn ordered_keys(&mut self, array: &ArrayRef) -> Result<Vec<Text>> {
        let how = self.walk_order()?;
        if how.is_empty() || how == "@unsorted" {
            return Ok(array.borrow().iter().map(|(key, _)| key.clone()).collect());
        }
        let mut pairs = pairs_of(array);
        self.sort_pairs(&mut pairs, &how)?;
        Ok(pairs.into_iter().map(|(key, _)| key).collect())
    }

    fn walk_order(&mut self) -> Result<String> {
        let information = self.array(Place::Global(special::PROCINFO))?;
        let information = information.borrow();
        let how = information.get(b"sorted_in").map(|how| how.bytes(&self.settings.convfmt).into_owned());
        Ok(how.map(|how| String::from_utf8_lossy(&how).into_owned()).unwrap_or_default())
    }

    /// `asort` and `asorti`.
    pub(super) fn sort(&mut self, arguments: &[Value], keys: bool) -> Result<Value> {
        let source = as_array(arguments.first())?;
        let destination = arguments.get(1).map_or(Ok(source), |array| as_array(Some(array)))?;
        let how = if arguments.len() > 2 { self.string(arguments, 2) } else { Vec::new() };
        let mut how = String::from_utf8_lossy(&how).into_owned();
        if how.is_empty() {
            how = if keys { "@ind_str_asc" } else { "@val_type_asc" }.to_owned();
        }
        let mut pairs = pairs_of(source);
        self.sort_pairs(&mut pairs, &how)?;
        let count = pairs.len();
        let sorted = pairs.into_iter().map(|(key, value)| if keys { Value::Text(key) } else { value });
        Self::fill(destination, sorted.enumerate().map(|(at, value)| (key(at + 1), value)));
        Ok(crate::builtins::number(count))
    }

    fn sort_pairs(&mut self, pairs: &mut Vec<Pair>, how: &str) -> Result<()> {
        if how == "@unsorted" {
            return Ok(());
        }
        let Some((order, descending)) = named(how) else {
            return Err(Failure::fatal(format!("sort comparison function `{how}' is not defined")));
        };
        if let Order::Function(name) = order {
            return self.sort_by_function(pairs, name);
        }
        let format = self.settings.convfmt.clone();
        pairs.sort_by(|left, right| {
            let order = match order {
                Order::KeysAsStrings | Order::Function(_) => left.0.bytes().cmp(right.0.bytes()),
                Order::KeysAsNumbers => {
                    let number = |pair: &Pair| crate::number::of_text(pair.0.bytes());
                    number(left).total_cmp(&number(right)).then_with(|| left.0.bytes().cmp(right.0.bytes()))
                }
                Order::ValuesAsStrings => {
                    left.1.bytes(&format).cmp(&right.1.bytes(&format)).then_with(|| by_key(left, right))
                }
                Order::ValuesAsNumbers => {
                    left.1.number().total_cmp(&right.1.number()).then_with(|| by_key(left, right))
                }
                Order::ValuesByType => by_type(&left.1, &right.1, &format).then_with(|| by_key(left, right)),
            };
            if descending { order.reverse() } else { order }
        });
        Ok(())
    }

    fn sort_by_function(&mut self, pairs: &mut Vec<Pair>, name: &str) -> Result<()> {
        let Some(function) = self.code.functions.iter().position(|function| function.name == name) else {
            return Err(Failure::fatal(format!("sort comparison function `{name}' is not defined")));
        };
        if self.sorts >= SORTS_MAX {
            return Err(Failure::fatal("sort comparison functions are nested too deeply"));
        }
        self.sorts += 1;
        let mut failure = None;
        // The comparison may answer as it likes; a merge sort of our own takes any answers.
        let sorted = merge_sort(std::mem::take(pairs), &mut |left, right| {
            if failure.is_some() {
                return Ordering::Equal;
            }
            let arguments =
                [Value::Text(left.0.clone()), left.1.clone(), Value::Text(right.0.clone()), right.1.clone()];
            match self.call_function(function, &arguments) {
                Ok(value) => value.number().partial_cmp(&0.0).unwrap_or(Ordering::Equal),
                Err(found) => {
                    failure = Some(found);
                    Ordering::Equal
                }
            }
        });
        self.sorts -= 1;
        *pairs = sorted;
        failure.map_or(Ok(()), Err)
    }
}

fn pairs_of(array: &ArrayRef) -> Vec<Pair> {
    array.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn by_key(left: &Pair, right: &Pair) -> Ordering {
    let number = |pair: &Pair| crate::number::looks_like(pair.0.bytes());
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => left.0.bytes().cmp(right.0.bytes()),
    }
}

/// Numbers come before strings, and those before arrays.
fn by_type(left: &Value, right: &Value, format: &crate::format::NumberFormat) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Array(_) => 2,
        other if other.as_number().is_some() => 0,
        _ => 1,
    };
    rank(left).cmp(&rank(right)).then_with(|| match (left.as_number(), right.as_number()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => left.bytes(format).cmp(&right.bytes(format)),
    })
}

/// Sorts stably; unlike the standard library's, it does not mind a comparison that contradicts itself.
fn merge_sort<T>(mut items: Vec<T>, compare: &mut impl FnMut(&T, &T) -> Ordering) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let right = items.split_off(items.len() / 2);
    let mut left = merge_sort(items, compare).into_iter().peekable();
    let mut right = merge_sort(right, compare).into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let from_right = compare(first, second) == Ordering::Greater;
        merged.extend(if from_right { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_sorts_and_keeps_equals_in_order() {
        let items = vec![(3, 'a'), (1, 'b'), (3, 'c'), (2, 'd'), (1, 'e')];
        let sorted = merge_sort(items, &mut |left, right| left.0.cmp(&right.0));
        assert_eq!(sorted, [(1, 'b'), (1, 'e'), (2, 'd'), (3, 'a'), (3, 'c')]);
        let mut turn = false;
        let contradictory = merge_sort((0..100).collect(), &mut |_: &i32, _: &i32| {
            turn = !turn;
            if turn { Ordering::Less } else { Ordering::Greater }
        });
        assert_eq!(contradictory.len(), 100);
    }
}
