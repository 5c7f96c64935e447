//! An array's items: a vector that lets go of deep nesting without recursion.

use std::ops::{Deref, DerefMut};

use super::{Value, bury};

/// The items of an array.
#[derive(Clone, Debug, Default)]
pub(crate) struct List(Vec<Value>);

impl List {
    /// Takes the items out.
    pub(crate) fn take(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.0)
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self(items)
    }
}

impl Deref for List {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.0
    }
}

impl DerefMut for List {
    fn deref_mut(&mut self) -> &mut Vec<Value> {
        &mut self.0
    }
}

impl Drop for List {
    fn drop(&mut self) {
        if self.0.iter().any(Value::is_container) {
            bury(self.take());
        }
    }
}
