//! Images in pairs, one above the other, coloured by how far each value is below or above 0.

use std::fmt::Write as _;

use super::panel::{base64, mixed};
use super::raster::png;
use super::{WIDTH, close, escape, text};

/// Two images of the same size.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// What they are of.
    pub title: String,
    /// The upper and the lower image: values row by row, the lowest row first.
    pub images: [Vec<f32>; 2],
}

/// The words of a picture of pairs.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// What the picture shows, for screen readers.
    pub about: &'a str,
    /// What the upper images are, and the lower ones.
    pub names: [&'a str; 2],
    /// The axis to the right, and the axis upwards.
    pub axes: [&'a str; 2],
    /// What the values are.
    pub unit: &'a str,
    /// A last line; may be empty.
    pub note: &'a str,
}

/// The largest distance from 0 that has a colour of its own.
const RANGE: f32 = 2.5;
/// The colours from −[`RANGE`] to [`RANGE`]: ColorBrewer's RdBu, which can be told apart without seeing red or green.
const COLOURS: [[f32; 3]; 7] = [
    [33.0, 102.0, 172.0],
    [103.0, 169.0, 207.0],
    [209.0, 229.0, 240.0],
    [247.0, 247.0, 247.0],
    [253.0, 219.0, 199.0],
    [239.0, 138.0, 98.0],
    [178.0, 24.0, 43.0],
];

/// Pairs in a row.
const EACH: usize = 3;
/// Left margin, and the space between images beside each other.
const LEFT: f64 = 96.0;
const GAP: f64 = 14.0;
/// Height of a title, of an image, of the space between the two of a pair, and of the words below them.
const TITLE: f64 = 26.0;
const TALL: f64 = 96.0;
const BETWEEN: f64 = 4.0;
const BELOW: f64 = 24.0;
/// Width of the scale of colours, and its height with its words.
const SCALE: f64 = 160.0;
const FOOT: f64 = 46.0;

/// Pairs of images of so many columns, three in a row, with a scale of their colours below.
pub fn pairs(pairs: &[Pair], columns: usize, words: &Words) -> String {
    let wide = (WIDTH - LEFT - (EACH as f64) * GAP) / EACH as f64;
    let deep = TITLE + 2.0 * TALL + BETWEEN + BELOW;
    let foot = deep * pairs.len().div_ceil(EACH) as f64;
    let mut out =
        format!(r#"<svg viewBox="0 0 {WIDTH:.0} {:.0}" role="img" aria-label="{}">"#, foot + FOOT, escape(words.about));
    for (i, pair) in pairs.iter().enumerate() {
        let (x, y) = (LEFT + (i % EACH) as f64 * (wide + GAP), (i / EACH) as f64 * deep + TITLE);
        text(&mut out, x, y - 9.0, "start", "strong", &pair.title);
        for (values, (name, y)) in pair.images.iter().zip(words.names.into_iter().zip([y, y + TALL + BETWEEN])) {
            image(&mut out, [x, y, wide, TALL], values, columns);
            if i % EACH == 0 {
                text(&mut out, x - 8.0, y + TALL / 2.0 - 4.0, "end", "", name);
                text(&mut out, x - 8.0, y + TALL / 2.0 + 14.0, "end", "small", words.axes[1]);
            }
        }
        if i % EACH == 0 {
            text(&mut out, x, y + 2.0 * TALL + BETWEEN + 15.0, "start", "small", words.axes[0]);
        }
    }
    let values: Vec<f32> = (-32_i16..=32).map(|step| RANGE * f32::from(step) / 32.0).collect();
    image(&mut out, [LEFT, foot + 6.0, SCALE, 10.0], &values, values.len());
    for (place, label) in [(0.0, format!("−{RANGE}")), (0.5, "0".into()), (1.0, format!("+{RANGE}"))] {
        text(&mut out, LEFT + place * SCALE, foot + 30.0, "middle", "small", &label);
    }
    text(&mut out, LEFT + SCALE + 28.0, foot + 15.0, "start", "small", words.unit);
    text(&mut out, LEFT + SCALE + 28.0, foot + 32.0, "start", "small", words.note);
    close(out)
}

/// An image at a place (x, y, width, height), a pixel a value.
fn image(out: &mut String, [x, y, wide, tall]: [f64; 4], values: &[f32], columns: usize) {
    let columns = columns.max(1);
    let rows = values.chunks_exact(columns);
    let mut raw = Vec::with_capacity(rows.len() * (1 + 3 * columns));
    let height = rows.len();
    for row in rows.rev() {
        // No filter.
        raw.push(0);
        raw.extend(row.iter().flat_map(|value| mixed(&COLOURS, value / (2.0 * RANGE) + 0.5)));
    }
    let data = base64(&png(columns, height, &raw));
    // Two ways to say that pixels stay squares: not every program that draws the file knows both.
    let _ = write!(
        out,
        r#"<image x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="{tall:.1}" preserveAspectRatio="none" image-rendering="optimizeSpeed" style="image-rendering:pixelated" href="data:image/png;base64,{data}"/>"#
    );
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const WORDS: Words = Words {
        about: "two <things>",
        names: ["own", "guess"],
        axes: ["time →", "frequency ↑"],
        unit: "spreads",
        note: "a note",
    };

    /// A pair of images of two rows and three columns.
    fn pair(title: &str) -> Pair {
        Pair { title: title.into(), images: [vec![-9.0, 0.0, 9.0, 1.25, 0.0, 0.0], vec![0.0; 6]] }
    }

    /// The bytes that the text of base64 stands for.
    fn unpacked(text: &str) -> Vec<u8> {
        let six = |c: u8| match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        let digits: Vec<u8> = text.bytes().filter(|c| *c != b'=').map(six).collect();
        let bits =
            |four: &[u8]| four.iter().enumerate().fold(0u32, |bits, (i, d)| bits | u32::from(*d) << (18 - 6 * i));
        digits.chunks(4).flat_map(|four| bits(four).to_be_bytes()[1..four.len()].to_vec()).collect()
    }

    /// The pixels of the images of a picture, each row after the byte of its filter.
    fn images(svg: &str) -> Vec<Vec<u8>> {
        let of = |after: &str| {
            let file = unpacked(after.split('"').next().unwrap());
            let length = u32::from_be_bytes(file[33..37].try_into().unwrap()) as usize;
            let mut raw = Vec::new();
            flate2::read::ZlibDecoder::new(&file[41..41 + length]).read_to_end(&mut raw).unwrap();
            raw
        };
        svg.split("data:image/png;base64,").skip(1).map(of).collect()
    }

    #[test]
    fn both_images_of_a_pair_have_the_same_colours() {
        let svg = pairs(&[pair("a <b>")], 3, &WORDS);
        let found = images(&svg);
        let [upper, lower, scale] = &found[..] else { panic!("{svg}") };
        let [blue, white, red]: [[u8; 3]; 3] = [[33, 102, 172], [247, 247, 247], [178, 24, 43]];
        // The upper row comes first: half way to the end of the scale, and twice its middle.
        assert_eq!((upper.len(), upper[0], &upper[4..10]), (2 * (1 + 3 * 3), 0, &[white, white].concat()[..]));
        assert_eq!(upper[11..20], [blue, white, red].concat(), "what lies beyond the scale has the colour of its end");
        assert_eq!((&lower[1..4], &lower[4..7]), (&white[..], &white[..]));
        assert_eq!((&scale[1..4], &scale[scale.len() - 3..]), (&blue[..], &red[..]));
        assert_eq!(upper[1..4], mixed(&COLOURS, 0.75));
    }

    #[test]
    fn words_and_axes_stand_beside_every_row() {
        let all: Vec<Pair> = ["a <b>", "c", "d", "e"].map(pair).to_vec();
        let svg = pairs(&all, 3, &WORDS);
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && !svg.contains("NaN"), "{svg}");
        assert!(svg.contains(r#"aria-label="two &lt;things&gt;""#) && svg.contains("a &lt;b&gt;</text>"), "{svg}");
        // Four pairs are two rows.
        let count = |words: &str| svg.matches(&format!(">{words}</text>")).count();
        assert_eq!((count("own"), count("guess"), count("time →"), count("frequency ↑")), (2, 2, 2, 4));
        assert_eq!((count("−2.5"), count("+2.5"), count("spreads"), count("a note")), (1, 1, 1, 1));
        assert_eq!(svg.matches("<image ").count(), 2 * 4 + 1);
        assert!(super::super::standalone(&svg).contains("xmlns="), "it can be a file of its own");
    }

    #[test]
    fn nothing_makes_no_nonsense() {
        for svg in [pairs(&[], 0, &WORDS), pairs(&[pair("x")], 0, &WORDS)] {
            assert!(svg.ends_with("</svg>") && !svg.contains("NaN"), "{svg}");
        }
    }
}
