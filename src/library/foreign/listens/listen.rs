//! A listen, and what exports write of it.

use serde_json::Value;

use crate::text::sanitize;
use crate::track::Mbid;

/// Times above this are in milliseconds: in seconds it is the year 5138.
const MILLIS: f64 = 1e11;

/// One listen of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listen {
    /// When it began, in seconds since the Unix epoch.
    pub at: u64,
    /// The artist, as shown there.
    pub artist: String,
    /// The title.
    pub title: String,
    /// The album; empty if not stated.
    pub album: String,
    /// The MusicBrainz ids of the recording: the one that was sent, and the one that the service found.
    pub recordings: Vec<Mbid>,
    /// Duration of the track in seconds, if stated.
    pub secs: Option<f64>,
    /// Seconds listened to, if stated.
    pub heard: Option<f64>,
}

/// What was read of an export.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The listens, in the order of the files.
    pub listens: Vec<Listen>,
    /// Number of entries that could not be understood: damaged, or without artist, title or time.
    pub unread: usize,
}

impl History {
    pub(super) fn add(&mut self, listen: Option<Listen>) {
        match listen {
            Some(listen) => self.listens.push(listen),
            None => self.unread += 1,
        }
    }
}

/// A number, also one written as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(number).filter(|n| n.is_finite())
}

/// A time since the Unix epoch, in seconds or milliseconds, as whole seconds; `None` for the time 0.
pub(super) fn moment(number: f64) -> Option<u64> {
    let secs = if number > MILLIS { number / 1000.0 } else { number };
    (1.0..=MILLIS).contains(&secs).then_some(secs as u64)
}

/// A text that is not blank, safe to show.
pub(super) fn said(value: &str) -> Option<String> {
    Some(sanitize(value)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_milliseconds() {
        assert_eq!(moment(1_700_000_000.0), Some(1_700_000_000));
        assert_eq!(moment(1_700_000_000_123.0), Some(1_700_000_000));
        assert_eq!((moment(0.0), moment(-5.0), moment(1e300)), (None, None, None));
        assert_eq!(number(&Value::from(" 12 ")), Some(12.0));
        assert_eq!((number(&Value::from("NaN")), number(&Value::Null)), (None, None));
    }
}
