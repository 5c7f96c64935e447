//! YAML text as values: documents one after the other, aliases and merge keys resolved.

use std::fmt;

use serde::de::{Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use crate::json;
use crate::value::{Map, Value};

/// The documents of a text.
///
/// # Errors
///
/// What is wrong with the text.
pub(super) fn documents(text: &str) -> Result<Vec<Value>, String> {
    let mut values = Vec::new();
    for document in serde_norway::Deserializer::from_str(text) {
        let Node(value) = Node::deserialize(document).map_err(|error| error.to_string())?;
        values.push(value);
    }
    Ok(values)
}

/// A value that YAML gives.
struct Node(Value);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Node)
    }
}

struct Reader;

/// A whole number, kept to the last digit.
fn whole(text: &str) -> Value {
    json::number(text.as_bytes()).unwrap_or(Value::Null)
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(whole(&number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(whole(&number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        // `1.0` stays what it is, not `1`.
        Ok(if number.is_finite() && number.fract() == 0.0 && number.abs() < 1e15 {
            whole(&format!("{number:.1}"))
        } else {
            Value::Num(number)
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Node(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let (mut map, mut merged) = (Map::default(), Vec::new());
        while let Some((Node(key), Node(value))) = members.next_entry()? {
            match key {
                Value::Str(key) if key == "<<" => merged.push(value),
                Value::Str(key) => map.insert(key, value),
                other => map.insert(json::compact(&other).into(), value),
            }
        }
        merged.iter().for_each(|value| merge(&mut map, value));
        Ok(Value::object(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        // The tags of applications say nothing to the language.
        let (Node(_), content) = tagged.variant()?;
        content.newtype_variant::<Node>().map(|Node(value)| value)
    }
}

/// Adds the members that `<<` brings, where there are none of that name.
fn merge(map: &mut Map, value: &Value) {
    match value {
        Value::Obj(other) => {
            for (key, value) in other.iter() {
                if map.get(key).is_none() {
                    map.insert(key.clone(), value.clone());
                }
            }
        }
        Value::Arr(items) => items.iter().for_each(|item| merge(map, item)),
        _ => {}
    }
}
