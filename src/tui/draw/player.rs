//! The player: title, artist and album, progress, volume and modes; and what comes next and why.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::State;
use crate::describe::reason;
use crate::latent::Choice;
use crate::queue::{Origin, Repeat};
use crate::text;
use crate::tui::layout;
use crate::tui::theme::{Role, Theme};

use super::{Span, bar, dotted, put, put_right, stars, thousands};

/// Draws the player; `area` has two or three rows.
pub fn player(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let row = |n: u16| Rect { y: area.y + n, height: 1, ..area };
    if area.height < 3 {
        let left = put_right(buf, row(0), theme, &sound(model, area), None);
        title(model, theme, buf, left, true);
        return progress(model, theme, buf, row(area.height - 1));
    }
    let marks = [rating(model), modes_of(model, area.width), filling(model)].concat();
    let left = put_right(buf, row(0), theme, &marks, None);
    title(model, theme, buf, left, false);
    let left = put_right(buf, row(1), theme, &sound(model, area), None);
    let about = match model.playing() {
        Some(item) => {
            let year = item.song.tags.year.map(|y| y.to_string()).unwrap_or_default();
            let genres = item.song.tags.genres.join(", ");
            dotted(&[item.song.artist(), item.song.album(), &year, &genres])
        }
        None => "Press enter on a track; jukebox goes on from there.".into(),
    };
    let fitted = text::fit(&about, usize::from(left.width.saturating_sub(2)));
    put(buf, left, theme, &[("  ".into(), Role::Text), (fitted, Role::Artist)], None);
    progress(model, theme, buf, row(area.height - 1));
}

/// Draws what comes next and why, and at the right how much is ahead.
pub fn then(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let ahead = model.queue.ahead();
    let amount = match ahead.len() {
        0 => String::new(),
        n => dotted(&[&format!("{} ahead", thousands(n)), &text::time(model.queue.secs_ahead())]),
    };
    let right = [(amount, Role::Dim)];
    let width = |spans: &[Span]| spans.iter().map(|(words, _)| text::width(words)).sum::<usize>();
    // What comes next, and why, matters more than what fills the queue.
    let whole = next(model, usize::MAX);
    let fits = width(&whole) + width(&right) < usize::from(area.width);
    let left = if fits { put_right(buf, area, theme, &right, None) } else { area };
    put(buf, left, theme, &next(model, usize::from(left.width)), None);
}

fn next(model: &Model, columns: usize) -> Vec<Span> {
    if model.order.modes.repeat == Repeat::One && model.playing().is_some() {
        return vec![("  then: this track again".into(), Role::Dim)];
    }
    // What is missing is skipped.
    let Some(item) = model.queue.ahead().iter().find(|item| !item.away) else {
        let words = match model.asking() {
            true => "  then: choosing what fits …",
            // A queue that repeats begins anew.
            false if model.queue.ahead().is_empty() || model.order.modes.repeat == Repeat::All => "",
            false => "  then: nothing, all that is ahead is missing",
        };
        return vec![(words.into(), Role::Dim)];
    };
    let (sign, because) = match &item.origin {
        Origin::Hand => (("+ ", Role::Hand), String::new()),
        Origin::Auto(why) => {
            let fit = why.fit.filter(|fit| fit.is_finite());
            // 100 % would overstate the evidence.
            let fit = fit.map(|fit| format!(" ({:.0} %)", (f64::from(fit) * 100.0).clamp(0.0, 99.0)));
            let reason = text::sanitize(&reason(why, &model.catalog, model.cards()));
            (("~ ", Role::Auto), format!(", because {reason}{}", fit.unwrap_or_default()))
        }
    };
    let artist = item.song.artist();
    let name = if artist.is_empty() { item.song.title() } else { format!("{} – {artist}", item.song.title()) };
    let room = columns.saturating_sub(8);
    // A long name leaves room for the reason.
    let most = room.saturating_sub(text::width(&because).min(room / 2));
    let name = text::fit(&name, text::width(&name).min(most));
    let rest = room.saturating_sub(text::width(&name));
    let because = text::fit(&because, text::width(&because).min(rest));
    vec![(sign.0.into(), sign.1), ("then: ".into(), Role::Dim), (name, Role::Text), (because, Role::Dim)]
}

/// The heart and the stars of the playing track, if it has any.
fn rating(model: &Model) -> Vec<Span> {
    let Some(item) = model.playing() else { return Vec::new() };
    let tally = model.tallies.of(item.song.track);
    let heart = if tally.loved { "♥ " } else { "" };
    let stars = tally.rating.map(stars).unwrap_or_default();
    if heart.is_empty() && stars.is_empty() { Vec::new() } else { vec![(format!("{heart}{stars}  "), Role::Accent)] }
}

/// `alone`: the artist has no row of its own, so it follows the title.
fn title(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect, alone: bool) {
    let sign = match model.play.state {
        State::Playing => "▶ ",
        State::Paused => "‖ ",
        State::Stopped => "■ ",
    };
    let title = match model.playing() {
        Some(item) if alone => dotted(&[&item.song.title(), item.song.artist()]),
        Some(item) => item.song.title(),
        None => "jukebox".to_string(),
    };
    let fitted = text::fit(&title, usize::from(area.width.saturating_sub(2)));
    put(buf, area, theme, &[(sign.into(), Role::Playing), (fitted, Role::Title)], None);
}

/// The gain in words where one is applied, the spectrum if it is shown, whether the output is silent, and the volume.
fn sound(model: &Model, area: Rect) -> Vec<Span> {
    let mut spans = Vec::new();
    if has_bar(area) && model.playing().is_some() && model.play.state != State::Stopped {
        spans.extend(gain(model.play.gain).map(|words| (words + "  ", Role::Dim)));
    }
    if let Some(bands) = &model.play.spectrum {
        spans.push((format!("{}  ", columns(bands)), Role::Progress));
    }
    if let Some(output) = model.play.output.as_ref().filter(|o| o.silent) {
        spans.push(("no sound  ".to_string(), if output.asked { Role::Dim } else { Role::Error }));
    }
    if !has_bar(area) {
        spans.push((format!("vol{}", volume_words(model)), Role::Dim));
        return spans;
    }
    let (done, rest) = bar(f64::from(model.play.volume) / 100.0, VOLUME);
    spans.extend([("vol ".into(), Role::Dim), (done, Role::Progress), (rest, Role::ProgressRest)]);
    spans.push((volume_words(model), Role::Dim));
    spans
}

/// A factor on samples in decibels: `gain −4.2 dB`; `None` where it changes nothing that could be heard.
fn gain(factor: f32) -> Option<String> {
    let tenths = (factor.log10() * 200.0).round();
    let sign = if tenths < 0.0 { "−" } else { "+" };
    (tenths.is_finite() && tenths != 0.0).then(|| format!("gain {sign}{:.1} dB", tenths.abs() / 10.0))
}

/// The spectrum in block characters: one column for two bands (levels from 0 to 1), as high as the
/// louder of them.
fn columns(bands: &[f32]) -> String {
    const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let height = |pair: &[f32]| pair.iter().copied().fold(0.0, f32::max);
    bands.chunks(2).map(|pair| EIGHTHS[((height(pair) * 8.0).round() as usize).min(8)]).collect()
}

/// The playback modes that differ from the default, and the limits that a command set, in words.
fn modes_of(model: &Model, columns: u16) -> Vec<Span> {
    let limits = model.auto.bounds.short(model.play.sounded, model.now, columns < layout::WITH_FILTERS);
    let words = model.order.modes.words().into_iter().chain(limits.iter().map(String::as_str));
    let words = dotted(&words.collect::<Vec<_>>());
    if words.is_empty() { Vec::new() } else { vec![(words + "  ", Role::Text)] }
}

/// What fills the queue: the engine, the signature or course that it follows, and the dimensions.
fn filling(model: &Model) -> Vec<Span> {
    if model.order.modes.repeat == Repeat::All {
        return Vec::new();
    }
    if !model.auto.on {
        return vec![("auto off".into(), Role::Dim)];
    }
    let by = match &model.auto.choice {
        Choice::Auto => String::new(),
        Choice::All => "all dimensions".to_string(),
        dims => crate::text::fit(&dims.to_string(), crate::text::width(&dims.to_string()).min(16)),
    };
    let engine = crate::text::sanitize(&model.auto.engine);
    let following = model.auto.following.as_ref().map_or("", |f| f.name.as_str());
    // Both may be long: a blend's name lists its parts, a journey's course names two tracks.
    let short = |text: &str| crate::text::fit(text, crate::text::width(text).min(36));
    let course = model.course().map_or_else(String::new, |words| short(&words));
    vec![("~ ".into(), Role::Auto), (dotted(&[&engine, &short(following), &course, &by]), Role::Dim)]
}

/// The area of the bar of progress, in a player of two or three rows.
pub fn bar_of(model: &Model, area: Rect) -> Rect {
    let (passed, whole) = times(model);
    let (left, right) = (text::width(&passed) as u16 + 3, text::width(&whole) as u16 + 1);
    let row = Rect { x: area.x + left, y: area.bottom().saturating_sub(1), height: 1, ..area };
    Rect { width: area.width.saturating_sub(left + right), ..row }
}

/// The area of the bar of volume; empty where the volume is only a number.
pub fn volume(model: &Model, area: Rect) -> Rect {
    let row = Rect { y: area.y + u16::from(area.height >= 3), height: 1, ..area };
    let number = text::width(&volume_words(model)) as u16;
    let x = area.right().saturating_sub(number + VOLUME as u16);
    Rect { x, width: if has_bar(area) { VOLUME as u16 } else { 0 }, ..row }
}

/// Cells of the bar of volume.
const VOLUME: usize = 10;

/// Whether there is room for a bar beside the number: from 80 columns on, even beside a cover.
fn has_bar(area: Rect) -> bool {
    area.width >= 69
}

fn volume_words(model: &Model) -> String {
    format!(" {:>3} %", model.play.volume)
}

/// The time that has passed, and the whole.
fn times(model: &Model) -> (String, String) {
    let (length, idle) = (model.duration(), model.playing().is_none());
    let passed = if idle { "–:––".to_string() } else { text::time(model.play.position) };
    let whole = if idle || length <= 0.0 { "–:––".to_string() } else { text::time(length) };
    (passed, whole)
}

fn progress(model: &Model, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let length = model.duration();
    let idle = model.playing().is_none();
    let (passed, whole) = times(model);
    let columns = usize::from(area.width).saturating_sub(text::width(&passed) + text::width(&whole) + 4);
    // The bar moves with the seconds, so that both change in one frame.
    let share = if length > 0.0 && !idle { model.play.position.floor() / length } else { 0.0 };
    let (done, rest) = bar(share, columns);
    // In one colour with the bar beside it, so that neither changes the terminal's style from second to second.
    let spans = [
        (format!("  {passed} "), if idle { Role::Text } else { Role::Progress }),
        (done, Role::Progress),
        (rest, Role::ProgressRest),
        (format!(" {whole}"), Role::Dim),
    ];
    put(buf, area, theme, &spans, None);
}

#[cfg(test)]
mod tests {
    use super::{Role, columns, gain, sound};
    use crate::app::fixture;
    use crate::app::state::playback::Output;
    use crate::app::state::sounds::ReplayGain;
    use crate::tui::fixture::Harness;

    #[test]
    fn a_gain_is_told_in_decibels_while_it_is_applied() {
        assert_eq!([1.0, 0.5, 2.0, 10.0].map(gain), [None, of("−6.0"), of("+6.0"), of("+20.0")]);
        assert_eq!([0.0, f32::NAN, 1.003].map(gain), [None, None, None]);
        let mut h = Harness::new(40, (120, 40));
        h.ui.model.sounds.preamp = -3.0;
        h.ui.model.sounds.replaygain = ReplayGain::Track;
        let measured = crate::sound::Loudness { lufs: Some(-18.0), range: None, peak: Some(-9.0) };
        let track = h.ui.model.catalog.songs()[0].track;
        h.message(crate::app::Msg::Loudness(std::sync::Arc::new([(track, measured)].into())));
        assert!(!h.text().contains("gain"), "nothing plays");
        h.play_and_fill();
        assert!(h.text().contains("gain −3.0 dB  vol"), "{}", h.text());
        h.keys(":replaygain off<enter>");
        assert!(!h.text().contains("gain −"), "{}", h.text());
        h.keys(":replaygain track<enter>");
        assert!(h.text().contains("gain −3.0 dB"));
        // What comes next was not measured.
        h.keys(">");
        assert!(!h.text().contains("gain −"), "{}", h.text());
    }

    fn of(db: &str) -> Option<String> {
        Some(format!("gain {db} dB"))
    }

    #[test]
    fn a_narrow_player_says_that_there_are_limits() {
        let mut h = Harness::new(40, (80, 24));
        h.play_and_fill();
        h.keys(":only genre~rock<enter>:length 2h<enter>");
        assert!(h.text().contains("limited · ends in 120 min  ~ signature"), "{}", h.text());
    }

    #[test]
    fn limits_and_the_end_of_the_queue_stand_with_the_modes() {
        let mut h = Harness::new(40, (120, 40));
        h.play_and_fill();
        h.keys(":repeat one<enter>:only genre~rock<enter>");
        assert!(h.text().contains("repeat one · only genre~rock  ~ signature"), "{}", h.text());
        h.keys(":repeat off<enter>:never live<enter>:length 90m<enter>");
        assert!(h.text().contains("only genre~rock · never live · ends in 90 min  ~ signature"), "{}", h.text());
        h.keys(":limits off<enter>");
        assert!(!h.text().contains("only genre") && h.text().contains("  ~ signature"), "{}", h.text());
    }

    #[test]
    fn silence_is_no_error_where_it_was_asked_for() {
        for (asked, role) in [(true, Role::Dim), (false, Role::Error)] {
            let mut model = fixture::model(3);
            model.play.output = Some(Output { name: "silent".into(), silent: true, asked });
            assert!(
                sound(&model, ratatui::layout::Rect::new(0, 0, 80, 3)).contains(&("no sound  ".to_string(), role)),
                "{asked}"
            );
        }
    }

    #[test]
    fn a_column_is_as_high_as_its_louder_band() {
        assert_eq!(columns(&[0.0, 0.0, 0.5, 0.1, 0.0, 1.0, 0.07, 0.0]), " ▄█▁");
        assert_eq!(columns(&[f32::NAN, 2.0]), "█");
    }
}
