//! What is searched for in the lists.

use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::library::Song;
use crate::library::filter::{Expr, Folded, Language, Matcher, NoFacts, Test};

/// What is searched for: a filter over what the tags say, or else the text as it stands.
#[derive(Clone, Debug)]
pub struct Search {
    /// The text.
    pub text: String,
    matcher: Matcher,
}

impl Search {
    /// What was typed. A text that is no filter, or one that asks for more than the tags, is looked for as it stands.
    pub fn new(text: &str, language: &Language) -> Search {
        let plain = Expr::Test(Test::Anywhere(text.to_owned()));
        let expr = language.parse(text).ok().filter(|expr| !expr.asks_above()).unwrap_or_else(|| plain.clone());
        let none = |_: &str| Ok(HashSet::new());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
        let matcher = Matcher::new(&expr, now, &none).or_else(|_| Matcher::new(&plain, now, &none));
        Search { text: text.to_owned(), matcher: matcher.unwrap_or_default() }
    }

    /// Whether a song is meant.
    pub fn finds(&self, song: &Song) -> bool {
        self.matcher.matches(song, &Folded::of(song), &NoFacts)
    }
}
