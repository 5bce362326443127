//! A session of the player in simulated time, without sound, files and threads, for `jukebox eval --first-minutes`.
//! What decides is the player's own: `update`, the order of analysis, the engine and its policy.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::analysis::Progress;
use crate::analysis::agenda::Agenda;
use crate::analysis::progress::is_few;
use crate::app::commands::row::Selection;
use crate::app::{Effect, Model, Msg, parse, update};
use crate::audio::{Command, Event};
use crate::config::Config;
use crate::eval::minutes::{Known, Plan};
use crate::eval::queues::Library;
use crate::latent::Space;
use crate::queue::{self, Context, Director, Origin, SignatureEngine};
use crate::track::TrackId;

/// Seconds from one report of position and progress to the next, about as in the player.
const STEP: f64 = 0.5;
/// The length of a track whose length is unknown, in seconds.
const UNKNOWN: f64 = 180.0;

/// The library and the player that sessions are played with.
#[derive(Clone, Copy)]
pub(super) struct Stage<'a> {
    pub library: &'a Library,
    pub config: &'a Config,
    pub plan: Plan,
    /// Makes the latent space of the tracks that have been analysed.
    pub space: &'a dyn Fn(&HashSet<TrackId>) -> Space,
}

impl Stage<'_> {
    /// Plays a session that begins with a track. Returns the picks that were played.
    ///
    /// # Errors
    /// When the library does not have the track.
    pub fn play(&self, seed: TrackId, known: Known) -> Result<Vec<TrackId>> {
        let mut session = Session::new(*self, known);
        session.begin(seed)?;
        let steps = (60.0 * self.plan.minutes / STEP).ceil() as usize;
        (1..steps).for_each(|step| session.advance(step as f64 * STEP));
        Ok(session.picks())
    }
}

/// A track in the player.
#[derive(Clone, Copy)]
struct Loaded {
    token: u64,
    /// How long it plays, in seconds.
    secs: f64,
}

struct Session<'a> {
    stage: Stage<'a>,
    model: Model,
    director: Director,
    /// Seconds since the start.
    now: f64,
    /// What plays, and since when.
    sounds: Option<(Loaded, f64)>,
    follows: Option<Loaded>,
    analysed: HashSet<TrackId>,
    agenda: Agenda,
    /// The file that the agenda was drawn up for.
    seed: Option<PathBuf>,
    /// Number of tracks that were analysed in this session.
    done: usize,
    space: Arc<Space>,
    stale: bool,
}

impl<'a> Session<'a> {
    fn new(stage: Stage<'a>, known: Known) -> Session<'a> {
        let mut config = stage.config.clone();
        (config.queue.auto, config.queue.engine) = (true, SignatureEngine::NAME.into());
        let (analysed, space) = match known {
            Known::Everything => (stage.library.catalog.tracks().collect(), stage.library.space.clone()),
            Known::Nothing => (HashSet::new(), Arc::default()),
        };
        Session {
            stage,
            model: Model::new(&config, None),
            director: Director::new(Vec::new()),
            now: 0.0,
            sounds: None,
            follows: None,
            analysed,
            agenda: Agenda::default(),
            seed: None,
            done: 0,
            space,
            stale: false,
        }
    }

    /// The user plays the seed.
    fn begin(&mut self, seed: TrackId) -> Result<()> {
        let catalog = self.stage.library.catalog.clone();
        let song = catalog.of_track(seed).cloned().ok_or_else(|| anyhow!("the library has no track {seed}"))?;
        self.give(Msg::Catalog(catalog));
        self.give(self.progress());
        let action = parse("play")?.action;
        self.give(Msg::Command { action, selection: Selection { songs: vec![song], items: Vec::new() } });
        Ok(())
    }

    /// Time goes on: tracks are analysed, and the player goes on to the next track where one ends.
    fn advance(&mut self, now: f64) {
        self.now = now;
        let due = (now * self.stage.plan.speed) as usize;
        let before = self.done;
        while self.done < due
            && let Some(song) = self.agenda.take()
        {
            self.analysed.insert(song.track);
            self.done += 1;
        }
        if self.done > before {
            self.stale = true;
            self.give(self.progress());
        }
        if let Some((loaded, since)) = self.sounds {
            let Loaded { token, secs } = loaded;
            if now - since < secs {
                self.give(Msg::Player(Event::Position { token, secs: now - since }));
            } else {
                let next = self.follows.take();
                self.sounds = next.map(|next| (next, since + secs));
                self.give(Msg::Player(Event::Finished { token }));
                if let Some(Loaded { token, secs }) = next {
                    self.give(Msg::Player(Event::Started { token, secs: Some(secs) }));
                }
            }
        }
        self.give(Msg::Tick { now: Duration::from_secs_f64(now) });
    }

    /// The automatic tracks that have begun to play.
    fn picks(&self) -> Vec<TrackId> {
        let queue = &self.model.queue;
        let begun = queue.played().iter().chain(queue.playing());
        begun.filter(|item| item.origin != Origin::Hand).map(|item| item.song.track).collect()
    }

    fn progress(&self) -> Msg {
        let (latents, tracks) = (self.analysed.len(), self.stage.library.len());
        let through = latents >= tracks;
        Msg::Progress(Progress {
            stage: if through { String::new() } else { "listening".into() },
            done: latents,
            total: tracks,
            latents,
            tracks,
            few: !through && is_few(latents, tracks),
            ..Progress::default()
        })
    }

    /// Gives the session a message, carries the effects out, and gives it the answers.
    fn give(&mut self, msg: Msg) {
        let mut waiting = VecDeque::from([msg]);
        while let Some(msg) = waiting.pop_front() {
            for effect in update(&mut self.model, msg) {
                waiting.extend(self.carry_out(effect));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::Player(Command::Play { token, path, .. }) => {
                let secs = self.length(&path);
                (self.sounds, self.follows) = (Some((Loaded { token, secs }, self.now)), None);
                return Some(Msg::Player(Event::Started { token, secs: Some(secs) }));
            }
            Effect::Player(Command::Follow { token, path, .. }) => {
                self.follows = Some(Loaded { token, secs: self.length(&path) });
            }
            Effect::Player(Command::Unfollow) => self.follows = None,
            Effect::Player(Command::Stop) => (self.sounds, self.follows) = (None, None),
            // As `Work` in the analysis does.
            Effect::Prefer { path, chosen } => {
                if chosen || self.seed.is_none() {
                    self.seed = Some(path);
                }
                let (catalog, analysed) = (&self.stage.library.catalog, &self.analysed);
                self.agenda = Agenda::for_picks(catalog, self.seed.as_deref(), |track| !analysed.contains(&track));
            }
            Effect::Propose { request, engine, situation, choice, want } => {
                if std::mem::take(&mut self.stale) {
                    self.space = Arc::new((self.stage.space)(&self.analysed));
                }
                let library = self.stage.library;
                let context = Context {
                    prior: queue::prior(&library.catalog, &self.space),
                    space: self.space.clone(),
                    seed: situation.heard.len() as u64 + request,
                    situation: *situation,
                    choice,
                    weights: self.stage.config.queue.weights,
                    ..library.context()
                };
                let (picks, note) = self.director.picks(&context, &engine, want);
                return Some(Msg::Picks { request, picks, note });
            }
            _ => {}
        }
        None
    }

    /// How long a file plays, in seconds.
    fn length(&self, path: &Path) -> f64 {
        match self.stage.plan.each {
            each if each > 0.0 => each,
            _ => self.stage.library.catalog.of_path(path).map(|s| s.secs).filter(|s| *s > 0.0).unwrap_or(UNKNOWN),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::eval::{Corpus, Item, Relations, Settings, facts, minutes};
    use crate::latent::{DIMS, Latent, NAMED};
    use crate::library::{Catalog, Song};
    use crate::track::Tags;

    /// 48 artists of five tracks each, in six genres that lie apart in 24 dimensions.
    fn made(tagged: bool) -> (Corpus, HashMap<TrackId, Latent>, Library) {
        let mut random = fastrand::Rng::with_seed(5);
        let normal = |random: &mut fastrand::Rng| (0..12).map(|_| random.f32()).sum::<f32>() - 6.0;
        let centres: Vec<Vec<f32>> = (0..6).map(|_| (0..24).map(|_| 1.5 * normal(&mut random)).collect()).collect();
        let (mut corpus, mut songs, mut latents) =
            (Corpus { name: "made".into(), ..Corpus::default() }, Vec::new(), HashMap::new());
        for n in 0..240 {
            let (artist, genre) = (n / 5, n / 5 % 6);
            let path = format!("/music/{artist}/album/{n:03}.ogg");
            let track = TrackId::from_parts("made", 1, 1, 1, path.as_bytes(), b"");
            let values: Vec<f32> =
                (0..DIMS).map(|d| normal(&mut random) + centres[genre].get(d).copied().unwrap_or(0.0)).collect();
            latents.insert(track, Latent::try_from(values).unwrap());
            let tags = Tags {
                title: Some(format!("song {n}").into()),
                artist: Some(format!("artist {artist}").into()),
                album: Some(format!("album {artist}").into()),
                genres: tagged.then(|| format!("genre {genre}")).into_iter().collect(),
                ..Tags::default()
            };
            songs.push(Arc::new(Song { tags: tags.into(), secs: 90.0 + n as f64, ..Song::bare(&path, track) }));
            corpus.items.push(Item {
                track: Some(track),
                path: path.into(),
                title: format!("song {n}"),
                artist: format!("artist {artist}"),
                album: format!("album {artist}"),
                genre: Some(format!("genre {genre}")),
            });
            corpus.named.push([f32::NAN; NAMED.len()]);
        }
        let space = space_of(&latents, |_| true);
        let library = Library::of(&corpus, Catalog::new(songs), space, &[], 1).unwrap();
        (corpus, latents, library)
    }

    fn space_of(latents: &HashMap<TrackId, Latent>, keep: impl Fn(&TrackId) -> bool) -> Space {
        let kept = latents.iter().filter(|(track, _)| keep(track)).map(|(track, latent)| (*track, *latent));
        Space::build("made".into(), Arc::default(), kept.collect())
    }

    fn measured(tagged: bool, plan: Plan) -> minutes::Findings {
        let (corpus, latents, library) = made(tagged);
        let config = Config::default();
        let space = |analysed: &HashSet<TrackId>| space_of(&latents, |track| analysed.contains(track));
        let stage = Stage { library: &library, config: &config, plan, space: &space };
        let facts = facts(&corpus, &Relations::of(&corpus.items), plan.seeds);
        let settings = Settings { bootstrap: 50, ..Settings::default() };
        let mut play = |seed, known| stage.play(seed, known).map_err(|e| e.to_string());
        minutes::run(&library, facts, &settings, plan, &mut play, &mut |_| ()).unwrap()
    }

    const PLAN: Plan = Plan { seeds: 12, speed: 1.0, minutes: 5.0, each: 60.0 };

    #[test]
    fn what_is_played_first_keeps_to_the_genre() {
        let found = measured(true, PLAN);
        assert_eq!(found, measured(true, PLAN), "simulated time gives the same results again");
        let share = |line: usize| found.lines[line].genre.unwrap().mean;
        // 35 of the 235 tracks by others.
        assert!((share(2) - 35.0 / 235.0).abs() < 1e-9, "{}", share(2));
        assert!(share(0) > 2.0 * share(2) && share(1) > 2.0 * share(2), "{found:?}");
        assert_eq!(found.floor.met, Some(true), "{found:?}");
        // Picks begin at 60, 120, 180 and 240 s.
        assert_eq!((found.lines[0].played, found.lines[1].played), (48, 48));
        let printed = minutes::text::lines(&found);
        assert!(printed.iter().all(|line| crate::text::width(line) <= 100), "too wide:\n{}", printed.join("\n"));
        assert!(printed.iter().any(|line| line.starts_with("met: the share of the seed's genre")));
    }

    #[test]
    fn speed_and_lengths_are_heeded() {
        // Nothing is analysed in time, so that nothing can follow the seed.
        let slow = measured(true, Plan { seeds: 3, speed: 1.0 / 300.0, ..PLAN });
        assert_eq!((slow.lines[0].played, slow.lines[1].played), (12, 0));
        // Seeds that nothing followed are misses, and are counted.
        assert_eq!((slow.lines[0].silent, slow.lines[1].silent), (0, 3));
        assert_eq!((slow.lines[1].genre.unwrap().mean, slow.floor.met), (0.0, Some(false)));
        let printed = minutes::text::lines(&slow);
        assert!(
            printed.iter().any(|line| line.starts_with("analysed meanwhile") && line.ends_with(" 3")),
            "{printed:?}"
        );
        // Where a session is too short for any pick, there is nothing to measure.
        let short = measured(true, Plan { seeds: 3, minutes: 0.5, ..PLAN });
        assert_eq!([0, 1].map(|n| (short.lines[n].played, short.lines[n].silent)), [(0, 3); 2]);
        assert_eq!((short.lines[1].genre, short.floor.met), (None, None));
        // Of tracks that last 90 to 329 s, fewer than four are begun in five minutes.
        let whole = measured(true, Plan { seeds: 3, each: 0.0, ..PLAN });
        assert!(whole.lines[0].played < 12, "{whole:?}");
    }

    #[test]
    fn without_genre_tags_the_sound_alone_decides() {
        let found = measured(false, PLAN);
        let share = |line: usize| found.lines[line].genre.unwrap().mean;
        assert!(share(1) > 1.5 * share(2), "{found:?}");
        assert_eq!(found.lines[1].played, 48);
    }
}
