//! The learned taste as lines of text.

use crate::describe::Cards;
use crate::latent::Names;
use crate::library::Catalog;
use crate::library::journal::Verdict;
use crate::queue::taste::{Agreement, Step, TasteDim, TasteReport};
use crate::track::TrackId;

/// The width of a weight's bar in cells; a weight of 1 fills [`EVEN`] of them.
const BAR: usize = 24;
const EVEN: usize = 6;
/// Only weights that differ from 1 by at least this are mentioned.
const MUCH: f32 = 0.25;
/// The most dimensions named in a sentence.
const NAMED: usize = 3;

/// The report in words, then the dimensions with a learned weight as bars.
pub fn lines(report: &TasteReport, cards: &Cards) -> Vec<String> {
    let mut out = vec![told(report)];
    out.extend(agreements(report));
    out.push(verdict(report, cards));
    let mut dims: Vec<&TasteDim> = report.dims.iter().filter(|d| d.weight != 1.0).collect();
    if dims.is_empty() {
        out.push("Every dimension counts the same.".into());
        return out;
    }
    dims.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.dim.cmp(&b.dim)));
    out.push(String::new());
    out.extend(dims.into_iter().map(|dim| row(dim, cards)));
    out.push(String::new());
    out.push("1 is the default weight, 0 is none.".into());
    out
}

/// The amount of data learned from.
fn told(report: &TasteReport) -> String {
    let answers = format!("{} answer{} of `jukebox taste`", report.answers, if report.answers == 1 { "" } else { "s" });
    let judged = match report.judgements {
        1 => "1 chosen track kept, heard, skipped or taken out".to_string(),
        n => format!("{n} chosen tracks kept, heard, skipped or taken out"),
    };
    match report.listens {
        0 => format!("Learned from {answers}, and from {judged}."),
        n => format!(
            "Learned from {answers}, from {judged}, and from {n} pairs of tracks that you chose to hear in a row."
        ),
    }
}

/// The agreement with held-out answers, if there are any.
fn agreements(report: &TasteReport) -> Option<String> {
    let share = |a: &Agreement| {
        format!("{:.0} % ({} of {}, {:.0}–{:.0} %)", 100.0 * a.share(), a.agreed, a.of, 100.0 * a.low, 100.0 * a.high)
    };
    (report.after.of > 0).then(|| {
        format!(
            "It predicts {} of the held-out answers; equal weights predict {}; chance is 33 %.",
            share(&report.after),
            share(&report.before)
        )
    })
}

/// The result, in a sentence.
fn verdict(report: &TasteReport, cards: &Cards) -> String {
    if report.answers + report.judgements + report.listens == 0 {
        return "Nothing learned yet: there are no answers. `jukebox taste` asks questions.".into();
    }
    if !report.learned {
        return match report.answers + report.judgements {
            0 => "Nothing learned: your sessions do not follow any dimension more than others.".into(),
            _ => "Nothing learned: your answers do not follow any dimension more than chance.".into(),
        };
    }
    let mut dims: Vec<&TasteDim> = report.dims.iter().collect();
    dims.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.dim.cmp(&b.dim)));
    let named = |dims: Vec<&TasteDim>| dims.into_iter().map(|d| name(d, cards)).collect::<Vec<_>>().join("; ");
    let more: Vec<&TasteDim> = dims.iter().copied().filter(|d| d.weight >= 1.0 + MUCH).take(NAMED).collect();
    let less: Vec<&TasteDim> = dims.iter().rev().copied().filter(|d| d.weight <= 1.0 - MUCH).take(NAMED).collect();
    let parts = [("what counts most for you is", more), ("what counts least", less)];
    let said: Vec<String> =
        parts.into_iter().filter(|(_, d)| !d.is_empty()).map(|(what, d)| format!("{what}: {}", named(d))).collect();
    match said.is_empty() {
        true => "All dimensions count nearly the same for you.".into(),
        false => format!("Learned: {}.", said.join(". And ")),
    }
}

/// A dimension with its meaning: `7 (dark ↔ bright)`.
fn name(dim: &TasteDim, cards: &Cards) -> String {
    match cards.card(dim.dim.saturating_sub(1)).map(|card| card.short()).filter(|short| !short.is_empty()) {
        Some(short) => format!("{} ({short})", dim.name),
        None => dim.name.clone(),
    }
}

/// A dimension in a line: name, weight, bar, meaning.
fn row(dim: &TasteDim, cards: &Cards) -> String {
    let meaning = cards.card(dim.dim.saturating_sub(1)).map_or("", |card| card.short());
    let less = if dim.less > 0 { format!("  (you let it count less: {}×)", dim.less) } else { String::new() };
    format!("{:>14} {:>5.2}  {}  {meaning}{less}", dim.name, dim.weight, bar(dim.weight)).trim_end().to_string()
}

/// A weight as a bar with a mark at 1.
pub fn bar(weight: f32) -> String {
    let filled = if weight.is_finite() { (weight.max(0.0) * EVEN as f32).round() as usize } else { 0 };
    let cell = |i: usize| match i {
        i if i < filled.min(BAR) => '█',
        i if i + 1 == EVEN => '│',
        _ => '·',
    };
    (0..BAR).map(cell).collect()
}

/// The notice for a judgement that was undone.
pub fn taken_back(step: Option<&Step>, catalog: &Catalog, names: &Names) -> String {
    let title = |track: &TrackId| {
        catalog.of_track(*track).map_or("a track that is no longer in the library".into(), |song| song.title())
    };
    match step {
        None => "taste: nothing to undo".into(),
        Some(Step::Judged { track, verdict, .. }) => {
            let what = match verdict {
                Verdict::Kept => "was kept",
                Verdict::Heard => "was heard to its end",
                Verdict::Skipped => "was skipped",
                Verdict::Removed => "was taken out",
                Verdict::Refused => "was refused",
            };
            format!("taste: taken back that {} {what}", title(track))
        }
        Some(Step::Odd { tracks: [odd, ..], .. }) => format!("taste: taken back that {} is the odd one", title(odd)),
        Some(Step::Less(dim)) => {
            format!("taste: taken back that dimension {} is to count for less", names.label(*dim))
        }
        Some(Step::Reset) => "taste: taken back that it was reset; what was learned before counts again".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::Card;

    fn cards() -> Cards {
        let card = |n: u8| Card { dim: n, meaning: format!("low {n} ↔ high {n} (x +0.50)"), ..Card::default() };
        Cards { cards: (1..=45).map(card).collect(), ..Cards::default() }
    }

    fn report(weights: &[(u8, f32)]) -> TasteReport {
        let dim = |dim: u8| TasteDim {
            dim,
            name: crate::latent::named::label(dim - 1),
            weight: weights.iter().find(|w| w.0 == dim).map_or(1.0, |w| w.1),
            less: 0,
        };
        TasteReport { answers: 8, learned: true, dims: (1..=45).map(dim).collect(), ..TasteReport::default() }
    }

    #[test]
    fn what_was_learned_is_told_in_the_words_of_the_cards() {
        let after = Agreement { agreed: 6, of: 8, low: 0.41, high: 0.93 };
        let report = TasteReport { after, ..report(&[(7, 3.0), (33, 0.25)]) };
        let lines = lines(&report, &cards());
        assert!(lines[0].contains("8 answers") && lines[1].contains("75 % (6 of 8, 41–93 %)"), "{lines:?}");
        assert!(lines[2].contains("is: 7 (low 7 ↔ high 7)") && lines[2].contains("least: tempo"), "{lines:?}");
        assert!(lines[4].contains("3.00  ██████████████████······  low 7 ↔ high 7"), "{lines:?}");
        assert!(lines[5].contains("0.25  ██···│") || lines[5].contains("0.25  ██"), "{lines:?}");
    }

    #[test]
    fn nothing_learned_is_said() {
        let none = TasteReport { learned: false, ..report(&[]) };
        assert!(lines(&none, &cards()).iter().any(|l| l.contains("do not follow any dimension")));
        let fresh = TasteReport { answers: 0, learned: false, ..report(&[]) };
        assert!(lines(&fresh, &cards()).iter().any(|l| l.contains("`jukebox taste` asks")));
    }

    #[test]
    fn bars_stay_in_their_cells() {
        for weight in [0.0, 1.0, 2.5, 99.0, f32::NAN, -1.0] {
            assert_eq!(bar(weight).chars().count(), BAR);
        }
        assert!(taken_back(None, &Catalog::default(), &Names::default()).contains("nothing"));
    }
}
