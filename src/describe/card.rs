//! Dimension cards as text.

use super::cards::{Card, Cards, Correlate, Example, FAINT};
use crate::latent::DIMS;

/// Cells of the bar that shows how clear a meaning is.
pub const BAR: usize = 8;

/// The heads of [`row`]'s columns.
pub fn heading() -> String {
    format!("{:>13}  {:<BAR$}  {:>5}  means", "dimension", "clear", "equal")
}

/// A card in one line: name, how strong its strongest correlate is, the share of tracks on one value, meaning.
pub fn row(card: &Card) -> String {
    format!("{:>13}  {}  {:>5}  {}", card.name, clarity(card), equal(card), card.meaning)
}

/// How strong the strongest correlate is, in [`BAR`] cells.
pub fn clarity(card: &Card) -> String {
    let strongest = card.correlates.first().map_or(0.0, |c| c.strength.abs());
    let cells = if strongest.is_finite() { (strongest.clamp(0.0, 1.0) * BAR as f32).round() as usize } else { 0 };
    "█".repeat(cells) + &"·".repeat(BAR - cells)
}

/// The share of tracks with the most common value; empty when it is negligible.
pub fn equal(card: &Card) -> String {
    match card.ties {
        ties if card.dead && ties.is_finite() => "100 %".into(),
        ties if ties >= 0.005 => format!("{:.0} %", ties * 100.0),
        _ => String::new(),
    }
}

/// The correlates of a dimension, the strongest first.
pub fn correlates(card: &Card) -> String {
    let one = |c: &Correlate| format!("{} {:+.2}{}", c.name, c.strength, if c.genre { " (genre)" } else { "" });
    match card.correlates.is_empty() {
        true => format!("no correlation beyond chance (above {FAINT})"),
        false => card.correlates.iter().map(one).collect::<Vec<_>>().join(", "),
    }
}

/// How the library varies, against the corpus that the model was trained on; `None` when that is not known.
pub fn departure(card: &Card) -> Option<String> {
    let d = card.departure?;
    let width = match d.spread {
        s if s < 0.9 => "narrower than",
        s if s > 1.1 => "wider than",
        _ => "about as wide as",
    };
    Some(format!("centre {:+.1}, {width} the model's reference ({:.2} of its spread)", d.mean, d.spread))
}

/// An example: `Title – Artist  -2.31`.
pub fn example(example: &Example) -> String {
    let by = if example.artist.is_empty() { String::new() } else { format!(" – {}", example.artist) };
    // Hertz need no decimals.
    let value =
        if example.value.abs() >= 100.0 { format!("{:.0}", example.value) } else { format!("{:.2}", example.value) };
    format!("{value:>7}  {}{by}", example.title)
}

/// The table of all cards.
pub fn table(cards: &Cards) -> Vec<String> {
    if cards.cards.is_empty() {
        return vec!["nothing is analysed yet".into()];
    }
    std::iter::once(heading()).chain(cards.cards.iter().map(row)).collect()
}

/// A whole card.
pub fn lines(card: &Card) -> Vec<String> {
    let mut out = vec![format!("{}: {}", title(card), card.meaning), format!("correlates with: {}", correlates(card))];
    out.extend(departure(card).map(|d| format!("your library: {d}")));
    if card.ties >= 0.005 {
        out.push(format!("equal: {} of the tracks share one value", equal(card)));
    }
    if card.missing > 0.0 {
        out.push(format!("missing: the value is unknown for {:.0} % of the tracks", card.missing * 100.0));
    }
    for (end, word, examples) in [("lowest", &card.low, &card.lowest), ("highest", &card.high, &card.highest)] {
        if !examples.is_empty() {
            out.push(if word.is_empty() { format!("{end}:") } else { format!("{end} ({word}):") });
            out.extend(examples.iter().map(|e| format!("  {}", example(e))));
        }
    }
    out
}

/// `dimension 7`, `dimension 3, twang`, or a descriptor's own name.
pub fn title(card: &Card) -> String {
    if card.name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("dimension {}", card.name)
    } else if (1..=DIMS).contains(&usize::from(card.dim)) {
        format!("dimension {}, {}", card.dim, card.name)
    } else {
        card.name.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::Departure;

    fn card() -> Card {
        let correlate = |name: &str, genre, strength| Correlate { name: name.into(), genre, strength };
        let one = |title: &str, artist: &str, value| Example { title: title.into(), artist: artist.into(), value };
        Card {
            dim: 7,
            name: "7".into(),
            meaning: "dark ↔ bright (brightness +0.71)".into(),
            low: "dark".into(),
            high: "bright".into(),
            correlates: vec![correlate("brightness", false, 0.71), correlate("folk", true, -0.4)],
            lowest: vec![one("Deep", "Nina", -2.5)],
            highest: vec![one("Glass", "", 2.25)],
            ties: 0.124,
            departure: Some(Departure { mean: 0.31, spread: 0.6 }),
            ..Card::default()
        }
    }

    #[test]
    fn a_card_reads_well() {
        assert_eq!(row(&card()), "            7  ██████··   12 %  dark ↔ bright (brightness +0.71)");
        assert_eq!(
            lines(&card()),
            [
                "dimension 7: dark ↔ bright (brightness +0.71)",
                "correlates with: brightness +0.71, folk -0.40 (genre)",
                "your library: centre +0.3, narrower than the model's reference (0.60 of its spread)",
                "equal: 12 % of the tracks share one value",
                "lowest (dark):",
                "    -2.50  Deep – Nina",
                "highest (bright):",
                "     2.25  Glass",
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let bare = Card { dim: 33, name: "tempo".into(), missing: 0.25, ..Card::default() };
        let text = lines(&bare);
        assert_eq!(text.len(), 3, "{text:?}");
        assert!(text[0].starts_with("tempo:") && text[2].contains("25 %"), "{text:?}");
        assert_eq!(table(&Cards::default()), ["nothing is analysed yet"]);
        let dead = Card { dead: true, ties: 1.0, ..Card::default() };
        assert!(row(&dead).contains("100 %"));
    }
}
