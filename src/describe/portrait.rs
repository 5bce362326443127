//! How a track sounds, in a line.

/// How a track sounds, in a line: its words, its tempo, the track that is most like it.
/// `mellow, acoustic guitar, female voice, 98 bpm, like Half Moon`.
pub fn portrait(words: &[String], bpm: Option<f32>, like: Option<&str>) -> String {
    let tempo = bpm.filter(|b| b.is_finite()).map(|b| format!("{b:.0} bpm"));
    let like = like.filter(|title| !title.is_empty()).map(|title| format!("like {title}"));
    words.iter().cloned().chain(tempo).chain(like).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portrait_reads_well() {
        let words = ["mellow".to_string(), "acoustic guitar".to_string()];
        let line = portrait(&words, Some(97.6), Some("Half Moon"));
        assert_eq!(line, "mellow, acoustic guitar, 98 bpm, like Half Moon");
        assert_eq!(portrait(&[], Some(f32::NAN), None), "");
    }
}
