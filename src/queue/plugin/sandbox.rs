//! The sandbox that a script runs in: Luau without files, processes, clocks or loaders, with a memory limit and a
//! deadline.
//!
//! Measured against loops, swallowed errors, pattern and memory bombs (reliability.md §7). The interrupt goes on failing
//! after the deadline, so that a `pcall` in a loop cannot swallow it; it does not fire inside host functions, so those
//! are bounded and ask [`Limits::check`] first. After any failure the state is thrown away.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use mlua::{Lua, LuaOptions, StdLib, Value, VmState};

/// The most memory that a script may hold, in bytes.
pub const MEMORY: usize = 32 * 1024 * 1024;
/// The longest that a script may run while it is loaded.
pub const LOAD_TIME: Duration = Duration::from_millis(200);
/// The longest that one call of `propose` may take.
pub const PROPOSE_TIME: Duration = Duration::from_millis(250);

/// Globals that reach out of the sandbox or defeat it. mlua's `require` reads files.
const FORBIDDEN: [&str; 8] =
    ["require", "loadstring", "load", "getfenv", "setfenv", "newproxy", "collectgarbage", "debug"];

/// When the running call must be over.
#[derive(Clone, Default)]
pub(super) struct Limits {
    deadline: Rc<Cell<Option<Instant>>>,
}

impl Limits {
    /// Fails once the deadline has passed, and ever after.
    pub fn check(&self) -> mlua::Result<()> {
        match self.deadline.get() {
            Some(deadline) if Instant::now() >= deadline => Err(mlua::Error::runtime("took too long")),
            _ => Ok(()),
        }
    }

    /// Whether the running call is past its time.
    pub fn passed(&self) -> bool {
        self.check().is_err()
    }

    /// Gives what runs from now on so much time.
    pub fn allow(&self, time: Duration) {
        self.deadline.set(Some(Instant::now() + time));
    }
}

/// A fresh state, closed.
pub(super) fn new() -> mlua::Result<(Lua, Limits)> {
    let libs = StdLib::TABLE | StdLib::STRING | StdLib::UTF8 | StdLib::BIT | StdLib::MATH | StdLib::BUFFER;
    let lua = Lua::new_with(libs, LuaOptions::default())?;
    lua.set_memory_limit(MEMORY)?;
    let globals = lua.globals();
    for name in FORBIDDEN {
        globals.raw_set(name, Value::Nil)?;
    }
    // Random numbers come from the host, seeded, so that the same session gives the same queue.
    let math: mlua::Table = globals.raw_get("math")?;
    math.raw_set("random", Value::Nil)?;
    math.raw_set("randomseed", Value::Nil)?;
    // The terminal belongs to the screen.
    globals.raw_set("print", lua.create_function(|_, ()| Ok(()))?)?;
    // Only now: it makes libraries and globals read-only.
    lua.sandbox(true)?;
    let limits = Limits::default();
    let seen = limits.clone();
    lua.set_interrupt(move |_| seen.check().map(|()| VmState::Continue));
    Ok((lua, limits))
}
