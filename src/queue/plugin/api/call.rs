//! The call that host functions serve, and what they have in common.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use mlua::{Lua, Table, Value};

use crate::queue::Context;
use crate::queue::plugin::sandbox::{self, Limits};
use crate::track::TrackId;

/// Maximum length of a list of ids given to a script; the latest are kept.
pub const MOST_IDS: usize = 1000;

/// The call that host functions serve. `None` between calls, so that a script that keeps its `ctx` does not keep a
/// library alive.
pub type Current = Rc<RefCell<Option<Rc<Call>>>>;

/// What host functions use during a call.
pub struct Call {
    /// The session and the library.
    pub context: Context,
    /// The filters that were asked for so far, and what they found: a script may ask for one again and again.
    pub found: RefCell<HashMap<String, Rc<Found>>>,
}

/// What a filter finds.
pub struct Found {
    /// In the order of the library, or of worth.
    pub tracks: Vec<TrackId>,
    /// The same.
    pub set: HashSet<TrackId>,
}

impl Call {
    /// A call that has not asked for anything.
    pub fn new(context: &Context) -> Call {
        Call { context: context.clone(), found: RefCell::default() }
    }
}

/// The call that runs now.
pub fn running(current: &Current) -> mlua::Result<Rc<Call>> {
    current.borrow().clone().ok_or_else(|| mlua::Error::runtime("ctx is valid only while the engine's function runs"))
}

/// A list of ids for a script.
pub fn ids(lua: &Lua, tracks: &[TrackId]) -> mlua::Result<Table> {
    lua.create_sequence_from(tracks[tracks.len().saturating_sub(MOST_IDS)..].iter().map(TrackId::to_string))
}

/// Puts the script's line before an error of a host function. Stops for time and memory pass unchanged.
pub fn placed(lua: &Lua, limits: &Limits, error: mlua::Error) -> mlua::Error {
    // Level 0 is the host function, level 1 its caller.
    if limits.passed() {
        limits.note_place(lua, 1);
        return error;
    }
    if matches!(error, mlua::Error::MemoryError(_)) {
        return error;
    }
    let text = error.to_string();
    let text = text.strip_prefix("runtime error: ").unwrap_or(&text);
    mlua::Error::runtime(sandbox::line(lua, 1).map_or(text.to_string(), |place| format!("{place}: {text}")))
}

/// The value of a key of an argument; nil unless it is a table.
pub fn field(table: Option<&Table>, key: &str) -> Value {
    table.and_then(|table| table.raw_get::<Value>(key).ok()).unwrap_or(Value::Nil)
}
