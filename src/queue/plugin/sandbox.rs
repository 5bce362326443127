//! The sandbox for scripts: Luau without files, processes, clocks or loaders, with a memory limit
//! and a budget of steps.
//!
//! A step is one interrupt of the Luau VM (a loop iteration or a call), so the budget does not
//! depend on the load of the computer. Host functions cannot be interrupted; they are bounded and
//! are charged through [`Limits::pay`] before they do their work. A time limit backs up the budget
//! for steps that take unusually long. Once either limit is exceeded, every further step fails, so
//! that a `pcall` in a loop cannot swallow the error. After any failure the state is discarded.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use mlua::{Lua, LuaOptions, MultiValue, StdLib, Value, VmState};

use crate::clock::Clock;

/// Memory limit of a script, in bytes.
pub const MEMORY: usize = 32 * 1024 * 1024;
/// Step budget for loading a script.
pub const LOAD_STEPS: u64 = 200_000;
/// Step budget for one call of `propose`: some tenths of a second on an idle machine.
pub const PROPOSE_STEPS: u64 = 250_000;
/// Time limit for either, however few steps it takes. The clock in use is the thread's own, which stands still while
/// other programs have the processor.
pub const LONGEST: Duration = Duration::from_millis(250);
/// A call that takes longer than this is noted in the log.
pub const SLOW: Duration = Duration::from_millis(50);
/// The most lines that a call can print; further ones are counted.
const MOST_LINES: usize = 50;
/// The most bytes of a printed value that are looked at.
const MOST_PRINTED: usize = 1000;

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
    /// Where the script was when its budget was exceeded, where that is known.
    place: RefCell<Option<String>>,
    /// Reading of the clock when the call began.
    begun: Cell<Duration>,
    /// Number of steps that the call began with.
    allowed: Cell<u64>,
    /// What the script printed.
    printed: RefCell<Vec<String>>,
    /// Number of lines that it printed beyond the limit.
    unprinted: Cell<u64>,
}

impl Limits {
    fn new(clock: Arc<dyn Clock>) -> Limits {
        Limits(Rc::new(Account {
            clock,
            left: Cell::new(u64::MAX),
            deadline: Cell::new(Duration::MAX),
            passed: Cell::new(false),
            late: Cell::new(0),
            place: RefCell::default(),
            begun: Cell::default(),
            allowed: Cell::default(),
            printed: RefCell::default(),
            unprinted: Cell::default(),
        }))
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
        let now = self.0.clock.now();
        self.0.left.set(steps);
        self.0.allowed.set(steps);
        self.0.begun.set(now);
        self.0.deadline.set(now + LONGEST);
        self.0.passed.set(false);
        self.0.late.set(0);
        self.0.place.take();
    }

    /// Does work whose time is not counted, because scripts cannot know how long it takes.
    pub fn uncounted<T>(&self, work: impl FnOnce() -> T) -> T {
        let account = &*self.0;
        let before = account.clock.now();
        let done = work();
        let took = account.clock.now().saturating_sub(before);
        account.begun.set(account.begun.get().saturating_add(took));
        account.deadline.set(account.deadline.get().saturating_add(took));
        done
    }

    /// Notes, once, where the script was when its budget was exceeded: at this level of its stack.
    pub fn note_place(&self, lua: &Lua, level: usize) {
        let mut place = self.0.place.borrow_mut();
        if place.is_none() {
            *place = line(lua, level);
        }
    }

    /// Where the script was when its budget was exceeded: `radio/main.luau:3`.
    pub fn place(&self) -> Option<String> {
        self.0.place.borrow().clone()
    }

    /// Number of steps and time of the last call.
    pub fn spent(&self) -> (u64, Duration) {
        let account = &*self.0;
        let time = account.clock.now().saturating_sub(account.begun.get());
        (account.allowed.get().saturating_sub(account.left.get()), time)
    }

    /// What was printed since this was last asked for.
    pub fn take_printed(&self) -> Vec<String> {
        let mut printed = self.0.printed.take();
        let more = self.0.unprinted.take();
        if more > 0 {
            printed.push(format!("{more} more lines"));
        }
        printed
    }

    /// Keeps a line for the log.
    fn print(&self, line: &str) {
        let mut printed = self.0.printed.borrow_mut();
        if printed.len() < MOST_LINES {
            printed.push(crate::text::sanitize(line));
        } else {
            self.0.unprinted.set(self.0.unprinted.get() + 1);
        }
    }
}

/// The line that runs at a level of the stack: `radio/main.luau:3`; `None` where it is no line of a script.
pub(super) fn line(lua: &Lua, level: usize) -> Option<String> {
    let found = lua.inspect_stack(level, |running| {
        let file = running.source().short_src.map(|file| file.into_owned());
        file.zip(running.current_line())
    });
    found.flatten().map(|(file, line)| format!("{file}:{line}"))
}

/// A printed value as text; of tables and functions only what they are, since their `__tostring` would be code.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let bytes = text.as_bytes();
            String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_PRINTED)]).into_owned()
        }
        Value::Nil => "nil".into(),
        Value::Boolean(on) => on.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        other => format!("({})", other.type_name()),
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
    let limits = Limits::new(clock);
    // Output would corrupt the terminal UI; it goes to the log.
    let kept = limits.clone();
    let print = move |_: &Lua, values: MultiValue| {
        let words: Vec<String> = values.iter().take(MOST_LINES).map(shown).collect();
        kept.print(&words.join(" "));
        Ok(())
    };
    globals.raw_set("print", lua.create_function(print)?)?;
    // Last, because it makes libraries and globals read-only.
    lua.sandbox(true)?;
    let paid = limits.clone();
    lua.set_interrupt(move |lua| {
        paid.pay(1).inspect_err(|_| paid.note_place(lua, 0))?;
        Ok(VmState::Continue)
    });
    Ok((lua, limits))
}
