//! The results about queues as text for a terminal of 100 columns.

use crate::eval::findings::{Difference, Verdict};
use crate::eval::text::{corpus, wrapped};
use crate::measure::Interval;
use crate::text::fit;

use super::findings::{Column, Findings, Floor, Line, Part, Variant};
use super::measures::{Table, Unit, mean};

/// Width of a maker's name in columns.
const NAME: usize = 18;
/// Width of a value with its interval in columns.
const VALUE: usize = 27;
/// Values per line.
const ACROSS: usize = 3;
/// The positions (counted from 1) that distances are given over.
const BANDS: [(usize, usize); 4] = [(1, 5), (6, 10), (11, 20), (21, 40)];
/// The tables, with their titles and explanations.
const TABLES: [(Table, &str, &str); 3] = [
    (
        Table::Cohesion,
        "what the tracks have in common",
        "Coherence: the mean difference of two tracks of a queue relative to two random ones, in the latent, then in \
         spaces that made none of the queues; lower is more coherent. Genre: percent of the seed's, its artist left out. Agreeing: \
         latent dimensions in which the queue agrees more than chance. Tightest 4: variance in the four closest (library: 1). \
         A track that comes again counts once.",
    ),
    (
        Table::Course,
        "where they go",
        "Distance to the seed's signature in standard deviations of the library; drift: how much each track adds to it \
         beyond the best still available; step: difference of neighbours; harsh: percent of steps larger than the median of two \
         random tracks.",
    ),
    (
        Table::Variety,
        "variety and flow",
        "Artists and albums: percent of the tracks. Steps from track to track where both are known: tempo in octaves (whole \
         ones are none), key on the Camelot wheel, loudness in LU.",
    ),
];

/// All results, as lines.
pub fn lines(f: &Findings) -> Vec<String> {
    let mut out = corpus(&f.corpus);
    for part in &f.parts {
        out.push(String::new());
        out.push(format!("QUEUES FROM {}", part.seeds_are.to_uppercase()));
        out.extend(wrapped(&caption(f, part), 100));
        for (table, title, caption) in TABLES {
            out.push(String::new());
            out.push(title.to_uppercase());
            out.extend(wrapped(caption, 100));
            out.extend(values(f, part, table));
        }
        out.push(String::new());
        out.push("OVER ALL QUEUES".into());
        out.extend(totals(part));
        out.push(String::new());
        out.push("DISTANCE TO THE SEED BY POSITION".into());
        out.extend(bands(part));
        out.push(String::new());
        out.push("DIFFERENCES".into());
        out.extend(wrapped(DIFFERENCES, 100));
        out.extend(part.differences.iter().flat_map(|d| wrapped(&difference(f, d), 100)));
        out.extend(wrapped(&complaint(part), 100));
        out.push(String::new());
        out.push("LIMITS FOR THE PLAYER".into());
        out.extend(part.floors.iter().flat_map(|floor| wrapped(&held(floor), 100)));
    }
    if !f.ablation.is_empty() {
        out.push(String::new());
        out.push("EFFECT OF EACH WEIGHT".into());
        out.extend(wrapped(ABLATION, 100));
        out.extend(ablation(f));
        out.extend(wrapped(LIKING, 100));
        out.extend(liking(f).iter().map(|(name, cells)| fit(name, 20) + &cells.concat()));
    }
    out.into_iter().map(|line| line.trim_end().to_string()).collect()
}

pub(super) const DIFFERENCES: &str = "Paired by seed, with 95 % intervals over the seeds' artists. Coherence and variance \
are better below, genre and agreement above.";
pub(super) const ABLATION: &str = "The player's queues from one track with one weight changed at a time; + and − mark \
significant differences from the present weights (first line).";

pub(super) const LIKING: &str = "What the tracks are worth to a simulated listener whose taste is known, in standard deviations \
over the library: a part of their artist, of their genre and of their own. The journal knows the plays, and a rating of one track in ten.";

/// The caption of a part.
pub(super) fn caption(f: &Findings, part: &Part) -> String {
    let short = |name: &str| part.lines.iter().find(|l| l.maker == name).map_or(0, |l| l.totals.short);
    let spent = match short("player") {
        0 => String::new(),
        n => format!(" The player ran out of tracks in {n} of them."),
    };
    format!(
        "{} seeds × {} tracks. Two random tracks differ by {:.3} (median {:.3}). All makers leave out queued tracks, \
         their other versions and their duplicates. Means over queues, with the 95 % interval of {} draws of the seeds' artists.{spent}",
        part.seeds, f.length, f.random, f.median, f.settings.bootstrap
    )
}

/// A part's table: one row per maker, one column per measure.
fn values(f: &Findings, part: &Part, table: Table) -> Vec<String> {
    let shown: Vec<(usize, &Column)> = f.measures.iter().enumerate().filter(|(_, c)| c.table == table).collect();
    let mut out = Vec::new();
    for columns in shown.chunks(ACROSS) {
        let head: String = columns.iter().map(|(_, c)| fit(&c.name, VALUE)).collect();
        out.push(fit("", NAME) + &head);
        for line in &part.lines {
            let cell = |&(i, c): &(usize, &Column)| fit(&cell(line.values.get(i).copied().flatten(), c.unit), VALUE);
            out.push(fit(&line.maker, NAME - 1) + " " + &columns.iter().map(cell).collect::<String>());
        }
    }
    out
}

/// A value with its interval.
pub(super) fn cell(value: Option<Interval>, unit: Unit) -> String {
    let Some(i) = value else { return "–".into() };
    // Values may be negative, so a dash between two of them could be misread as a sign.
    match i.range {
        Some([low, high]) if low < high => {
            format!("{} [{}, {}]", number(i.mean, unit), number(low, unit), number(high, unit))
        }
        _ => number(i.mean, unit),
    }
}

/// A value without its interval.
pub(super) fn number(v: f64, unit: Unit) -> String {
    match unit {
        Unit::Percent => format!("{:.1}", 100.0 * v),
        Unit::Number(digits) => format!("{v:.digits$}"),
    }
}

/// The heading of the table of totals.
pub(super) const TOTALS: [&str; 6] = ["longest run", "coverage", "Gini", "repeats", "versions", "short"];

pub(super) fn total(line: &Line) -> [String; 6] {
    let t = &line.totals;
    [
        t.longest_run.to_string(),
        format!("{:.1} %", 100.0 * t.coverage),
        format!("{:.2}", t.gini),
        t.repeats.to_string(),
        t.versions.to_string(),
        t.short.to_string(),
    ]
}

fn totals(part: &Part) -> Vec<String> {
    let row = |name: &str, cells: &[String]| {
        fit(name, NAME - 1) + " " + &cells.iter().map(|c| format!("{c:>12}")).collect::<String>()
    };
    let head = row("", &TOTALS.map(String::from));
    std::iter::once(head).chain(part.lines.iter().map(|line| row(&line.maker, &total(line)))).collect()
}

fn bands(part: &Part) -> Vec<String> {
    let band = |values: &[f64], (first, last): (usize, usize)| {
        let within = values.iter().skip(first - 1).take(last + 1 - first).copied();
        mean(within).map_or("–".to_string(), |v| format!("{v:.2}"))
    };
    let row = |name: &str, values: &[f64]| {
        fit(name, 2 * NAME - 1) + " " + &BANDS.map(|b| format!("{:>12}", band(values, b))).concat()
    };
    let head = fit("", 2 * NAME) + &BANDS.map(|(a, b)| format!("{:>12}", format!("{a}–{b}"))).concat();
    let mut out = vec![head];
    for (i, line) in part.lines.iter().enumerate() {
        out.push(row(&line.maker, &line.distance));
        if i == 0 {
            out.push(row("  the best still available then", &line.best));
        }
    }
    out
}

/// A difference in words.
pub(super) fn difference(f: &Findings, d: &Difference) -> String {
    let unit = f.measures.iter().find(|c| c.name == d.measure).map_or(Unit::Number(3), |c| c.unit);
    let signed = |v: f64| {
        let text = number(v, unit);
        if v >= 0.0 { format!("+{text}") } else { text }
    };
    let found = match &d.interval {
        Some(i) => {
            let [low, high] = i.range.unwrap_or([i.mean; 2]);
            format!("{} [{}, {}]: ", signed(i.mean), signed(low), signed(high))
        }
        None => String::new(),
    };
    let measure = if d.measure.starts_with("in ") { format!("coherence {}", d.measure) } else { d.measure.clone() };
    format!("{} − {}, {measure}: {found}{}", d.row, d.against, d.verdict.words())
}

/// The answer to the paper's observation: are signature queues more cohesive than nearest
/// neighbours?
pub(super) fn complaint(part: &Part) -> String {
    let verdicts = |row: &str| -> Vec<String> {
        let asked = part.differences.iter().filter(|d| d.row == row && d.against == "nearest");
        let coherent = asked.filter(|d| super::measures_coherence(&d.measure));
        coherent
            .map(|d| {
                let place = d.measure.strip_prefix("in ").unwrap_or("the latent");
                let says = match d.verdict {
                    Verdict::Below => "more cohesive",
                    Verdict::Above => "less cohesive",
                    Verdict::NotToldApart => "not distinguishable",
                    Verdict::NotMeasured => "not measured",
                };
                format!("{says} in {place}")
            })
            .collect()
    };
    format!(
        "The paper's observation (§5.2), signature queues against nearest neighbours. The scan alone: {}. The player: {}.",
        verdicts("signature scan").join(", "),
        verdicts("player").join(", ")
    )
}

/// A requirement as a line.
pub(super) fn held(floor: &Floor) -> String {
    let word = match floor.met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "open",
    };
    format!("{word}: {}: {}", floor.what, floor.found)
}

/// The heading of the table of weights: selected measures, then totals.
pub(super) fn ablation_head(f: &Findings) -> Vec<String> {
    let counted = ["run", "cover", "repeats"].map(String::from);
    varied(f).into_iter().map(|(_, c)| c.name.clone()).chain(counted).collect()
}

/// A variant's name and cells.
pub(super) fn variant(f: &Findings, v: &Variant) -> (String, Vec<String>) {
    let cell = |(i, c): (usize, &Column)| {
        let mark = match Verdict::of(v.change.get(i).and_then(Option::as_ref)) {
            Verdict::Above => "+",
            Verdict::Below => "−",
            _ => " ",
        };
        let unit = match c.unit {
            Unit::Number(digits) => Unit::Number(digits.min(3)),
            percent => percent,
        };
        v.values.get(i).copied().flatten().map_or("–".into(), |value| number(value.mean, unit) + mark)
    };
    let t = &v.totals;
    let counted = [t.longest_run.to_string(), format!("{:.1}", 100.0 * t.coverage), t.repeats.to_string()];
    (variant_name(v), varied(f).into_iter().map(cell).chain(counted).collect())
}

/// What the tracks of each variant are worth to the simulated listener: a name and one cell.
pub(super) fn liking(f: &Findings) -> Vec<(String, Vec<String>)> {
    let row = |v: &Variant| {
        let mark = match Verdict::of(v.liking_change.as_ref()) {
            Verdict::Above => "+",
            Verdict::Below => "−",
            _ => " ",
        };
        let value = v.liking.map_or("–".into(), |value| number(value.mean, Unit::Number(3)) + mark);
        (variant_name(v), vec![value])
    };
    f.ablation.iter().filter(|v| ["", "fit", "liked"].contains(&v.weight.as_str())).map(row).collect()
}

fn variant_name(v: &Variant) -> String {
    if v.weight.is_empty() { "as they are".into() } else { format!("{} {}", v.weight, v.value) }
}

/// The measures by which weights are evaluated.
fn varied(f: &Findings) -> Vec<(usize, &Column)> {
    let wanted =
        |c: &Column| super::measures_coherence(&c.name) || ["genre", "drift", "harsh", "artists"].contains(&&*c.name);
    // Only the first of the other systems, for lack of space.
    let (spaces, rest): (Vec<_>, Vec<_>) =
        f.measures.iter().enumerate().filter(|(_, c)| wanted(c)).partition(|(_, c)| super::measures_coherence(&c.name));
    spaces.into_iter().take(3).chain(rest).collect()
}

fn ablation(f: &Findings) -> Vec<String> {
    // Names of other systems may be long, so cells are cut to fit.
    let row = |name: &str, cells: &[String]| {
        let cell = |c: &String| format!("{:>8}", fit(c, crate::text::width(c).min(7)));
        fit(name, 20) + &cells.iter().map(cell).collect::<String>()
    };
    let head = row("", &ablation_head(f));
    let rows = f.ablation.iter().map(|v| variant(f, v)).map(|(name, cells)| row(&name, &cells));
    std::iter::once(head).chain(rows).collect()
}
