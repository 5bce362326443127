//! Why a track was picked, in one line.

use crate::latent::Why;
use crate::library::Catalog;

/// The reason in one line: `fits 94 % · near Title by Artist · agrees in 3, 7, 12`, or a plugin's own words behind its
/// name: `radio: sounds like Title`. What is not known is left out; with nothing known it says who proposed it.
pub fn reason(why: &Why, catalog: &Catalog) -> String {
    if !why.text.is_empty() {
        return if why.engine.is_empty() { why.text.clone() } else { format!("{}: {}", why.engine, why.text) };
    }
    let mut parts = Vec::new();
    if let Some(fit) = why.fit.filter(|fit| fit.is_finite()) {
        // 100 % would say more than the evidence does.
        parts.push(format!("fits {:.0} %", (fit * 100.0).clamp(0.0, 99.0)));
    }
    if let Some(song) = why.nearest.and_then(|id| catalog.of_track(id)) {
        let by = if song.artist().is_empty() { String::new() } else { format!(" by {}", song.artist()) };
        parts.push(format!("near {}{by}", song.title()));
    }
    if !why.dims.is_empty() {
        let dims: Vec<String> = why.dims.iter().map(|(dim, _)| dim.to_string()).collect();
        parts.push(format!("agrees in {}", dims.join(", ")));
    }
    if parts.is_empty() {
        let engine = if why.engine.is_empty() { "an engine" } else { &why.engine };
        return format!("proposed by {engine}");
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Song;
    use crate::track::{Tags, TrackId};
    use std::sync::Arc;

    fn catalog() -> Catalog {
        let song = |n: u8, artist: Option<&str>| {
            let tags = Tags { title: Some("Title".into()), artist: artist.map(Into::into), ..Tags::default() };
            Arc::new(Song { path: format!("/m/{n}").into(), track: TrackId([n; 16]), tags, secs: 1.0 })
        };
        Catalog::new(vec![song(1, Some("Artist")), song(2, None)])
    }

    #[test]
    fn facts_become_words() {
        let mut why = Why {
            engine: "signature".into(),
            text: String::new(),
            nearest: Some(TrackId([1; 16])),
            fit: Some(0.94),
            dims: vec![(3, -1.0), (7, -0.5), (12, -0.1)],
        };
        assert_eq!(reason(&why, &catalog()), "fits 94 % · near Title by Artist · agrees in 3, 7, 12");
        why.nearest = Some(TrackId([2; 16]));
        why.dims.truncate(1);
        assert_eq!(reason(&why, &catalog()), "fits 94 % · near Title · agrees in 3");
        why.nearest = Some(TrackId([9; 16]));
        why.fit = Some(1.0);
        assert_eq!(reason(&why, &catalog()), "fits 99 % · agrees in 3");
    }

    #[test]
    fn a_plugin_speaks_for_itself_and_silence_is_filled() {
        let why = Why { engine: "radio".into(), text: "sounds like X".into(), ..Why::default() };
        assert_eq!(reason(&why, &catalog()), "radio: sounds like X");
        assert_eq!(reason(&Why { text: String::new(), ..why }, &catalog()), "proposed by radio");
        assert_eq!(reason(&Why::default(), &catalog()), "proposed by an engine");
    }
}
