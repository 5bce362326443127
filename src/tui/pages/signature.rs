//! The signature of the playlist: where its tracks lie in each dimension, and the dimension's information and meaning.

use crate::app::commands::signature::SignatureAction;
use crate::app::msg::DimReport;
use crate::app::{Model, Msg};
use crate::describe::signature::{Cell, cells, chosen, moods, name, said};
use crate::text;
use crate::tui::draw::{Span, dotted};
use crate::tui::theme::Role;

use crate::tui::pane::{At, Open, Pane, Shown, blank, wrapped};

/// Width in columns of the axis, which shows normal scores from −3 to 3.
const AXIS: usize = 25;
/// Width in columns of the information bar, which the most informative dimension fills.
const BAR: usize = 8;

/// The signature page.
pub struct Signature;

impl Pane for Signature {
    fn id(&self) -> &'static str {
        "signature"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Signature"
    }

    fn open(&self, _: &Model, _: At) -> Open {
        Open::Ask(Box::new(Msg::command(SignatureAction::Show)))
    }

    fn is_table(&self, _: Option<u64>) -> bool {
        true
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("less", "less of what plays"),
            ("brighter", "brighter"),
            ("darker", "darker"),
            ("faster", "faster"),
            ("slower", "slower"),
            ("direction off", "no direction"),
            ("auto", "auto"),
            ("search", "find"),
            ("cancel", "back"),
        ]
    }

    fn lines(&self, shown: &Shown) -> Vec<Vec<Span>> {
        lines(shown.model, shown.columns)
    }
}

fn lines(model: &Model, columns: usize) -> Vec<Vec<Span>> {
    let Some(report) = &model.signature else {
        let wait = "What the tracks that you chose have in common shows here once some of them were listened to.";
        return wrapped(wait, columns, Role::Dim);
    };
    let members = match report.members {
        1 => "of 1 track".to_string(),
        n => format!("of {n} tracks"),
    };
    let effective = match report.effective {
        e if e.is_finite() && (report.members as f64 - e) > 0.05 => format!("worth {e:.1}"),
        _ => String::new(),
    };
    let confidence = match report.confidence.filter(|c| c.is_finite()) {
        Some(c) => format!("confidence {c:.2}"),
        None => "too few for a confidence".to_string(),
    };
    let saved = model.auto.following.as_ref().map(|f| f.name.clone()).unwrap_or_default();
    let mut lines = vec![vec![(dotted(&[&saved, &members, &effective, &confidence]), Role::Text)]];
    lines.extend(said(report).iter().flat_map(|words| wrapped(words, columns, Role::Text)));
    lines.extend(wrapped(chosen(report), columns, Role::Dim));
    if !saved.is_empty() {
        let follows = format!("The queue follows {saved}; :signature auto goes back to the playlist.");
        lines.extend(wrapped(&follows, columns, Role::Dim));
    }
    if report.dims.is_empty() {
        return lines;
    }
    lines.push(blank());
    let names = report.dims.iter().map(|d| text::width(&label(d))).max().unwrap_or(0).max(4);
    let half = AXIS / 2;
    lines.push(vec![(format!("{:>names$}  {:<half$}{:>half$}   tells", "dim", "low", "high"), Role::Dim)]);
    let most = report.dims.iter().map(|d| d.info).filter(|i| i.is_finite()).fold(0.0_f32, f32::max);
    lines.extend(report.dims.iter().map(|dim| row(model, dim, most, names, columns)));
    lines.push(blank());
    lines.push(vec![("● centre of the tracks  ━ where more are expected  ┼ your library".into(), Role::Dim)]);
    if !report.moods.is_empty() {
        lines.push(blank());
        lines.extend(moods(report).iter().flat_map(|line| indented(line, columns)));
        lines.extend(wrapped("The queue goes on with the mood of the last track.", columns, Role::Dim));
    }
    lines
}

fn indented(line: &str, columns: usize) -> Vec<Vec<Span>> {
    let (lead, role) = if line.starts_with(' ') { ("  ", Role::Text) } else { ("", Role::Heading) };
    let mut out = wrapped(line.trim_start(), columns.saturating_sub(lead.len()), role);
    out.iter_mut().for_each(|line| line.insert(0, (lead.into(), role)));
    out
}

/// The dimension's name, followed by its weight unless that is 1 or 0 (unset).
fn label(dim: &DimReport) -> String {
    if dim.weight == 0.0 || dim.weight == 1.0 { name(dim) } else { format!("{}×{}", name(dim), dim.weight) }
}

fn row(model: &Model, dim: &DimReport, most: f32, names: usize, columns: usize) -> Vec<Span> {
    let finite = |v: f32| if v.is_finite() { v } else { 0.0 };
    let mut spans = vec![(format!("{:>names$}  ", label(dim)), Role::Key)];
    // Adjacent cells of the same role become one span.
    let mut run = (String::new(), Role::Border);
    for (x, cell) in cells(dim, AXIS).into_iter().enumerate() {
        let (sign, role) = match cell {
            Cell::Centre => ('●', Role::Accent),
            Cell::Within => ('━', Role::Progress),
            Cell::Outside if x == AXIS / 2 && !dim.circular => ('┼', Role::Border),
            Cell::Outside => ('─', Role::Border),
        };
        if role != run.1 {
            spans.push(std::mem::replace(&mut run, (String::new(), role)));
        }
        run.0.push(sign);
    }
    spans.push(run);
    let share = if most > 0.0 { (finite(dim.info) / most).clamp(0.0, 1.0) } else { 0.0 };
    let blocks = "█".repeat((share * BAR as f32).ceil() as usize);
    spans.push((format!("  {blocks:<BAR$}"), Role::Accent));
    spans.push((format!(" {:.2}", finite(dim.info)), Role::Dim));
    let used: usize = spans.iter().map(|(text, _)| text::width(text)).sum();
    let room = columns.saturating_sub(used + 2);
    let card = model.cards().and_then(|cards| cards.card(dim.dim.saturating_sub(1)));
    let meaning = card.map_or("", |card| if text::width(&card.meaning) <= room { &card.meaning } else { card.short() });
    if !meaning.is_empty() && room >= 8 {
        spans.push((format!("  {}", text::fit(meaning, text::width(meaning).min(room))), Role::Text));
    }
    spans
}
