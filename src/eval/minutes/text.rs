//! The results about the first minutes as text for a terminal of 100 columns.

use crate::eval::text::{corpus, wrapped};
use crate::measure::Interval;
use crate::text::fit;

use super::{Findings, Line};

/// Width of a line's name in columns.
const NAME: usize = 24;
/// Width of a value with its interval in columns.
const VALUE: usize = 24;
/// Width of the number of picks in columns.
const PLAYED: usize = 16;

/// All results, as lines.
pub fn lines(f: &Findings) -> Vec<String> {
    let mut out = corpus(&f.corpus);
    out.push(String::new());
    out.push("PLAYED IN THE FIRST MINUTES".into());
    out.extend(wrapped(&caption(f), 100));
    out.push(fit("", NAME) + &fit("seed's genre, %", VALUE) + &fit("picks played", PLAYED) + "seeds without any");
    out.extend(f.lines.iter().map(line));
    out.push(String::new());
    let difference = f.difference.map_or("not measured".into(), |d| format!("{} points", percent(d, true)));
    out.push(format!("analysed meanwhile − everything analysed: {difference}"));
    let word = match f.floor.met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "open",
    };
    out.push(format!("{word}: {}: {}", f.floor.what, f.floor.found));
    out.into_iter().map(|line| line.trim_end().to_string()).collect()
}

fn caption(f: &Findings) -> String {
    let plan = f.plan;
    let each = if plan.each > 0.0 { format!("{} s", plan.each) } else { "to its end".into() };
    format!(
        "{} seeds. A session of {} minutes begins with the seed, every track plays {each}, and {} tracks are analysed \
         a second. Of the picks that are played, percent with the seed's genre, its artist left out, with 95 % \
         intervals over the seeds' artists. A seed after which none is played counts as 0 %, unless none is played \
         with everything analysed either.",
        plan.seeds, plan.minutes, plan.speed
    )
}

fn line(line: &Line) -> String {
    let genre = line.genre.map_or("–".into(), |interval| percent(interval, false));
    let number = |n: usize| if n > 0 { n.to_string() } else { String::new() };
    fit(&line.name, NAME) + &fit(&genre, VALUE) + &fit(&number(line.played), PLAYED) + &number(line.silent)
}

/// A share and its interval in percent.
fn percent(interval: Interval, signed: bool) -> String {
    let number = |share: f64| match signed {
        true => format!("{:+.1}", 100.0 * share),
        false => format!("{:.1}", 100.0 * share),
    };
    match interval.range {
        Some([low, high]) => format!("{} [{}, {}]", number(interval.mean), number(low), number(high)),
        None => number(interval.mean),
    }
}
