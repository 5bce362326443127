//! The director: asks the chosen engine, falls back to the built-in one when that fails, and lets
//! the policy pick. A course takes precedence over any engine until it ends.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::plugin::{self, Source};
use super::{AlbumsEngine, Context, Engine, Proposal, SignatureEngine, course, policy};
use crate::track::TrackId;

/// Number of consecutive failures after which a plugin is disabled until its files change.
pub const STRIKES: u32 = 3;
/// Number of proposals requested per pick, so that the policy has a choice.
const OVER_ASK: usize = 5;
/// Minimum number of proposals to request.
const FEWEST_ASKED: usize = 50;
/// Factor by which the request grows while versions, duplicates and unwanted artists leave too few
/// candidates.
const WIDER: usize = 3;
/// The request does not grow beyond the first size that reaches this.
const MOST_ASKED: usize = 4000;

/// Holds the engines. Stays on one thread, because the state of a script must.
pub struct Director {
    dirs: Vec<PathBuf>,
    built_in: SignatureEngine,
    albums: AlbumsEngine,
    plugins: HashMap<String, Plugin>,
}

/// A plugin that has been requested at least once.
struct Plugin {
    source: Source,
    /// `None` until it is started and after a failure, which may have left its state inconsistent.
    engine: Option<Box<dyn Engine>>,
    strikes: u32,
    last_fault: String,
}

impl Director {
    /// Creates a director that looks for plugins in these directories first, then among the
    /// built-in ones.
    pub fn new(dirs: Vec<PathBuf>) -> Director {
        Director {
            dirs,
            built_in: SignatureEngine::default(),
            albums: AlbumsEngine::default(),
            plugins: HashMap::new(),
        }
    }

    /// The names that `:engine` takes, the built-in ones first, and a line for each plugin that cannot be used.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let (plugins, faults) = plugin::list(&self.dirs);
        let plugins = plugins.into_iter().map(|info| info.name);
        let built_in = [SignatureEngine::NAME, AlbumsEngine::NAME];
        let own = built_in.map(String::from).into_iter();
        (own.chain(plugins.filter(|name| !built_in.contains(&name.as_str()))).collect(), faults)
    }

    /// Picks up to `want` tracks in playing order. The note for the user says why the chosen engine
    /// failed (then the built-in one was used), or why there is nothing to pick.
    pub fn picks(&mut self, context: &Context, engine: &str, want: usize) -> (Vec<Proposal>, Option<String>) {
        if want == 0 {
            return (Vec::new(), None);
        }
        if let Some(course) = context.situation.course.filter(|course| course.left() > 0) {
            return self.on_course(context, &course, engine, want);
        }
        let mut note = None;
        if engine != SignatureEngine::NAME {
            match self.chosen(context, engine, want) {
                Ok(picks) if !picks.is_empty() => return (picks, None),
                Ok(_) => note = Some(format!("{engine} proposed nothing usable; using signature instead")),
                Err(why) => note = Some(format!("{why}; using signature instead")),
            }
        }
        // When the nearest tracks have all been played, the policy would have no choice left. The
        // ring of candidates therefore grows around the same centre until it holds enough tracks
        // that were neither heard lately nor rejected.
        let situation = &context.situation;
        let lately = &situation.heard[situation.heard.len().saturating_sub(policy::HEARD_MEMORY)..];
        let tired: HashSet<TrackId> = lately.iter().chain(&situation.refused).copied().collect();
        let mut ring = asked(want);
        loop {
            let ask = ring + tired.len();
            let mut proposals = match self.built_in.find(context, ask) {
                Ok(proposals) => proposals,
                Err(why) => return (Vec::new(), Some(note.unwrap_or(why))),
            };
            let all = proposals.len() < ask;
            let mut fresh = 0;
            let outside = |p: &Proposal| {
                fresh += usize::from(!tired.contains(&p.id));
                fresh > ring
            };
            let end = proposals.iter().position(outside).unwrap_or(proposals.len());
            proposals.truncate(end);
            let mut picks = policy::pick(context, proposals, want);
            if picks.len() == want || all || ring >= MOST_ASKED {
                self.built_in.explain(context, &mut picks);
                return (picks, note);
            }
            ring *= WIDER;
        }
    }

    /// Picks the next steps of a course. Further tracks, beyond its end or where it cannot be
    /// followed, are picked as usual.
    fn on_course(
        &mut self,
        context: &Context,
        course: &course::Course,
        engine: &str,
        want: usize,
    ) -> (Vec<Proposal>, Option<String>) {
        let (mut picks, note) = match course::picks(context, course, want) {
            Ok(found) => found,
            Err(why) => (Vec::new(), Some(why)),
        };
        if picks.len() == want {
            return (picks, note);
        }
        let mut rest = context.clone();
        rest.situation.course = None;
        rest.situation.ahead.extend(picks.iter().map(|pick| pick.id));
        let (more, why) = self.picks(&rest, engine, want - picks.len());
        picks.extend(more);
        (picks, note.or(why))
    }

    /// Picks from the proposals of an engine other than `signature`.
    fn chosen(&mut self, context: &Context, name: &str, want: usize) -> Result<Vec<Proposal>, String> {
        if name != AlbumsEngine::NAME {
            return self.plugin(context, name, want);
        }
        Ok(policy::in_order(context, self.albums.propose(context, want)?, want))
    }

    fn plugin(&mut self, context: &Context, name: &str, want: usize) -> Result<Vec<Proposal>, String> {
        let source = plugin::source(name, &self.dirs)?;
        let plugin = match self.plugins.get_mut(name) {
            Some(known) if known.source == source => known,
            // New or changed since the last call: its failures are forgotten.
            _ => {
                let fresh = Plugin { source, engine: None, strikes: 0, last_fault: String::new() };
                self.plugins.insert(name.into(), fresh);
                self.plugins.get_mut(name).ok_or("no such engine")?
            }
        };
        if plugin.strikes >= STRIKES {
            return Err(format!(
                "{name} is disabled after {STRIKES} failures until it is changed ({})",
                plugin.last_fault
            ));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::fixture::{context, id, style_of};

    #[test]
    fn a_neighbourhood_that_was_played_through_widens_round_the_same_centre() {
        let mut context = context(&[0]);
        // All of style 0 except one track was heard lately.
        context.situation.heard = (1..7).map(id).collect();
        let mut director = Director::new(Vec::new());
        let (picks, note) = director.picks(&context, SignatureEngine::NAME, 5);
        assert_eq!((picks.len(), note), (5, None));
        assert_eq!(style_of(picks[0].id), 0, "the one that is left of it comes first");
        assert!(
            picks.iter().all(|p| !context.situation.heard.contains(&p.id)),
            "what is farther out, not what was heard"
        );
    }

    #[test]
    fn unwanted_artists_do_not_use_up_the_ring() {
        let mut context = context(&[0]);
        context.situation.artists_off = ["a", "b", "c"].map(String::from).to_vec();
        let (picks, _) = Director::new(Vec::new()).picks(&context, SignatureEngine::NAME, 6);
        assert_eq!(picks.len(), 6);
        assert!(picks.iter().all(|p| context.catalog.of_track(p.id).is_some_and(|s| s.artist() == "D")));
    }
}
