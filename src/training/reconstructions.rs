//! The picture of what a training's decoder guesses: the coarse images of a few validation clips above the guesses.

use jukebox_encoder::train::Reconstruction;

use crate::picture::{self, Pair, Words};
use crate::text;

/// The name of the picture's file.
pub const FILE: &str = "reconstructions.svg";
/// The longest caption, in columns of text.
const CAPTION: usize = 26;

/// The picture as SVG; `None` where there is nothing to draw. `own` has the genre of every validation clip, a position in `genres`;
/// where that has no name, the clip's number is its caption. `note` says which training it is, and may be empty.
pub fn drawn(all: &[Reconstruction], own: &[u16], genres: &[String], note: &str) -> Option<String> {
    if all.is_empty() {
        return None;
    }
    let title = |clip: usize| {
        let genre = own.get(clip).and_then(|genre| genres.get(usize::from(*genre)));
        let name = genre.map_or_else(|| format!("clip {}", clip + 1), |genre| text::sanitize(genre));
        text::fit(&name, text::width(&name).min(CAPTION))
    };
    let pair = |one: &Reconstruction| Pair { title: title(one.clip), images: [one.own.clone(), one.guessed.clone()] };
    let pairs: Vec<Pair> = all.iter().map(pair).collect();
    let names: Vec<&str> = pairs.iter().map(|pair| pair.title.as_str()).collect();
    let about = format!(
        "Coarse images of {} validation clips ({}), and below each what the decoder guesses of it",
        pairs.len(),
        names.join(", ")
    );
    let words = Words {
        about: &about,
        names: ["clip", "guess"],
        axes: ["time →", "frequency ↑"],
        unit: "standard deviations from each band's mean over the training clips",
        note,
    };
    Some(picture::pairs(&pairs, Reconstruction::STEPS, &words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_named_by_their_genre() {
        let one = |clip| Reconstruction { clip, own: vec![1.0; 512], guessed: vec![0.0; 512] };
        let genres = ["Folk <3".to_string(), "Rock".into()];
        assert_eq!(drawn(&[], &[0], &genres, ""), None);
        let svg = drawn(&[one(0), one(2)], &[0, 0, 1], &genres, "decoder-1, seed 1").unwrap();
        for words in
            [">Folk &lt;3</text>", ">Rock</text>", ">clip</text>", ">guess</text>", ">decoder-1, seed 1</text>"]
        {
            assert!(svg.contains(words), "no `{words}` in:\n{svg}");
        }
        let about =
            "aria-label=\"Coarse images of 2 validation clips (Folk &lt;3, Rock), and below each what the decoder";
        assert!(svg.contains(about), "{svg}");
        assert_eq!(svg.matches("<image ").count(), 2 * 2 + 1);
        // Without genres every clip has number 0, which has no name.
        assert!(drawn(&[one(2)], &[0, 0, 0], &[], "").unwrap().contains(">clip 3</text>"));
    }
}
