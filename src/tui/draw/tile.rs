//! What stands where an album has no cover: its initials, on a ground whose colour follows from its name.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use crate::text;
use crate::tui::colour::{index_16, luminance, rgb_256};
use crate::tui::theme::Theme;

/// How many colours there are, all round the circle of hues.
const HUES: u32 = 24;
/// From this luminance on, black is read better than white (both then have a contrast of 4.58).
const BRIGHT: f64 = 0.179;

/// Draws the tile of an album.
pub fn tile(artist: &str, album: &str, theme: &Theme, buf: &mut Buffer, area: Rect) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    let style = look(colour_of(artist, album), theme);
    buf.set_style(area, style);
    let initials = initials(if album.is_empty() { artist } else { album });
    let columns = text::width(&initials).min(usize::from(area.width));
    let x = area.x + (area.width - columns as u16) / 2;
    let y = area.y + (area.height - 1) / 2;
    buf.set_stringn(x, y, text::fit(&initials, columns), columns, style.add_modifier(Modifier::BOLD));
}

/// The first letters of a name's first two words; one letter where the script has no capitals, for such letters may be as wide
/// as two others, or join.
fn initials(name: &str) -> String {
    let is_letter = |cluster: &&str| cluster.chars().any(char::is_alphanumeric);
    let mut letters = name.split_whitespace().filter_map(|word| word.graphemes(true).find(is_letter));
    let Some(first) = letters.next() else {
        return name.graphemes(true).find(|one| !text::is_blank(one)).unwrap_or("♪").to_string();
    };
    let has_case = |cluster: &&str| cluster.chars().all(|c| c.is_lowercase() || c.is_uppercase() || c.is_ascii_digit());
    let second = letters.next().filter(|second| has_case(&first) && has_case(second));
    [first.to_uppercase(), second.map(str::to_uppercase).unwrap_or_default()].concat()
}

/// A colour that is always the same for a name (FNV-1a, as a hue).
fn colour_of(artist: &str, album: &str) -> [u8; 3] {
    let bytes = artist.bytes().chain([0]).chain(album.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hue(hash % HUES * (360 / HUES))
}

/// The colour of a hue in degrees, of middling saturation and lightness.
fn hue(degrees: u32) -> [u8; 3] {
    const SATURATION: f32 = 0.45;
    const LIGHTNESS: f32 = 0.4;
    let chroma = (1.0 - (2.0 * LIGHTNESS - 1.0).abs()) * SATURATION;
    let sixth = degrees as f32 / 60.0;
    let other = chroma * (1.0 - (sixth % 2.0 - 1.0).abs());
    let (r, g, b) = match degrees / 60 {
        0 => (chroma, other, 0.0),
        1 => (other, chroma, 0.0),
        2 => (0.0, chroma, other),
        3 => (0.0, other, chroma),
        4 => (other, 0.0, chroma),
        _ => (chroma, 0.0, other),
    };
    [r, g, b].map(|part| ((part + LIGHTNESS - chroma / 2.0) * 255.0).round() as u8)
}

/// The look of text on such a ground: black or white, whichever is read better. A theme without colours has it reversed.
fn look(ground: [u8; 3], theme: &Theme) -> Style {
    let Some(colour) = theme.tint(ground) else { return Style::new().add_modifier(Modifier::REVERSED) };
    let shown = match colour {
        Color::Rgb(r, g, b) => [r, g, b],
        Color::Indexed(index) => rgb_256(index),
        named => index_16(named).map_or(ground, |index| rgb_256(index as u8)),
    };
    let ink = if luminance(shown) > BRIGHT { [0; 3] } else { [255; 3] };
    Style::new().bg(colour).fg(theme.tint(ink).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::colour::Depth;
    use crate::tui::theme::Display;

    fn theme(name: &str, depth: Depth) -> Theme {
        Theme::load(name, None, Display::from(depth)).unwrap().0
    }

    #[test]
    fn initials_are_letters_of_words() {
        for (name, expected) in [
            ("Long Way Home", "LW"),
            ("vespertine", "V"),
            ("(What's the Story)", "WT"),
            ("99 luftballons", "9L"),
            ("夜の音楽", "夜"),
            ("سلامتك يا بيروت", "س"),
            ("Ágætis byrjun", "ÁB"),
            ("../../etc", "E"),
            ("() !", "("),
            ("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"),
            ("", "♪"),
        ] {
            assert_eq!(initials(name), expected, "{name:?}");
        }
    }

    #[test]
    fn a_name_always_has_the_same_colour_and_names_differ() {
        assert_eq!(colour_of("Björk", "Homogenic"), colour_of("Björk", "Homogenic"));
        let all: std::collections::HashSet<[u8; 3]> = (0..200).map(|n| colour_of("Björk", &n.to_string())).collect();
        assert!(all.len() > 18 && all.len() <= HUES as usize, "{}", all.len());
        assert_eq!([hue(0), hue(120), hue(240)], [[148, 56, 56], [56, 148, 56], [56, 56, 148]]);
    }

    #[test]
    fn the_initials_can_be_read_on_every_colour() {
        let rgb = |colour| match colour {
            Some(Color::Rgb(r, g, b)) => [r, g, b],
            Some(Color::Indexed(index)) => rgb_256(index),
            other => panic!("{other:?}"),
        };
        for depth in [Depth::True, Depth::Indexed] {
            for degrees in 0..360 {
                let style = look(hue(degrees), &theme("gruvbox-dark", depth));
                let (ink, ground) = (luminance(rgb(style.fg)), luminance(rgb(style.bg)));
                let contrast = (ink.max(ground) + 0.05) / (ink.min(ground) + 0.05);
                assert!(contrast >= 4.5, "{degrees}: {contrast}");
            }
        }
        let sixteen = look(hue(180), &theme("terminal", Depth::Sixteen));
        assert!(sixteen.bg.is_some_and(|colour| index_16(colour).is_some()), "{sixteen:?}");
        for mono in [theme("mono", Depth::True), theme("nord", Depth::Mono)] {
            assert_eq!(look(hue(10), &mono), Style::new().add_modifier(Modifier::REVERSED));
        }
    }
}
