//! `ctx.state`: what a plugin remembers, between a Lua table and a file of JSON.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mlua::{Lua, Table, Value};
use serde_json::Value as Json;

use super::script_error::StateError;
use crate::files;
use crate::store::private;

/// The most that a plugin can remember, in bytes of JSON.
pub const MOST_STATE: usize = 64 * 1024;
/// How deep tables can be in tables.
const DEEPEST: usize = 8;
const TOO_LARGE: StateError = StateError::TooLarge { kib: MOST_STATE / 1024 };

/// Where states are kept.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// `None`: nothing is remembered beyond this program.
    dir: Option<PathBuf>,
    /// Whether states are only read.
    fixed: bool,
}

impl Shelf {
    /// A directory for the states of all plugins, which is made when the first is written.
    pub fn in_dir(dir: PathBuf) -> Shelf {
        Shelf { dir: Some(dir), fixed: false }
    }

    /// The same states, which are never written.
    pub fn fixed(self) -> Shelf {
        Shelf { fixed: true, ..self }
    }

    fn file(&self, plugin: &str) -> Option<PathBuf> {
        Some(self.dir.as_ref()?.join(format!("{plugin}.json")))
    }

    /// The state of a plugin as JSON, `{}` when there is none. What was kept and cannot be used is put aside, so that it
    /// is not overwritten; then there is also a line that says so.
    pub fn load(&self, plugin: &str) -> (String, Option<String>) {
        let none = || "{}".to_string();
        let Some(file) = self.file(plugin) else { return (none(), None) };
        let why = match files::text(&file, MOST_STATE as u64) {
            Ok(text) if matches!(serde_json::from_str(&text), Ok(Json::Object(_))) => return (text, None),
            Ok(_) => "not an object of JSON".to_string(),
            Err(e) if e.kind() == ErrorKind::NotFound => return (none(), None),
            Err(e) => e.to_string(),
        };
        if self.fixed {
            return (none(), None);
        }
        let aside = file.with_extension("damaged.json");
        let kept = match std::fs::rename(&file, &aside) {
            Ok(()) => format!("kept as {}", aside.display()),
            Err(e) => format!("it cannot be moved aside: {e}"),
        };
        let said = format!("{}: what {plugin} remembered cannot be used ({why}); {kept}", file.display());
        (none(), Some(said))
    }

    /// Writes a state.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, plugin: &str, state: &str) -> Result<(), StateError> {
        let Some(file) = self.file(plugin).filter(|_| !self.fixed) else { return Ok(()) };
        let fault = |e: std::io::Error| StateError::Unwritten { file: file.clone(), why: private::explain(&e) };
        private::dir(file.parent().unwrap_or(Path::new(""))).map_err(fault)?;
        private::replace(&file, state.as_bytes()).map_err(fault)
    }
}

/// Makes the table of a state. What is no JSON object gives an empty one.
pub(super) fn table(lua: &Lua, state: &str) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    if let Ok(Json::Object(entries)) = serde_json::from_str(state) {
        for (name, value) in entries {
            table.raw_set(name, read(lua, value)?)?;
        }
    }
    Ok(table)
}

fn read(lua: &Lua, value: Json) -> mlua::Result<Value> {
    Ok(match value {
        Json::Null => Value::Nil,
        Json::Bool(on) => Value::Boolean(on),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(0.0)),
        Json::String(text) => Value::String(lua.create_string(text)?),
        Json::Array(entries) => {
            let table = lua.create_table()?;
            for entry in entries {
                table.raw_push(read(lua, entry)?)?;
            }
            Value::Table(table)
        }
        Json::Object(entries) => {
            let table = lua.create_table()?;
            for (name, entry) in entries {
                table.raw_set(name, read(lua, entry)?)?;
            }
            Value::Table(table)
        }
    })
}

/// A state as JSON. No code of the script runs: tables are read raw.
///
/// # Errors
/// What in it cannot be remembered, or that it is too large.
pub(super) fn text(state: &Table) -> Result<String, StateError> {
    let mut room = MOST_STATE;
    let json = object(state, 0, &mut room)?;
    let text = json.to_string();
    if text.len() > MOST_STATE { Err(TOO_LARGE) } else { Ok(text) }
}

/// Takes bytes off the room that is left, before anything is copied.
fn take(room: &mut usize, bytes: usize) -> Result<(), StateError> {
    *room = room.checked_sub(bytes).ok_or(TOO_LARGE)?;
    Ok(())
}

fn object(table: &Table, depth: usize, room: &mut usize) -> Result<Json, StateError> {
    let mut entries = serde_json::Map::new();
    for pair in table.pairs::<Value, Value>() {
        let (key, value) = pair.map_err(|_| StateError::Unreadable)?;
        let Value::String(key) = key else {
            return Err(StateError::Key(key.type_name()));
        };
        let key = string(&key, room)?;
        let value = write(&value, depth + 1, room)?;
        entries.insert(key, value);
    }
    Ok(Json::Object(entries))
}

fn write(value: &Value, depth: usize, room: &mut usize) -> Result<Json, StateError> {
    if depth > DEEPEST {
        return Err(StateError::TooDeep(DEEPEST));
    }
    take(room, 2)?;
    match value {
        Value::Boolean(on) => Ok(Json::Bool(*on)),
        Value::Integer(number) => Ok(Json::from(*number)),
        Value::Number(number) => {
            take(room, 8)?;
            serde_json::Number::from_f64(*number).map(Json::Number).ok_or(StateError::NotFinite)
        }
        Value::String(text) => Ok(Json::String(string(text, room)?)),
        Value::Table(table) if table.raw_len() > 0 => {
            let entries = table.raw_len();
            take(room, 2 * entries)?;
            if table.pairs::<Value, Value>().take(entries + 1).count() > entries {
                return Err(StateError::Mixed);
            }
            let entry = |place| {
                let entry = table.raw_get::<Value>(place).map_err(|_| StateError::Unreadable)?;
                write(&entry, depth + 1, room)
            };
            Ok(Json::Array((1..=entries).map(entry).collect::<Result<_, _>>()?))
        }
        Value::Table(table) => object(table, depth, room),
        other => Err(StateError::Value(other.type_name())),
    }
}

fn string(text: &mlua::LuaString, room: &mut usize) -> Result<String, StateError> {
    let bytes = text.as_bytes();
    take(room, bytes.len())?;
    String::from_utf8(bytes.to_vec()).map_err(|_| StateError::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(script: &str) -> Result<String, StateError> {
        let lua = Lua::new();
        let state = table(&lua, r#"{"n":1.5,"list":[1,"a",true],"deep":{"x":{"y":2}}}"#).unwrap();
        lua.globals().raw_set("state", &state).unwrap();
        lua.load(script).exec().unwrap();
        text(&state)
    }

    #[test]
    fn a_state_goes_to_json_and_back() {
        let json: Json = serde_json::from_str(&after("state.list[4] = state.deep.x.y + 1").unwrap()).unwrap();
        assert_eq!(json, serde_json::json!({"n": 1.5, "list": [1, "a", true, 3], "deep": {"x": {"y": 2}}}));
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::in_dir(dir.path().join("engines"));
        assert_eq!(shelf.load("x"), ("{}".into(), None));
        shelf.save("x", "{\"a\":1}").unwrap();
        shelf.clone().fixed().save("x", "{\"a\":2}").unwrap();
        assert_eq!(shelf.load("x"), ("{\"a\":1}".into(), None));
    }

    #[test]
    fn a_damaged_state_is_kept_aside() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::in_dir(dir.path().into());
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MOST_STATE));
        for (text, why) in [("broken", "not an object"), ("[1]", "not an object"), (&*large, "larger than 64 KiB")] {
            std::fs::write(dir.path().join("x.json"), text).unwrap();
            assert_eq!(shelf.clone().fixed().load("x"), ("{}".into(), None), "a trial changes nothing");
            let (state, said) = shelf.load("x");
            let said = said.unwrap();
            assert!(state == "{}" && said.contains(why) && said.contains("x.damaged.json"), "{said}");
            shelf.save("x", "{}").unwrap();
            assert_eq!(std::fs::read_to_string(dir.path().join("x.damaged.json")).unwrap(), text);
        }
    }

    #[test]
    fn what_cannot_be_remembered_is_said() {
        for (script, says) in [
            ("state.f = print", "holds a function"),
            ("state.self = state", "more than 8 deep"),
            ("state.n = 0/0", "not finite"),
            ("state.s = string.rep('x', 70000)", "larger than 64 KiB"),
            ("state.t = table.create(60000, true)", "larger than 64 KiB"),
            ("for i = 1, 20000 do state['k' .. i] = 1 end", "larger than 64 KiB"),
            ("state.s = '\\255'", "not UTF-8"),
            ("state.t = { 1, x = 2 }", "both a list"),
            ("state.t = { [true] = 1 }", "a key that is a boolean"),
        ] {
            let why = after(script).unwrap_err().to_string();
            assert!(why.contains(says), "{script}: {why}");
        }
    }
}
