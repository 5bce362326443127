//! Smart playlists: a filter that is asked anew whenever the playlist is opened.
//!
//! A file `NAME.smart` has the filter in its first line that is no comment, and may have `sort: KEY,KEY` and
//! `limit: N` below it.

use crate::track::TrackId;

/// Finds the tracks that a filter means.
pub type Select<'a> = &'a dyn Fn(&str) -> Result<Vec<TrackId>, String>;
/// Puts tracks into the order that sort keys say.
pub type Arrange<'a> = &'a dyn Fn(&str, Vec<TrackId>) -> Result<Vec<TrackId>, String>;

/// A smart playlist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Smart {
    /// The filter.
    pub filter: String,
    /// The keys to sort by; empty: as the filter answers.
    pub sort: String,
    /// At most so many tracks.
    pub limit: Option<usize>,
}

impl Smart {
    /// Reads the text of a smart playlist.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn parse(text: &str) -> Result<Smart, String> {
        let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let filter = lines.next().ok_or("the first line of a smart playlist is its filter")?.to_string();
        let mut smart = Smart { filter, ..Smart::default() };
        for line in lines {
            match line.split_once(':').map(|(key, value)| (key.trim(), value.trim())) {
                Some(("sort", keys)) => smart.sort = keys.to_string(),
                Some(("limit", n)) => smart.limit = Some(n.parse().map_err(|_| "limit wants a number, like 50")?),
                _ => return Err(format!("not 'sort: …' or 'limit: …': {}", crate::text::sanitize(line))),
            }
        }
        Ok(smart)
    }

    /// The tracks that it means now: those that `select` finds for the filter, in the order that `arrange` makes of the
    /// sort keys, cut at the limit.
    ///
    /// # Errors
    /// Those of `select` and `arrange`.
    pub fn tracks(&self, select: Select<'_>, arrange: Arrange<'_>) -> Result<Vec<TrackId>, String> {
        let mut tracks = select(&self.filter)?;
        if !self.sort.is_empty() {
            tracks = arrange(&self.sort, tracks)?;
        }
        tracks.truncate(self.limit.unwrap_or(usize::MAX));
        Ok(tracks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_with_order_and_limit() {
        let smart = Smart::parse("# at night\ngenre:jazz tempo<90\nsort: artist\nlimit: 2\n").unwrap();
        assert_eq!(
            (smart.filter.as_str(), smart.sort.as_str(), smart.limit),
            ("genre:jazz tempo<90", "artist", Some(2))
        );
        let select = |filter: &str| {
            if filter.is_empty() { Err("no".into()) } else { Ok([1, 2, 3].map(|n| TrackId([n; 16])).into()) }
        };
        let arrange = |_: &str, tracks: Vec<TrackId>| Ok(tracks.into_iter().rev().collect());
        assert_eq!(smart.tracks(&select, &arrange).unwrap(), [3, 2].map(|n| TrackId([n; 16])));
        assert!(Smart::parse("# nothing\n").is_err());
        assert!(Smart::parse("x\nlimit: many").unwrap_err().contains("number"));
        assert!(Smart::parse("x\ny").is_err());
    }
}
