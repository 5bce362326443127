//! Smart playlists: a filter that is evaluated whenever the playlist is opened.
//!
//! The first line of a file `NAME.smart` that is not a comment is the filter; `sort: KEY,KEY` and
//! `limit: N` may follow on further lines. A filter that begins with `#` is written `\#…`, since it would be a comment.

use serde::{Deserialize, Serialize};

use super::error::SmartError;

/// The sign before a filter that would otherwise be taken for a comment, and before this sign itself.
const ESCAPE: char = '\\';

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
    /// What is wrong with it.
    pub fn typed(line: &str) -> Result<Smart, SmartError> {
        let mut smart = Smart::default();
        let line = one_line(line);
        let mut filter = line.as_str();
        loop {
            let (rest, last) = filter.rsplit_once(char::is_whitespace).unwrap_or(("", filter));
            match last.split_once(':') {
                Some(("sort", keys)) => smart.sort = keys.to_string(),
                Some(("limit", n)) => smart.limit = Some(limit(n)?),
                _ => break,
            }
            filter = rest.trim_end();
        }
        if filter.is_empty() {
            return Err(SmartError::Empty);
        }
        filter.clone_into(&mut smart.filter);
        Ok(smart)
    }

    /// The argument that [`Smart::typed`] parses to this.
    pub fn line(&self) -> String {
        let mut line = one_line(&self.filter);
        let keys: Vec<&str> = self.sort.split([',', ' ']).filter(|key| !key.is_empty()).collect();
        if !keys.is_empty() {
            line.push_str(&format!(" sort:{}", keys.join(",")));
        }
        if let Some(limit) = self.limit {
            line.push_str(&format!(" limit:{limit}"));
        }
        line
    }

    /// Parses the text of a smart playlist.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Smart, SmartError> {
        let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let filter = lines.next().ok_or(SmartError::NoFilter)?;
        let escaped = filter.strip_prefix(ESCAPE).filter(|rest| rest.starts_with(['#', ESCAPE]));
        let filter = escaped.unwrap_or(filter).to_string();
        let mut smart = Smart { filter, ..Smart::default() };
        for line in lines {
            match line.split_once(':').map(|(key, value)| (key.trim(), value.trim())) {
                Some(("sort", keys)) => smart.sort = keys.to_string(),
                Some(("limit", n)) => smart.limit = Some(limit(n)?),
                _ => return Err(SmartError::Line(line.into())),
            }
        }
        Ok(smart)
    }

    /// The text of its file, as parsed by [`Smart::parse`].
    pub fn text(&self) -> String {
        let filter = one_line(&self.filter);
        let escape = if filter.starts_with(['#', ESCAPE]) { ESCAPE.to_string() } else { String::new() };
        let mut text = format!("{escape}{filter}\n");
        let sort = one_line(&self.sort);
        if !sort.is_empty() {
            text.push_str(&format!("sort: {sort}\n"));
        }
        if let Some(limit) = self.limit {
            text.push_str(&format!("limit: {limit}\n"));
        }
        text
    }

    /// The text of its file, with the comments and empty lines of the text that it had before.
    pub fn rewritten(&self, old: &str) -> String {
        let lines: Vec<&str> = old.lines().collect();
        let is_kept = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
        let filter = lines.iter().position(|line| !is_kept(line)).unwrap_or(lines.len());
        let (before, after) = lines.split_at(filter);
        let kept = |part: &[&str]| -> String {
            part.iter().copied().filter(is_kept).map(|line| format!("{line}\n")).collect()
        };
        kept(before) + &self.text() + &kept(after)
    }
}

/// A text as it can stand in a line of a file: without line breaks, other control characters and blanks around it.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_string()
}

fn limit(text: &str) -> Result<usize, SmartError> {
    text.parse().map_err(|_| SmartError::Limit)
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
        for nothing in ["", " ", "sort:-added limit:50", "limit:3"] {
            assert!(Smart::typed(nothing).unwrap_err().to_string().contains("begins with a filter"), "{nothing:?}");
        }
    }

    #[test]
    fn what_is_typed_is_what_the_file_has_and_what_is_edited() {
        for line in [
            "#1 hits",
            "  \t#1 hits",
            "\\#x",
            "\\\\x",
            "\\x",
            "jazz\nlimit: 3",
            "jazz\r\n# not a comment",
            "?#sgr",
            "find: calm acoustic",
            "~a beatles !~y1960-1965 sort:-year,title limit:20",
        ] {
            let smart = Smart::typed(line).unwrap();
            assert!(!smart.filter.contains(['\n', '\r']) && smart.filter.trim() == smart.filter, "{line:?}");
            assert_eq!(Smart::parse(&smart.text()), Ok(smart.clone()), "{line:?} is in its file");
            assert_eq!(Smart::typed(&smart.line()), Ok(smart), "{line:?} is edited");
        }
        assert_eq!(Smart::typed(" #1 hits").unwrap().text(), "\\#1 hits\n");
        let spaced = Smart { filter: "x".into(), sort: "artist, -year".into(), limit: None };
        assert_eq!(spaced.line(), "x sort:artist,-year");
    }

    #[test]
    fn comments_stay_when_the_filter_changes() {
        let smart = Smart { filter: "~g drone".into(), sort: String::new(), limit: Some(9) };
        let old = "# at night\r\n\n~g ambient\nsort: artist\n# the end\n";
        assert_eq!(smart.rewritten(old), "# at night\n\n~g drone\nlimit: 9\n# the end\n");
        assert_eq!((smart.rewritten(""), smart.rewritten("# x")), (smart.text(), format!("# x\n{}", smart.text())));
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
        assert!(Smart::parse("x\nlimit: many").unwrap_err().to_string().contains("number"));
        assert!(Smart::parse("x\ny").is_err());
    }
}
