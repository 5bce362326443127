//! Images of levels side by side, such as spectrograms: as SVG with axes, as PNG without, or as shades of text.

use std::fmt::Write as _;

use super::{WIDTH, close, open, text};

/// An image of levels with its axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Its title.
    pub title: String,
    /// The levels, 0 to 1, row by row, the lowest row first.
    pub levels: Vec<f32>,
    /// Number of columns.
    pub columns: usize,
    /// Labels along the lower edge, each at a place from 0 to 1.
    pub x: Vec<(f64, String)>,
    /// Labels along the left edge, each at a place from 0, the lower end, to 1.
    pub y: Vec<(f64, String)>,
}

impl Panel {
    fn rows(&self) -> usize {
        self.levels.len() / self.columns.max(1)
    }

    /// The colour of a pixel, counted from the upper left corner; black outside.
    fn pixel(&self, row: usize, column: usize) -> [u8; 3] {
        let level = self.rows().checked_sub(row + 1).filter(|_| column < self.columns);
        level.and_then(|row| self.levels.get(row * self.columns + column)).map_or([0; 3], |level| colour(*level))
    }
}

/// The colours of a level: the redder and brighter, the higher.
const COLOURS: [[f32; 3]; 5] =
    [[8.0, 8.0, 40.0], [60.0, 30.0, 110.0], [170.0, 40.0, 90.0], [235.0, 90.0, 50.0], [252.0, 235.0, 160.0]];

fn colour(level: f32) -> [u8; 3] {
    mixed(&COLOURS, level)
}

/// The colour at a level from 0, the first of these, to 1, the last; they are evenly spaced.
pub(super) fn mixed<const N: usize>(colours: &[[f32; 3]; N], level: f32) -> [u8; 3] {
    let place = level.clamp(0.0, 1.0) * N.saturating_sub(1) as f32;
    let below = (place as usize).min(N.saturating_sub(2));
    let share = place - below as f32;
    std::array::from_fn(|i| (colours[below][i] + share * (colours[below + 1][i] - colours[below][i])).round() as u8)
}

/// Panels side by side with their axes, as SVG.
pub fn panels(panels: &[Panel]) -> String {
    let (top, tall, gap) = (30.0, 230.0, 58.0);
    let wide = WIDTH / panels.len().max(1) as f64 - gap;
    let mut out = open(top + tall + 34.0);
    for (i, panel) in panels.iter().enumerate() {
        let left = gap - 8.0 + i as f64 * (wide + gap);
        text(&mut out, left, top - 10.0, "start", "strong", &panel.title);
        let data = base64(&png(std::slice::from_ref(panel)));
        let _ = write!(
            out,
            r#"<image x="{left:.1}" y="{top:.1}" width="{wide:.1}" height="{tall:.1}" preserveAspectRatio="none" href="data:image/png;base64,{data}"/>"#
        );
        for (place, label) in &panel.x {
            text(&mut out, left + place * wide, top + tall + 18.0, "middle", "small", label);
        }
        for (place, label) in &panel.y {
            text(&mut out, left - 6.0, top + (1.0 - place) * tall + 4.0, "end", "small", label);
        }
    }
    close(out)
}

/// Panels side by side as a PNG file, a pixel a level, without axes.
pub fn png(panels: &[Panel]) -> Vec<u8> {
    const GAP: usize = 16;
    let rows = panels.iter().map(Panel::rows).max().unwrap_or(0);
    let columns = panels.iter().map(|p| p.columns).sum::<usize>() + GAP * panels.len().saturating_sub(1);
    let mut raw = Vec::with_capacity(rows * (1 + 3 * columns));
    for row in 0..rows {
        // No filter.
        raw.push(0);
        for (i, panel) in panels.iter().enumerate() {
            raw.extend((0..panel.columns).flat_map(|column| panel.pixel(row, column)));
            if i + 1 < panels.len() {
                raw.extend([0; 3 * GAP]);
            }
        }
    }
    super::raster::png(columns, rows, &raw)
}

/// A panel as lines of text, the lower rows last: darker characters for higher levels.
pub fn shades(panel: &Panel, width: usize, height: usize) -> Vec<String> {
    const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let (rows, columns) = (panel.rows(), panel.columns);
    let range = |i: usize, of: usize, all: usize| (i * all / of)..((i + 1) * all / of).max(i * all / of + 1).min(all);
    let cell = |line: usize, column: usize| {
        let (mut sum, mut n) = (0.0, 0);
        for row in range(height - 1 - line, height, rows) {
            for column in range(column, width, columns) {
                sum += panel.levels.get(row * columns + column).copied().unwrap_or(0.0);
                n += 1;
            }
        }
        let mean = if n > 0 { sum / n as f32 } else { 0.0 };
        SHADES[((mean.clamp(0.0, 1.0) * SHADES.len() as f32) as usize).min(SHADES.len() - 1)]
    };
    (0..height).map(|line| (0..width).map(|column| cell(line, column)).collect()).collect()
}

/// Base64 with padding (RFC 4648).
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn panel() -> Panel {
        // The lower row is silent, the upper one rises.
        let levels = vec![0.0, 0.0, 0.0, 0.0, 0.5, 1.0];
        Panel { title: "a <b>".into(), levels, columns: 3, x: vec![(0.5, "15 s".into())], y: vec![(1.0, "hz".into())] }
    }

    #[test]
    fn a_png_holds_the_pixels() {
        let file = png(&[panel(), panel()]);
        assert_eq!(&file[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((number(16), number(20)), (3 + 16 + 3, 2));
        let length = number(33);
        assert_eq!(&file[37..41], b"IDAT");
        assert_eq!(number(41 + length), crc32fast::hash(&file[37..41 + length]) as usize);
        let mut raw = Vec::new();
        flate2::read::ZlibDecoder::new(&file[41..41 + length]).read_to_end(&mut raw).unwrap();
        assert_eq!(raw.len(), 2 * (1 + 3 * 22));
        // The upper row comes first.
        assert_eq!((&raw[1..4], &raw[7..10]), (&colour(0.0)[..], &colour(1.0)[..]));
        assert_eq!(raw[67 + 7..67 + 10], colour(0.0));
    }

    #[test]
    fn an_svg_has_image_and_labels() {
        let svg = panels(&[panel(), panel()]);
        assert!(svg.matches("data:image/png;base64,iVBORw0KGgo").count() == 2 && svg.contains("a &lt;b&gt;"), "{svg}");
        assert!(svg.contains(">15 s</text>") && svg.ends_with("</svg>"));
    }

    #[test]
    fn text_is_darker_where_it_is_louder() {
        assert_eq!(shades(&panel(), 3, 2), [" ▒█", "   "]);
        assert_eq!(shades(&panel(), 6, 2)[0], "  ▒▒██");
        assert_eq!(shades(&Panel { levels: Vec::new(), columns: 0, ..panel() }, 2, 1), ["  "]);
    }

    #[test]
    fn base64_is_padded() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
