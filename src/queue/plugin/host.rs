//! Runs a script as an engine: loads it, calls `propose`, and validates everything it returns.

use std::rc::Rc;
use std::sync::Arc;

use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, Table, Value};

use crate::clock::{Clock, SystemClock};
use crate::text::sanitize;

use super::api::{self, Current};
use super::sandbox::{self, LOAD_STEPS, Limits, PROPOSE_STEPS};
use crate::queue::{Context, Engine, Proposal, Why};

pub use super::api::MOST_PROPOSALS;

/// Longer reasons are truncated to this many bytes before they are sanitised.
const MOST_WHY: usize = 4096;

/// A loaded script.
pub(super) struct Script {
    name: String,
    lua: Lua,
    limits: Limits,
    propose: Function,
    current: Current,
}

impl Script {
    /// Runs the script once and takes `propose` from the table that it returns.
    pub fn load(name: &str, script: &str) -> Result<Script, String> {
        Script::load_by(Arc::new(SystemClock::new()), name, script)
    }

    /// Like [`Script::load`], with the clock that the time limit is measured by.
    pub fn load_by(clock: Arc<dyn Clock>, name: &str, script: &str) -> Result<Script, String> {
        let (lua, limits) = sandbox::new(clock).map_err(|e| explain(name, None, &e))?;
        limits.allow(LOAD_STEPS);
        // Text mode rejects bytecode. The "=" makes Luau show the name unchanged in messages.
        let module = lua.load(script).set_name(format!("={name}/main.luau")).set_mode(ChunkMode::Text);
        let module: Value = module.call(()).map_err(|e| explain(name, Some(&limits), &e))?;
        let propose = module.as_table().and_then(|module| module.raw_get::<Option<Function>>("propose").ok().flatten());
        let propose =
            propose.ok_or_else(|| format!("{name}/main.luau must return a table with a function 'propose'"))?;
        Ok(Script { name: name.into(), lua, limits, propose, current: Current::default() })
    }

    /// Number of steps attempted after the last call exceeded its limits.
    #[cfg(test)]
    pub fn late(&self) -> u64 {
        self.limits.late()
    }

    fn call(&self, want: usize) -> mlua::Result<Value> {
        let context = api::context(&self.lua, &self.current, &self.limits, want)?;
        self.propose.call((context, want))
    }

    /// Reads one entry of the answer; `None` when its track is not in the library or its score is
    /// not a finite number.
    fn proposal(&self, context: &Context, place: usize, entry: &Table) -> Option<Proposal> {
        let id = api::parse(&entry.raw_get("id").ok()?)?;
        context.catalog.of_track(id)?;
        // A missing score defaults to one that keeps the list's order.
        let score = match entry.raw_get::<Value>("score").ok()? {
            Value::Nil => -(place as f32),
            Value::Number(score) => score as f32,
            Value::Integer(score) => score as f32,
            _ => return None,
        };
        let text = match entry.raw_get::<Value>("why").ok()? {
            // The string may be as large as the memory limit and shared by all entries, so only its
            // start is copied.
            Value::String(text) => {
                let bytes = text.as_bytes();
                sanitize(&String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_WHY)]))
            }
            _ => String::new(),
        };
        let why = Why { engine: self.name.clone(), text, ..Why::default() };
        score.is_finite().then_some(Proposal { id, score, why })
    }
}

impl Engine for Script {
    fn name(&self) -> &str {
        &self.name
    }

    fn propose(&mut self, context: &Context, want: usize) -> Result<Vec<Proposal>, String> {
        self.current.replace(Some(Rc::new(context.clone())));
        self.limits.allow(PROPOSE_STEPS);
        let answer = self.call(want.min(MOST_PROPOSALS));
        self.current.replace(None);
        let answer = answer.map_err(|e| explain(&self.name, Some(&self.limits), &e))?;
        let Value::Table(answer) = answer else {
            return Err(format!("{}: propose must return a list, not a {}", self.name, answer.type_name()));
        };
        // Raw reads invoke no metamethods, so no script code runs from here on.
        Ok((1..=answer.raw_len().min(MOST_PROPOSALS))
            .map_while(|place| answer.raw_get::<Value>(place).ok().map(|entry| (place, entry)))
            .filter_map(|(place, entry)| self.proposal(context, place, entry.as_table()?))
            .collect())
    }
}

/// Formats an error as one line, with the script's line where Luau knows it:
/// `radio/main.luau:3: nothing is playing`.
fn explain(name: &str, limits: Option<&Limits>, error: &mlua::Error) -> String {
    let text = error.to_string();
    if limits.is_some_and(Limits::passed) {
        return format!("{name} took too long and was stopped");
    }
    if is_out_of_memory(error) {
        return format!("{name} wanted more than {} MiB of memory and was stopped", sandbox::MEMORY / (1024 * 1024));
    }
    let first = text.lines().next().unwrap_or_default();
    let first = ["runtime error: ", "syntax error: "].iter().fold(first, |t, prefix| t.trim_start_matches(prefix));
    let first = sanitize(first);
    if first.starts_with(&format!("{name}/")) { first } else { format!("{name}: {first}") }
}

/// Whether an error or its cause is that memory ran out.
fn is_out_of_memory(error: &mlua::Error) -> bool {
    match error {
        mlua::Error::MemoryError(_) => true,
        mlua::Error::CallbackError { cause, .. } | mlua::Error::WithContext { cause, .. } => is_out_of_memory(cause),
        _ => false,
    }
}
