//! Colours: parsing them, and mapping them to what a terminal with fewer colours can show.

use ratatui::style::Color;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// No colours, as `NO_COLOR` asks.
    Mono,
    /// The 16 ANSI colours.
    Sixteen,
    /// 256 colours: the ANSI ones, a 6×6×6 cube and 24 greys.
    Indexed,
    /// 24-bit RGB.
    True,
}

impl Depth {
    /// The depth according to the environment: `NO_COLOR` (if not empty), `COLORTERM`, `TERM`, and
    /// 256 colours if none of them decides.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Depth {
        let is = |name: &str, wanted: &[&str]| env(name).is_some_and(|v| wanted.contains(&v.as_str()));
        if env("NO_COLOR").is_some_and(|v| !v.is_empty()) {
            Depth::Mono
        } else if is("COLORTERM", &["truecolor", "24bit"]) {
            Depth::True
        } else if is("TERM", &["linux", "ansi", "vt100", "vt220", "xterm", "screen", "dumb"]) {
            Depth::Sixteen
        } else {
            Depth::Indexed
        }
    }

    /// Whether this depth keeps a colour apart from others: with sixteen, only the sixteen themselves.
    pub fn keeps(self, colour: Color) -> bool {
        self != Depth::Sixteen || !matches!(colour, Color::Rgb(..) | Color::Indexed(16..))
    }

    /// The nearest colour that this depth has.
    pub fn fit(self, colour: Color) -> Color {
        match (self, colour) {
            (Depth::Mono, _) => Color::Reset,
            (Depth::Indexed, Color::Rgb(r, g, b)) => Color::Indexed(nearest_256([r, g, b])),
            (Depth::Sixteen, Color::Rgb(r, g, b)) => nearest_16([r, g, b]),
            (Depth::Sixteen, Color::Indexed(i)) => nearest_16(rgb_256(i)),
            _ => colour,
        }
    }
}

const NAMES: [(&str, Color, [u8; 3]); 16] = [
    ("black", Color::Black, [0, 0, 0]),
    ("red", Color::Red, [205, 0, 0]),
    ("green", Color::Green, [0, 205, 0]),
    ("yellow", Color::Yellow, [205, 205, 0]),
    ("blue", Color::Blue, [0, 0, 238]),
    ("magenta", Color::Magenta, [205, 0, 205]),
    ("cyan", Color::Cyan, [0, 205, 205]),
    ("white", Color::Gray, [229, 229, 229]),
    ("bright-black", Color::DarkGray, [127, 127, 127]),
    ("bright-red", Color::LightRed, [255, 0, 0]),
    ("bright-green", Color::LightGreen, [0, 255, 0]),
    ("bright-yellow", Color::LightYellow, [255, 255, 0]),
    ("bright-blue", Color::LightBlue, [92, 92, 255]),
    ("bright-magenta", Color::LightMagenta, [255, 0, 255]),
    ("bright-cyan", Color::LightCyan, [0, 255, 255]),
    ("bright-white", Color::White, [255, 255, 255]),
];

/// Parses a colour: `default`, the name of one of the 16 ANSI colours, `#rrggbb`, or a palette
/// index from 0 to 255.
pub fn parse(name: &str) -> Option<Color> {
    if name == "default" {
        return Some(Color::Reset);
    }
    if let Some(hex) = name.strip_prefix('#').filter(|h| h.len() == 6 && h.is_ascii()) {
        let part = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).ok();
        return Some(Color::Rgb(part(0)?, part(2)?, part(4)?));
    }
    let named = NAMES.iter().find(|(n, _, _)| *n == name).map(|(_, colour, _)| *colour);
    named.or_else(|| name.parse().ok().map(Color::Indexed))
}

/// The relative luminance of an sRGB colour as WCAG 2 defines it, from 0 (black) to 1 (white).
pub fn luminance(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = rgb.map(|channel| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// The parameters of the sequence that makes this the colour of the text; with 10 more, of the background.
pub(super) fn code(colour: Color, more: u8) -> String {
    let named = match colour {
        Color::Reset => 39,
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
        Color::Indexed(n) => return format!("{};5;{n}", 38 + more),
        Color::Rgb(r, g, b) => return format!("{};2;{r};{g};{b}", 38 + more),
    };
    (named + more).to_string()
}

/// The channel levels of xterm's 6×6×6 colour cube.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The colour of a palette index, the first sixteen as xterm has them.
pub(super) fn rgb_256(index: u8) -> [u8; 3] {
    match index {
        0..=15 => NAMES[usize::from(index)].2,
        16..=231 => {
            let i = usize::from(index - 16);
            [CUBE[i / 36], CUBE[i / 6 % 6], CUBE[i % 6]]
        }
        232..=255 => [8 + 10 * (index - 232); 3],
    }
}

/// The palette index of one of the sixteen named colours.
pub(super) fn index_16(colour: Color) -> Option<usize> {
    NAMES.iter().position(|(_, named, _)| *named == colour)
}

fn nearest_256(rgb: [u8; 3]) -> u8 {
    // The first 16 are skipped: users configure them, so their RGB values are unknown.
    (16..=255).min_by_key(|i| distance(rgb, rgb_256(*i))).unwrap_or(16)
}

fn nearest_16(rgb: [u8; 3]) -> Color {
    NAMES.iter().min_by_key(|n| distance(rgb, n.2)).map_or(Color::Reset, |n| n.1)
}

/// The squared RGB distance with the perceptual weights 2, 4 and 3 (the "redmean" approximation for
/// colours with little red).
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let d = |i: usize| u32::from(a[i].abs_diff(b[i])).pow(2);
    2 * d(0) + 4 * d(1) + 3 * d(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        assert_eq!(parse("#fb4934"), Some(Color::Rgb(0xfb, 0x49, 0x34)));
        assert_eq!(parse("bright-cyan"), Some(Color::LightCyan));
        assert_eq!(parse("142"), Some(Color::Indexed(142)));
        for bad in ["", "#12", "#zzzzzz", "mauve", "256", "#ééé"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn fewer_colours_stay_near() {
        assert_eq!(Depth::Indexed.fit(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(Depth::Indexed.fit(Color::Rgb(0x28, 0x28, 0x28)), Color::Indexed(235));
        assert_eq!(Depth::Sixteen.fit(Color::Rgb(250, 10, 10)), Color::LightRed);
        assert_eq!(Depth::Sixteen.fit(Color::Cyan), Color::Cyan);
        assert_eq!(Depth::Mono.fit(Color::Cyan), Color::Reset);
    }

    #[test]
    fn sixteen_colours_keep_only_themselves() {
        for colour in [Color::Reset, Color::Cyan, Color::LightRed, Color::Indexed(15)] {
            assert!(Depth::Sixteen.keeps(colour), "{colour:?}");
        }
        assert!(!Depth::Sixteen.keeps(Color::Indexed(16)) && !Depth::Sixteen.keeps(Color::Rgb(0, 0, 0)));
        assert!(Depth::Indexed.keeps(Color::Rgb(1, 2, 3)) && Depth::True.keeps(Color::Rgb(1, 2, 3)));
    }

    #[test]
    fn luminance_goes_from_black_to_white() {
        assert!(luminance([0; 3]).abs() < 1e-9 && (luminance([255; 3]) - 1.0).abs() < 1e-9);
        let greys: Vec<f64> = (0..=255).map(|v| luminance([v; 3])).collect();
        assert!(greys.is_sorted_by(|a, b| a < b));
        // The grey that WCAG gives 4.5:1 on white.
        let contrast = 1.05 / (luminance([0x76; 3]) + 0.05);
        assert!((4.5..4.6).contains(&contrast), "{contrast}");
    }

    #[test]
    fn the_environment_decides() {
        let with = |set: &[(&str, &str)]| {
            let set: Vec<(String, String)> = set.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            Depth::detect(move |name| set.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()))
        };
        assert_eq!(with(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Depth::Mono);
        assert_eq!(with(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(with(&[("TERM", "xterm-256color")]), Depth::Indexed);
        assert_eq!(with(&[("TERM", "linux")]), Depth::Sixteen);
    }
}
