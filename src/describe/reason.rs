//! The reason for a pick in one line. This module is the only one that puts it into words.

use std::fmt;

use crate::latent::{DIMS, Fact, NAMED, Names, Step, Term, Way, Why, named};
use crate::library::Catalog;
use crate::sound::Key;
use crate::track::TrackId;

use super::Cards;

/// The most common features that a reason lists.
const MOST: usize = 3;
/// The same when the encoder supplies words.
const MOST_WITH_WORDS: usize = 4;
/// If the members spread wider than this on a circle (in turns), no value is stated.
const WIDE: f32 = 0.3;

/// The reason in one line: `mellow, acoustic guitar, 96–104 bpm, close to Title by Artist`, or without the encoder's
/// words `120–124 bpm, dark, close to Title by Artist`; a plugin's own text follows its name: `radio: sounds like
/// Title`. Numbered dimensions are described by their cards; those without a clear meaning are listed by number only if
/// there are no words at all: `close to Title, agrees in 3, 12`. If nothing is known, it names the engine that proposed
/// the track.
pub fn reason(why: &Why, catalog: &Catalog, cards: Option<&Cards>) -> String {
    joined(&parts(why, catalog, cards, &[]))
}

/// A part of a reason.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// Words about the sound, or the engine's own text.
    Words(String),
    /// The nearest of the tracks that the queue follows.
    Near {
        /// Its title.
        title: String,
        /// Its artist; may be empty.
        artist: String,
    },
    /// What is about this pick alone: its step of a course, what counted against it, its fit.
    Alone(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Words(text) | Part::Alone(text) => f.write_str(text),
            Part::Near { title, artist } if artist.is_empty() => write!(f, "close to {title}"),
            Part::Near { title, artist } => write!(f, "close to {title} by {artist}"),
        }
    }
}

/// The parts in one line.
pub(super) fn joined(parts: &[Part]) -> String {
    parts.iter().map(Part::to_string).collect::<Vec<_>>().join(", ")
}

/// The parts of a reason except those in `said`, in whose place further features are mentioned. Empty only where
/// something was left out.
pub(super) fn parts(why: &Why, catalog: &Catalog, cards: Option<&Cards>, said: &[Part]) -> Vec<Part> {
    let mut parts = found(why, catalog, cards, said);
    parts.retain(|part| !said.contains(part));
    if parts.is_empty() && said.is_empty() {
        parts.push(match why.fit.filter(|fit| fit.is_finite()) {
            // 100 % would overstate the evidence.
            Some(fit) => Part::Alone(format!("fits {:.0} %", (fit * 100.0).clamp(0.0, 99.0))),
            None => {
                let engine = if why.engine.is_empty() { "an engine" } else { &why.engine };
                Part::Words(format!("proposed by {engine}"))
            }
        });
    }
    parts
}

fn found(why: &Why, catalog: &Catalog, cards: Option<&Cards>, said: &[Part]) -> Vec<Part> {
    if !why.text.is_empty() {
        let own = if why.engine.is_empty() { why.text.clone() } else { format!("{}: {}", why.engine, why.text) };
        return vec![Part::Words(own)];
    }
    let names = cards.map(|cards| &cards.names);
    let step = why.step.as_ref().map(|step| Part::Alone(step_of(step, catalog, names)));
    // On a journey, which leads away from the playlist, having something in common with it is no reason.
    if let (Some(step), true) = (&step, why.step.as_ref().is_some_and(|s| matches!(s.way, Way::Journey { .. }))) {
        return vec![step.clone()];
    }
    // Beside the encoder's words only descriptors are used: an end of a dimension is half of a contrast ("metal", but
    // of metal ↔ punk), which alone may be wrong for a track. Words already listed are not repeated.
    let speaks = |fact: &&Fact| why.words.is_empty() || usize::from(fact.dim) > DIMS;
    let facts: Vec<Fact> = why.facts.iter().filter(speaks).copied().collect();
    let facts = words(&facts, cards);
    let worded = !why.words.is_empty() || !facts.is_empty();
    let fresh = |word: &&String| !said.iter().any(|part| matches!(part, Part::Words(known) if known == *word));
    let listed = why.words.iter().filter(fresh).take(MOST);
    let facts = facts.iter().filter(|word| !why.words.contains(word)).filter(fresh).take(MOST);
    let features = listed.chain(facts).take(MOST_WITH_WORDS).cloned().map(Part::Words);
    let mut parts: Vec<Part> = step.into_iter().chain(features).collect();
    if let Some(song) = why.nearest.and_then(|id| catalog.of_track(id)) {
        parts.push(Part::Near { title: song.title(), artist: song.artist().to_string() });
    }
    if !worded && why.step.is_none() && !why.dims.is_empty() {
        let dims: Vec<String> = why.dims.iter().map(|&(dim, _)| named_label(dim.saturating_sub(1), names)).collect();
        parts.push(Part::Words(format!("agrees in {}", dims.join(", "))));
    }
    parts.extend(held_back(why).map(Part::Alone));
    parts
}

/// A policy term is mentioned if it cost the pick at least this much, in standard deviations.
const WORTH_SAYING: f32 = 0.3;

/// What counted against a track that was picked nevertheless: `third by this artist, so held back`.
fn held_back(why: &Why) -> Option<String> {
    let against = |term: Term| why.terms.iter().any(|&(t, value)| t == term && value <= -WORTH_SAYING);
    match why.run {
        2.. if against(Term::Run) => Some(format!("{} by this artist, so held back", ordinal(why.run))),
        _ if against(Term::Heard) => Some("heard lately, so held back".into()),
        _ => None,
    }
}

fn ordinal(n: u32) -> String {
    const WORDS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];
    let word = (n as usize).checked_sub(1).and_then(|i| WORDS.get(i));
    word.map_or_else(|| format!("number {n}"), |w| (*w).to_string())
}

/// The display name of a policy term.
pub fn term_name(term: Term) -> &'static str {
    match term {
        Term::Fit => "fits",
        Term::Closeness => "near the previous track",
        Term::Run => "its artist was just heard",
        Term::Album => "its album was just heard",
        Term::Heard => "heard lately",
        Term::Liked => "rated, loved, played",
        Term::Next => "often comes next",
        Term::Course => "on the way",
    }
}

/// `↑ tempo 4/12`, `7/12 → Title`: in a narrow column the step and the destination stay visible.
fn step_of(step: &Step, catalog: &Catalog, names: Option<&Names>) -> String {
    let Step { at, of, way: leads, .. } = step;
    match leads {
        Way::Direction { .. } => format!("{} {at}/{of}", way(leads, catalog, names)),
        Way::Journey { to, .. } => format!("{at}/{of} → {}", title(*to, catalog)),
    }
}

/// A track's title.
pub fn title(id: TrackId, catalog: &Catalog) -> String {
    catalog.of_track(id).map_or_else(|| "a track that is no longer in the library".to_string(), |song| song.title())
}

/// The name of a dimension counted from 0: the user's where names are given.
fn named_label(dim: u8, names: Option<&Names>) -> String {
    names.map_or_else(|| named::label(dim), |names| names.label(dim))
}

/// Where a course leads: `↑ tempo`, `Title → Title`.
pub fn way(way: &Way, catalog: &Catalog, names: Option<&Names>) -> String {
    match *way {
        Way::Direction { dim, up } => format!("{} {}", if up { "↑" } else { "↓" }, named_label(dim, names)),
        Way::Journey { from, to } => {
            format!("{} → {}", title(from, catalog), title(to, catalog))
        }
    }
}

/// The words for the facts, without duplicates.
fn words(facts: &[Fact], cards: Option<&Cards>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for fact in facts {
        if let Some(word) = word(fact, cards).filter(|word| !out.contains(word)) {
            out.push(word);
        }
    }
    out
}

/// The default name of a dimension counted from 1.
pub fn label(dim: u8) -> String {
    named::label(dim.saturating_sub(1))
}

/// The word for a fact: a named dimension by its value or its word, a numbered one by its card. `None` where there is
/// nothing that a listener would understand.
pub fn word(fact: &Fact, cards: Option<&Cards>) -> Option<String> {
    if ![fact.value, fact.low, fact.high, fact.centre].iter().all(|v| v.is_finite()) {
        return None;
    }
    let dim = fact.dim.checked_sub(1)?;
    let Some(named) = usize::from(dim).checked_sub(DIMS).map(|i| NAMED.get(i)) else {
        return cards?.card(dim)?.word(fact.centre).map(str::to_string);
    };
    let named = named?;
    match named.name {
        "tempo" => tempo(fact),
        "key" => Some(key(fact)),
        "loudness" => Some(range(fact.low, fact.high, " LUFS")),
        _ if fact.centre <= -0.5 => Some(named.low.to_string()),
        _ if fact.centre >= 0.5 => Some(named.high.to_string()),
        // Near the library's middle no word applies, but some units are meaningful on their own.
        "brightness" => Some(format!("centred at {}", range(fact.low, fact.high, " Hz"))),
        "onsets" => Some(range(fact.low, fact.high, " onsets a second")),
        _ => None,
    }
}

/// `120–124 bpm`: the middle half of the members, in the octave of the track.
fn tempo(fact: &Fact) -> Option<String> {
    let from = |turns: f32| (turns - fact.value + 0.5).rem_euclid(1.0) - 0.5;
    let (low, high) = (from(fact.low), from(fact.high));
    let own = named::bpm(fact.value);
    (low <= high && high - low <= WIDE).then(|| range(own * low.exp2(), own * high.exp2(), " bpm"))
}

/// Two numbers as a range, or as one where they round to the same.
fn range(low: f32, high: f32, unit: &str) -> String {
    // Below ten, one decimal matters.
    let show = |v: f32| if v.abs() < 9.95 { format!("{v:.1}") } else { format!("{v:.0}") };
    let (low, high) = (show(low), show(high));
    match low == high {
        true => format!("{low}{unit}"),
        // Before a negative number a dash would read as another minus sign.
        false if high.starts_with('-') => format!("{low} to {high}{unit}"),
        false => format!("{low}–{high}{unit}"),
    }
}

/// `A minor (8A)`, with its name on the Camelot wheel; a key known up to its relative is `C major or A minor (8)`.
fn key(fact: &Fact) -> String {
    let fifths = (fact.value.rem_euclid(1.0) * 12.0).round() as u8 % 12;
    let tonic = fifths * 7 % 12;
    let major = Key { tonic, minor: false, confidence: 1.0 };
    let minor = Key { tonic: (tonic + 9) % 12, minor: true, confidence: 1.0 };
    match fact.minor {
        Some(true) => format!("{} ({})", minor.name(), minor.camelot()),
        Some(false) => format!("{} ({})", major.name(), major.camelot()),
        None => format!("{} or {} ({})", major.name(), minor.name(), major.camelot().trim_end_matches('B')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::Card;
    use crate::library::Song;
    use crate::track::{Tags, TrackId};
    use std::sync::Arc;

    fn catalog() -> Catalog {
        let song = |n: u8, artist: Option<&str>| {
            let tags = Tags { title: Some("Title".into()), artist: artist.map(Into::into), ..Tags::default() };
            Arc::new(Song { tags: tags.into(), secs: 1.0, ..Song::bare(format!("/m/{n}"), TrackId([n; 16])) })
        };
        Catalog::new(vec![song(1, Some("Artist")), song(2, None)])
    }

    /// Dimension 3 runs from bright to dark.
    fn cards() -> Cards {
        let mut cards: Vec<Card> = (1..=32).map(|dim| Card { dim, ..Card::default() }).collect();
        (cards[2].low, cards[2].high) = ("bright".into(), "dark".into());
        Cards { cards, ..Cards::default() }
    }

    fn fact(dim: u8, value: f32, low: f32, high: f32, centre: f32) -> Fact {
        Fact { dim, value, low, high, centre, minor: None }
    }

    fn turns(bpm: f32) -> f32 {
        named::turns_of_tempo(bpm)
    }

    #[test]
    fn facts_become_words() {
        let tempo = fact(33, turns(122.0), turns(120.0), turns(124.0), 0.0);
        let mut why = Why {
            engine: "signature".into(),
            nearest: Some(TrackId([1; 16])),
            fit: Some(0.94),
            dims: vec![(33, -1.0), (3, -0.5), (12, -0.1)],
            facts: vec![tempo, fact(3, 1.1, 0.8, 1.4, 1.0), fact(36, 900.0, 800.0, 990.0, -1.0)],
            ..Why::default()
        };
        // Brightness says the same as dimension 3, once.
        assert_eq!(reason(&why, &catalog(), Some(&cards())), "120–124 bpm, dark, close to Title by Artist");
        assert_eq!(reason(&why, &catalog(), None), "120–124 bpm, dark, close to Title by Artist");
        why.words = vec!["mellow".into(), "acoustic guitar".into(), "dark".into()];
        assert_eq!(
            reason(&why, &catalog(), Some(&cards())),
            "mellow, acoustic guitar, dark, 120–124 bpm, close to Title by Artist"
        );
        // Half of a contrast is not said beside words.
        (why.words, why.facts) = (vec!["mellow".into()], why.facts[..2].to_vec());
        assert_eq!(reason(&why, &catalog(), Some(&cards())), "mellow, 120–124 bpm, close to Title by Artist");
        why.words.clear();
        why.facts.truncate(1);
        why.nearest = None;
        assert_eq!(reason(&why, &catalog(), None), "120–124 bpm");
    }

    #[test]
    fn numbers_serve_where_words_are_missing() {
        let mut why = Why {
            engine: "signature".into(),
            nearest: Some(TrackId([2; 16])),
            fit: Some(0.94),
            dims: vec![(3, -1.0), (12, -0.5)],
            facts: vec![fact(12, 1.0, 0.9, 1.2, 1.0)],
            ..Why::default()
        };
        assert_eq!(reason(&why, &catalog(), Some(&cards())), "close to Title, agrees in 3, 12");
        (why.nearest, why.dims) = (None, Vec::new());
        assert_eq!(reason(&why, &catalog(), Some(&cards())), "fits 94 %");
        why.fit = Some(1.0);
        assert_eq!(reason(&why, &catalog(), None), "fits 99 %");
    }

    #[test]
    fn what_spoke_against_it_is_said() {
        let mut why = Why { nearest: Some(TrackId([2; 16])), run: 3, ..Why::default() };
        why.terms = vec![(Term::Fit, 2.0), (Term::Run, -1.3)];
        assert_eq!(reason(&why, &catalog(), None), "close to Title, third by this artist, so held back");
        why.terms = vec![(Term::Fit, 2.0), (Term::Run, -0.1), (Term::Heard, -0.9)];
        assert_eq!(reason(&why, &catalog(), None), "close to Title, heard lately, so held back");
        why.terms.clear();
        assert_eq!(reason(&why, &catalog(), None), "close to Title");
        assert_eq!((ordinal(2), ordinal(9)), ("second".into(), "number 9".into()));
    }

    #[test]
    fn a_plugin_speaks_for_itself_and_silence_is_filled() {
        let why = Why { engine: "radio".into(), text: "sounds like X".into(), ..Why::default() };
        assert_eq!(reason(&why, &catalog(), None), "radio: sounds like X");
        assert_eq!(reason(&Why { text: String::new(), ..why }, &catalog(), None), "proposed by radio");
        assert_eq!(reason(&Why::default(), &catalog(), None), "proposed by an engine");
    }

    #[test]
    fn tempi_are_said_in_the_octave_of_the_track() {
        // Members at 59 and 62: the octave's seam lies between them.
        let word = |value, low, high| word(&fact(33, turns(value), turns(low), turns(high), 0.0), None);
        assert_eq!(word(120.5, 59.0, 62.0).as_deref(), Some("118–124 bpm"));
        assert_eq!(word(79.0, 158.0, 81.0).as_deref(), Some("158–162 bpm"));
        assert_eq!(word(100.0, 100.0, 100.2).as_deref(), Some("100 bpm"));
        // Half the circle is no agreement.
        assert_eq!(word(100.0, 80.0, 125.0), None);
        assert_eq!(word(f32::NAN, 80.0, 90.0), None);
    }

    #[test]
    fn keys_and_levels() {
        let key = |turns: f32, minor| word(&Fact { minor, ..fact(34, turns, turns, turns, 0.0) }, None).unwrap();
        assert_eq!(key(0.0, Some(true)), "A minor (8A)");
        assert_eq!(key(1.0 / 12.0, Some(false)), "G major (9B)");
        assert_eq!(key(11.0 / 12.0, None), "F major or D minor (7)");
        assert_eq!(word(&fact(44, -8.0, -9.0, -7.0, 1.0), None).unwrap(), "-9.0 to -7.0 LUFS");
        assert_eq!(word(&fact(36, 1500.0, 1400.0, 1800.0, 0.0), None).unwrap(), "centred at 1400–1800 Hz");
        assert_eq!(word(&fact(43, 0.5, 0.4, 0.6, 0.9), None).unwrap(), "energetic");
        assert_eq!(word(&fact(43, 0.5, 0.4, 0.6, 0.1), None), None);
        assert_eq!(word(&fact(99, 0.5, 0.4, 0.6, 0.9), None), None);
        assert_eq!(word(&fact(0, 0.5, 0.4, 0.6, 0.9), None), None);
    }
}
