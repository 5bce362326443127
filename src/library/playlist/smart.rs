//! Smart playlists: a filter that is evaluated whenever the playlist is opened.
//!
//! A file `NAME.smart` has the filter in its first line that is not a comment, and may have `sort: KEY,KEY` and `limit: N`
//! below it.

use serde::{Deserialize, Serialize};

/// A smart playlist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smart {
    /// The filter.
    pub filter: String,
    /// The keys to sort by; empty: as the filter answers.
    pub sort: String,
    /// The most tracks, if limited.
    pub limit: Option<usize>,
}

impl Smart {
    /// What follows `playlist smart NAME`: the filter, and behind it `sort:KEY,KEY` and `limit:N`.
    ///
    /// # Errors
    /// One line with the error.
    pub fn typed(line: &str) -> Result<Smart, String> {
        let mut smart = Smart::default();
        let mut filter = line.trim();
        while let Some((rest, last)) = filter.rsplit_once(char::is_whitespace) {
            match last.split_once(':') {
                Some(("sort", keys)) => smart.sort = keys.to_string(),
                Some(("limit", n)) => smart.limit = Some(limit(n)?),
                _ => break,
            }
            filter = rest.trim_end();
        }
        filter.clone_into(&mut smart.filter);
        Ok(smart)
    }

    /// Reads the text of a smart playlist.
    ///
    /// # Errors
    /// One line with the error.
    pub fn parse(text: &str) -> Result<Smart, String> {
        let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let filter = lines.next().ok_or("the first line of a smart playlist is its filter")?.to_string();
        let mut smart = Smart { filter, ..Smart::default() };
        for line in lines {
            match line.split_once(':').map(|(key, value)| (key.trim(), value.trim())) {
                Some(("sort", keys)) => smart.sort = keys.to_string(),
                Some(("limit", n)) => smart.limit = Some(limit(n)?),
                _ => return Err(format!("not 'sort: …' or 'limit: …': {}", crate::text::sanitize(line))),
            }
        }
        Ok(smart)
    }

    /// Its text, as [`Smart::parse`] reads it.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.filter);
        if !self.sort.is_empty() {
            text.push_str(&format!("sort: {}\n", self.sort));
        }
        if let Some(limit) = self.limit {
            text.push_str(&format!("limit: {limit}\n"));
        }
        text
    }
}

fn limit(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "limit takes a number, such as 50".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_one_ends_with_order_and_limit() {
        let smart = Smart::typed("~a beatles !~y1960-1965 sort:-year,title limit:20").unwrap();
        assert_eq!(
            (smart.filter.as_str(), smart.sort.as_str(), smart.limit),
            ("~a beatles !~y1960-1965", "-year,title", Some(20))
        );
        assert_eq!(Smart::typed("jazz").unwrap(), Smart { filter: "jazz".into(), ..Smart::default() });
        assert!(Smart::typed("jazz limit:x").is_err());
    }

    #[test]
    fn a_filter_with_order_and_limit() {
        let smart = Smart::parse("# at night\ngenre:jazz tempo<90\nsort: artist\nlimit: 2\n").unwrap();
        assert_eq!(
            (smart.filter.as_str(), smart.sort.as_str(), smart.limit),
            ("genre:jazz tempo<90", "artist", Some(2))
        );
        assert_eq!(Smart::parse(&smart.text()), Ok(smart));
        assert!(Smart::parse("# nothing\n").is_err());
        assert!(Smart::parse("x\nlimit: many").unwrap_err().contains("number"));
        assert!(Smart::parse("x\ny").is_err());
    }
}
