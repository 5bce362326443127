//! The director: asks the chosen engine, or chain of engines, falls back to the built-in one when that fails, and lets
//! the policy pick. A course takes precedence over any engine until it ends.

use std::collections::HashSet;
use std::path::PathBuf;

use super::error::DirectorError;
use super::limits::scarce;
use super::plugin::{self, Answer, ChainError, Given, Kind, MOST_PROPOSALS, Plugins, Shelf, Stage, chain};
use super::{AlbumsEngine, Context, Engine, Proposal, SignatureEngine, Why, course, policy};
use crate::track::TrackId;

/// Number of proposals requested per pick, so that the policy has a choice.
const OVER_ASK: usize = 5;
/// Minimum number of proposals to request.
const FEWEST_ASKED: usize = 50;
/// Factor by which the request grows while versions, duplicates, unwanted artists and filters leave too few
/// candidates.
const WIDER: usize = 3;
/// The request does not grow beyond the first size that reaches this.
const MOST_ASKED: usize = 4000;
/// The names of the built-in engines.
const BUILT_IN: [&str; 2] = [SignatureEngine::NAME, AlbumsEngine::NAME];

/// Holds the engines. Stays on one thread, because the state of a script must.
pub struct Director {
    built_in: SignatureEngine,
    albums: AlbumsEngine,
    plugins: Plugins,
    /// What is to be said because the limits left too little for the last picks.
    scarce: Option<String>,
    /// Whether an engine ended the queue with the last picks.
    ended: bool,
}

/// What a chain of engines chose.
struct Chosen {
    picks: Vec<Proposal>,
    /// Whether the queue ends after them.
    done: bool,
}

impl Director {
    /// Creates a director that looks for plugins in these directories first, then among the
    /// built-in ones.
    pub fn new(dirs: Vec<PathBuf>) -> Director {
        Director {
            built_in: SignatureEngine::default(),
            albums: AlbumsEngine::default(),
            plugins: Plugins::new(dirs),
            scarce: None,
            ended: false,
        }
    }

    /// With the user's options of plugins, and a place for what they remember.
    #[must_use]
    pub fn with(self, given: Given, shelf: Shelf) -> Director {
        Director { plugins: self.plugins.with(given, shelf), ..self }
    }

    /// The names that `:engine` takes, the built-in ones first, and a line for each plugin that cannot be used.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        names(self.plugins.dirs())
    }

    /// Checks an engine or a chain of engines, without running any.
    ///
    /// # Errors
    /// Why it cannot be asked; where there is none of a name, also which there are.
    pub fn check(&self, engine: &str) -> Result<(), DirectorError> {
        let (names, _) = self.names();
        if let Some(stage) = chain::parse(engine)?.iter().find(|stage| !names.contains(&stage.name)) {
            return Err(ChainError::Unknown { name: stage.name.clone(), there: names }.into());
        }
        self.chain(engine).map(drop)
    }

    /// Lines for the log since this was last asked for: what scripts printed, entries that were refused, slow calls.
    pub fn take_lines(&mut self) -> Vec<String> {
        self.plugins.take_lines()
    }

    /// Lets scripts of engines begin anew with what is kept of them, as if the program had just started.
    pub fn forget(&mut self) {
        self.plugins.forget();
    }

    /// What is to be said because the limits of the session left too little for the last picks: which they are, and how
    /// they are relaxed.
    pub fn take_scarce(&mut self) -> Option<String> {
        self.scarce.take()
    }

    /// Picks up to `want` tracks in playing order, those that stay first. The note for the user says why the chosen engine
    /// failed (then the built-in one was used), or why there is nothing to pick.
    pub fn picks(&mut self, context: &Context, engine: &str, want: usize) -> (Vec<Proposal>, Option<String>) {
        (self.scarce, self.ended) = (None, false);
        if want == 0 {
            return (Vec::new(), None);
        }
        if let Some(why) = context.gate.fault() {
            self.scarce = Some(format!("nothing is added to the queue: {why}; :limits off lifts the filters"));
            return (Vec::new(), None);
        }
        let mut picks = policy::in_order(context, staying(context), want);
        let (fresh, note) = match picks.len() {
            0 => self.fresh(context, engine, want),
            n if n == want => (Vec::new(), None),
            n => {
                let mut rest = context.clone();
                rest.situation.pick(picks.iter().map(|pick| pick.id));
                self.fresh(&rest, engine, want - n)
            }
        };
        picks.extend(fresh);
        if picks.len() < want && !self.ended {
            self.scarce = scarce(context, picks.len(), want);
        }
        (picks, note)
    }

    /// Picks by the engine, or along the course.
    fn fresh(&mut self, context: &Context, engine: &str, want: usize) -> (Vec<Proposal>, Option<String>) {
        if let Some(course) = context.situation.course.filter(|course| course.left() > 0) {
            return self.on_course(context, &course, engine, want);
        }
        let mut note = None;
        if engine != SignatureEngine::NAME {
            match self.chosen(context, engine, want) {
                Ok(Chosen { picks, done }) if done || !picks.is_empty() => {
                    self.ended = done;
                    if done {
                        self.plugins.note(format!("{engine}: the queue ends here"));
                    }
                    return (picks, None);
                }
                Ok(_) => note = Some(format!("{engine} proposed nothing usable; using signature instead")),
                Err(why) => note = Some(format!("{why}; using signature instead")),
            }
        }
        // When the nearest tracks have all been played, the policy would have no choice left. The
        // ring of candidates therefore grows around the same centre until it holds enough tracks
        // that were neither heard lately nor rejected.
        let tired = tired(context);
        let mut ring = asked(want);
        loop {
            let ask = ring + tired.len();
            let mut proposals = match self.built_in.find(context, ask) {
                Ok(proposals) => proposals,
                Err(why) => return (Vec::new(), Some(note.unwrap_or_else(|| why.to_string()))),
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
            Err(why) => (Vec::new(), Some(why.to_string())),
        };
        if picks.len() == want {
            return (picks, note);
        }
        let mut rest = context.clone();
        rest.situation.course = None;
        rest.situation.pick(picks.iter().map(|pick| pick.id));
        let (more, why) = self.fresh(&rest, engine, want - picks.len());
        picks.extend(more);
        (picks, note.or(why))
    }

    /// Picks from what a chain of engines other than `signature` alone proposes. While filters or limits leave too few that were
    /// not heard lately, the source is asked for more.
    fn chosen(&mut self, context: &Context, engine: &str, want: usize) -> Result<Chosen, DirectorError> {
        let (source, rest) = self.chain(engine)?;
        let scripted = !BUILT_IN.contains(&source.name.as_str());
        let most = if scripted { MOST_PROPOSALS } else { MOST_ASKED };
        let whole = source.name == AlbumsEngine::NAME && rest.is_empty();
        let narrowed = !rest.is_empty() || context.situation.limits.narrow();
        let mut width = if whole { want } else { asked(want).min(most) };
        let tired = if narrowed { tired(context) } else { HashSet::new() };
        loop {
            let mut answer = self.source(context, &source, (want, width))?;
            let all = answer.proposals.len() < width;
            for stage in &rest {
                answer = self.pass(context, stage, want, answer)?;
            }
            let Answer { proposals, ordered, done, .. } = answer;
            // Without a choice of others the policy would take what was heard lately.
            let fresh = proposals.iter().filter(|proposal| !tired.contains(&proposal.id)).count();
            let mut picks = if ordered {
                policy::in_order(context, proposals, want)
            } else {
                policy::pick(context, proposals, want)
            };
            if picks.len().min(fresh) >= want || !narrowed || done || all || width >= most {
                if source.name == SignatureEngine::NAME {
                    self.built_in.explain(context, &mut picks);
                }
                picks.iter_mut().for_each(|pick| pick.why.ordered = ordered);
                return Ok(Chosen { picks, done });
            }
            width = (width * WIDER).min(most);
        }
    }

    /// Takes a chain apart: its source, `signature` where none is named, and what its proposals go through.
    fn chain(&self, engine: &str) -> Result<(Stage, Vec<Stage>), DirectorError> {
        let mut stages = chain::parse(engine)?;
        for (place, stage) in stages.iter().enumerate() {
            let is_source = self.kind(stage)? == Kind::Source;
            if is_source && place > 0 {
                return Err(ChainError::NotFirst(stage.name.clone()).into());
            }
        }
        let first = stages.first().map(|stage| self.kind(stage)).transpose()?;
        let source = match first {
            Some(Kind::Source) => stages.remove(0),
            _ => Stage { name: SignatureEngine::NAME.into(), typed: Vec::new() },
        };
        Ok((source, stages))
    }

    fn kind(&self, stage: &Stage) -> Result<Kind, DirectorError> {
        match BUILT_IN.contains(&stage.name.as_str()) {
            true if stage.typed.is_empty() => Ok(Kind::Source),
            true => Err(ChainError::BuiltIn(stage.name.clone()).into()),
            false => Ok(self.plugins.kind(stage)?),
        }
    }

    /// Asks a source for `width` proposals, of which `want` are to be picked.
    fn source(
        &mut self,
        context: &Context,
        stage: &Stage,
        (want, width): (usize, usize),
    ) -> Result<Answer, DirectorError> {
        match stage.name.as_str() {
            // What was heard lately fills the nearest places.
            SignatureEngine::NAME => Ok(Answer::of(self.built_in.find(context, width + tired(context).len())?)),
            AlbumsEngine::NAME => Ok(Answer { ordered: true, ..Answer::of(self.albums.propose(context, width)?) }),
            _ => {
                let answer = self.plugins.call(stage, |script| script.propose(context, want, width))?;
                Ok(self.told(answer))
            }
        }
    }

    /// Passes proposals through a filter or a rank. Once an order is to be kept, or the queue is to end, it stays so.
    fn pass(&mut self, context: &Context, stage: &Stage, want: usize, answer: Answer) -> Result<Answer, DirectorError> {
        if self.kind(stage)? == Kind::Filter {
            let (proposals, line) =
                self.plugins.call(stage, |script| script.keep(context, want, answer.proposals.clone()))?;
            self.plugins.note(line);
            return Ok(Answer { proposals, ..answer });
        }
        let ranked = self.plugins.call(stage, |script| script.rank(context, want, &answer.proposals))?;
        let ranked = self.told(ranked);
        Ok(Answer { ordered: ranked.ordered || answer.ordered, done: ranked.done || answer.done, ..ranked })
    }

    /// Puts the entries that were refused into the log.
    fn told(&mut self, mut answer: Answer) -> Answer {
        std::mem::take(&mut answer.refused).into_iter().for_each(|line| self.plugins.note(line));
        answer
    }
}

/// The automatic tracks ahead that may stay.
fn staying(context: &Context) -> Vec<Proposal> {
    let stays = |id: &TrackId| Proposal { id: *id, score: 0.0, why: Why::default() };
    context.situation.staying.iter().map(stays).collect()
}

/// The names that `:engine` takes with plugins in these directories, the built-in ones first, and a line for each plugin
/// that cannot be used.
pub fn names(dirs: &[PathBuf]) -> (Vec<String>, Vec<String>) {
    let (plugins, faults) = plugin::list(dirs);
    let plugins = plugins.into_iter().map(|info| info.name);
    let own = BUILT_IN.map(String::from).into_iter();
    (own.chain(plugins.filter(|name| !BUILT_IN.contains(&name.as_str()))).collect(), faults)
}

/// The tracks that were heard lately or rejected.
fn tired(context: &Context) -> HashSet<TrackId> {
    let situation = &context.situation;
    let lately = &situation.heard[situation.heard.len().saturating_sub(policy::HEARD_MEMORY)..];
    lately.iter().chain(&situation.refused).copied().collect()
}

fn asked(want: usize) -> usize {
    want.saturating_mul(OVER_ASK).max(FEWEST_ASKED)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::latent::{DIMS, NAMED};
    use crate::library::Song;
    use crate::queue::fixture::{self, context, id, style_of};
    use crate::track::Tags;

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
    fn a_chain_asks_further_before_anything_comes_again() {
        // Along a line; jazz are those next to the playlist, which were all heard, and the farthest.
        let is_jazz = |n: u8| !(6..240).contains(&n);
        let song = |n: u8| {
            let tags = Tags {
                title: Some(format!("Song {n}").into()),
                artist: Some(format!("Artist {n}").into()),
                genres: [if is_jazz(n) { "Jazz" } else { "Polka" }.to_string()].into(),
                ..Tags::default()
            };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/music/{n}.flac"), id(n)) })
        };
        let latents = (0..250).map(|n: u8| (id(n), [f32::from(n); DIMS])).collect();
        let mut context = fixture::context_of((0..250).map(song).collect(), latents, &[0]);
        context.situation.heard = (1..6).map(id).collect();
        let mut director = Director::new(Vec::new());
        let (picks, note) = director.picks(&context, "radio | genre-gate genre=jazz", 4);
        assert_eq!((picks.len(), note), (4, None));
        assert!(picks.iter().all(|pick| pick.id.0[1] >= 240), "{picks:?}");
        // Where nothing else is left, what was heard serves.
        context.situation.heard.extend((240..250).map(id));
        let (picks, note) = director.picks(&context, "radio | genre-gate genre=jazz", 4);
        assert_eq!((picks.len(), note), (4, None));
    }

    #[test]
    fn a_direction_goes_on_without_coming_round() {
        let mut context = context(&[0]);
        let energy = |n: u8| f32::from(n * 7 % 32) / 32.0;
        let sound = |n: u8| NAMED.map(|named| if named.name == "energy" { energy(n) } else { f32::NAN });
        context.space = Arc::new((*context.space).clone().with_named(|id| Some(sound(id.0[1]))));
        let mut director = Director::new(Vec::new());
        let mut picked = vec![id(0)];
        while picked.len() < 32 {
            let want = 4.min(32 - picked.len());
            let (picks, note) = director.picks(&context, "direction", want);
            assert_eq!((picks.len(), note), (want, None), "after {} tracks", picked.len());
            picked.extend(picks.iter().map(|pick| pick.id));
            context.situation.playing = picked.last().copied();
            context.situation.heard = picked[..picked.len() - 1].to_vec();
        }
        let rising = picked.windows(2).take_while(|pair| energy(pair[0].0[1]) < energy(pair[1].0[1])).count();
        assert!(rising >= 4, "{picked:?}");
        picked.sort_unstable();
        picked.dedup();
        assert_eq!(picked.len(), 32, "nothing comes twice");
        // When all was heard, the built-in engine serves and the note says why.
        let (picks, note) = director.picks(&context, "direction", 2);
        assert!(picks.len() == 2 && note.unwrap().contains("none has a known energy"), "{picks:?}");
    }

    #[test]
    fn engines_are_checked_before_they_are_asked() {
        let director = Director::new(Vec::new());
        for engine in ["signature", "albums", "radio", "radio | genre-gate genre=jazz | no-repeat", "no-repeat"] {
            assert_eq!(director.check(engine), Ok(()), "{engine}");
        }
        for engine in ["nonesuch", "radio | nonesuch"] {
            let why = director.check(engine).unwrap_err().to_string();
            assert!(why.starts_with("no engine 'nonesuch'; there are: signature, albums, "), "{why}");
            assert!(why.contains(", radio"), "{why}");
        }
        let why = |engine: &str| director.check(engine).unwrap_err();
        assert_eq!(why("no-repeat | radio"), ChainError::NotFirst("radio".into()).into());
        assert_eq!(why("signature x=1"), ChainError::BuiltIn("signature".into()).into());
        assert_eq!(why(""), ChainError::NoName.into());
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
