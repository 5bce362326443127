//! What is known of the playing track against the library, as rows: descriptors, the encoder's words, its dimensions.

use crate::app::Model;
use crate::describe::short;
use crate::latent::{DIMS, NAMED};
use crate::text;

use super::draw::info::{SHOWN, standing};

/// The words that are listed, the likeliest first.
const WORDS: usize = 12;

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A heading.
    Head(String),
    /// A quantity.
    Of {
        /// Its name.
        name: String,
        /// The share of the library below the track, 0 to 1.
        share: Option<f32>,
        /// Its value in words.
        words: String,
    },
}

impl Row {
    /// Its text for a search.
    pub fn text(&self) -> &str {
        match self {
            Row::Head(text) | Row::Of { name: text, .. } => text,
        }
    }
}

/// The rows; without values for a track that is not analysed, and none when nothing plays.
pub fn rows(model: &Model) -> Vec<Row> {
    let Some(item) = model.playing() else { return Vec::new() };
    let row = model.space.row(item.song.track);
    let heard = if row.is_some() { "share of your library below" } else { "not listened to yet" };
    let mut rows = vec![Row::Head(format!("descriptors: {heard}"))];
    let values = row.map(|row| model.space.named(row));
    rows.extend(SHOWN.iter().filter_map(|&place| {
        let known = row.zip(values.as_ref()).and_then(|(row, values)| standing(&model.space, row, values, place));
        let (share, words) = known.unwrap_or_default();
        Some(Row::Of { name: NAMED.get(place)?.name.into(), share, words })
    }));
    if let Some(row) = row {
        let said = model.space.lexicon().all(model.space.tags(), row);
        if !said.is_empty() {
            rows.push(Row::Head("words: probability; bar: share below".into()));
        }
        rows.extend(said.into_iter().take(WORDS).map(|said| Row::Of {
            name: text::sanitize(&said.word),
            share: Some(said.standing),
            words: percent(said.probability),
        }));
    }
    rows.push(Row::Head(format!("the encoder's {DIMS} dimensions")));
    rows.extend((0..DIMS as u8).map(|dim| {
        let share = row.and_then(|row| model.space.share_below(row, dim));
        let words = share.map(percent).unwrap_or_default();
        Row::Of { name: text::sanitize(&short::name(model.cards(), dim)), share, words }
    }));
    rows
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::commands::playback::PlaybackAction;
    use crate::app::{Msg, fixture, update};
    use crate::latent::{Reference, Space};

    #[test]
    fn every_dimension_and_descriptor_has_a_row_with_or_without_values() {
        let mut model = fixture::model(60);
        assert!(rows(&model).is_empty(), "nothing plays");
        let path = model.catalog.songs()[40].path.to_path_buf();
        update(&mut model, Msg::command(PlaybackAction::Play(Some(path))));
        let bare = rows(&model);
        assert_eq!(bare.len(), 2 + SHOWN.len() + DIMS);
        assert!(bare.iter().all(|row| !matches!(row, Row::Of { share: Some(_), .. })));
        let latents =
            model.catalog.songs().iter().enumerate().map(|(n, song)| (song.track, [n as f32; DIMS])).collect();
        let space = Space::build("x".into(), Arc::new(Reference::default()), latents);
        let mut named = [f32::NAN; NAMED.len()];
        named[10] = 0.5;
        model.space = Arc::new(space.with_named(|_| Some(named)));
        let known = rows(&model);
        assert_eq!(known.len(), bare.len(), "the encoder has no words");
        let of = |text: &str| known.iter().find(|row| row.text() == text).cloned();
        let Some(Row::Of { share: Some(share), words, .. }) = of("7") else { panic!("{known:?}") };
        assert!((share - 41.0 / 60.0).abs() < 0.05 && words.ends_with(" %"), "{share} {words}");
        assert!(matches!(of("energy"), Some(Row::Of { words, .. }) if words == "0.50"));
    }
}
