//! The panel about the track under the cursor: its tags and its file, its sound against the library, how well it fits and
//! why, what the journal says, the nearest tracks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::ask::inspect::Inspection;
use crate::describe::reason;
use crate::latent::{DIMS, NAMED, NamedValues, Space, named};
use crate::library::Song;
use crate::queue::{Item, Origin};
use crate::sound::Key;
use crate::text;
use crate::tui::gallery::Placement;
use crate::tui::layout::Layout;
use crate::tui::pane::wrapped;
use crate::tui::screen::Screen;
use crate::tui::theme::{Role, Theme};

use super::{Span, centred, cover, dotted, heading, meter, put, stars};

/// From this width on its three parts stand beside each other, from the second on two of them.
const PARTS: [u16; 2] = [108, 60];
/// The least rows of a cover.
const LEAST_COVER: u16 = 4;
/// Cells of a bar.
const BAR: usize = 8;
/// The descriptors in the order in which they are shown, by their places in [`NAMED`]: what is cut off on a low screen
/// matters least.
pub const SHOWN: [usize; 13] = [0, 1, 10, 3, 11, 5, 7, 9, 6, 4, 8, 2, 12];
const TEMPO: usize = 0;
const KEY: usize = 1;
const MODE: usize = 2;
/// Columns of a label before a fact.
const LABEL: usize = 7;
/// From so many rows on the reason takes two, and the words are told.
const ROOMY: usize = 12;

type Lines = Vec<Vec<Span>>;

/// The inside of the panel, below its heading.
fn inside_of(area: Rect) -> Rect {
    let inside = Layout::rows_of(area);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside }
}

/// The parts beside each other in so many columns, and the columns of each.
fn parts_of(columns: u16) -> (u16, u16) {
    let count = 1 + PARTS.iter().filter(|from| columns >= **from).count() as u16;
    (count, (columns + 2) / count - 2)
}

/// Where the cover of a track goes in the panel of this area, if it has one: at the left where all parts have room
/// beside it, or else below the tags. Empty where it would take the place of what is told.
pub fn cover_at(model: &Model, song: &Song, area: Rect) -> Rect {
    let inside = inside_of(area);
    if inside.height >= LEAST_COVER && inside.width >= PARTS[0] + 2 * inside.height + 2 {
        return Rect { width: 2 * inside.height, ..inside };
    }
    let (count, width) = parts_of(inside.width);
    let told = tags(model, song, usize::from(width)).len() as u16 + 1;
    let height = inside.height.saturating_sub(told);
    if count < 3 || height < LEAST_COVER {
        return Rect::default();
    }
    Rect { y: inside.y + told, width: width.min(2 * height), height, ..inside }
}

/// Draws the panel, if there is room for it; the cover that the terminal is to show in it.
pub fn info(model: &Model, screen: &Screen, theme: &Theme, buf: &mut Buffer, area: Rect) -> Option<Placement> {
    if area.height == 0 {
        return None;
    }
    let close = screen.keymap.key_of("info").map(|key| format!("{} closes", text::sanitize(key)));
    let Some(song) = screen.under(model) else {
        heading(buf, area, theme, ("info", Role::Tab), &close.unwrap_or_default());
        centred(theme, buf, Layout::rows_of(area), &[("No track is under the cursor.".into(), Role::Dim)]);
        return None;
    };
    heading(buf, area, theme, (&song.title(), Role::Tab), &close.unwrap_or_default());
    let mut inside = inside_of(area);
    let hung = screen.art.zip(screen.info_cover()).and_then(|(art, drawn)| {
        let place = cover_at(model, &song, area);
        if !place.is_empty() && place.height == inside.height {
            let room = place.width + 2;
            inside = Rect { x: inside.x + room, width: inside.width - room, ..inside };
        }
        cover::hang(art, drawn, buf, place)
    });
    let (count, width) = parts_of(inside.width);
    let columns = usize::from(width);
    let rows = usize::from(inside.height);
    let seen = model.inspected.as_deref().filter(|seen| *seen.path == *song.path);
    let item = screen.item_under(model);
    let own = yours(model, &song, (seen, picked_at(item)), (columns, rows));
    let sound = sound(model, &song, item.is_some_and(|item| item.away), columns);
    // What the journal and the nearest tracks say stands below the tags, which leave it room.
    let shared = |tags: Lines| tags.into_iter().take(rows.saturating_sub(own.len()).max(2));
    let parts: Vec<Lines> = match count {
        3 => vec![tags(model, &song, columns), sound, own],
        2 => vec![shared(tags(model, &song, columns)).chain(own.clone()).collect(), sound],
        _ => vec![shared(tags(model, &song, columns)).chain(own.clone()).chain(sound).collect()],
    };
    for (place, lines) in (0u16..).zip(&parts) {
        let x = inside.x + place * (width + 2);
        for (y, spans) in (inside.y..inside.bottom()).zip(lines) {
            put(buf, Rect { x, y, width, height: 1 }, theme, spans, None);
        }
    }
    hung
}

/// A text cut to the columns of the panel.
fn cut(words: &str, columns: usize) -> String {
    text::fit(words, text::width(words).min(columns))
}

/// Tags, format and file, what matters most first.
fn tags(model: &Model, song: &Song, columns: usize) -> Lines {
    let tags = &song.tags;
    let number = |word: &str, n: Option<u32>| n.map(|n| format!("{word} {n}")).unwrap_or_default();
    let year = tags.year.map(|year| year.to_string()).unwrap_or_default();
    let about = dotted(&[&year, &number("track", tags.track), &number("disc", tags.disc), &tags.genres.join(", ")]);
    let under = model.music.as_deref().and_then(|music| song.path.strip_prefix(music).ok()).unwrap_or(&song.path);
    let composer = tags.composer().map(|name| format!("composed by {name}")).unwrap_or_default();
    let added = text::day(song.added);
    let lines = [
        (dotted(&[song.artist(), song.album()]), Role::Text),
        (about, Role::Dim),
        (format(song), Role::Dim),
        (text::sanitize(&under.to_string_lossy()), Role::Dim),
        (song.tag_fault.as_deref().unwrap_or_default().to_string(), Role::Error),
        (composer, Role::Dim),
        (if added.is_empty() { added } else { format!("added {added}") }, Role::Dim),
    ];
    let told = lines.into_iter().filter(|(words, _)| !words.is_empty());
    told.map(|(words, role)| vec![(cut(&words, columns), role)]).collect()
}

/// `flac · 44.1 kHz · stereo · 912 kbit/s · 3:12`, as far as it is known.
fn format(song: &Song) -> String {
    let rate = if song.rate > 0 { format!("{} kHz", f64::from(song.rate) / 1000.0) } else { String::new() };
    let channels = match song.channels {
        0 => String::new(),
        1 => "mono".into(),
        2 => "stereo".into(),
        n => format!("{n} channels"),
    };
    let bits = if song.kbps > 0 { format!("{} kbit/s", song.kbps) } else { String::new() };
    let length = if song.secs > 0.0 { text::time(song.secs) } else { String::new() };
    dotted(&[song.codec.name(), &rate, &channels, &bits, &length])
}

/// The descriptors, each as a bar: how much of the library lies below it. `away`: its file is missing.
fn sound(model: &Model, song: &Song, away: bool, columns: usize) -> Lines {
    let mut lines = Vec::new();
    if away {
        lines.push(vec![(cut("the file is missing; it is skipped", columns), Role::Error)]);
    }
    let Some(row) = model.space.row(song.track) else {
        // Nothing is to be waited for without the file.
        if !away {
            lines.push(vec![(cut("not listened to yet", columns), Role::Dim)]);
        }
        return lines;
    };
    let values = model.space.named(row);
    let told = lines.len();
    for place in SHOWN {
        let Some((share, words)) = standing(&model.space, row, &values, place) else { continue };
        let bar = share.map_or(" ".repeat(BAR + 2), |share| format!("▕{}▏", meter(share, BAR)));
        lines.push(vec![
            (format!("{:<14} ", NAMED[place].name), Role::Dim),
            (bar, Role::Progress),
            (cut(&format!(" {words}"), columns.saturating_sub(15 + BAR + 2)), Role::Text),
        ]);
    }
    if lines.len() == told {
        lines.push(vec![(cut("its descriptors are not known yet", columns), Role::Dim)]);
        return lines;
    }
    lines.push(vec![(cut("a bar: share of your library below it", columns), Role::Dim)]);
    lines
}

/// How much of the library lies below a row in the descriptor at a place of [`NAMED`], as far as it has a rank, and its value
/// in words; `None` where it is not known.
pub fn standing(space: &Space, row: u32, values: &NamedValues, place: usize) -> Option<(Option<f32>, String)> {
    let words = value(values, place)?;
    let share = match place {
        // A tempo is a place in an octave; it has no rank.
        TEMPO => Some((named::bpm(values[TEMPO]) - 80.0) / 80.0),
        KEY => None,
        _ => space.share_below(row, (DIMS + place) as u8),
    };
    Some((share, words))
}

/// A descriptor in words, with its unit; `None` where it is not known.
fn value(values: &NamedValues, place: usize) -> Option<String> {
    let value = values.get(place).copied().filter(|value| value.is_finite())?;
    Some(match NAMED.get(place)?.name {
        "tempo" => format!("{:.0} bpm", named::bpm(value)),
        "key" => key(value, values[MODE]),
        "brightness" => format!("{value:.0} Hz"),
        "bass" | "percussiveness" => format!("{:.0} %", value * 100.0),
        "dynamics" => format!("{value:.0} dB"),
        "onsets" => format!("{value:.1}/s"),
        "loudness" => format!("{value:.1} LUFS"),
        "range" => format!("{value:.1} LU"),
        "mode" => format!("{value:+.2}"),
        _ => format!("{value:.2}"),
    })
}

/// The name of a key from its place on the circle of fifths, where a minor key stands at its relative major's.
fn key(turns: f32, mode: f32) -> String {
    let fifths = (turns * 12.0).round().rem_euclid(12.0) as u8;
    // Seven fifths up are a semitone up, some octaves higher.
    let major = fifths * 7 % 12;
    let minor = mode < 0.0;
    Key { tonic: if minor { (major + 9) % 12 } else { major }, minor, confidence: 1.0 }.name()
}

/// How well an item fitted when an engine picked it, 0 to 1.
fn picked_at(item: Option<&Item>) -> Option<f32> {
    match &item?.origin {
        Origin::Auto(why) => why.fit.filter(|fit| fit.is_finite()),
        Origin::Hand => None,
    }
}

/// A fit in percent; 100 % would overstate the evidence.
fn percent(fit: f32) -> String {
    format!("{:.0} %", (fit * 100.0).clamp(0.0, 99.0))
}

/// The fit, the rating and why, how often it was played, words, the nearest tracks; shorter where there are few rows.
/// `picked`: how well it fitted when it was picked, which its row in the queue says.
fn yours(
    model: &Model,
    song: &Song,
    (seen, picked): (Option<&Inspection>, Option<f32>),
    (columns, rows): (usize, usize),
) -> Lines {
    let tally = model.tallies.of_song(song);
    let room = columns.saturating_sub(LABEL);
    let label = |label: &str| (format!("{label:<LABEL$}"), Role::Dim);
    let fact = |name: &str, words: &str, role: Role| vec![label(name), (cut(words, room), role)];
    let now = model.fits.of(song.track);
    let (fit, role) = match now {
        Some(fit) => (format!("{} {}", percent(fit), meter(fit, BAR)), Role::Progress),
        None => ("not known yet".into(), Role::Dim),
    };
    let then = picked.map(percent).filter(|then| now.map(percent).as_ref() != Some(then));
    let heart = if tally.loved { " ♥" } else { "" };
    let rated = format!("  {}{heart}", tally.rating.map(stars).unwrap_or_default());
    let mut lines = vec![vec![label("fit"), (fit, role), (rated, Role::Accent)]];
    lines.extend(then.map(|then| fact("", &format!("{then} when it was picked"), Role::Dim)));
    let (reasons, worded) = if rows < ROOMY { (1, false) } else { (2, true) };
    if let Some(why) = seen.and_then(|seen| seen.why.as_ref()) {
        let words = text::sanitize(&reason(why, &model.catalog, model.cards()));
        lines.extend(lines_of(&words, room, reasons).iter().map(|words| fact("", words, Role::Text)));
    }
    let times = |word: &str, n: u32| if n > 0 { format!("{word}{n}×") } else { String::new() };
    let last = tally.last_played.map(text::day).unwrap_or_default();
    let played = if tally.plays > 0 { times("", tally.plays) } else { "never".into() };
    lines.push(fact("played", &dotted(&[&played, &times("skipped ", tally.skips), &last]), Role::Text));
    let Some(seen) = seen else {
        lines.push(fact("near", "…", Role::Dim));
        return lines;
    };
    if worded && !seen.words.is_empty() {
        lines.push(fact("words", &text::sanitize(&seen.words.join(", ")), Role::Text));
    }
    for (place, near) in seen.near.iter().enumerate() {
        let by = if near.artist.is_empty() { String::new() } else { format!(" – {}", near.artist) };
        let name = text::sanitize(&format!("{}{by}", near.title));
        lines.push(fact(if place == 0 { "near" } else { "" }, &name, Role::Text));
    }
    lines
}

/// A text in at most so many lines; the last of them has all that is left, to be cut.
fn lines_of(words: &str, columns: usize, most: usize) -> Vec<String> {
    let lines = wrapped(words, columns, Role::Text);
    let mut told: Vec<String> = lines.into_iter().flatten().map(|(words, _)| words).collect();
    if told.len() > most {
        let rest = told.split_off(most.saturating_sub(1)).join(" ");
        told.push(rest);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_without_room_is_not_cut_silently() {
        let words = "metal, close to Beight";
        assert_eq!(lines_of(words, 16, 2), ["metal, close to", "Beight"]);
        assert_eq!(lines_of(words, 16, 1), [words], "to be cut with a sign that there is more");
        assert_eq!(lines_of(words, 40, 1), [words]);
    }

    #[test]
    fn keys_are_named_from_the_circle_of_fifths() {
        let turns = |tonic, minor| named::turns_of_key(Key { tonic, minor, confidence: 1.0 });
        for tonic in 0..12 {
            for (minor, mode) in [(false, 0.4), (true, -0.4)] {
                let name = Key { tonic, minor, confidence: 1.0 }.name();
                assert_eq!(key(turns(tonic, minor), mode), name);
            }
        }
    }

    #[test]
    fn every_descriptor_is_shown_once_with_its_unit() {
        let mut places = SHOWN;
        places.sort_unstable();
        assert!(places.iter().enumerate().all(|(at, place)| at == *place));
        assert_eq!([NAMED[TEMPO].name, NAMED[KEY].name, NAMED[MODE].name], ["tempo", "key", "mode"]);
        let mut values = [0.5; NAMED.len()];
        values[3] = f32::NAN;
        assert_eq!((value(&values, 5).as_deref(), value(&values, 3)), (Some("50 %"), None));
        assert_eq!(value(&values, NAMED.len()), None);
    }

    #[test]
    fn a_format_says_what_is_known() {
        let bare = Song::bare("/m/a.flac", crate::track::TrackId([1; 16]));
        assert_eq!(format(&bare), "");
        let song = Song { codec: "flac".into(), rate: 44_100, channels: 2, kbps: 912, secs: 192.0, ..bare };
        assert_eq!(format(&song), "flac · 44.1 kHz · stereo · 912 kbit/s · 3:12");
    }
}
