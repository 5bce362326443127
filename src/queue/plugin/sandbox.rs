//! The sandbox that a script runs in: Luau without files, processes, clocks or loaders, with a memory limit and a budget of
//! steps.
//!
//! A step is one interrupt of the Luau machine (a turn of a loop, or a call), so what a script may do does not depend on the
//! load of the computer. Host functions cannot be interrupted; they are bounded, and pay with [`Limits::pay`] before they do
//! their work. A time limit stands behind the budget for steps that take unusually long. Once either is used up every further
//! step fails, so that a `pcall` in a loop cannot swallow the error. After any failure the state is discarded.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use mlua::{Lua, LuaOptions, StdLib, Value, VmState};

use crate::clock::Clock;

/// The most memory that a script may hold, in bytes.
pub const MEMORY: usize = 32 * 1024 * 1024;
/// The steps that a script may take while it is loaded.
pub const LOAD_STEPS: u64 = 200_000;
/// The steps that one call of `propose` may take: some tenths of a second on an idle machine.
pub const PROPOSE_STEPS: u64 = 250_000;
/// The longest that either may last, however few steps it took. Far above what the steps need, even on a busy machine.
pub const LONGEST: Duration = Duration::from_secs(5);

/// Globals that reach out of the sandbox or defeat it. mlua's `require` reads files.
const FORBIDDEN: [&str; 8] =
    ["require", "loadstring", "load", "getfenv", "setfenv", "newproxy", "collectgarbage", "debug"];

/// What the running call may still use up. Clones share one account.
#[derive(Clone)]
pub(super) struct Limits(Rc<Account>);

struct Account {
    clock: Arc<dyn Clock>,
    left: Cell<u64>,
    /// The clock's time at which the call must be over.
    deadline: Cell<Duration>,
    /// The call went over its budget or its time.
    passed: Cell<bool>,
    /// Steps that were tried after that.
    late: Cell<u64>,
}

impl Limits {
    fn new(clock: Arc<dyn Clock>) -> Limits {
        let (left, deadline) = (Cell::new(u64::MAX), Cell::new(Duration::MAX));
        Limits(Rc::new(Account { clock, left, deadline, passed: Cell::new(false), late: Cell::new(0) }))
    }

    /// Takes steps from the budget. Fails when there are not enough or the time is over, and from then on.
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

    /// Whether the running call used up what it had.
    pub fn passed(&self) -> bool {
        self.0.passed.get()
    }

    /// How many steps were tried after the budget was used up: a stopped script gets no further than a few.
    #[cfg(test)]
    pub fn late(&self) -> u64 {
        self.0.late.get()
    }

    /// Resets the budget to a number of steps, and the time to [`LONGEST`].
    pub fn allow(&self, steps: u64) {
        self.0.left.set(steps);
        self.0.deadline.set(self.0.clock.now() + LONGEST);
        self.0.passed.set(false);
        self.0.late.set(0);
    }
}

/// A fresh state, closed.
pub(super) fn new(clock: Arc<dyn Clock>) -> mlua::Result<(Lua, Limits)> {
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
    let limits = Limits::new(clock);
    let paid = limits.clone();
    lua.set_interrupt(move |_| paid.pay(1).map(|()| VmState::Continue));
    Ok((lua, limits))
}
