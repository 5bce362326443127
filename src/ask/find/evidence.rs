//! The evidence that a question's phrases apply to a track (docs/manual.md, "Finding by words").

use super::meaning::{Carrier, Meaning};
use crate::ask::answers::Answers;
use crate::latent::named;
use crate::library::Song;

/// Evidence is clamped to the range from this to 1 minus this, since nothing is certain.
const DOUBT: f32 = 0.02;
/// Evidence for a fact that the file's tags state, and for one that they do not.
const WRITTEN: f32 = 0.97;
const NOT_WRITTEN: f32 = 0.05;
/// Evidence where the fact is not known.
const UNKNOWN: f32 = 0.3;
/// The most evidence that a word's standing in the library can add to its probability.
const RELATIVE: f32 = 0.8;
/// The distance from the wanted tempo at which the evidence is halved, in octaves.
const TEMPO_WIDTH: f32 = 0.06;
/// The distance from the wanted years at which the evidence is halved, in years.
const YEARS: f32 = 4.0;

/// The evidence for a carrier or a meaning, with the fact in words if requested.
pub struct Evidence {
    /// The degree of belief, 0 to 1.
    pub belief: f32,
    /// The fact: `mellow 62 %`, `132 bpm`.
    pub fact: Option<String>,
}

/// Lookup tables shared by the evaluation of many songs.
pub struct Bench<'a> {
    answers: &'a Answers,
    /// Tempi of the library in beats a minute, ascending.
    tempi: Vec<f32>,
}

impl<'a> Bench<'a> {
    /// Builds the tables of a library.
    pub fn of(answers: &'a Answers) -> Bench<'a> {
        let space = &answers.space;
        let bpm = |row| space.named(row)[0];
        let mut tempi: Vec<f32> = (0..space.len() as u32).map(bpm).filter(|t| t.is_finite()).map(named::bpm).collect();
        tempi.sort_unstable_by(f32::total_cmp);
        Bench { answers, tempi }
    }

    /// The evidence for a meaning, or if `denied` for its opposite: the mean over those of its carriers that are known.
    pub fn of_meaning(&self, meaning: &Meaning, denied: bool, place: usize, song: &Song, told: bool) -> Evidence {
        let (mut sum, mut known, mut facts, mut written) = (0.0, 0u32, Vec::new(), false);
        for (carrier, not) in &meaning.carriers {
            let Some(evidence) = self.of_carrier(carrier, place, song, told) else { continue };
            let wanted = *not == denied;
            let belief = if wanted { evidence.belief } else { 1.0 - evidence.belief };
            sum += belief;
            written |= matches!(carrier, Carrier::Text(_)) && evidence.belief > 0.5;
            known += 1;
            // Only facts in favour of the track are reported.
            if belief >= 0.5 || meaning.carriers.len() == 1 {
                facts.extend(evidence.fact);
            }
        }
        // If the tags contain the word itself, its substitutes do not matter.
        let belief = match known {
            0 => UNKNOWN,
            _ if written && !denied => WRITTEN,
            _ => sum / known as f32,
        };
        let fact = (!facts.is_empty()).then(|| facts.join(", "));
        Evidence { belief: belief.clamp(DOUBT, 1.0 - DOUBT), fact }
    }

    fn of_carrier(&self, carrier: &Carrier, place: usize, song: &Song, told: bool) -> Option<Evidence> {
        let space = &self.answers.space;
        let row = || space.row(song.track);
        let tell = |text: &dyn Fn() -> String| told.then(text);
        Some(match carrier {
            Carrier::Word(word) => {
                let lexicon = self.answers.lexicon();
                let term = lexicon.terms().get(*word)?;
                let own = song.tags.genres.iter().any(|genre| term.is(genre));
                let heard = row().and_then(|row| Some((lexicon.say(*word, space.tags(), row)?, row)));
                let belief = heard.as_ref().map(|(said, _)| {
                    let mean = space.tags().mean(space.tags().find(&said.tag).unwrap_or(usize::MAX));
                    likely(said.probability, said.standing, mean)
                });
                let fact = || match &heard {
                    Some((said, _)) => format!("{} {:.0} %", term.name, said.probability * 100.0),
                    None => format!("genre {}", term.name),
                };
                Evidence { belief: if own { belief.unwrap_or(0.0).max(0.9) } else { belief? }, fact: tell(&fact) }
            }
            Carrier::Dim { dim, high } => {
                let row = row()?;
                let standing = self.standing(row, *dim)?;
                let belief = if *high { standing } else { 1.0 - standing };
                Evidence { belief, fact: tell(&|| self.value(row, *dim, *high)) }
            }
            Carrier::Tempo(low, high) => {
                let bpm = self.bpm(row()?)?;
                let off = [0.5f32, 1.0, 2.0]
                    .map(|octave| outside(bpm * octave, *low, *high))
                    .into_iter()
                    .fold(f32::MAX, f32::min);
                Evidence { belief: WRITTEN * 0.5f32.powf(off / TEMPO_WIDTH), fact: tell(&|| format!("{bpm:.0} bpm")) }
            }
            Carrier::Key(turns, minor) => {
                let values = space.named(row()?);
                let (own, mode) = (values[1], values[2]);
                if !own.is_finite() {
                    return None;
                }
                let off = (own - turns + 0.5).rem_euclid(1.0) - 0.5;
                let same = if off.abs() < 0.04 { WRITTEN } else { NOT_WRITTEN };
                let of_mode = match minor {
                    Some(minor) if mode.is_finite() && (mode < 0.0) != *minor => 0.4,
                    _ => 1.0,
                };
                Evidence {
                    belief: same * of_mode,
                    fact: tell(&|| if same > 0.5 { "in that key".into() } else { "in another key".into() }),
                }
            }
            Carrier::Years(from, to, word) => match (song.tags.year, word) {
                (Some(year), _) => {
                    let off = (from - year).max(year - to).max(0) as f32;
                    Evidence { belief: WRITTEN * 0.5f32.powf(off / YEARS), fact: tell(&|| year.to_string()) }
                }
                // The encoder's estimate counts for less than a tag.
                (None, Some(word)) => {
                    let guessed = self.of_carrier(&Carrier::Word(*word), place, song, told)?;
                    Evidence { belief: 0.8 * guessed.belief, ..guessed }
                }
                (None, None) => return None,
            },
            Carrier::Genre(genre) => {
                let own = song.tags.genres.iter().find(|g| g.to_lowercase() == *genre);
                let belief = if own.is_some() { WRITTEN } else { NOT_WRITTEN };
                Evidence { belief, fact: own.and_then(|own| tell(&|| format!("genre {own}"))) }
            }
            Carrier::Text(text) => {
                let folded = self.answers.folded();
                let there = folded.get(place).is_some_and(|f| f.all().contains(text.as_str()));
                let belief = if there { WRITTEN } else { NOT_WRITTEN };
                Evidence { belief, fact: there.then(|| tell(&|| format!("\"{text}\" in its tags"))).flatten() }
            }
            Carrier::Length(from, to) => {
                if song.secs <= 0.0 {
                    return None;
                }
                let off = (from / song.secs).max(song.secs / to).max(1.0).log2() as f32;
                Evidence { belief: WRITTEN * 0.5f32.powf(off / 0.5), fact: tell(&|| crate::text::time(song.secs)) }
            }
        })
    }

    fn bpm(&self, row: u32) -> Option<f32> {
        Some(self.answers.space.named(row)[0]).filter(|t| t.is_finite()).map(named::bpm)
    }

    /// The share of the library below a row in a dimension; tempi are compared in beats per minute.
    fn standing(&self, row: u32, dim: u8) -> Option<f32> {
        if named::find("tempo") == Some(dim) {
            let bpm = self.bpm(row)?;
            let below = self.tempi.partition_point(|t| *t < bpm);
            let upto = self.tempi.partition_point(|t| *t <= bpm);
            return Some((below + upto) as f32 / (2 * self.tempi.len().max(1)) as f32);
        }
        self.answers.space.score(row, dim).map(below)
    }

    /// A row's value in a dimension, for display.
    fn value(&self, row: u32, dim: u8, high: bool) -> String {
        let index = usize::from(dim).checked_sub(crate::latent::DIMS);
        let value = index.map(|i| self.answers.space.named(row)[i]);
        match (index.and_then(|i| crate::latent::NAMED.get(i)).map(|n| n.name), value) {
            (Some("tempo"), Some(turns)) => format!("{:.0} bpm", named::bpm(turns)),
            (Some("loudness"), Some(lufs)) => format!("{lufs:.0} LUFS"),
            (Some(name), Some(_)) => {
                let n = &crate::latent::NAMED[index.unwrap_or(0)];
                let end = if high { n.high } else { n.low };
                if end.is_empty() { name.to_string() } else { end.to_string() }
            }
            _ => match self.answers.names().axis(dim) {
                Some(axis) => {
                    if high {
                        axis.high.clone()
                    } else {
                        axis.low.clone()
                    }
                }
                None => format!("{} {}", if high { "high in" } else { "low in" }, self.answers.names().label(dim)),
            },
        }
    }
}

/// Evidence for a word from its probability and from how far it stands out in the library.
/// `1 − (1 − p)·(1 − 0.8·r²·p/(p + p̄))`, with r the share of the library below it and p̄ the library's mean.
pub fn likely(probability: f32, standing: f32, mean: f32) -> f32 {
    let lift = probability / (probability + mean).max(1e-6);
    1.0 - (1.0 - probability) * (1.0 - RELATIVE * standing * standing * lift)
}

/// The distance of a tempo from a range, in octaves; 0 within it.
fn outside(bpm: f32, low: f32, high: f32) -> f32 {
    (low / bpm).max(bpm / high).max(1.0).log2()
}

/// The share of a normal distribution below a score.
fn below(z: f32) -> f32 {
    // Logistic approximation; its error is under 0.01.
    let z = f64::from(z);
    (1.0 / (1.0 + (-1.5976 * z - 0.070_565_992 * z.powi(3)).exp())) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_believed_when_likely_or_outstanding() {
        // Sure anywhere, even where the whole library is so.
        assert!(likely(0.9, 0.5, 0.9) > 0.88);
        // Unlikely in itself, but among the first of the library.
        let first = likely(0.15, 0.98, 0.03);
        assert!((0.5..0.8).contains(&first), "{first}");
        assert!(likely(0.02, 0.3, 0.05) < 0.1);
        assert!(likely(0.4, 0.9, 0.1) > likely(0.3, 0.8, 0.1));
    }

    #[test]
    fn tempi_and_scores() {
        assert_eq!(outside(100.0, 96.0, 104.0), 0.0);
        assert!((outside(120.0, 60.0, 60.0) - 1.0).abs() < 1e-6);
        for (z, p) in [(-1.96, 0.025), (0.0, 0.5), (1.0, 0.841), (3.0, 0.9987)] {
            assert!((below(z) - p).abs() < 0.01, "{z}");
        }
    }
}
