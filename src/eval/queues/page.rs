//! The queue results as one HTML page without scripts or external resources, for light and dark
//! mode.

use crate::eval::findings::Verdict;
use crate::eval::report::{figure, page, section, table};
use crate::eval::text::corpus;
use crate::picture::{Curve, curves, escape};

use super::findings::{Column, Findings, Part};
use super::text;

/// Renders the page.
pub fn html(f: &Findings) -> String {
    let mut out = String::from("<h1>jukebox eval --queues</h1>");
    for line in corpus(&f.corpus) {
        out.push_str(&format!("<p class=\"about\">{}</p>", escape(&line)));
    }
    f.parts.iter().for_each(|part| queues(&mut out, f, part));
    if !f.ablation.is_empty() {
        section(&mut out, "Effect of each weight", text::ABLATION);
        let head = text::ablation_head(f);
        let head: Vec<&str> = std::iter::once("").chain(head.iter().map(String::as_str)).collect();
        table(&mut out, &head, f.ablation.iter().map(|v| text::variant(f, v)));
        out.push_str(&format!("<p class=\"caption\">{}</p>", escape(text::LIKING)));
        table(&mut out, &["", "liking"], text::liking(f).into_iter());
    }
    page(&format!("jukebox eval --queues: {}", f.corpus.name), &out, &f.settings)
}

fn queues(out: &mut String, f: &Findings, part: &Part) {
    section(out, &format!("Queues from {}", part.seeds_are), &text::caption(f, part));
    list(
        out,
        part.floors.iter().map(|floor| {
            let class = match floor.met {
                Some(true) => "above",
                Some(false) => "below",
                None => "open",
            };
            (class, text::held(floor))
        }),
    );
    let picture = picture(part);
    if !picture.is_empty() {
        let caption = "Mean distance to the seed's signature, in standard deviations of the library. The best available is \
                       what the player could still have picked at that position.";
        figure(out, &picture, caption);
    }
    for columns in f.measures.iter().enumerate().collect::<Vec<(usize, &Column)>>().chunks(5) {
        let head: Vec<&str> = std::iter::once("").chain(columns.iter().map(|(_, c)| c.name.as_str())).collect();
        let cells = part.lines.iter().map(|line| {
            let cell = |&(i, c): &(usize, &Column)| text::cell(line.values.get(i).copied().flatten(), c.unit);
            (line.maker.clone(), columns.iter().map(cell).collect())
        });
        table(out, &head, cells);
    }
    let head: Vec<&str> = std::iter::once("").chain(text::TOTALS).collect();
    table(out, &head, part.lines.iter().map(|line| (line.maker.clone(), text::total(line).to_vec())));
    let p = |text: &str| format!("<p class=\"caption\">{}</p>", escape(text));
    out.push_str(&p(text::DIFFERENCES));
    list(
        out,
        part.differences.iter().map(|d| {
            let class = match d.verdict {
                Verdict::Above | Verdict::Below => "told",
                Verdict::NotToldApart | Verdict::NotMeasured => "open",
            };
            (class, text::difference(f, d))
        }),
    );
    out.push_str(&p(&text::complaint(part)));
}

fn list(out: &mut String, lines: impl Iterator<Item = (&'static str, String)>) {
    out.push_str("<ul class=\"verdicts\">");
    lines.for_each(|(class, line)| out.push_str(&format!("<li class=\"{class}\">{}</li>", escape(&line))));
    out.push_str("</ul>");
}

/// A chart of the distance by position, for one maker of each kind.
fn picture(part: &Part) -> String {
    let curve = |name: &str, values: &[f64]| Curve {
        name: name.into(),
        points: values.iter().enumerate().map(|(i, &v)| (i as f64 + 1.0, v)).collect(),
    };
    let Some(player) = part.lines.first().filter(|player| !player.distance.is_empty()) else { return String::new() };
    let mut shown = vec![curve(&player.maker, &player.distance), curve("best available", &player.best)];
    let others = ["signature scan", "nearest", "chain", "random"];
    let others = others.iter().filter_map(|name| part.lines.iter().find(|line| line.maker == *name));
    shown.extend(others.map(|line| curve(&line.maker, &line.distance)));
    curves(&shown, "position in the queue", &|v| format!("{v:.1}"), None)
}
