//! Formats models and their measurements as lines of text.

use jukebox_encoder::{Architecture, Card};

use crate::text::sanitize;
use crate::training::contrast::Contrast;
use crate::training::exam::Exam;
use crate::training::judging;
use crate::training::models::Entry;

/// Number of genres assumed for the cost of an architecture without a model.
const GENRES: usize = 8;
/// Number of differences shown.
const SHOWN: usize = 12;

/// Formats columns, two spaces apart. All columns but the first and those in `left` are
/// right-aligned.
pub fn table(rows: &[Vec<String>], left: &[usize]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(c, text)| {
            let w = widths[c];
            if c == 0 || left.contains(&c) { format!("{text:<w$}") } else { format!("{text:>w$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
    };
    rows.iter().map(line).collect()
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn known(share: Option<f64>) -> String {
    share.map_or("-".into(), percent)
}

fn macs(macs: u64) -> String {
    format!("{:.3} G", macs as f64 / 1e9)
}

/// The output of `jukebox model list`.
pub fn list(models: &[(Entry, Option<f64>)], timed: bool) -> Vec<String> {
    let words = |texts: &[&str]| texts.iter().map(|t| (*t).to_string()).collect::<Vec<String>>();
    let mut head = words(&["  model", "hash", "architecture", "parameters", "MACs", "size"]);
    if timed {
        head.push("ms a clip".into());
    }
    head.extend(words(&["validation", "test", "trained on"]));
    let last = head.len() - 1;
    let mut rows = vec![head];
    for (entry, time) in models {
        let mark = if entry.in_use { "*" } else { " " };
        let mut row = vec![format!("{mark} {}", entry.name)];
        match &entry.card {
            Ok(card) => {
                row.extend([
                    entry.short_hash().to_string(),
                    card.arch.name().to_string(),
                    card.parameters.to_string(),
                    macs(card.macs),
                    format!("{:.1} MB", entry.size as f64 / 1e6),
                ]);
                if timed {
                    row.push(time.map_or("-".into(), |t| format!("{t:.2}")));
                }
                row.extend([known(card.facts.validation), known(card.facts.test), sanitize(&card.facts.data)]);
            }
            Err(why) => row.push(format!("damaged: {why}")),
        }
        rows.push(row);
    }
    // Damaged models get a line of their own, so that an error message does not widen the columns.
    let damaged: Vec<Vec<String>> = rows.iter().filter(|r| r.len() == 2).cloned().collect();
    rows.retain(|r| r.len() > 2);
    let mut out = table(&rows, &[1, 2, last]);
    out.extend(damaged.iter().map(|r| r.join("  ")));
    out.extend([String::new(), "* in use. What `jukebox train --encoder NAME` can train:".into()]);
    let kinds = Architecture::ALL.map(|a| {
        let (parameters, cost) = a.cost(GENRES);
        vec![format!("  {}", a.name()), parameters.to_string(), macs(cost), a.about().to_string()]
    });
    out.extend(table(&kinds, &[3]));
    out
}

/// The output of `jukebox model show`.
pub fn card(entry: &Entry, card: &Card) -> Vec<String> {
    let facts = &card.facts;
    let file = entry.path.as_ref().map_or("built in".into(), |p| p.display().to_string());
    let rows = [
        ("model", format!("{}{}", entry.name, if entry.in_use { ", in use" } else { "" })),
        ("file", file),
        ("hash", card.hash.clone()),
        ("architecture", format!("{}, {}", card.arch.name(), card.arch.about())),
        ("width", card.width.to_string()),
        ("hears", format!("images of {} bands and {} steps", card.bands, card.steps)),
        ("parameters", card.parameters.to_string()),
        ("MACs a clip", macs(card.macs)),
        ("size", format!("{} bytes", entry.size)),
        ("trained on", if facts.data.is_empty() { "unknown".into() } else { sanitize(&facts.data) }),
        ("epochs, seed", format!("{}, {}", facts.epochs, facts.seed)),
        ("validation", known(facts.validation)),
        ("test", known(facts.test)),
        ("genres", format!("{}: {}", card.genres.len(), sanitize(&card.genres.join(", ")))),
    ];
    table(&rows.map(|(name, value)| vec![name.to_string(), value]), &[1])
}

/// The output of `jukebox model test`.
pub fn exam(exam: &Exam) -> Vec<String> {
    let of = |share: f64, error: f64| format!("{:.1} ± {:.1} %", 100.0 * share, 100.0 * error);
    let mut out = vec![format!("{} tracks ({} clips), {} of known genres", exam.tracks, exam.clips, exam.judged)];
    if !exam.unknown_to_model.is_empty() {
        out.push(format!("unknown genres, left out: {}", exam.unknown_to_model.join(", ")));
    }
    if !exam.absent_from_data.is_empty() {
        out.push(format!("genres of the model without a track: {}", exam.absent_from_data.join(", ")));
    }
    let dead = match &exam.dead_dimensions[..] {
        [] => "none".to_string(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let correlated = exam.most_correlated.map_or("-".into(), |(a, b, r)| format!("{r:+.2} ({a} and {b})"));
    let rows = [
        ("accuracy, among the shared genres", of(exam.accuracy, exam.standard_error)),
        ("accuracy, among all of the model's", of(exam.accuracy_unrestricted, exam.standard_error_unrestricted)),
        ("macro-F1", percent(exam.macro_f1)),
        ("calibration error (15 bins)", percent(exam.calibration_error)),
        ("Brier score", format!("{:.3}", exam.brier)),
        ("log loss", format!("{:.3}", exam.log_loss)),
        (neighbours(exam), known(exam.precision_at_10)),
        ("effective dimensions of 32", format!("{:.1}", exam.effective_dimensions)),
        ("dead dimensions", dead),
        ("most correlated dimensions", correlated),
    ];
    out.extend(table(&rows.map(|(name, value)| vec![name.to_string(), value]), &[1]));
    out.push(String::new());
    out.extend(genres(exam));
    out
}

/// The label of the genre precision, which depends on whether artists are known.
fn neighbours(exam: &Exam) -> &'static str {
    if exam.artist_filter { "genre P@10, other artists" } else { "genre P@10 (artists unknown)" }
}

/// A row per genre: its scores, and how its tracks were classified (a row of the confusion matrix).
fn genres(exam: &Exam) -> Vec<String> {
    let mut head: Vec<String> = ["genre", "tracks", "precision", "recall", "F1"].map(String::from).to_vec();
    head.extend((1..=exam.genres.len()).map(|n| format!("as {n}")));
    let mut rows = vec![head];
    for (n, (genre, taken)) in exam.genres.iter().zip(&exam.confusion).enumerate() {
        let s = genre.score;
        let mut row = vec![format!("{} {}", n + 1, genre.genre), s.support.to_string()];
        row.extend([s.precision, s.recall, s.f1].map(percent));
        row.extend(taken.iter().map(ToString::to_string));
        rows.push(row);
    }
    table(&rows, &[])
}

/// The output of `jukebox model compare`.
pub fn contrast([first, second]: [&str; 2], exams: [&Exam; 2], found: &Contrast) -> Vec<String> {
    let of = |get: &dyn Fn(&Exam) -> String| exams.map(get).to_vec();
    let row = |name: &str, get: &dyn Fn(&Exam) -> String| {
        let mut row = vec![name.to_string()];
        row.extend(of(get));
        row
    };
    let rows = [
        vec![String::new(), first.to_string(), second.to_string()],
        row("accuracy", &|e| format!("{:.1} ± {:.1} %", 100.0 * e.accuracy, 100.0 * e.standard_error)),
        row("macro-F1", &|e| percent(e.macro_f1)),
        row("calibration error", &|e| percent(e.calibration_error)),
        row(neighbours(exams[0]), &|e| known(e.precision_at_10)),
        row("effective dimensions", &|e| format!("{:.1}", e.effective_dimensions)),
        row("dead dimensions", &|e| e.dead_dimensions.len().to_string()),
    ];
    let mut out = table(&rows, &[]);
    if let Some([_, difference]) = &found.accuracy {
        let range = difference.range.map_or("no interval: one artist".to_string(), |[low, high]| {
            format!("95 % {:+.1} to {:+.1}, {} artists", 100.0 * low, 100.0 * high, difference.groups)
        });
        out.push(format!("accuracy, second − first: {:+.1} points ({range})", 100.0 * difference.mean));
    }
    let flagged = judging::flagged(&found.correlation);
    out.push(String::new());
    out.push(format!(
        "dimensions that are the same (correlation of {} or more): {} of {}",
        judging::FLAGGED,
        found.correlation.len() - flagged.len(),
        found.correlation.len()
    ));
    let dims = found.correlation.iter().zip(&found.nearest).enumerate();
    let cells = dims.map(|(d, (own, (other, most)))| match *other == d + 1 {
        true => format!("{}: {own:+.2}", d + 1),
        false => format!("{}: {own:+.2} (like {other}: {most:+.2})", d + 1),
    });
    out.extend(cells.collect::<Vec<_>>().chunks(4).map(|c| format!("  {}", c.join("   "))));
    if !found.differ.is_empty() {
        out.push(String::new());
        out.push("where they differ:".into());
        let head = ["  genre", first, second, "tracks"].map(String::from).to_vec();
        let line = |d: &crate::training::contrast::Differ| {
            vec![format!("  {}", d.genre), d.first.clone(), d.second.clone(), d.tracks.to_string()]
        };
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(found.differ.iter().take(SHOWN).map(line)).collect();
        out.extend(table(&rows, &[1, 2]));
        if found.differ.len() > SHOWN {
            out.push(format!("  and {} other confusions", found.differ.len() - SHOWN));
        }
    }
    out
}
