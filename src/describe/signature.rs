//! A signature as text.

use crate::latent::{ALL_DIMS, Choice, DimReport, Mood, SignatureReport};

use super::{Cards, reason};

/// Number of cells in a bar; each is a quarter of a standard deviation of the library, from −3 to 3.
pub const BAR: usize = 25;

/// A signature in one line: members, dimensions, confidence.
pub fn summary(report: &SignatureReport) -> String {
    if report.members == 0 {
        return "nothing of the playlist is analysed yet".into();
    }
    let mut parts = vec![tracks(report.members)];
    // Mentioned only if one artist would outvote the others.
    if report.members as f64 - report.effective > 0.5 {
        parts[0] += &format!(" (effectively {:.1})", report.effective);
    }
    parts.push(match (report.soft, report.dims.len()) {
        (true, _) if report.choice == "off" => "all dimensions, as you asked".into(),
        (true, _) => "all dimensions: too little agreement to choose".into(),
        (false, 1) => "1 dimension".into(),
        (false, n) => format!("{n} dimensions"),
    });
    if let Some(confidence) = report.confidence {
        parts.push(format!("confidence {confidence:.2} ({})", trust(confidence)));
    }
    parts.join(" · ")
}

fn tracks(n: usize) -> String {
    if n == 1 { "1 track".into() } else { format!("{n} tracks") }
}

/// How the members sound, in the encoder's words.
pub fn said(report: &SignatureReport) -> Option<String> {
    (!report.words.is_empty()).then(|| format!("said of these tracks: {}", report.words.join(", ")))
}

/// How the dimensions were chosen, in a sentence; `soft` is whether all of the encoder's count.
pub fn chosen(choice: &Choice, soft: bool) -> &'static str {
    match (choice, soft) {
        (Choice::All, _) => "All dimensions count, as you asked, as far as these tracks agree.",
        (Choice::Dims(_), _) => "Only the dimensions that you listed count.",
        (Choice::Auto, false) => "Chosen by test: the dimensions in which these tracks agree more than chance.",
        (Choice::Without(_) | Choice::Tuned { .. }, false) => "Chosen by test, and as you said.",
        (Choice::Auto | Choice::Without(_) | Choice::Tuned { .. }, true) => {
            "Too little agreement to choose: all count, as far as these tracks agree."
        }
    }
}

/// A leave-one-out AUC in words; 0.5 is chance.
pub fn trust(confidence: f64) -> &'static str {
    match confidence {
        c if c >= 0.9 => "very sure",
        c if c >= 0.8 => "sure",
        c if c >= 0.65 => "fair",
        _ => "a guess",
    }
}

/// The user's name for a dimension.
pub fn name(dim: &DimReport) -> String {
    if dim.name.is_empty() { reason::label(dim.dim) } else { dim.name.clone() }
}

/// Where each cell of an axis of so many columns lies: the centre, within one spread of it, or outside. A dimension
/// that goes round begins again at the other end.
pub fn cells(dim: &DimReport, columns: usize) -> Vec<Cell> {
    let finite = |v: f32| if v.is_finite() { v } else { 0.0 };
    let (mean, spread) = (finite(dim.mean), finite(dim.spread).abs());
    let last = columns.saturating_sub(1) as f32;
    if dim.circular {
        let turn = (mean / std::f32::consts::TAU).rem_euclid(1.0) * columns as f32;
        let reach = spread / std::f32::consts::TAU * columns as f32;
        let centre = (turn as usize).min(columns.saturating_sub(1));
        let cell = |i: usize| {
            let gap = (i as f32 + 0.5 - turn).abs();
            let gap = gap.min(columns as f32 - gap);
            if i == centre {
                Cell::Centre
            } else if gap <= reach {
                Cell::Within
            } else {
                Cell::Outside
            }
        };
        return (0..columns).map(cell).collect();
    }
    let place = |z: f32| ((z.clamp(-3.0, 3.0) + 3.0) / 6.0 * last).round() as usize;
    let (low, centre, high) = (place(mean - spread), place(mean), place(mean + spread));
    let cell = |i: usize| match i {
        i if i == centre => Cell::Centre,
        i if (low..=high).contains(&i) => Cell::Within,
        _ => Cell::Outside,
    };
    (0..columns).map(cell).collect()
}

/// A cell of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The set's centre.
    Centre,
    /// Where further tracks of the set are expected.
    Within,
    /// Elsewhere.
    Outside,
}

/// Where a dimension's members lie within the library, in [`BAR`] columns: `│` is the library's middle, `●` the members'
/// centre, `━` one predictive standard deviation on either side.
pub fn bar(dim: &DimReport) -> String {
    let sign = |(i, cell)| match cell {
        Cell::Centre => '●',
        Cell::Within => '━',
        Cell::Outside if i == BAR / 2 && !dim.circular => '│',
        Cell::Outside => '·',
    };
    cells(dim, BAR).into_iter().enumerate().map(sign).collect()
}

/// One line for a dimension: name, bar, centre ± spread, weight, the p-value of the agreement where there was a test, and
/// what it means.
pub fn line(dim: &DimReport, cards: Option<&Cards>) -> String {
    let p = match dim.p_value {
        p if p >= 1.0 || !p.is_finite() => String::new(),
        p if p < 0.001 => "  p < 0.001".into(),
        p => format!("  p = {p:.3}"),
    };
    let weight = if dim.weight == 0.0 || dim.weight == 1.0 { String::new() } else { format!("  ×{}", dim.weight) };
    let place = match dim.circular {
        // An angle of ranks is nothing to read; how far it is agreed on is.
        true => format!("round ± {:.1}", dim.spread),
        false => format!("{:+.1} ± {:.1}", dim.mean, dim.spread),
    };
    let meaning = cards.map(|c| c.meaning(dim.dim.saturating_sub(1))).filter(|m| !m.is_empty());
    let meaning = meaning.map(|m| format!("  {m}")).unwrap_or_default();
    format!("{:>2}  {}  {place}{weight}{p}{meaning}", name(dim), bar(dim))
}

/// The whole signature: the summary, then the dimensions, the most telling first and at most `most` of them, then the
/// moods of a set that has several.
pub fn lines(report: &SignatureReport, most: usize, cards: Option<&Cards>) -> Vec<String> {
    let mut out = vec![summary(report)];
    out.extend(said(report));
    let most = most.min(ALL_DIMS);
    out.extend(report.dims.iter().take(most).map(|d| line(d, cards)));
    let left = report.dims.len().saturating_sub(most);
    if left > 0 {
        out.push(format!("and {left} more"));
    }
    out.extend(moods(report));
    out
}

/// A line for each mood of a set that has several: its members and its dimensions.
pub fn moods(report: &SignatureReport) -> Vec<String> {
    if report.moods.is_empty() {
        return Vec::new();
    }
    let mut out = vec![format!("these tracks have {} moods:", report.moods.len())];
    out.extend(report.moods.iter().map(mood));
    out
}

/// `5 tracks agree in 3, 7, tempo`.
fn mood(mood: &Mood) -> String {
    const SHOWN: usize = 8;
    let dims: Vec<String> = mood.dims.iter().take(SHOWN).map(name).collect();
    let more = if mood.dims.len() > SHOWN { " …" } else { "" };
    format!("  {} agree in {}{more}", tracks(mood.members), dims.join(", "))
}

/// How a whole library differs from the corpus of the model: the `most` dimensions that tell most.
pub fn library_lines(report: &SignatureReport, most: usize, cards: Option<&Cards>) -> Vec<String> {
    if report.dims.is_empty() {
        return vec!["the model has no reference to compare a library with".into()];
    }
    let mut out = vec![format!("how your library ({}) differs from the model's reference:", tracks(report.members))];
    out.extend(report.dims.iter().take(most).map(|d| line(d, cards)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::Card;
    use crate::text::width;

    fn dim(dim: u8, mean: f32, spread: f32, p_value: f32) -> DimReport {
        DimReport { dim, mean, spread, info: 1.0, p_value, ..DimReport::default() }
    }

    #[test]
    fn a_signature_reads_well() {
        let mut report = SignatureReport {
            members: 12,
            effective: 11.8,
            confidence: Some(0.87),
            dims: vec![dim(3, 1.0, 0.5, 0.0004), dim(12, -0.5, 0.25, 0.02)],
            ..SignatureReport::default()
        };
        assert_eq!(
            lines(&report, 8, None),
            [
                "12 tracks · 2 dimensions · confidence 0.87 (sure)",
                " 3  ············│·━━●━━······  +1.0 ± 0.5  p < 0.001",
                "12  ·········━●━│············  -0.5 ± 0.2  p = 0.020",
            ]
        );
        let cards = Cards {
            cards: vec![Card { meaning: "dark ↔ bright".into(), ..Card::default() }; 12],
            ..Cards::default()
        };
        assert!(lines(&report, 8, Some(&cards))[1].ends_with("p < 0.001  dark ↔ bright"));
        report.effective = 3.6;
        report.soft = true;
        report.confidence = None;
        let first = |report: &SignatureReport| lines(report, 1, None)[0].clone();
        assert!(first(&report).ends_with("all dimensions: too little agreement to choose"));
        assert_eq!(lines(&report, 1, None)[2], "and 1 more");
        report.choice = "off".into();
        assert_eq!(first(&report), "12 tracks (effectively 3.6) · all dimensions, as you asked");
        report.words = vec!["mellow".into(), "jazz".into()];
        assert_eq!(lines(&report, 1, None)[1], "said of these tracks: mellow, jazz");
        assert_eq!(lines(&SignatureReport::default(), 8, None), ["nothing of the playlist is analysed yet"]);
    }

    #[test]
    fn how_it_was_chosen_is_said() {
        let says = |choice: &str, soft| chosen(&choice.parse().unwrap(), soft);
        assert!(says("off", true).contains("as you asked"));
        assert!(
            says("auto", true).contains("Too little agreement") && says("-5", true).contains("Too little agreement")
        );
        assert!(says("auto", false).contains("more than chance"));
        assert!(says("3,7", false).contains("listed"));
        assert!(says("-5", false).contains("as you said") && says("auto,3", false).contains("as you said"));
    }

    #[test]
    fn moods_are_listed() {
        let mood = |members, d| Mood { members, dims: vec![dim(d, 1.0, 0.5, 0.01), dim(33, 0.1, 0.5, 0.01)] };
        let report = SignatureReport { members: 9, moods: vec![mood(5, 3), mood(4, 7)], ..Default::default() };
        let expected = ["these tracks have 2 moods:", "  5 tracks agree in 3, tempo", "  4 tracks agree in 7, tempo"];
        assert_eq!(moods(&report), expected);
        assert!(moods(&SignatureReport::default()).is_empty());
    }

    #[test]
    fn bars_are_always_one_width() {
        for (mean, spread) in [(0.0, 1.0), (9.0, 0.1), (-9.0, 9.0), (f32::NAN, f32::INFINITY), (3.0, 0.0)] {
            for circular in [false, true] {
                let text = bar(&DimReport { circular, ..dim(1, mean, spread, 1.0) });
                assert_eq!((width(&text), text.matches('●').count()), (BAR, 1), "{text}");
            }
        }
        assert!(!line(&dim(1, 0.0, 1.0, 1.0), None).contains('p'));
        // Near the seam the bar goes on at the other end.
        let round = bar(&DimReport { circular: true, ..dim(33, 0.05, 0.6, 1.0) });
        assert!(round.starts_with("●━") && round.ends_with('━'), "{round}");
    }
}
