//! Why a track is in the queue.

use crate::app::Model;
use crate::describe::reason;
use crate::describe::reason::term_name;
use crate::queue::{Origin, Why};
use crate::text;
use crate::tui::binding::{Binding, says, typeable};
use crate::tui::draw::{Span, dotted};
use crate::tui::theme::Role;

use crate::tui::layout;
use crate::tui::pane::{At, Open, Pane, Shown, blank, plain, wrapped};

/// Maximum number of dimensions shown.
const DIMS: usize = 8;

/// The page that explains a pick.
pub struct WhyPicked;

impl Pane for WhyPicked {
    fn id(&self) -> &'static str {
        "why"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Why"
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("keep", "keep"),
            ("not", "not this"),
            ("not-artist", "not the artist"),
            ("less", "count less"),
            ("undo", "undo"),
        ]
    }

    fn open(&self, model: &Model, at: At) -> Open {
        let queue = &model.queue;
        let item = match at.focus {
            layout::Pane::Queue => queue.items().get(at.queue),
            // From the library: the playing track if an engine picked it, else the next picked
            // track, else the playing one.
            layout::Pane::Library | layout::Pane::Saved => match queue.playing() {
                Some(item) if item.origin != Origin::Hand => Some(item),
                other => queue.ahead().iter().find(|i| i.origin != Origin::Hand).or(other),
            },
        };
        item.map_or(Open::Refused("the queue has no such track"), |item| Open::Page(Some(item.serial)))
    }

    fn lines(&self, shown: &Shown) -> Vec<Vec<Span>> {
        shown.about.map_or_else(Vec::new, |serial| lines(shown, serial))
    }

    fn told(&self, shown: &Shown) -> Vec<String> {
        plain(&self.lines(shown))
    }
}

fn lines(&Shown { model, bindings, columns, .. }: &Shown, serial: u64) -> Vec<Vec<Span>> {
    let Some(item) = model.queue.get(serial) else {
        return vec![vec![("That track left the queue.".into(), Role::Dim)]];
    };
    let title = item.song.title();
    let mut lines = vec![vec![(text::fit(&title, text::width(&title).min(columns)), Role::Title)]];
    lines.extend(wrapped(&dotted(&[item.song.artist(), item.song.album()]), columns, Role::Dim));
    if let Some(fault) = &item.song.tag_fault {
        lines.extend(wrapped(fault, columns, Role::Error));
    }
    lines.push(blank());
    match &item.origin {
        Origin::Hand => lines.push(vec![
            ("+ ".into(), Role::Hand),
            ("You added it; the signature is made of tracks like this.".into(), Role::Text),
        ]),
        Origin::Auto(why) => {
            reasons(model, why, columns, &mut lines);
            answers(bindings, columns, &mut lines);
        }
    }
    lines
}

fn reasons(model: &Model, why: &Why, columns: usize, lines: &mut Vec<Vec<Span>>) {
    let engine = text::sanitize(&why.engine);
    lines.push(vec![("~ ".into(), Role::Auto), (format!("Picked by the engine {engine}."), Role::Text)]);
    lines.extend(wrapped(&text::sanitize(&reason(why, &model.catalog, model.cards())), columns, Role::Text));
    if let Some(fit) = why.fit.filter(|f| f.is_finite()) {
        let percent = f64::from(fit.clamp(0.0, 1.0)) * 100.0;
        lines.extend(wrapped(
            &format!("Fitted your tracks better than {percent:.0} % of the rest when it was picked."),
            columns,
            Role::Text,
        ));
    }
    limits(model, columns, lines);
    terms(why, columns, lines);
    let dims: Vec<(u8, f32)> = why.dims.iter().filter(|d| d.1.is_finite()).take(DIMS).copied().collect();
    if dims.is_empty() {
        return;
    }
    lines.push(blank());
    let names: Vec<String> = dims.iter().map(|&(dim, _)| model.names.label(dim.saturating_sub(1))).collect();
    let widest = names.iter().map(|n| text::width(n)).max().unwrap_or(0).max(3);
    lines.push(vec![(format!("{:>widest$}   counts", "dim"), Role::Dim)]);
    let most = dims.iter().map(|d| d.1.abs()).fold(f32::MIN_POSITIVE, f32::max);
    for ((dim, share), name) in dims.into_iter().zip(names) {
        let blocks = "█".repeat((share.abs() / most * 16.0).ceil() as usize);
        // A negative share reduces the distance, so it speaks for the track.
        let (words, role) = if share <= 0.0 { ("near", Role::Accent) } else { ("apart", Role::Dim) };
        let room = columns.saturating_sub(widest + 3 + 17 + 7);
        let meaning = model.cards().map_or("", |cards| cards.meaning(dim.saturating_sub(1)));
        lines.push(vec![
            (format!("{name:>widest$}   "), Role::Key),
            (format!("{blocks:<16} "), role),
            (format!("{words:<7}"), Role::Dim),
            (text::fit(meaning, text::width(meaning).min(room)), Role::Text),
        ]);
    }
}

/// The limits that every pick keeps to.
fn limits(model: &Model, columns: usize, lines: &mut Vec<Vec<Span>>) {
    let words = model.auto.bounds.words(model.play.sounded, model.now);
    if !words.is_empty() {
        let words = text::sanitize(&words.join("; "));
        lines.extend(wrapped(&format!("Limits of the queue: {words}."), columns, Role::Dim));
    }
}

/// What each term of the policy added to the score, in standard deviations of the engine's scores
/// over the candidates.
fn terms(why: &Why, columns: usize, lines: &mut Vec<Vec<Span>>) {
    let terms: Vec<(&str, f32)> =
        why.terms.iter().filter(|t| t.1.is_finite()).map(|&(t, v)| (term_name(t), v)).collect();
    let Some(widest) = terms.iter().map(|(name, _)| text::width(name)).max() else { return };
    lines.push(blank());
    let most = terms.iter().map(|t| t.1.abs()).fold(f32::MIN_POSITIVE, f32::max);
    let room = columns.saturating_sub(widest + 9).min(16);
    for (name, value) in &terms {
        let blocks = "█".repeat((value.abs() / most * room as f32).round() as usize);
        let role = if *value >= 0.0 { Role::Accent } else { Role::Dim };
        lines.push(vec![
            (format!("{name:<widest$}"), Role::Text),
            (format!("  {value:+.2}  "), Role::Key),
            (blocks, role),
        ]);
    }
    let sum: f32 = terms.iter().map(|t| t.1).sum();
    lines.push(vec![(format!("{:<widest$}  {sum:+.2}", "together"), Role::Dim)]);
}

/// The keys that answer a pick, as they are bound.
fn answers(bindings: &[Binding], columns: usize, lines: &mut Vec<Vec<Span>>) {
    const ANSWERS: [(&str, &str); 5] = [
        ("keep", "keeps it"),
        ("not", "not this"),
        ("not-artist", "nothing more by this artist tonight"),
        ("less", "what spoke most for it counts less"),
        ("undo", "takes back"),
    ];
    let bound: Vec<_> = typeable(bindings, WhyPicked.scope()).collect();
    // A command without a key is typed.
    let key = |command: &str| match bound.iter().find(|(_, line)| says(line, command)) {
        Some((binding, _)) => text::sanitize(&binding.text),
        None => format!(":{command}"),
    };
    let hint: Vec<String> = ANSWERS.iter().map(|(command, words)| format!("{} {words}", key(command))).collect();
    lines.push(blank());
    lines.extend(wrapped(&hint.join(" · "), columns, Role::Dim));
}
