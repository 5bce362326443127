//! Smart playlists: a filter that is evaluated whenever the playlist is opened.
//!
//! The first line of a file `NAME.smart` that is not a comment is the filter; `sort: KEY,KEY` and
//! `limit: N` may follow on further lines.

use serde::{Deserialize, Serialize};

/// A smart playlist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Smart {
    /// The filter.
    pub filter: String,
    /// Sort keys, separated by commas; if empty, in the order of the filter's result.
    pub sort: String,
    /// Maximum number of tracks.
    pub limit: Option<usize>,
}

impl Smart {
    /// Parses the argument of `playlist smart NAME`: a filter, followed by optional `sort:KEY,KEY`
    /// and `limit:N`.
    ///
    /// # Errors
    /// A one-line message.
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

    /// Parses the text of a smart playlist.
    ///
    /// # Errors
    /// A one-line message.
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

    /// The text of its file, as parsed by [`Smart::parse`].
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
