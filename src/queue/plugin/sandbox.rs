//! The sandbox for scripts: Luau without files, processes, clocks or loaders, with a memory limit
//! and a budget of steps.
//!
//! A step is one interrupt of the Luau VM (a loop iteration or a call), so the budget does not
//! depend on the load of the computer. Host functions cannot be interrupted; they are bounded and
//! are charged through [`Limits::pay`] before they do their work. A time limit backs up the budget
//! for steps that take unusually long. Once either limit is exceeded, every further step fails, so
//! that a `pcall` in a loop cannot swallow the error. After any failure the state is discarded.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use mlua::{Lua, LuaOptions, StdLib, Value, VmState};

use crate::clock::Clock;

/// Memory limit of a script, in bytes.
pub const MEMORY: usize = 32 * 1024 * 1024;
/// Step budget for loading a script.
pub const LOAD_STEPS: u64 = 200_000;
/// Step budget for one call of `propose`: some tenths of a second on an idle machine.
pub const PROPOSE_STEPS: u64 = 250_000;
/// Time limit for either, however few steps it takes: far more than the steps need, even on a busy
/// machine.
pub const LONGEST: Duration = Duration::from_secs(5);

/// Globals that reach outside the sandbox or bypass its limits; mlua's `require` reads files.
const FORBIDDEN: [&str; 8] =
    ["require", "loadstring", "load", "getfenv", "setfenv", "newproxy", "collectgarbage", "debug"];

/// The remaining budget of the running call. Clones share it.
#[derive(Clone)]
pub(super) struct Limits(Rc<Account>);

struct Account {
    clock: Arc<dyn Clock>,
    left: Cell<u64>,
    /// Reading of the clock at which the call must have ended.
    deadline: Cell<Duration>,
    /// Whether the call exceeded its budget or its time.
    passed: Cell<bool>,
    /// Number of steps attempted since then.
    late: Cell<u64>,
}

impl Limits {
    fn new(clock: Arc<dyn Clock>) -> Limits {
        let (left, deadline) = (Cell::new(u64::MAX), Cell::new(Duration::MAX));
        Limits(Rc::new(Account { clock, left, deadline, passed: Cell::new(false), late: Cell::new(0) }))
    }

    /// Deducts steps from the budget. Once the budget or the time is exceeded, this and all further
    /// calls fail.
    pub fn pay(&self, steps: u64) -> mlua::Result<()> {
        let account = &*self.0;
        let over = || steps > account.left.get() || account.clock.now() >= account.deadline.get();
        if account.passed.get() {
            account.late.set(account.late.get() + 1);
        } else if !over() {
            account.left.set(account.left.get() - steps);
            return Ok(());
        }
        account.passed.set(true);
        Err(mlua::Error::runtime("took too long"))
    }

    /// Whether the running call exceeded its budget or its time.
    pub fn passed(&self) -> bool {
        self.0.passed.get()
    }

    /// Number of steps attempted after that; a stopped script should get no further than a few.
    #[cfg(test)]
    pub fn late(&self) -> u64 {
        self.0.late.get()
    }

    /// Starts a new call with a budget of `steps` and [`LONGEST`] of time.
    pub fn allow(&self, steps: u64) {
        self.0.left.set(steps);
        self.0.deadline.set(self.0.clock.now() + LONGEST);
        self.0.passed.set(false);
        self.0.late.set(0);
    }
}

/// Creates a sandboxed Lua state and its limits.
pub(super) fn new(clock: Arc<dyn Clock>) -> mlua::Result<(Lua, Limits)> {
    let libs = StdLib::TABLE | StdLib::STRING | StdLib::UTF8 | StdLib::BIT | StdLib::MATH | StdLib::BUFFER;
    let lua = Lua::new_with(libs, LuaOptions::default())?;
    lua.set_memory_limit(MEMORY)?;
    let globals = lua.globals();
    for name in FORBIDDEN {
        globals.raw_set(name, Value::Nil)?;
    }
    // Random numbers must come from the seeded `ctx.rng`, so that the same session gives the same
    // queue.
    let math: mlua::Table = globals.raw_get("math")?;
    math.raw_set("random", Value::Nil)?;
    math.raw_set("randomseed", Value::Nil)?;
    // Output would corrupt the terminal UI.
    globals.raw_set("print", lua.create_function(|_, ()| Ok(()))?)?;
    // Last, because it makes libraries and globals read-only.
    lua.sandbox(true)?;
    let limits = Limits::new(clock);
    let paid = limits.clone();
    lua.set_interrupt(move |_| paid.pay(1).map(|()| VmState::Continue));
    Ok((lua, limits))
}
