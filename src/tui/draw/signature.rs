//! The view of the signature: a row for every dimension, its card beside it, and the queue as it would be beneath.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::Model;
use crate::app::sets::Whom;
use crate::ask::trial::{Counting, Row, Tried};
use crate::describe::short;
use crate::describe::signature::{chosen, trust};
use crate::latent::{Choice, Histogram};
use crate::text;
use crate::tui::screen::Screen;
use crate::tui::signature::areas;
use crate::tui::theme::{Role, Theme};

use super::{Span, centred, dimension, dotted, heading, meter, outlook, put};

/// Columns of the sign and the weight before a name.
const LEAD: usize = 9;
/// Columns between two parts of a row.
const GAP: usize = 2;

/// Words of the encoder in the heading.
const SAID: usize = 3;

/// The widths of a row's parts, from a width of the row on.
struct Widths {
    from: u16,
    name: usize,
    /// Cells of the histogram; a divisor of [`crate::latent::histogram::CELLS`].
    histogram: usize,
    tells: usize,
}

/// A wider row tells no less.
const WIDTHS: [Widths; 5] = [
    Widths { from: 104, name: 35, histogram: 48, tells: 8 },
    Widths { from: 92, name: 23, histogram: 48, tells: 8 },
    Widths { from: 66, name: 21, histogram: 24, tells: 8 },
    Widths { from: 52, name: 11, histogram: 24, tells: 4 },
    Widths { from: 0, name: 11, histogram: 12, tells: 0 },
];

fn widths(width: u16) -> &'static Widths {
    WIDTHS.iter().find(|widths| width >= widths.from).unwrap_or(&WIDTHS[WIDTHS.len() - 1])
}

/// Draws the view.
pub fn signature(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, body: Rect) {
    let inside = screen.signature.inside;
    let areas = areas(body, inside.is_some());
    head(model, theme, buf, areas.table);
    let Some(tried) = model.trial.tried.as_deref() else {
        let words = match &model.trial.fault {
            Some(why) => text::sanitize(why),
            None => {
                "What the tracks that you chose have in common shows here once some of them were listened to.".into()
            }
        };
        let lines: Vec<Span> =
            crate::tui::pane::wrapped(&words, usize::from(body.width), Role::Dim).into_iter().flatten().collect();
        return centred(theme, buf, crate::tui::layout::Layout::rows_of(body), &lines);
    };
    let at = screen.signature_at(model);
    let widths = widths(areas.rows.width);
    let covered = areas.card == areas.table;
    if !covered {
        above(model, tried, widths, theme, buf, areas.table);
        let most = tried.rows.iter().map(|row| row.tells).fold(0.0_f32, f32::max);
        let rows = tried.rows.iter().enumerate().skip(screen.signature.top).take(usize::from(areas.rows.height));
        for (y, (index, row)) in rows.enumerate() {
            let line = Rect { y: areas.rows.y + y as u16, height: 1, ..areas.rows };
            let here = index == at;
            let role = if inside.is_some() { Role::SelectedUnfocused } else { Role::Selected };
            let base = here.then(|| theme.style(Role::Text).patch(theme.style(role)));
            put_row(model, tried, (row, most), widths, (theme, base), buf, line);
        }
        put(buf, areas.legend, theme, &[(legend(tried, usize::from(areas.legend.width)), Role::Dim)], None);
    }
    if areas.card.area() > 0
        && let Some(row) = tried.rows.get(at)
    {
        if areas.card.y == areas.table.y && !covered {
            for y in areas.card.top()..areas.card.bottom() {
                buf.set_string(areas.table.right(), y, "│", theme.style(Role::Border));
            }
        }
        dimension::card(model, tried, row, inside, theme, buf, areas.card);
    }
    outlook::outlook(model, tried, theme, buf, areas.outlook);
}

/// The heading: whose signature it is, and what stands of it.
fn head(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let trial = &model.trial;
    let label = match (&trial.whom, &trial.tried, &model.auto.following) {
        (Whom::Followed, _, Some(following)) => following.name.clone(),
        (Whom::Followed, ..) => "your tracks".into(),
        (_, Some(tried), _) if !trial.waits() => tried.label.clone(),
        (Whom::Queue, ..) => "your tracks of the queue".into(),
        (Whom::Set(side), ..) => side.label.clone(),
        (Whom::Playlist(name), ..) => name.clone(),
    };
    let members = trial.tried.as_ref().map_or(String::new(), |tried| match tried.members {
        1 => "1 track".into(),
        n => format!("{n} tracks"),
    });
    let against = trial.tried.as_ref().and_then(|tried| tried.beside.as_ref()).map_or(String::new(), |other| {
        format!("beside {}: {}", other.label, crate::describe::compare::kinship(other.distance))
    });
    // The encoder's words are of what the queue follows.
    let said = model.signature.as_ref().filter(|_| !trial.changed()).map_or(&[][..], |report| &report.words);
    let said = said.iter().take(SAID).map(String::as_str).collect::<Vec<_>>().join(", ");
    let title = dotted(&[&format!("Signature of {label}"), &members, &said, &against]);
    let stands = match (trial.changed(), trial.confidence.filter(|c| c.is_finite())) {
        (true, _) => "tried, not kept".to_string(),
        (false, Some(confidence)) => format!("confidence: {}", trust(confidence)),
        (false, None) => String::new(),
    };
    heading(buf, area, theme, (&text::sanitize(&title), Role::TabFocus), &stands);
}

/// How the dimensions were chosen, and the heads of the columns.
fn above(model: &Model, tried: &Tried, widths: &Widths, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let line = |n: u16| Rect { y: area.y + n, height: u16::from(area.height > n), ..area };
    let how = how(model, tried, usize::from(area.width));
    let fitted = text::fit(&how, text::width(&how).min(usize::from(area.width)));
    put(buf, line(1), theme, &[(fitted, Role::Dim)], None);
    let axis = widths.histogram;
    let middle = if axis >= 24 { " your library " } else { "" };
    let side = axis.saturating_sub(text::width(middle) + 7) / 2;
    let rest = axis.saturating_sub(7 + text::width(middle) + side);
    let axis = format!("low{}{middle}{}high", "─".repeat(side), "─".repeat(rest));
    let tells = if widths.tells > 0 { "  tells" } else { "" };
    let heads = format!("  weight {}  {axis}{tells}", text::fit("dimension", widths.name));
    put(buf, line(2), theme, &[(heads, Role::Dim)], None);
}

/// How the dimensions were chosen, in a sentence; with several moods that comes first, and alone where both do not fit.
fn how(model: &Model, tried: &Tried, columns: usize) -> String {
    let moods = model.signature.as_ref().map_or(0, |report| report.moods.len());
    let moods = match moods {
        n if n > 1 && !model.trial.changed() => format!("{n} moods: the queue goes on with that of the last track. "),
        _ => String::new(),
    };
    let both = format!("{moods}{}", chosen(&tried.choice, tried.soft));
    if moods.is_empty() || text::width(&both) <= columns { both } else { moods.trim_end().to_string() }
}

/// One dimension. `most` is the largest `tells` of all rows.
fn put_row(
    model: &Model,
    tried: &Tried,
    (row, most): (&Row, f32),
    widths: &Widths,
    (theme, base): (&Theme, Option<Style>),
    buf: &mut Buffer,
    area: Rect,
) {
    if let Some(style) = base {
        buf.set_style(area, style);
    }
    let (sign, role) = sign(row.counting);
    let weight = if row.counting == Counting::Yours { format!("×{}", row.weight) } else { String::new() };
    let name = text::sanitize(&short::name(model.cards(), row.dim));
    let counts = matches!(row.counting, Counting::Yours | Counting::Tested);
    let mut spans: Vec<Span> = vec![
        (format!("{sign} "), role),
        (text::fit(&weight, LEAD - 2), role),
        (text::fit(&name, widths.name), if counts { Role::Text } else { Role::Dim }),
        (" ".repeat(GAP), Role::Text),
    ];
    match tried.library.get(row.dim) {
        Some(library) => spans.extend(axis(tried, row, library, widths.histogram)),
        None => spans.push((" ".repeat(widths.histogram), Role::Dim)),
    }
    if widths.tells > 0 {
        let share = if most > 0.0 { row.tells / most } else { 0.0 };
        // In the row of the cursor `base` replaces the role's colour; the role still tells `put` that this is a bar.
        let role = if base.is_some() { Role::Progress } else { Role::Accent };
        spans.extend([(" ".repeat(GAP), Role::Text), (meter(share, widths.tells), role)]);
    }
    put(buf, area, theme, &spans, base);
}

/// The sign of what a dimension is to the signature.
fn sign(counting: Counting) -> (char, Role) {
    match counting {
        Counting::Yours => ('■', Role::Hand),
        Counting::Tested => ('■', Role::Auto),
        Counting::Unchosen => ('□', Role::Dim),
        Counting::Never => ('-', Role::Dim),
    }
}

/// The library's histogram with the set's centre and spread, the other set's centre and what plays over it.
fn axis(tried: &Tried, row: &Row, library: &Histogram, cells: usize) -> Vec<Span> {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let (centre, within) = library.band(row.centre, row.spread, cells);
    let playing = row.playing.map(|score| library.place(score, cells));
    let other = tried.beside.as_ref().and_then(|beside| beside.dims.iter().find(|dim| dim.0 == row.dim));
    let other = other.map(|dim| library.place(dim.1, cells));
    let mut spans: Vec<Span> = Vec::new();
    for (x, height) in library.heights(cells).into_iter().enumerate() {
        let (sign, role) = match x {
            _ if x == centre => ('●', Role::Accent),
            _ if Some(x) == other => ('○', Role::Match),
            _ if Some(x) == playing => ('▲', Role::Playing),
            _ if within.get(x).is_some_and(|inside| *inside) => ('━', Role::Progress),
            _ if height <= 0.0 => ('·', Role::Border),
            _ => (BARS[((height * 8.0).ceil() as usize).clamp(1, 8) - 1], Role::Border),
        };
        // Adjacent cells of the same role become one span.
        match spans.last_mut() {
            Some((text, last)) if *last == role => text.push(sign),
            _ => spans.push((sign.to_string(), role)),
        }
    }
    spans
}

/// What the signs mean, as far as there is room.
fn legend(tried: &Tried, columns: usize) -> String {
    let other = if tried.beside.is_some() { "○ of the other" } else { "" };
    // With too little agreement all of them count a little.
    let hardly = match (&tried.choice, tried.soft) {
        (Choice::Dims(_), _) => "□ does not",
        (_, true) => "□ as far as they agree",
        (_, false) => "□ hardly",
    };
    let parts = [
        "● your tracks' centre",
        hardly,
        "■ counts",
        other,
        "━ more expected",
        "▲ what plays",
        "- never",
        "tells: how much it sets them apart",
    ];
    let mut line = String::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let gap = if line.is_empty() { "" } else { "  " };
        if text::width(&line) + gap.len() + text::width(part) > columns {
            break;
        }
        line = format!("{line}{gap}{part}");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latent::histogram::CELLS;

    #[test]
    fn a_wider_row_tells_no_less() {
        for pair in WIDTHS.windows(2) {
            let (wide, narrow) = (&pair[0], &pair[1]);
            assert!(wide.from > narrow.from);
            assert!(wide.name >= narrow.name && wide.histogram >= narrow.histogram && wide.tells >= narrow.tells);
        }
        for widths in &WIDTHS {
            assert_eq!(CELLS % widths.histogram, 0, "the cells are added together evenly");
            let tells = if widths.tells > 0 { GAP + widths.tells } else { 0 };
            let used = LEAD + widths.name + GAP + widths.histogram + tells;
            assert!(used <= usize::from(widths.from.max(38)), "{used} columns from {} on", widths.from);
        }
    }

    #[test]
    fn the_legend_fits_and_begins_with_what_matters_most() {
        let tried = Tried::default();
        for columns in 0..160 {
            assert!(text::width(&legend(&tried, columns)) <= columns);
        }
        assert!(legend(&tried, 30).starts_with("● your tracks' centre"));
        // Beside the card of a screen of 120 columns.
        assert!(legend(&tried, 73).contains("□ hardly") && legend(&tried, 73).contains("■ counts"));
        assert!(legend(&Tried { soft: true, ..tried.clone() }, 73).contains("□ as far as they agree"));
        assert!(legend(&tried, 200).contains("tells: how much"));
    }
}
