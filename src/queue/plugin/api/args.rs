//! Reads the arguments of host functions: nothing that a script passes is trusted.

use mlua::{Table, Value};

use crate::queue::Context;
use crate::track::TrackId;

/// Maximum number of ids of which a set is made.
pub(super) const MOST_SEEDS: usize = 200;
/// Maximum number of ids that can be left out.
const MOST_WITHOUT: usize = 20_000;
/// Filters and sort keys are cut to this many characters.
const MOST_TEXT: usize = 1000;

/// Parses an id; `None` if it is malformed. The length is checked first, since a string may be huge.
pub fn parse(id: &Value) -> Option<TrackId> {
    let id = id.as_string().filter(|id| id.as_bytes().len() == 32)?;
    id.to_str().ok()?.parse().ok()
}

/// The id of a value: an id, or a table with one.
pub fn id(value: &Value) -> Option<TrackId> {
    match value {
        Value::Table(table) => parse(&table.raw_get::<Value>("id").ok()?),
        value => parse(value),
    }
}

/// The argument at a place.
pub fn at(args: &[Value], place: usize) -> &Value {
    args.get(place).unwrap_or(&Value::Nil)
}

/// A list of ids of tracks, at most `most`; `what` names the argument in the error.
pub fn ids(value: &Value, most: usize, what: &str) -> mlua::Result<Vec<TrackId>> {
    let Value::Table(list) = value else { return Err(wants(what, "a list of ids", value)) };
    let entries = (1..=list.raw_len().min(most)).filter_map(|i| list.raw_get::<Value>(i).ok());
    Ok(entries.filter_map(|entry| id(&entry)).collect())
}

/// The tracks of `without`; none when there is no such argument.
pub fn without(value: &Value) -> mlua::Result<Vec<TrackId>> {
    if value.is_nil() { Ok(Vec::new()) } else { ids(value, MOST_WITHOUT, "without") }
}

/// A number that is not NaN.
pub fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => *number,
        Value::Integer(number) => *number as f64,
        _ => return None,
    };
    (!number.is_nan()).then_some(number)
}

/// A count, at most `most`; `usual` when there is none. NaN and negative numbers count as 0.
pub fn count(value: &Value, usual: usize, most: usize, what: &str) -> mlua::Result<usize> {
    match value {
        Value::Nil => Ok(usual),
        // `as` converts NaN and negative numbers to 0.
        Value::Number(number) => Ok((*number as usize).min(most)),
        Value::Integer(number) => Ok(usize::try_from(*number).unwrap_or(0).min(most)),
        other => Err(wants(what, "a number", other)),
    }
}

/// A text, if there is one.
pub fn text(value: &Value, what: &str) -> mlua::Result<Option<String>> {
    match value {
        Value::Nil => Ok(None),
        Value::String(text) => {
            let bytes = text.as_bytes();
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * MOST_TEXT)]).into_owned();
            Ok(Some(start.chars().take(MOST_TEXT).collect()))
        }
        other => Err(wants(what, "a text", other)),
    }
}

/// A table of further arguments, if there is one.
pub fn table<'a>(value: &'a Value, what: &str) -> mlua::Result<Option<&'a Table>> {
    match value {
        Value::Nil => Ok(None),
        Value::Table(table) => Ok(Some(table)),
        other => Err(wants(what, "a table", other)),
    }
}

/// Refuses keys of a table of arguments that mean nothing: a mistyped `fliter` must not find everything.
pub fn known(table: Option<&Table>, keys: &[&str], what: &str) -> mlua::Result<()> {
    let Some(table) = table else { return Ok(()) };
    for pair in table.pairs::<Value, Value>() {
        let (key, _) = pair?;
        let name = key.as_string().map(|key| key.to_string_lossy().chars().take(40).collect::<String>());
        if !name.as_deref().is_some_and(|name| keys.contains(&name)) {
            let name = name.unwrap_or_else(|| key.type_name().to_string());
            return Err(mlua::Error::runtime(format!("{what} has no '{name}'; there are: {}", keys.join(", "))));
        }
    }
    Ok(())
}

/// The error for an argument of a wrong type.
pub fn wants(what: &str, wanted: &str, got: &Value) -> mlua::Error {
    mlua::Error::runtime(format!("{what} must be {wanted}, not {}", kind(got)))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nil",
        Value::Integer(_) | Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Table(_) => "a table",
        Value::Boolean(_) => "a boolean",
        Value::Function(_) => "a function",
        other => other.type_name(),
    }
}

/// The row of a track in the space, under its present identity.
pub fn row(context: &Context, id: TrackId) -> Option<u32> {
    context.space.row(id).or_else(|| context.space.row(context.catalog.current(id)))
}
