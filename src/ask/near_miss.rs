//! What a filter that finds nothing would find with `~` (contains) in place of `=` (is).

use std::cmp::Reverse;
use std::collections::HashMap;

use super::answers::Answers;
use super::find;
use crate::library::filter::{Expr, Field, Of, Test, TextOp, fold, texts};
use crate::library::fuzzy;

/// The most values that are named.
const NAMED: usize = 3;

impl Answers {
    /// A hint for a filter that found nothing because a field is nowhere exactly what was asked for, while it contains
    /// it: `no genre is exactly 'rock'; genre~rock would find 212 (Alternative Rock, Hard Rock, …)`. `None` when that
    /// is not what is wrong.
    pub fn near_miss(&self, filter: &str) -> Option<String> {
        if find::typed(filter).is_some() || fuzzy::typed(filter).is_some() {
            return None;
        }
        let expr = self.language.parse(filter).ok()?;
        let mut exact = Vec::new();
        collect(&expr, &mut exact);
        exact.into_iter().find_map(|(field, text)| self.contained(field, text))
    }

    /// The hint for one test, if nothing passes it.
    fn contained(&self, field: &'static Field, text: &str) -> Option<String> {
        let passing = |op| self.passing(&Expr::Test(Test::Text(field, op, text.to_owned()))).ok();
        if !passing(TextOp::Is)?.is_empty() {
            return None;
        }
        let found = passing(TextOp::Contains)?;
        if found.is_empty() {
            return None;
        }
        let folded = fold(text);
        let mut values: HashMap<String, usize> = HashMap::new();
        if let Of::Folded(n) = field.of {
            let all = found.songs().iter().flat_map(|song| texts(song, n));
            for value in all.filter(|value| fold(value).contains(&folded)) {
                *values.entry(value).or_default() += 1;
            }
        }
        let name = field.name;
        let shown = crate::text::sanitize(text);
        let count = found.len();
        let hint = format!("no {name} is exactly '{shown}'; {name}~{} would find {count}", written(text));
        Some(match listed(values) {
            list if list.is_empty() => hint,
            list => format!("{hint} ({list})"),
        })
    }
}

/// The tests for a whole text that a song has to pass; not those that it must fail.
fn collect<'a>(expr: &'a Expr, out: &mut Vec<(&'static Field, &'a str)>) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| collect(part, out)),
        Expr::Named(_, inner) => collect(inner, out),
        Expr::Test(Test::Text(field, TextOp::Is, text)) => out.push((*field, text.as_str())),
        Expr::Not(_) | Expr::Test(_) => {}
    }
}

/// A text as it is typed in a filter: in quotes only where they are needed.
fn written(text: &str) -> String {
    if text.chars().all(char::is_alphanumeric) { text.to_owned() } else { Test::Anywhere(text.to_owned()).to_string() }
}

/// The most frequent values.
fn listed(values: HashMap<String, usize>) -> String {
    let more = if values.len() > NAMED { ", …" } else { "" };
    let mut values: Vec<(String, usize)> = values.into_iter().collect();
    values.sort_unstable_by(|(a, n), (b, m)| (Reverse(n), a).cmp(&(Reverse(m), b)));
    let names: Vec<String> = values.into_iter().take(NAMED).map(|(value, _)| value).collect();
    if names.is_empty() { String::new() } else { format!("{}{more}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Space;
    use crate::library::signatures::Signatures;
    use crate::library::{Catalog, Song};
    use crate::track::{Tags, TrackId};
    use std::sync::Arc;

    /// A song for each list of genres.
    fn answers(genres: &[&[&str]]) -> Answers {
        let song = |(n, genres): (usize, &&[&str])| {
            let genres = genres.iter().map(|g| (*g).to_string()).collect();
            let tags = Tags { title: Some(format!("Song {n}").into()), genres, year: Some(1990), ..Tags::default() };
            Arc::new(Song { tags: tags.into(), ..Song::bare(format!("/m/{n}.mp3"), TrackId([n as u8; 16])) })
        };
        let songs: Vec<Arc<Song>> = genres.iter().enumerate().map(song).collect();
        let space = Space::build("test".into(), Arc::default(), Vec::new());
        Answers::new(Catalog::new(songs).into(), space.into(), Signatures::in_dir("/nonexistent".into()))
    }

    #[test]
    fn what_contains_the_text_is_counted_and_named() {
        let library = answers(&[
            &["Alternative Rock", "Indie"],
            &["Hard Rock"],
            &["Alternative Rock"],
            &["Punk Rock"],
            &["Krautrock"],
            &["Jazz"],
        ]);
        let hint = "no genre is exactly 'rock'; genre~rock would find 5 (Alternative Rock, Hard Rock, Krautrock, …)";
        for filter in ["genre=rock", "genre=rock & year>1980", "title~song (genre=rock | genre=nothing)"] {
            assert_eq!(library.near_miss(filter).as_deref(), Some(hint), "{filter}");
        }
        let quoted = "no genre is exactly 'ard roc'; genre~\"ard roc\" would find 1 (Hard Rock)";
        assert_eq!(library.near_miss("genre=\"ard roc\"").as_deref(), Some(quoted));
        let file = library.near_miss("file=mp3").unwrap();
        assert_eq!(file, "no file is exactly 'mp3'; file~mp3 would find 6", "paths are too long to be named");
    }

    #[test]
    fn there_is_no_hint_where_that_is_not_the_reason() {
        let library = answers(&[&["Hard Rock"], &["Jazz"]]);
        for filter in
            ["", "genre=jazz", "genre~rock", "genre=polka", "genre=*rock", "genre!=rock", "year=1950", "?rock"]
        {
            assert_eq!(library.near_miss(filter), None, "{filter}");
        }
        // Nothing is both, but either alone is found.
        assert_eq!(library.near_miss("genre=jazz & genre=\"hard rock\""), None);
    }
}
