//! Searching in the lists.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::library::Song;
use crate::library::filter::{Expr, Folded, Language, Matcher, NoFacts, NoLookup, Test};

/// A search: a filter on tags, or else a literal text.
#[derive(Clone, Debug)]
pub struct Search {
    /// The text as typed.
    pub text: String,
    matcher: Matcher,
}

impl Search {
    /// Makes a search. A text that is not a filter, or a filter that needs more than tags, is searched for literally.
    pub fn new(text: &str, language: &Language) -> Search {
        let plain = Expr::Test(Test::Anywhere(text.to_owned()));
        let expr = language.parse(text).ok().filter(|expr| !expr.asks_above()).unwrap_or_else(|| plain.clone());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
        let matcher = Matcher::new(&expr, now, &NoLookup).or_else(|_| Matcher::new(&plain, now, &NoLookup));
        Search { text: text.to_owned(), matcher: matcher.unwrap_or_default() }
    }

    /// Whether a song matches.
    pub fn finds(&self, song: &Song) -> bool {
        self.matcher.matches(song, &Folded::of(song), &NoFacts)
    }
}
