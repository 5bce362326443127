//! `[limits.NAME]`: named sets of limits of the queue, and the kinds of recordings that it leaves out.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::LimitError;
use super::times;

/// The widest spacing that can be asked for, in tracks.
pub const WIDEST: usize = 100;
/// The most days for which something can be kept from coming again.
pub const MOST_DAYS: u32 = 3650;

/// A kind of recordings that engines are not expected to propose, known by the genre tag and, of an audiobook, the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Kind {
    /// Audiobooks and radio plays.
    #[serde(rename = "audiobooks")]
    Audiobooks,
    /// Podcasts.
    #[serde(rename = "podcasts")]
    Podcasts,
    /// Speeches, lectures and readings.
    #[serde(rename = "spoken word")]
    SpokenWord,
    /// Christmas music, outside of December.
    #[serde(rename = "christmas")]
    Christmas,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Audiobooks, Kind::Podcasts, Kind::SpokenWord, Kind::Christmas];

    /// Its name, as `leave_out` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Audiobooks => "audiobooks",
            Kind::Podcasts => "podcasts",
            Kind::SpokenWord => "spoken word",
            Kind::Christmas => "christmas",
        }
    }
}

/// `[limits.NAME]`: what it leaves out is as `[queue]` says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSet {
    /// A filter that every automatic track has to pass; empty for none.
    pub only: String,
    /// A filter that none may pass; empty for none.
    pub never: String,
    /// Tracks between two of one artist.
    pub artist_spacing: Option<usize>,
    /// Tracks between two of one album.
    pub album_spacing: Option<usize>,
    /// Tracks between two of one title, by whomever.
    pub title_spacing: Option<usize>,
    /// What was played within so many days does not come.
    pub not_heard_days: Option<u32>,
    /// The share of a genre, 0 to 1, that no more of what is picked is of it.
    pub share: BTreeMap<String, f64>,
    /// How long the queue lasts: `90m`.
    pub length: String,
    /// The time of day at which it ends: `23:30`.
    pub until: String,
}

/// The most genres with a share.
pub const MOST_SHARES: usize = 32;

impl LimitSet {
    /// The shares of genres in percent.
    pub fn shares(&self) -> impl Iterator<Item = (String, u8)> + '_ {
        self.share.iter().map(|(genre, share)| (genre.clone(), (100.0 * share.clamp(0.0, 1.0)).round() as u8))
    }

    /// What is wrong with a set.
    pub(super) fn faults(&self) -> Vec<LimitError> {
        let spacings = [
            ("artist_spacing", self.artist_spacing),
            ("album_spacing", self.album_spacing),
            ("title_spacing", self.title_spacing),
        ];
        let wide = spacings.into_iter().filter(|(_, tracks)| tracks.is_some_and(|tracks| tracks > WIDEST));
        let mut faults: Vec<LimitError> = wide.map(|(key, _)| LimitError::Spacing { key, most: WIDEST }).collect();
        let shares = self.share.iter().filter(|(_, share)| !(0.0..=1.0).contains(*share));
        faults.extend(shares.map(|(genre, _)| LimitError::Share(genre.clone())));
        let (has_length, has_end) = (!self.length.is_empty(), !self.until.is_empty());
        let others = [
            (self.not_heard_days.is_some_and(|days| days > MOST_DAYS), LimitError::Days(MOST_DAYS)),
            (self.share.len() > MOST_SHARES, LimitError::Shares(MOST_SHARES)),
            (has_length && times::length(&self.length).is_none(), LimitError::Length),
            (has_end && times::clock(&self.until).is_none(), LimitError::Until),
            (has_length && has_end, LimitError::TwoEnds),
        ];
        faults.extend(others.into_iter().filter_map(|(wrong, fault)| wrong.then_some(fault)));
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn sets_are_read_and_checked() {
        let text = "[limits.party]\nonly = \"rating>=60 & tempo 110-150\"\nartist_spacing = 5\nuntil = \"02:00\"\n\
            share = { jazz = 0.3, \"hip hop\" = 0 }\n";
        let config = Config::parse(text).unwrap();
        let party = &config.limits["party"];
        assert_eq!((party.only.as_str(), party.artist_spacing), ("rating>=60 & tempo 110-150", Some(5)));
        assert_eq!((party.not_heard_days, party.until.as_str()), (None, "02:00"));
        assert_eq!(party.shares().collect::<Vec<_>>(), [("hip hop".into(), 0), ("jazz".into(), 30)]);
        for (line, says) in [
            ("artist_spacing = 101", "limits.x.artist_spacing must be 0 to 100"),
            ("not_heard_days = 4000", "limits.x.not_heard_days must be 0 to 3650"),
            ("share = { jazz = 30 }", "limits.x.share: jazz must be 0 to 1, such as 0.3"),
            ("share = { jazz = nan }", "limits.x.share: jazz must be 0 to 1"),
            ("share = 0.3", "line 2: invalid type"),
            ("length = \"soon\"", "limits.x.length must be a time like"),
            ("until = \"25:00\"", "limits.x.until must be a time of day"),
            ("length = \"2h\"\nuntil = \"23:00\"", "both length and until"),
            ("ony = \"jazz\"", "line 2: unknown field `ony`"),
        ] {
            let why = Config::parse(&format!("[limits.x]\n{line}\n")).unwrap_err().to_string();
            assert!(why.contains(says), "{line}: {why}");
        }
        let why = Config::parse("[limits.off]\nonly = \"jazz\"\n").unwrap_err().to_string();
        assert!(why.contains("another name"), "{why}");
    }

    #[test]
    fn what_is_left_out_is_named() {
        let config = Config::parse("[queue]\nleave_out = [\"spoken word\"]\n").unwrap();
        assert_eq!(config.queue.leave_out, [Kind::SpokenWord]);
        assert!(Config::parse("[queue]\nleave_out = []\n").unwrap().queue.leave_out.is_empty());
        let why = Config::parse("[queue]\nleave_out = [\"speech\"]\n").unwrap_err().to_string();
        assert!(why.starts_with("line 2: unknown variant `speech`") && why.contains("`spoken word`"), "{why}");
        assert_eq!(Config::default().queue.leave_out, Kind::ALL);
    }
}
