//! Runs a script: loads it, calls the function of its kind, and keeps what it remembers.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, MultiValue, Table, Value};

use super::answer::{self, Answer};
use super::api::{self, Call, Current, Kept, MOST_PROPOSALS};
use super::manifest::Kind;
use super::options::Setting;
use super::sandbox::{self, LOAD_STEPS, Limits, PROPOSE_STEPS, SLOW};
use super::script_error::{ScriptError, StateError};
use super::state;
use crate::clock::{Clock, ThreadClock};
use crate::queue::{Context, Proposal};
use crate::text::sanitize;
use crate::track::TrackId;

/// How many tracks the `ctx` of a plugin's tests lacks.
const TESTED: usize = 15;

/// What a script is started with.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The plugin's name.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// The text of `main.luau`.
    pub script: String,
    /// Its options.
    pub settings: Vec<(String, Setting)>,
    /// What it remembers, as JSON; empty for nothing.
    pub state: String,
}

/// A loaded script. It must stay on the thread that loaded it.
pub struct Script {
    name: String,
    kind: Kind,
    lua: Lua,
    limits: Limits,
    module: Table,
    function: Function,
    current: Current,
    kept: Kept,
}

impl Script {
    /// Runs the script once and takes the function of its kind from the table that it returns.
    ///
    /// # Errors
    /// Why it does not start.
    pub fn load(setup: &Setup) -> Result<Script, ScriptError> {
        Script::load_by(Arc::new(ThreadClock), setup)
    }

    /// Like [`Script::load`], with the clock that the time limit is measured by.
    ///
    /// # Errors
    /// As [`Script::load`].
    pub fn load_by(clock: Arc<dyn Clock>, setup: &Setup) -> Result<Script, ScriptError> {
        let (name, kind) = (setup.name.as_str(), setup.kind);
        let fault = |e: mlua::Error| explain(name, None, &e);
        let (lua, limits) = sandbox::new(clock).map_err(fault)?;
        let current = Current::default();
        let lib = api::library(&lua, &current, &limits).map_err(fault)?;
        let options = api::options(&lua, &setup.settings).map_err(fault)?;
        let state = state::table(&lua, &setup.state).map_err(fault)?;
        limits.allow(LOAD_STEPS);
        // Text mode rejects bytecode. The "=" makes Luau show the name unchanged in messages.
        let module = lua.load(setup.script.as_str()).set_name(format!("={name}/main.luau")).set_mode(ChunkMode::Text);
        let module: Value = module.call(()).map_err(|e| explain(name, Some(&limits), &e))?;
        let function = kind.function();
        let found = module.as_table().and_then(|module| {
            let found = module.raw_get::<Option<Function>>(function).ok().flatten();
            found.map(|found| (module.clone(), found))
        });
        let (module, function) = found.ok_or_else(|| ScriptError::NoFunction { engine: name.into(), function })?;
        let kept = Kept { lib, options, state };
        Ok(Script { name: name.into(), kind, lua, limits, module, function, current, kept })
    }

    /// What it does in a chain.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Number of steps attempted after the last call exceeded its limits.
    #[cfg(test)]
    pub fn late(&self) -> u64 {
        self.limits.late()
    }

    /// Number of steps and processor time of the last call.
    pub fn spent(&self) -> (u64, Duration) {
        self.limits.spent()
    }

    /// Lines for the log: what it printed, and that the last call was slow.
    pub fn take_lines(&self) -> Vec<String> {
        let printed = self.limits.take_printed().into_iter();
        let mut lines: Vec<String> = printed.map(|line| format!("{}: {line}", self.name)).collect();
        let (_, time) = self.limits.spent();
        if time > SLOW {
            let (ms, slow) = (time.as_millis(), SLOW.as_millis());
            lines.push(format!("{} took {ms} ms for a call; more than {slow} ms are slow", self.name));
        }
        lines
    }

    /// What it remembers now, as JSON.
    ///
    /// # Errors
    /// It is too large, or holds what cannot be kept.
    pub fn state(&self) -> Result<String, ScriptError> {
        state::text(&self.kept.state).map_err(|why| ScriptError::State { engine: self.name.clone(), why })
    }

    /// Asks a source for up to `width` tracks, of which `want` are to be picked.
    ///
    /// # Errors
    /// Why there are none.
    pub fn propose(&mut self, context: &Context, want: usize, width: usize) -> Result<Answer, ScriptError> {
        let width = width.min(MOST_PROPOSALS);
        let answer = self.enter(context, want, |script, ctx| script.function.call::<Value>((ctx, width)))?;
        answer::read((&self.name, "propose"), context, answer, None)
    }

    /// The proposals that a filter lets pass, and a line about those that it does not.
    ///
    /// # Errors
    /// As [`Script::propose`].
    pub fn keep(
        &mut self,
        context: &Context,
        want: usize,
        proposals: Vec<Proposal>,
    ) -> Result<(Vec<Proposal>, String), ScriptError> {
        let all = proposals.len();
        let mut reason = None;
        let kept = self.enter(context, want, |script, ctx| {
            let mut kept = Vec::with_capacity(all);
            for proposal in proposals {
                let entry = script.entry(&proposal)?;
                let said: MultiValue = script.function.call((ctx.clone(), entry))?;
                let mut said = said.into_iter();
                match said.next() {
                    Some(Value::Boolean(true)) => kept.push(proposal),
                    Some(Value::Boolean(false)) => {
                        if let Some(Value::String(why)) = said.next() {
                            let bytes = why.as_bytes();
                            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
                            reason.get_or_insert_with(|| sanitize(&start));
                        }
                    }
                    other => {
                        let what = other.as_ref().map_or("nothing", Value::type_name);
                        return Err(mlua::Error::runtime(format!("keep must return true or false, not {what}")));
                    }
                }
            }
            Ok(kept)
        })?;
        let out = all - kept.len();
        let reason = reason.map_or(String::new(), |why| format!(", the first because: {why}"));
        let line = if out == 0 { String::new() } else { format!("{} left out {out} of {all}{reason}", self.name) };
        Ok((kept, line))
    }

    /// The proposals as a rank gives them back.
    ///
    /// # Errors
    /// As [`Script::propose`].
    pub fn rank(&mut self, context: &Context, want: usize, proposals: &[Proposal]) -> Result<Answer, ScriptError> {
        let answer = self.enter(context, want, |script, ctx| {
            let list = script.lua.create_table()?;
            for proposal in proposals {
                list.raw_push(script.entry(proposal)?)?;
            }
            script.function.call::<Value>((ctx, list))
        })?;
        let known: HashMap<TrackId, &Proposal> = proposals.iter().map(|proposal| (proposal.id, proposal)).collect();
        let former = |id: TrackId| known.get(&id).map(|proposal| (*proposal).clone());
        answer::read((&self.name, "rank"), context, answer, Some(&former))
    }

    /// Runs the tests of a plugin: `test.luau` returns a table of functions, each of which gets the module and a `ctx`.
    /// Returns their names, each with the error if it failed, in the order of the names.
    ///
    /// # Errors
    /// The file itself fails, or returns something else.
    pub fn test(&mut self, context: &Context, test: &str) -> Result<Vec<(String, Option<ScriptError>)>, ScriptError> {
        let name = self.name.clone();
        self.limits.allow(LOAD_STEPS);
        let chunk = self.lua.load(test).set_name(format!("={name}/test.luau")).set_mode(ChunkMode::Text);
        let tests: Value = chunk.call(()).map_err(|e| explain(&name, Some(&self.limits), &e))?;
        let Value::Table(tests) = tests else {
            return Err(ScriptError::NoTests { engine: name, got: tests.type_name() });
        };
        let mut found = Vec::new();
        for pair in tests.pairs::<String, Function>() {
            let fault = |e| ScriptError::NoTest { engine: name.clone(), why: Box::new(explain(&name, None, &e)) };
            found.push(pair.map_err(fault)?);
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let run = |(title, test): (String, Function)| {
            let ran = self.enter(context, TESTED, |script, ctx| test.call::<()>((script.module.clone(), ctx)));
            (sanitize(&title), ran.err())
        };
        Ok(found.into_iter().map(run).collect())
    }

    /// A proposal as a script sees it.
    fn entry(&self, proposal: &Proposal) -> mlua::Result<Table> {
        let entry = self.lua.create_table()?;
        entry.raw_set("id", proposal.id.to_string())?;
        entry.raw_set("score", proposal.score)?;
        entry.raw_set("why", proposal.why.text.as_str())?;
        Ok(entry)
    }

    /// Calls the script with a fresh `ctx` and a fresh budget.
    fn enter<T>(
        &mut self,
        context: &Context,
        want: usize,
        call: impl FnOnce(&Script, Table) -> mlua::Result<T>,
    ) -> Result<T, ScriptError> {
        let this = Rc::new(Call::new(context));
        self.current.replace(Some(this.clone()));
        self.limits.allow(PROPOSE_STEPS);
        let ctx = api::context(&self.lua, &this, &self.kept, want);
        let answer = ctx.and_then(|ctx| {
            let answer = call(self, ctx.clone())?;
            // A script may put another table into the place of its state.
            Ok((answer, ctx.raw_get::<Option<Table>>("state").ok().flatten()))
        });
        self.current.replace(None);
        let (answer, state) = answer.map_err(|e| explain(&self.name, Some(&self.limits), &e))?;
        let lost = || ScriptError::State { engine: self.name.clone(), why: StateError::NoTable };
        self.kept.state = state.ok_or_else(lost)?;
        Ok(answer)
    }
}

/// What an error of Luau means: a limit was passed, or the script failed. Then it is one line, with the script's line where
/// Luau knows it: `radio/main.luau:3: nothing is playing`.
fn explain(name: &str, limits: Option<&Limits>, error: &mlua::Error) -> ScriptError {
    if let Some(limits) = limits.filter(|limits| limits.passed()) {
        let place = limits.place().unwrap_or_else(|| name.to_string());
        return ScriptError::TooLong(sanitize(&place));
    }
    if is_out_of_memory(error) {
        return ScriptError::OutOfMemory { engine: name.into(), mib: sandbox::MEMORY / (1024 * 1024) };
    }
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = ["runtime error: ", "syntax error: "].iter().fold(first, |t, prefix| t.trim_start_matches(prefix));
    let first = sanitize(first);
    ScriptError::Raised(if first.starts_with(&format!("{name}/")) { first } else { format!("{name}: {first}") })
}

/// Whether an error or its cause is that memory ran out.
fn is_out_of_memory(error: &mlua::Error) -> bool {
    match error {
        mlua::Error::MemoryError(_) => true,
        mlua::Error::CallbackError { cause, .. } | mlua::Error::WithContext { cause, .. } => is_out_of_memory(cause),
        _ => false,
    }
}
