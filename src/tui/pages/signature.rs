//! The signature of the playlist: its dimensions, where the tracks lie on them and how much each tells.

use crate::app::Model;
use crate::app::msg::DimReport;
use crate::latent::Choice;
use crate::tui::draw::{Span, dotted};
use crate::tui::theme::Role;

use super::{blank, wrapped};

/// Columns of the axis from −3 to 3.
const AXIS: usize = 25;
/// Columns of the bar of information.
const BAR: usize = 8;

/// The signature page.
pub fn lines(model: &Model, columns: usize) -> Vec<Vec<Span>> {
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
    let mut lines = vec![vec![(dotted(&[&members, &effective, &confidence]), Role::Text)]];
    let how = match &model.auto.choice {
        Choice::Dims(_) => "These dimensions are your choice; :signature auto lets the tracks decide.",
        Choice::All => "All dimensions take part, softly; :signature auto lets the tracks decide.",
        _ if report.soft => "No three dimensions stand out yet, so all take part, softly.",
        Choice::Auto | Choice::Without(_) => {
            "Dimensions on which these tracks agree more than chance; :signature 3,7 takes others."
        }
    };
    lines.extend(wrapped(how, columns, Role::Dim));
    if report.dims.is_empty() {
        return lines;
    }
    lines.push(blank());
    lines.push(vec![(format!(" dim  {:<half$}{:>half$}   tells", "low", "high", half = AXIS / 2), Role::Dim)]);
    let most = report.dims.iter().map(|d| d.info).filter(|i| i.is_finite()).fold(0.0_f32, f32::max);
    lines.extend(report.dims.iter().map(|dim| row(dim, most)));
    lines.push(blank());
    lines.push(vec![("● centre of the tracks  ━ where more are expected  ┼ your library".into(), Role::Dim)]);
    lines
}

fn row(dim: &DimReport, most: f32) -> Vec<Span> {
    let finite = |v: f32| if v.is_finite() { v } else { 0.0 };
    let place = |z: f32| ((z.clamp(-3.0, 3.0) + 3.0) / 6.0 * (AXIS - 1) as f32).round() as usize;
    let (mean, spread) = (finite(dim.mean), finite(dim.spread).abs());
    let (from, to, centre) = (place(mean - spread), place(mean + spread), place(mean));
    let mut spans = vec![(format!("{:>4}  ", dim.dim), Role::Key)];
    // Runs of one sign become one span.
    let mut run = (String::new(), Role::Border);
    for x in 0..AXIS {
        let (sign, role) = match x {
            x if x == centre => ('●', Role::Accent),
            x if (from..=to).contains(&x) => ('━', Role::Progress),
            x if x == AXIS / 2 => ('┼', Role::Border),
            _ => ('─', Role::Border),
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
    spans
}
