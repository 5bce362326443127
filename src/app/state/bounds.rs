//! The bounds of the automatic queue: the limits that its tracks keep to, and when it is to end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::{Config, LimitSet};
use crate::queue::Limits;
use crate::text;

/// The columns of a filter in the player.
const SHORT: usize = 20;
/// A queue that should have ended so many seconds ago is no longer to end then.
const PAST: f64 = 3600.0;

/// When the queue is to end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    /// Once so many seconds of music were heard, as [`super::playback::Playback::sounded`] counts them.
    Heard(f64),
    /// At a time of day.
    Clock {
        /// As time since the start.
        at: Duration,
        /// Minutes after midnight.
        minute: u16,
    },
}

impl Ending {
    /// How many seconds of music are left, when so many were heard; negative afterwards.
    pub fn left(self, heard: f64, now: Duration) -> f64 {
        match self {
            Ending::Heard(all) => all - heard,
            Ending::Clock { at, .. } => at.as_secs_f64() - now.as_secs_f64(),
        }
    }
}

/// What it is for that somebody asks how long it is until a time of day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// The queue is to end then, as `:until` says.
    End,
    /// This named set of limits comes into force, and the queue ends then.
    Set(String),
    /// The last session's queue was to end then, or it is checked whether the end is still right.
    Known,
}

/// The bounds of the automatic queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The limits in force.
    pub limits: Limits,
    /// The named set that they are from.
    pub set: Option<String>,
    /// When the queue is to end.
    pub ending: Option<Ending>,
    /// The limits without any of a command: those of `[queue]`.
    pub(in crate::app) usual: Limits,
    /// `[limits.NAME]`
    pub(in crate::app) named: Arc<BTreeMap<String, LimitSet>>,
    /// Counts the changes.
    pub(in crate::app) changes: u64,
    /// The limits that were last said to leave too little.
    pub(in crate::app) told: Option<Limits>,
    /// The newest request whose answer the limits made short.
    pub(in crate::app) scarce: u64,
    /// Seconds that were left before the end when nothing fitted in any more.
    pub(in crate::app) filled: Option<f64>,
    /// Whether the queue has ended as it was to; nothing is added to it until something is played.
    pub(in crate::app) over: bool,
    /// The time of day at which the last session's queue was to end, until the clock was asked.
    pub(in crate::app) resumed: Option<u16>,
}

/// Bounds as a session keeps them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedBounds {
    /// The named set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// The filter of `:only`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub only: String,
    /// The filter of `:never`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub never: String,
    /// The shares of genres in percent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub shares: BTreeMap<String, u8>,
    /// Minutes of music that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// The time of day at which the queue is to end, in minutes after midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u16>,
}

impl Bounds {
    /// The bounds of the configuration.
    pub fn new(config: &Config) -> Bounds {
        let usual = Limits::of(&config.queue);
        Bounds { limits: usual.clone(), usual, named: Arc::new(config.limits.clone()), ..Bounds::default() }
    }

    /// Whether a command set any of them.
    pub fn is_set(&self) -> bool {
        self.limits != self.usual || self.ending.is_some()
    }

    /// Whether both hold the same.
    pub(in crate::app) fn is_like(&self, other: &Bounds) -> bool {
        (&self.limits, &self.set, self.ending) == (&other.limits, &other.set, other.ending)
    }

    /// Puts limits into force; `set` is the name of the set that they are.
    pub(in crate::app) fn put(&mut self, limits: Limits, set: Option<String>) {
        (self.limits, self.set) = (limits, set);
        self.changes += 1;
    }

    /// Lets the queue end then, or go on.
    pub(in crate::app) fn end(&mut self, ending: Option<Ending>) {
        (self.ending, self.filled, self.resumed, self.over) = (ending, None, None, false);
        self.changes += 1;
    }

    /// Brings former bounds back. What was said stays said.
    pub(in crate::app) fn put_back(&mut self, former: Bounds) {
        self.put(former.limits, former.set);
        self.end(former.ending);
    }

    /// Whether that the limits leave too little is news: it is said once for the same limits.
    pub(in crate::app) fn is_news(&mut self) -> bool {
        let news = self.told.as_ref() != Some(&self.limits);
        self.told = Some(self.limits.clone());
        news
    }

    /// Drops an end that was long ago, when the user had stopped before it.
    pub(in crate::app) fn forget(&mut self, heard: f64, now: Duration) {
        if self.ending.is_some_and(|ending| ending.left(heard, now) < -PAST) {
            self.end(None);
        }
    }

    /// What a command set, in short words for the player; `brief` only says that there are filters.
    pub fn short(&self, heard: f64, now: Duration, brief: bool) -> Vec<String> {
        let mut words = Vec::new();
        let fit = |name: &str, filter: &str| {
            let filter = text::sanitize(filter);
            format!("{name} {}", text::fit(&filter, text::width(&filter).min(SHORT)))
        };
        let filters = [("only", &self.limits.only), ("never", &self.limits.never)];
        match &self.set {
            Some(set) => words.push(fit("limits", set)),
            None if brief => words.extend(self.limits.filtered().then(|| "limited".to_string())),
            None => {
                let set = filters.into_iter().filter(|(_, filter)| !filter.is_empty());
                words.extend(set.map(|(name, filter)| fit(name, filter)));
                let share = |(genre, percent): (&String, &u8)| fit(&format!("≤ {percent} %"), genre);
                words.extend(self.limits.shares.iter().map(share));
            }
        }
        words.extend(self.ending.map(|ending| match ending {
            Ending::Heard(_) => format!("ends in {}", minutes(ending.left(heard, now))),
            Ending::Clock { minute, .. } => format!("ends {}", clock(minute)),
        }));
        words
    }

    /// Everything that holds, in words. The kinds that are left out come last: they are many words, and seldom change.
    pub fn words(&self, heard: f64, now: Duration) -> Vec<String> {
        let mut words = self.limits.words();
        let kinds = usize::from(!self.limits.left_out.is_empty());
        if let Some(end) = self.end_words(heard, now) {
            words.insert(words.len().saturating_sub(kinds), end);
        }
        words
    }

    /// When the queue ends, in words; `None` where it does not.
    pub fn end_words(&self, heard: f64, now: Duration) -> Option<String> {
        self.ending.map(|ending| match ending {
            Ending::Heard(_) => format!("the queue ends in {}", minutes(ending.left(heard, now))),
            Ending::Clock { minute, .. } => format!("the queue ends at {}", clock(minute)),
        })
    }

    /// The saved form.
    pub(super) fn saved(&self, heard: f64, now: Duration) -> SavedBounds {
        let (left, until) = match self.ending {
            Some(ending @ Ending::Heard(_)) => (Some((ending.left(heard, now) / 60.0).max(0.0).round() as u32), None),
            Some(Ending::Clock { minute, .. }) => (None, Some(minute)),
            None => (None, self.resumed),
        };
        let Limits { only, never, shares, .. } = self.limits.clone();
        SavedBounds { set: self.set.clone(), only, never, shares, left, until }
    }

    /// Restores saved bounds. Of a named set that the configuration no longer has, its filters stay.
    pub(super) fn load(&mut self, saved: SavedBounds, heard: f64) {
        let SavedBounds { set, only, never, mut shares, left, until } = saved;
        shares.retain(|_, percent| *percent <= 100);
        let known = set.as_deref().and_then(|name| self.named.get(name)).map(|set| self.usual.with(set));
        // A set whose filters were changed in the configuration counts as it is there.
        match known {
            Some(limits) => self.put(limits, set),
            None => self.put(Limits { only, never, shares, ..self.usual.clone() }, None),
        }
        self.end(left.filter(|minutes| *minutes > 0).map(|minutes| Ending::Heard(heard + 60.0 * f64::from(minutes))));
        self.resumed = until.filter(|minute| *minute < 24 * 60);
    }
}

/// Seconds as minutes, at least none: `88 min`.
fn minutes(secs: f64) -> String {
    format!("{:.0} min", (secs / 60.0).max(0.0).ceil())
}

/// A time of day: `23:30`.
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds() -> Bounds {
        let text = "[queue]\nleave_out = []\n[limits.party]\nonly = \"rating>=60\"\nartist_spacing = 5\n";
        Bounds::new(&Config::parse(text).unwrap())
    }

    #[test]
    fn what_holds_is_told_shortly_and_in_full() {
        let mut bounds = bounds();
        assert!(!bounds.is_set() && bounds.words(0.0, Duration::ZERO).is_empty());
        let limits =
            Limits { only: "genre~rock & year>=1990 & rating>=60".into(), never: "live".into(), ..Limits::default() };
        bounds.put(limits, None);
        bounds.end(Some(Ending::Heard(5400.0)));
        assert_eq!(
            bounds.short(130.0, Duration::ZERO, false),
            ["only genre~rock & year>=…", "never live", "ends in 88 min"]
        );
        assert_eq!(bounds.words(5400.0, Duration::ZERO)[2], "the queue ends in 0 min");
        assert_eq!(bounds.short(5000.0, Duration::ZERO, true), ["limited", "ends in 7 min"]);
        let limits = bounds.usual.with(&bounds.named["party"]);
        bounds.put(limits, Some("party".into()));
        bounds.end(Some(Ending::Clock { at: Duration::from_secs(60), minute: 5 }));
        assert_eq!(bounds.short(0.0, Duration::ZERO, false), ["limits party", "ends 00:05"]);
        assert_eq!(bounds.words(0.0, Duration::ZERO)[1], "5 tracks between two of one artist");
    }

    #[test]
    fn the_end_is_told_before_the_kinds_that_are_left_out() {
        let mut bounds = Bounds::new(&Config::default());
        bounds.put(Limits { only: "jazz".into(), ..bounds.limits.clone() }, None);
        bounds.end(Some(Ending::Heard(600.0)));
        let words = bounds.words(0.0, Duration::ZERO);
        assert_eq!(words[..2], ["only jazz", "the queue ends in 10 min"]);
        assert!(words[2].starts_with("no audiobooks"), "{words:?}");
        assert_eq!(bounds.end_words(0.0, Duration::ZERO).as_deref(), Some("the queue ends in 10 min"));
        bounds.end(None);
        assert_eq!(bounds.end_words(0.0, Duration::ZERO), None);
    }

    #[test]
    fn a_session_brings_them_back() {
        let mut bounds = bounds();
        let shares = BTreeMap::from([("rock".to_string(), 25)]);
        bounds.put(Limits { only: "jazz".into(), shares: shares.clone(), ..Limits::default() }, None);
        assert_eq!(bounds.short(0.0, Duration::ZERO, false), ["only jazz", "≤ 25 % rock"]);
        bounds.end(Some(Ending::Heard(1000.0)));
        let saved = bounds.saved(400.0, Duration::ZERO);
        assert_eq!((saved.only.as_str(), saved.left), ("jazz", Some(10)));
        let mut back = self::bounds();
        back.load(saved, 50.0);
        assert_eq!((back.limits.only.as_str(), back.ending), ("jazz", Some(Ending::Heard(650.0))));
        assert_eq!(back.limits.shares, shares);
        // A named set counts as it is written now; one that is gone leaves its filters.
        let saved =
            SavedBounds { set: Some("party".into()), only: "old".into(), until: Some(1410), ..SavedBounds::default() };
        back.load(saved.clone(), 0.0);
        assert_eq!(
            (back.limits.only.as_str(), back.limits.spacing.artist, back.resumed),
            ("rating>=60", 5, Some(1410))
        );
        assert_eq!(back.saved(0.0, Duration::ZERO).until, Some(1410), "kept until the clock was asked");
        let mut bare = Bounds::default();
        bare.load(saved, 0.0);
        assert_eq!((bare.limits.only.as_str(), bare.set), ("old", None));
    }

    #[test]
    fn too_little_is_news_once_for_the_same_limits() {
        let mut bounds = bounds();
        assert!(bounds.is_news() && !bounds.is_news());
        bounds.put(Limits { never: "live".into(), ..Limits::default() }, None);
        assert!(bounds.is_news() && !bounds.is_news());
    }

    #[test]
    fn an_end_that_was_long_ago_is_forgotten() {
        let mut bounds = bounds();
        bounds.end(Some(Ending::Clock { at: Duration::from_secs(100), minute: 0 }));
        bounds.forget(0.0, Duration::from_secs(3700));
        assert!(bounds.ending.is_some());
        bounds.forget(0.0, Duration::from_secs(3701));
        assert_eq!(bounds.ending, None);
    }
}
