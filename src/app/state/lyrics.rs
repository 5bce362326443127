//! The lyrics of what plays, and how far their times are off.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::library::lyrics::{Lit, Lyrics};
use crate::track::TrackId;

use super::playback::{Playback, State};

/// The most tracks whose offset is kept.
const KEPT: usize = 1000;
/// The largest offset, in milliseconds.
pub(in crate::app) const FARTHEST: i32 = 60_000;
/// The player reports its position more often than this; without a report nothing goes on.
const STALE: Duration = Duration::from_secs(1);

/// The lyrics of what plays.
#[derive(Clone, Debug, Default)]
pub struct Singing {
    /// Whether they are on the screen: only then they are read.
    pub shown: bool,
    /// What is known of them.
    pub known: Known,
    /// The file that `known` is about.
    of: Option<PathBuf>,
    /// The file that was asked for last.
    asked: Option<PathBuf>,
    /// The position in seconds last reported by the player, and when.
    heard: (f64, Duration),
    /// While nothing plays: the time between that report and the pause.
    rested: Option<Duration>,
    /// By how many milliseconds the lyrics of a track begin sooner than they say, the latest last.
    offsets: Vec<(TrackId, i32)>,
}

/// What is known of a file's lyrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Known {
    /// They are being read, or nobody has asked for them.
    #[default]
    Nothing,
    /// There are none.
    None,
    /// The lyrics.
    Found(Arc<Lyrics>),
    /// They cannot be read: why.
    Failed(String),
}

impl Singing {
    /// The offset of a track in milliseconds; what is positive lets the lyrics begin sooner.
    pub fn offset(&self, track: TrackId) -> i32 {
        self.offsets.iter().find(|(known, _)| *known == track).map_or(0, |(_, offset)| *offset)
    }

    /// Every offset that is not 0, the latest last.
    pub fn offsets(&self) -> &[(TrackId, i32)] {
        &self.offsets
    }

    /// Sets the offset of a track, at most [`FARTHEST`] in either direction. Returns the offset as set.
    pub(in crate::app) fn set_offset(&mut self, track: TrackId, offset: i32) -> i32 {
        let offset = offset.clamp(-FARTHEST, FARTHEST);
        self.offsets.retain(|(known, _)| *known != track);
        if offset != 0 {
            self.offsets.push((track, offset));
        }
        let over = self.offsets.len().saturating_sub(KEPT);
        self.offsets.drain(..over);
        offset
    }

    /// The lyrics came on the screen, or left it. Those that come are read again: the files may have been edited.
    pub(in crate::app) fn show(&mut self, shown: bool) {
        self.shown = shown;
        self.asked = None;
    }

    /// Whether the lyrics of the playing file are to be read now; they count as asked for from then on.
    pub(in crate::app) fn ask(&mut self, playing: &Path) -> bool {
        if !self.shown || self.asked.as_deref() == Some(playing) {
            return false;
        }
        self.asked = Some(playing.to_owned());
        if self.of.as_deref() != Some(playing) {
            self.known = Known::Nothing;
        }
        true
    }

    /// Takes what was found of a file's lyrics; whether it was asked for.
    pub(in crate::app) fn take(&mut self, path: PathBuf, known: Known) -> bool {
        let wanted = self.asked.as_ref() == Some(&path);
        if wanted {
            (self.of, self.known) = (Some(path), known);
        }
        wanted
    }

    /// Notes what the player has reported.
    pub(in crate::app) fn note(&mut self, play: &Playback, now: Duration) {
        if play.position != self.heard.0 {
            self.heard = (play.position, now);
            self.rested = None;
        }
        match (play.state, self.rested) {
            (State::Playing, Some(rested)) => {
                self.heard.1 = now.saturating_sub(rested);
                self.rested = None;
            }
            (State::Paused | State::Stopped, None) => self.rested = Some(self.passed(now)),
            _ => {}
        }
    }

    /// The time since the last report in which the song went on.
    fn passed(&self, now: Duration) -> Duration {
        self.rested.unwrap_or_else(|| now.saturating_sub(self.heard.1).min(STALE))
    }

    /// The lyrics, if there are any.
    pub fn lyrics(&self) -> Option<&Arc<Lyrics>> {
        match &self.known {
            Known::Found(lyrics) => Some(lyrics),
            Known::Nothing | Known::None | Known::Failed(_) => None,
        }
    }

    /// The place in the lyrics in milliseconds. Between two reports of the player time goes on by itself.
    pub fn place(&self, play: &Playback, track: TrackId, now: Duration) -> i64 {
        let passed = if play.position == self.heard.0 { self.passed(now) } else { Duration::ZERO };
        (play.position * 1000.0) as i64 + passed.as_millis() as i64 + i64::from(self.offset(track))
    }

    /// What sounds now; `None` while the lyrics are not on the screen or have no times.
    pub fn lit(&self, play: &Playback, track: TrackId, now: Duration) -> Option<Lit> {
        if !self.shown {
            return None;
        }
        self.lyrics()?.lit(self.place(play, track, now))
    }

    /// When the next line or word begins, if that is before the player's next report is overdue.
    pub fn due(&self, play: &Playback, track: TrackId, now: Duration) -> Option<Duration> {
        let (position, at) = self.heard;
        if !self.shown || play.state != State::Playing || position != play.position {
            return None;
        }
        let next = self.lyrics()?.next(self.place(play, track, now))?;
        let base = (position * 1000.0) as i64 + i64::from(self.offset(track));
        let due = at + Duration::from_millis(u64::try_from(next - base).ok()?);
        (due > now && due <= at + STALE).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::lyrics::parse;

    const TRACK: TrackId = TrackId([1; 16]);

    fn singing(text: &str) -> (Singing, Playback) {
        let mut singing = Singing { shown: true, ..Singing::default() };
        assert!(singing.ask(Path::new("/m/a.flac")) && !singing.ask(Path::new("/m/a.flac")));
        assert!(singing.take("/m/a.flac".into(), Known::Found(Arc::new(parse(text)))));
        let mut play = Playback::at_volume(80);
        (play.state, play.position) = (State::Playing, 10.0);
        singing.note(&play, Duration::from_secs(100));
        (singing, play)
    }

    fn at(ms: u64) -> Duration {
        Duration::from_millis(100_000 + ms)
    }

    #[test]
    fn time_goes_on_between_two_reports_and_only_while_something_plays() {
        let (mut singing, mut play) = singing("[00:10]a\n[00:10.4]b\n[00:30]c");
        let first = |singing: &Singing, play: &Playback, ms| singing.lit(play, TRACK, at(ms)).map(|lit| lit.first);
        let lit = [0, 399, 400].map(|ms| first(&singing, &play, ms));
        assert_eq!(lit, [Some(0), Some(0), Some(1)]);
        assert_eq!(singing.due(&play, TRACK, at(0)), Some(at(400)));
        assert_eq!(singing.due(&play, TRACK, at(400)), None, "the player reports before that");
        assert_eq!(first(&singing, &play, 25_000), Some(1), "it has stopped reporting");
        play.state = State::Paused;
        singing.note(&play, at(300));
        assert_eq!((first(&singing, &play, 900), singing.due(&play, TRACK, at(300))), (Some(0), None));
        play.state = State::Playing;
        singing.note(&play, at(5000));
        assert_eq!([5050, 5150].map(|ms| first(&singing, &play, ms)), [Some(0), Some(1)], "it goes on where it was");
        assert_eq!(singing.due(&play, TRACK, at(5000)), Some(at(5100)));
    }

    #[test]
    fn an_offset_belongs_to_its_track_and_few_are_kept() {
        let (mut singing, play) = singing("[00:10.5]a");
        assert_eq!(singing.lit(&play, TRACK, at(0)), None);
        assert_eq!(singing.set_offset(TRACK, 500), 500);
        assert_eq!(singing.lit(&play, TRACK, at(0)).map(|lit| lit.first), Some(0));
        assert_eq!(singing.lit(&play, TrackId([2; 16]), at(0)), None);
        assert_eq!(singing.set_offset(TRACK, i32::MIN), -FARTHEST);
        singing.set_offset(TRACK, 0);
        assert!(singing.offsets().is_empty());
        for n in 0..=KEPT {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&n.to_le_bytes());
            singing.set_offset(TrackId(id), 100);
        }
        assert_eq!((singing.offsets().len(), singing.offset(TrackId([0; 16]))), (KEPT, 0));
    }

    #[test]
    fn what_comes_late_is_not_taken_for_the_playing_track() {
        let (mut singing, _) = singing("[00:10]a");
        assert!(singing.ask(Path::new("/m/b.flac")));
        assert_eq!(singing.known, Known::Nothing);
        assert!(!singing.take("/m/a.flac".into(), Known::None));
        assert!(singing.take("/m/b.flac".into(), Known::None));
        // Opened again, they are read again, and what is known stands meanwhile.
        singing.show(false);
        assert!(!singing.ask(Path::new("/m/b.flac")));
        singing.show(true);
        assert!(singing.ask(Path::new("/m/b.flac")) && singing.known == Known::None);
    }
}
