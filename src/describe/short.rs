//! Short names of the dimensions, each given once: a word where there is one, else the number with what it runs between,
//! or with a track from either end.

use super::{Card, Cards};

/// The short name of a dimension (counted from 0): `tempo`, `driving`, `7 dark↔bright`, `12 Wait…Disco`. The plain number
/// where there is no card.
pub fn name(cards: Option<&Cards>, dim: u8) -> String {
    let Some((cards, card)) = cards.and_then(|cards| Some((cards, cards.card(dim)?))) else {
        return crate::latent::named::label(dim);
    };
    let name = of(card);
    // Two dimensions of an encoder may have the same word.
    let twin = |other: &Card| other.dim != card.dim && of(other) == name;
    if cards.cards.iter().any(twin) { format!("{} {name}", card.dim) } else { name }
}

/// A dimension under a label of its own, with both of its ends where they are known: `hiphop (strummed ↔ hip-hop)`. So
/// that nobody takes the name of one end for a dimension that runs between two.
pub fn between(cards: Option<&Cards>, dim: u8, label: &str) -> String {
    match cards.and_then(|cards| cards.card(dim)).map(|card| (card.low.as_str(), card.high.as_str())) {
        None | Some(("", _) | (_, "")) => label.to_string(),
        Some((low, high)) => format!("{label} ({low} ↔ {high})"),
    }
}

fn of(card: &Card) -> String {
    let number = &card.name;
    if number.is_empty() || !number.starts_with(|c: char| c.is_ascii_digit()) {
        return number.clone();
    }
    let ends = match (card.low.as_str(), card.high.as_str()) {
        _ if card.dead => "all alike".to_string(),
        ("", "") => match (card.correlates.is_empty(), card.lowest.first(), card.highest.first()) {
            (false, ..) => card.short().to_string(),
            (true, Some(low), Some(high)) => format!("{}…{}", low.title, high.title),
            (true, ..) => String::new(),
        },
        (low, "") => low.to_string(),
        ("", high) => high.to_string(),
        (low, high) => format!("{low}↔{high}"),
    };
    if ends.is_empty() { number.clone() } else { format!("{number} {ends}") }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::describe::cards::{Correlate, Example};

    fn card(dim: u8, name: &str) -> Card {
        Card { dim, name: name.into(), ..Card::default() }
    }

    #[test]
    fn both_ends_are_told_where_there_are_two() {
        let hiphop = Card { low: "strummed".into(), high: "hip-hop".into(), ..card(1, "hiphop") };
        let cards =
            Cards { cards: vec![hiphop, Card { high: "like Jazz".into(), ..card(2, "2") }], ..Cards::default() };
        assert_eq!(between(Some(&cards), 0, "hiphop"), "hiphop (strummed ↔ hip-hop)");
        assert_eq!((between(Some(&cards), 1, "2"), between(None, 0, "1")), ("2".into(), "1".into()));
    }

    #[test]
    fn every_dimension_has_a_name_of_its_own() {
        let example = |title: &str| Example { title: title.into(), ..Example::default() };
        let tempo = Correlate { name: "tempo".into(), genre: false, strength: 0.44 };
        let cards = vec![
            Card { low: "calm".into(), high: "driving".into(), ..card(1, "driving") },
            Card { low: "dark".into(), high: "bright".into(), ..card(2, "2") },
            Card { low: "dark".into(), high: "bright".into(), ..card(3, "3") },
            Card { high: "like Jazz".into(), ..card(4, "4") },
            Card { correlates: vec![tempo], meaning: "follows tempo (0.44)".into(), ..card(5, "5") },
            Card { lowest: vec![example("Wait")], highest: vec![example("Disco")], ..card(6, "6") },
            Card { dead: true, ..card(7, "7") },
            card(8, "8"),
            card(9, "twang"),
            card(10, "jazz"),
            card(11, "jazz"),
            card(33, "tempo"),
        ];
        let cards = Cards { cards, ..Cards::default() };
        let names: Vec<String> = (0..cards.cards.len() as u8).map(|dim| name(Some(&cards), dim)).collect();
        let expected = [
            "driving",
            "2 dark↔bright",
            "3 dark↔bright",
            "4 like Jazz",
            "5 follows tempo",
            "6 Wait…Disco",
            "7 all alike",
            "8",
            "twang",
            "10 jazz",
            "11 jazz",
            "tempo",
        ];
        assert_eq!(names, expected);
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        assert_eq!(
            (name(None, 6), name(None, 32), name(Some(&cards), 44)),
            ("7".into(), "tempo".into(), "range".into())
        );
    }
}
