//! Output settings: each track's gain, crossfades, balance and devices.

use std::collections::HashMap;
use std::sync::Arc;

use crate::audio::{Device, Shape, Sounding};
use crate::config;
use crate::library::{Catalog, Song};
use crate::sound::Loudness;
use crate::track::TrackId;

/// The loudness in LUFS at which ReplayGain is 0 dB (ReplayGain 2.0).
const REFERENCE: f32 = -18.0;

/// Where a track's gain comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplayGain {
    /// No gain.
    Off,
    /// The track's.
    Track,
    /// Its album's.
    Album,
    /// The album's while it plays in album order, otherwise the track's.
    #[default]
    Smart,
}

/// The ReplayGain modes by name.
pub const WAYS: [(&str, ReplayGain); 4] = [
    ("off", ReplayGain::Off),
    ("track", ReplayGain::Track),
    ("album", ReplayGain::Album),
    ("smart", ReplayGain::Smart),
];

/// The output settings except the volume.
#[derive(Clone, Debug)]
pub struct Sounds {
    /// Where gains come from.
    pub replaygain: ReplayGain,
    /// dB added to every gain.
    pub preamp: f32,
    /// Whether gains are limited so that no sample clips.
    pub clip_guard: bool,
    /// Length of a crossfade in seconds.
    pub crossfade: f32,
    /// Seconds of the fade at a pause.
    pub fade: f32,
    /// Whether both channels play their mean.
    pub mono: bool,
    /// −100 (left) to 100 (right).
    pub balance: i8,
    /// The measured loudness of each track.
    pub loudness: Arc<HashMap<TrackId, Loudness>>,
    /// The outputs as they were last listed.
    pub devices: Vec<Device>,
    /// The name of an output that was asked for, to be looked up in the next list.
    pub named: Option<String>,
}

impl Default for Sounds {
    fn default() -> Self {
        Sounds::new(&config::Player::default())
    }
}

impl Sounds {
    /// The settings of the configuration.
    pub fn new(config: &config::Player) -> Sounds {
        let way = WAYS.iter().find(|(name, _)| *name == config.replaygain).map(|(_, way)| *way);
        Sounds {
            replaygain: way.unwrap_or_default(),
            preamp: config.preamp,
            clip_guard: config.clip_guard,
            crossfade: config.crossfade,
            fade: config.fade,
            mono: config.mono,
            balance: config.balance,
            loudness: Arc::default(),
            devices: Vec::new(),
            named: None,
        }
    }

    /// The part of the settings that the player applies to all tracks; the volume is in percent.
    pub fn shape(&self, volume: u8) -> Shape {
        Shape { volume, balance: self.balance, mono: self.mono, fade: self.fade }
    }

    /// The gain, sample rate and crossfade of a song between its neighbours.
    pub fn of(&self, song: &Song, between: Between<'_>, catalog: &Catalog) -> Sounding {
        let gain = self.gain(song, between.in_order(song), catalog);
        let crossfade = between.before.map_or(0.0, |before| self.shared(before, song));
        Sounding { gain, rate: song.rate, crossfade }
    }

    /// The length of a crossfade in seconds: 0 between consecutive tracks of an album, at most half of either track.
    fn shared(&self, before: &Song, song: &Song) -> f32 {
        if follows(before, song) {
            return 0.0;
        }
        let half = |s: &Song| if s.secs > 0.0 { (s.secs / 2.0) as f32 } else { f32::MAX };
        self.crossfade.min(half(before)).min(half(song)).max(0.0)
    }

    /// The factor on a song's samples: from its tags, or else from its measured loudness; 1 if neither is known.
    fn gain(&self, song: &Song, in_order: bool, catalog: &Catalog) -> f32 {
        let by_album = match self.replaygain {
            ReplayGain::Off => return 1.0,
            ReplayGain::Track => false,
            ReplayGain::Album => true,
            ReplayGain::Smart => in_order,
        };
        let tagged = song.tags.replaygain.as_deref().copied().unwrap_or_default();
        let track = || {
            let measured = self.measured(song);
            let db = tagged.track.or_else(|| measured.map(|(lufs, _)| REFERENCE - lufs))?;
            Some((db, tagged.track_peak.or_else(|| measured.and_then(|m| m.1))))
        };
        let album = || match tagged.album {
            Some(db) => Some((db, tagged.album_peak.or(tagged.track_peak))),
            None => self.measured_album(song, catalog).map(|(lufs, peak)| (REFERENCE - lufs, peak)),
        };
        let known = if by_album { album().or_else(track) } else { track() };
        let Some((db, peak)) = known else { return 1.0 };
        let gain = 10f32.powf((db + self.preamp) / 20.0);
        match peak {
            // An unknown peak is taken to be full scale.
            peak if self.clip_guard => gain.min(1.0 / peak.unwrap_or(1.0).max(1e-3)),
            _ => gain,
        }
    }

    /// Measured loudness in LUFS and peak (1 is full scale).
    fn measured(&self, song: &Song) -> Option<(f32, Option<f32>)> {
        let found = self.loudness.get(&song.track)?;
        Some((found.lufs?, found.peak.map(|db| 10f32.powf(db / 20.0))))
    }

    /// The same for a song's album, once all its songs are measured: mean power weighted by duration, and highest peak.
    fn measured_album(&self, song: &Song, catalog: &Catalog) -> Option<(f32, Option<f32>)> {
        let (mut power, mut secs, mut peak) = (0.0, 0.0, Some(0f32));
        for other in catalog.album_of(song) {
            let (lufs, highest) = self.measured(other)?;
            power += other.secs.max(1.0) * 10f64.powf(f64::from(lufs) / 10.0);
            secs += other.secs.max(1.0);
            peak = peak.zip(highest).map(|(a, b)| a.max(b));
        }
        (secs > 0.0).then(|| ((10.0 * (power / secs).log10()) as f32, peak))
    }
}

/// The songs that play right before and right after a song, as far as known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Between<'a> {
    /// Before it.
    pub before: Option<&'a Song>,
    /// After it.
    pub after: Option<&'a Song>,
}

impl Between<'_> {
    /// Whether the song plays in album order: next to a neighbour on its album, in the right order.
    pub fn in_order(&self, song: &Song) -> bool {
        self.before.is_some_and(|before| follows(before, song)) || self.after.is_some_and(|after| follows(song, after))
    }
}

fn same_album(a: &Song, b: &Song) -> bool {
    a.tags.album.is_some() && a.shares_album(b)
}

/// Whether `b` is the track right after `a` on the same album.
pub(in crate::app) fn follows(a: &Song, b: &Song) -> bool {
    let place = |s: &Song| Some((s.tags.disc.unwrap_or(1), s.tags.track?));
    let (Some((disc, track)), Some(next)) = (place(a), place(b)) else { return false };
    same_album(a, b) && (next == (disc, track + 1) || next == (disc + 1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::track;

    /// Two albums of ten, in order.
    fn songs() -> (Arc<Catalog>, Vec<Arc<Song>>) {
        let catalog = fixture::catalog(20);
        let songs = catalog.songs().to_vec();
        (catalog, songs)
    }

    /// How one of some songs sounds when they play in a row.
    fn of(sounds: &Sounds, songs: &[Arc<Song>], i: usize, catalog: &Catalog) -> Sounding {
        let before = i.checked_sub(1).map(|i| &*songs[i]);
        sounds.of(&songs[i], Between { before, after: songs.get(i + 1).map(|song| &**song) }, catalog)
    }

    fn db(gain: f32) -> f32 {
        20.0 * gain.log10()
    }

    fn measured(catalog: &Catalog, lufs: impl Fn(usize) -> f32, peak: f32) -> Arc<HashMap<TrackId, Loudness>> {
        let loudness = |i| Loudness { lufs: Some(lufs(i)), range: None, peak: Some(peak) };
        Arc::new(catalog.songs().iter().enumerate().map(|(i, s)| (s.track, loudness(i))).collect())
    }

    #[test]
    fn smart_is_the_album_in_its_order_and_the_track_otherwise() {
        let (catalog, songs) = songs();
        let lufs = |i: usize| if i == 3 { -8.0 } else { -20.0 };
        let sounds = Sounds { loudness: measured(&catalog, lufs, -3.0), ..Sounds::default() };
        let alone = [songs[13].clone(), songs[3].clone(), songs[17].clone()];
        assert!((db(of(&sounds, &alone, 1, &catalog).gain) + 10.0).abs() < 0.01, "the track's own: −18 − −8");
        // Nine of −20 and one of −8, about equally long: the mean of the powers.
        let gain = |i| of(&sounds, &songs, i, &catalog).gain;
        let power = (9.0 * 10f32.powf(-2.0) + 10f32.powf(-0.8)) / 10.0;
        assert!((db(gain(3)) - (-18.0 - 10.0 * power.log10())).abs() < 0.1, "{}", db(gain(3)));
        assert_eq!(gain(2), gain(3), "one gain for the album");
        let by = |way, i| db(of(&Sounds { replaygain: way, ..sounds.clone() }, &songs, i, &catalog).gain);
        assert!((by(ReplayGain::Track, 3) + 10.0).abs() < 0.01);
        assert_eq!(by(ReplayGain::Off, 3), 0.0);
        let by_album = Sounds { replaygain: ReplayGain::Album, ..sounds.clone() };
        assert_eq!(of(&by_album, &alone, 1, &catalog).gain, gain(3));
    }

    #[test]
    fn nothing_clips_and_tags_go_first() {
        let (catalog, mut songs) = songs();
        let sounds = Sounds { loudness: measured(&catalog, |_| -30.0, -6.0), ..Sounds::default() };
        let gain = |sounds: &Sounds, songs: &[Arc<Song>]| db(of(sounds, songs, 0, &catalog).gain);
        assert!((gain(&sounds, &songs[..1]) - 6.0).abs() < 0.01, "12 dB would clip");
        let free = Sounds { clip_guard: false, preamp: 1.5, ..sounds.clone() };
        assert!((gain(&free, &songs[..1]) - 13.5).abs() < 0.01);
        let mut song = (*songs[0]).clone();
        let tagged = track::ReplayGain { track: Some(-7.0), album: Some(3.0), ..track::ReplayGain::default() };
        song.tags.replaygain = Some(Box::new(tagged));
        songs[0] = Arc::new(song);
        assert!((gain(&sounds, &songs[..1]) + 7.0).abs() < 0.01);
        assert_eq!(gain(&sounds, &songs[..2]), 0.0, "the album's, its peak not known");
        assert!((gain(&free, &songs[..2]) - 4.5).abs() < 0.01);
        let nothing = Sounds::default();
        assert_eq!(of(&nothing, &songs, 5, &catalog).gain, 1.0);
    }

    #[test]
    fn a_crossfade_leaves_albums_and_short_tracks_alone() {
        let (catalog, songs) = songs();
        let sounds = Sounds { crossfade: 6.0, ..Sounds::default() };
        let crossfade = |songs: &[Arc<Song>], i| of(&sounds, songs, i, &catalog).crossfade;
        assert_eq!(crossfade(&songs, 3), 0.0, "in its order");
        assert_eq!(crossfade(&songs, 10), 6.0, "another album");
        assert_eq!(crossfade(&[songs[3].clone(), songs[2].clone()], 1), 6.0, "against its order");
        let mut short = (*songs[15]).clone();
        short.secs = 5.0;
        assert_eq!(crossfade(&[songs[0].clone(), Arc::new(short)], 1), 2.5);
        assert_eq!(crossfade(&songs, 0), 0.0, "nothing before it");
    }
}
