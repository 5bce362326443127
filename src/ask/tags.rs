//! The words (tags) of a track, for `jukebox tags`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::error::TrackError;
use super::report::Hit;
use crate::describe::portrait::portrait;
use crate::latent::lexicon::Said;
use crate::latent::named;

/// The number of words listed by default.
const LISTED: usize = 12;
/// The width of a bar in cells.
const BAR: usize = 20;

/// The words of one track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TagCard {
    /// The track.
    #[serde(flatten)]
    pub file: Hit,
    /// A description of its sound in one line.
    pub line: String,
    /// The words that apply to it.
    pub words: Vec<String>,
    /// Every word with its probability, the likeliest first.
    pub tags: Vec<Said>,
    /// Beats per minute, 80 to 160; absent when unknown.
    pub tempo: Option<f32>,
}

impl Answers {
    /// The words of the track at a path.
    ///
    /// # Errors
    /// It is not known or not analysed, or the encoder has no words.
    pub fn tags(&self, path: &Path) -> Result<TagCard, TrackError> {
        let song = self.catalog.of_path(path).ok_or_else(|| TrackError::NotInLibrary(path.into()))?;
        let lexicon = self.words()?;
        let row = self.space.row(song.track).ok_or_else(|| TrackError::NotAnalysed(path.into()))?;
        let tags = lexicon.all(self.space.tags(), row);
        if tags.is_empty() {
            return Err(TrackError::Unworded(path.into()));
        }
        let words = self.space.said(row);
        let turns = self.space.named(row)[0];
        let tempo = turns.is_finite().then(|| named::bpm(turns));
        let like = self.similar(path, 1).ok().and_then(|near| near.into_iter().next()).map(|n| n.title);
        let line = portrait(&words, tempo, like.as_deref());
        Ok(TagCard { file: Hit::of(song), line, words, tags, tempo })
    }
}

impl TagCard {
    /// The card as lines: the track with its description, then its words, the likeliest first, marked if they apply.
    pub fn lines(&self, all: bool) -> Vec<String> {
        let by = if self.file.artist.is_empty() { String::new() } else { format!("{} – ", self.file.artist) };
        let line = if self.line.is_empty() { "no word stands out" } else { &self.line };
        let mut out = vec![format!("{by}{}: {line}", self.file.title)];
        let most = if all { usize::MAX } else { LISTED };
        // Words that apply are always listed.
        let shown = self.tags.iter().enumerate().filter(|(i, said)| *i < most || said.said);
        out.extend(shown.map(|(_, said)| row(said)));
        out
    }
}

fn row(said: &Said) -> String {
    let mark = if said.said { "*" } else { " " };
    let cells = (said.probability.clamp(0.0, 1.0) * BAR as f32).round() as usize;
    let bar = "█".repeat(cells) + &"·".repeat(BAR - cells);
    let above = said.standing * 100.0;
    format!(
        "{mark} {}  {bar}  {:3.0} %  above {above:3.0} % of the library",
        crate::text::fit(&said.word, 16),
        said.probability * 100.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_marked_and_always_listed() {
        let said = |n: usize, said| Said {
            word: format!("word {n}"),
            tag: String::new(),
            probability: 0.5 - n as f32 / 100.0,
            standing: 0.75,
            said,
        };
        let card = TagCard {
            file: Hit { title: "Half Moon".into(), artist: "A".into(), ..Hit::default() },
            line: "mellow".into(),
            tags: (0..20).map(|n| said(n, n == 0 || n == 19)).collect(),
            ..TagCard::default()
        };
        let text = card.lines(false);
        assert_eq!(text[0], "A – Half Moon: mellow");
        assert_eq!(text[1], "* word 0            ██████████··········   50 %  above  75 % of the library");
        assert!(text.len() == 1 + LISTED + 1 && text[LISTED + 1].starts_with("* word 19"), "{text:?}");
        assert_eq!(card.lines(true).len(), 21);
        assert!(TagCard::default().lines(true)[0].ends_with("no word stands out"));
    }
}
