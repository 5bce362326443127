//! The words of a track: what `jukebox tags` shows.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::report::Hit;
use crate::describe::tags::{Lexicon, NO_WORDS, Said, portrait};
use crate::latent::named;

/// The words of one track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TagCard {
    /// The track.
    #[serde(flatten)]
    pub file: Hit,
    /// How it sounds, in a line.
    pub line: String,
    /// The words that are said of it.
    pub words: Vec<String>,
    /// Every word with its probability, the likeliest first.
    pub tags: Vec<Said>,
    /// Beats a minute, 80 to 160; absent when unknown.
    pub tempo: Option<f32>,
}

impl Answers {
    /// The words of the encoder that serves; empty for one without a tag head.
    pub fn lexicon(&self) -> &Lexicon {
        self.lexicon.get_or_init(|| Lexicon::of(self.space.tags().names()))
    }

    /// The same, where there are words.
    ///
    /// # Errors
    /// The encoder in use has none.
    pub fn words(&self) -> Result<&Lexicon, String> {
        let lexicon = self.lexicon();
        if lexicon.is_empty() { Err(NO_WORDS.into()) } else { Ok(lexicon) }
    }

    /// The place of the word of the encoder that a text means.
    ///
    /// # Errors
    /// There is none; the nearest ones, and all.
    pub fn word(&self, text: &str) -> Result<usize, String> {
        let lexicon = self.words()?;
        lexicon.find(text).ok_or_else(|| {
            let names: Vec<&str> = lexicon.terms().iter().map(|term| term.name.as_str()).collect();
            let near = crate::text::nearest(text, names.iter().copied(), 3);
            let meant = if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) };
            format!("no tag '{}'; {meant}the tags are: {}", crate::text::sanitize(text), names.join(", "))
        })
    }

    /// What is said of a track, in a line; empty where that is nothing.
    pub fn line_of(&self, track: crate::track::TrackId) -> String {
        self.space.row(track).map_or(String::new(), |row| self.lexicon().line(&self.space, row))
    }

    /// The words of the track at a path.
    ///
    /// # Errors
    /// It is not known or not analysed, or the encoder has no words.
    pub fn tags(&self, path: &Path) -> Result<TagCard, String> {
        let name = path.display();
        let song =
            self.catalog.of_path(path).ok_or_else(|| format!("{name}: not in the library; `jukebox scan` it"))?;
        let lexicon = self.words()?;
        let row = self.space.row(song.track).ok_or_else(|| format!("{name}: not analysed yet"))?;
        let tags = lexicon.all(self.space.tags(), row);
        if tags.is_empty() {
            return Err(format!("{name}: its words are not known yet; they come when it is listened to again"));
        }
        let words = lexicon.said(self.space.tags(), row);
        let turns = self.space.named(row)[0];
        let tempo = turns.is_finite().then(|| named::bpm(turns));
        let like = self.similar(path, 1).ok().and_then(|near| near.into_iter().next()).map(|n| n.title);
        let line = portrait(&words, tempo, like.as_deref());
        Ok(TagCard { file: Hit::of(song), line, words, tags, tempo })
    }
}
