//! The limits themselves, and their words.

use std::collections::BTreeMap;

use crate::config::{self, Kind, LimitSet};

/// How far tracks of one artist, album or title are kept apart, in tracks between them; 0 for no such limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spacing {
    /// Of one artist.
    pub artist: usize,
    /// Of one album.
    pub album: usize,
    /// Of one title, by whomever.
    pub title: usize,
}

impl Spacing {
    /// Whether there is any.
    pub fn any(self) -> bool {
        self.widest() > 0
    }

    /// The number of tracks before a pick that matter.
    pub fn widest(self) -> usize {
        self.artist.max(self.album).max(self.title)
    }
}

/// The limits of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// A filter that every automatic track has to pass; empty for none.
    pub only: String,
    /// A filter that none may pass; empty for none.
    pub never: String,
    /// How far tracks of one kind are kept apart.
    pub spacing: Spacing,
    /// What was played within so many days does not come; 0 for no such limit.
    pub days: u32,
    /// What is not proposed, unless the queue follows such music.
    pub left_out: Vec<Kind>,
    /// Genres, each with the share in percent that no more of what is picked may be of it.
    pub shares: BTreeMap<String, u8>,
}

impl Limits {
    /// The limits of `[queue]`.
    pub fn of(config: &config::Queue) -> Limits {
        Limits {
            spacing: Spacing {
                artist: config.artist_spacing,
                album: config.album_spacing,
                title: config.title_spacing,
            },
            days: config.not_heard_days,
            left_out: config.leave_out.clone(),
            ..Limits::default()
        }
    }

    /// These limits with those that a named set has in their place.
    #[must_use]
    pub fn with(&self, set: &LimitSet) -> Limits {
        let spacing = self.spacing;
        Limits {
            only: set.only.trim().to_string(),
            never: set.never.trim().to_string(),
            spacing: Spacing {
                artist: set.artist_spacing.unwrap_or(spacing.artist),
                album: set.album_spacing.unwrap_or(spacing.album),
                title: set.title_spacing.unwrap_or(spacing.title),
            },
            days: set.not_heard_days.unwrap_or(self.days),
            left_out: self.left_out.clone(),
            shares: set.shares().collect(),
        }
    }

    /// Whether there are any that a command or a named set brought in, filters or shares.
    pub fn filtered(&self) -> bool {
        self.filters() || !self.shares.is_empty()
    }

    /// Whether there is a filter.
    pub fn filters(&self) -> bool {
        !self.only.is_empty() || !self.never.is_empty()
    }

    /// Whether there is any beside the kinds that are left out.
    pub fn narrow(&self) -> bool {
        self.filtered() || self.spacing.any() || self.days > 0
    }

    /// The limits in words, one each, those of the user first; none where there are none.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.only.is_empty() {
            words.push(format!("only {}", self.only));
        }
        if !self.never.is_empty() {
            words.push(format!("never {}", self.never));
        }
        words.extend(self.shares.iter().map(|(genre, percent)| shared(genre, *percent)));
        let Spacing { artist, album, title } = self.spacing;
        for (tracks, what) in [(artist, "artist"), (album, "album"), (title, "title")] {
            match tracks {
                0 => {}
                1 => words.push(format!("1 track between two of one {what}")),
                n => words.push(format!("{n} tracks between two of one {what}")),
            }
        }
        match self.days {
            0 => {}
            1 => words.push("nothing heard since yesterday".into()),
            days => words.push(format!("nothing heard within {days} days")),
        }
        if !self.left_out.is_empty() {
            let kinds: Vec<&str> = self.left_out.iter().map(|kind| said(*kind)).collect();
            words.push(format!("no {}", kinds.join(", ")));
        }
        words
    }
}

/// The share of a genre: `at most 30 % jazz`.
pub fn shared(genre: &str, percent: u8) -> String {
    match percent {
        0 => format!("no {genre}"),
        percent => format!("at most {percent} % {genre}"),
    }
}

/// A kind in a sentence.
fn said(kind: Kind) -> &'static str {
    match kind {
        Kind::Audiobooks | Kind::Podcasts | Kind::SpokenWord => kind.name(),
        Kind::Christmas => "Christmas music outside of December",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_takes_the_place_of_what_it_names() {
        let queue = config::Queue { artist_spacing: 3, not_heard_days: 7, ..config::Queue::default() };
        let usual = Limits::of(&queue);
        assert!(!usual.filters() && usual.spacing.any());
        let set = LimitSet {
            only: " genre=jazz ".into(),
            artist_spacing: Some(0),
            title_spacing: Some(9),
            share: BTreeMap::from([("jazz".to_string(), 0.3)]),
            ..LimitSet::default()
        };
        let limits = usual.with(&set);
        assert_eq!(
            (limits.only.as_str(), limits.spacing, limits.days),
            ("genre=jazz", Spacing { title: 9, ..Spacing::default() }, 7)
        );
        assert_eq!((limits.spacing.widest(), &limits.left_out), (9, &usual.left_out));
        assert_eq!((limits.shares["jazz"], usual.filtered(), limits.filtered()), (30, false, true));
    }

    #[test]
    fn limits_are_told_in_words() {
        let none = Limits::default();
        assert_eq!(none.words(), Vec::<String>::new());
        let limits = Limits {
            only: "genre~rock".into(),
            never: "live".into(),
            spacing: Spacing { artist: 5, album: 0, title: 1 },
            days: 30,
            left_out: vec![Kind::Podcasts, Kind::Christmas],
            shares: [("jazz", 30), ("polka", 0)].map(|(genre, n)| (genre.to_string(), n)).into(),
        };
        let words = [
            "only genre~rock",
            "never live",
            "at most 30 % jazz",
            "no polka",
            "5 tracks between two of one artist",
            "1 track between two of one title",
            "nothing heard within 30 days",
            "no podcasts, Christmas music outside of December",
        ];
        assert_eq!(limits.words(), words);
    }
}
