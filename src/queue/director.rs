//! The director: asks the chosen engine, lets the built-in one serve when that fails, and has the policy pick.

use std::collections::HashMap;
use std::path::PathBuf;

use super::plugin::{self, Source};
use super::{Context, Engine, Proposal, SignatureEngine, policy};

/// Failures after which a plugin is left alone until its files change.
pub const STRIKES: u32 = 3;
/// How many times as many proposals are asked for as are wanted, so that the policy has something to choose from.
const OVER_ASK: usize = 5;
/// The fewest proposals that are asked for.
const FEWEST_ASKED: usize = 50;
/// When even these are used up by versions, duplicates and a long playlist, this many times as many, once.
const WIDER: usize = 8;

/// Holds the engines. It stays on one thread, because a script's state does.
pub struct Director {
    dirs: Vec<PathBuf>,
    built_in: SignatureEngine,
    plugins: HashMap<String, Plugin>,
}

/// A plugin that was asked for at least once.
struct Plugin {
    source: Source,
    /// None before it is started and after a failure: a failed state may hold broken invariants.
    engine: Option<Box<dyn Engine>>,
    strikes: u32,
    last_fault: String,
}

impl Director {
    /// A director that looks for plugins in these directories first, then among those that ship.
    pub fn new(dirs: Vec<PathBuf>) -> Director {
        Director { dirs, built_in: SignatureEngine::default(), plugins: HashMap::new() }
    }

    /// The names that `:engine` takes, the built-in one first.
    pub fn names(&self) -> Vec<String> {
        let plugins = plugin::list(&self.dirs).into_iter().map(|info| info.name);
        std::iter::once(SignatureEngine::NAME.to_string())
            .chain(plugins.filter(|name| name != SignatureEngine::NAME))
            .collect()
    }

    /// What to play next: up to `want` picks in playing order, and a note for the user when the chosen engine failed (the
    /// built-in one served then) or when there is nothing to pick, and why.
    pub fn picks(&mut self, context: &Context, engine: &str, want: usize) -> (Vec<Proposal>, Option<String>) {
        if want == 0 {
            return (Vec::new(), None);
        }
        let mut note = None;
        if engine != SignatureEngine::NAME {
            match self.plugin(context, engine, want) {
                Ok(picks) if !picks.is_empty() => return (picks, None),
                Ok(_) => note = Some(format!("{engine} proposed nothing usable; signature serves")),
                Err(why) => note = Some(format!("{why}; signature serves")),
            }
        }
        let mut ask = asked(want);
        loop {
            let proposals = match self.built_in.propose(context, ask) {
                Ok(proposals) => proposals,
                Err(why) => return (Vec::new(), Some(note.unwrap_or(why))),
            };
            let all = proposals.len() < ask;
            let picks = policy::pick(context, proposals, want);
            if picks.len() == want || all || ask > asked(want) {
                return (picks, note);
            }
            ask *= WIDER;
        }
    }

    fn plugin(&mut self, context: &Context, name: &str, want: usize) -> Result<Vec<Proposal>, String> {
        let source = plugin::source(name, &self.dirs)?;
        let plugin = match self.plugins.get_mut(name) {
            Some(known) if known.source == source => known,
            // New, or changed since: it starts with a clean slate.
            _ => {
                let fresh = Plugin { source, engine: None, strikes: 0, last_fault: String::new() };
                self.plugins.insert(name.into(), fresh);
                self.plugins.get_mut(name).ok_or("no such engine")?
            }
        };
        if plugin.strikes >= STRIKES {
            return Err(format!("{name} is off after {STRIKES} failures until it is changed ({})", plugin.last_fault));
        }
        let proposals = plugin.propose(context, asked(want)).inspect_err(|why| {
            plugin.engine = None;
            plugin.strikes += 1;
            plugin.last_fault.clone_from(why);
        })?;
        plugin.strikes = 0;
        Ok(policy::pick(context, proposals, want))
    }
}

impl Plugin {
    fn propose(&mut self, context: &Context, want: usize) -> Result<Vec<Proposal>, String> {
        if self.engine.is_none() {
            self.engine = Some(self.source.start()?);
        }
        self.engine.as_mut().map_or(Ok(Vec::new()), |engine| engine.propose(context, want))
    }
}

fn asked(want: usize) -> usize {
    want.saturating_mul(OVER_ASK).max(FEWEST_ASKED)
}
