//! Sixels: the pictures of terminals since the VT240. A band is six rows of pixels; within it each colour is a row of
//! characters, whose bits say which of the six pixels have that colour.

use super::raster::Raster;

/// Levels of each channel.
const LEVELS: usize = 6;
/// Colours of the palette.
const COLOURS: usize = LEVELS * LEVELS * LEVELS;
/// Thresholds of an ordered dither, in sixteenths.
const BAYER: [[u32; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];

/// A picture as a sequence of sixels, with a palette of six levels a channel, dithered. Pixels that are not set stay as
/// they are on the screen.
pub fn sixels(picture: &Raster) -> Vec<u8> {
    let (width, height) = (picture.width, picture.height);
    let mut out = format!("\x1bP0;1;0q\"1;1;{width};{height}").into_bytes();
    let places: Vec<usize> = (0..height).flat_map(|y| (0..width).map(move |x| place(picture, x, y))).collect();
    let mut used = [false; COLOURS];
    places.iter().for_each(|place| used[*place] = true);
    for colour in (0..COLOURS).filter(|colour| used[*colour]) {
        let [r, g, b] = [colour / (LEVELS * LEVELS), colour / LEVELS % LEVELS, colour % LEVELS].map(|level| level * 20);
        out.extend(format!("#{colour};2;{r};{g};{b}").bytes());
    }
    for band in places.chunks(6 * width.max(1)) {
        let mut rows: Vec<Option<Vec<u8>>> = vec![None; COLOURS];
        for (n, place) in band.iter().enumerate() {
            let row = rows[*place].get_or_insert_with(|| vec![0; width]);
            row[n % width] |= 1 << (n / width);
        }
        for (colour, row) in rows.iter().enumerate() {
            let Some(row) = row else { continue };
            out.extend(format!("#{colour}").bytes());
            runs(row, &mut out);
            // Back to the beginning of the band.
            out.push(b'$');
        }
        out.push(b'-');
    }
    out.extend(b"\x1b\\");
    out
}

/// The place in the palette of a pixel.
fn place(picture: &Raster, x: usize, y: usize) -> usize {
    let threshold = BAYER[y % 4][x % 4];
    picture.pixel(x, y).into_iter().fold(0, |place, level| {
        let scaled = u32::from(level) * (LEVELS as u32 - 1);
        let up = scaled % 255 * 16 > threshold * 255 + 127;
        place * LEVELS + (scaled / 255) as usize + usize::from(up)
    })
}

/// A row of a band: equal characters in a row are counted.
fn runs(row: &[u8], out: &mut Vec<u8>) {
    for run in row.chunk_by(|a, b| a == b) {
        let letter = 0x3f + run.first().copied().unwrap_or(0);
        if run.len() > 3 {
            out.extend(format!("!{}", run.len()).bytes());
            out.push(letter);
        } else {
            out.extend(std::iter::repeat_n(letter, run.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_colour_of_a_band_is_a_row_of_runs() {
        // Seven rows: red in its left half, white in the other.
        let row = [[255, 0, 0], [255, 0, 0], [255, 255, 255], [255, 255, 255]].concat();
        let picture = Raster::new(4, 7, row.repeat(7)).unwrap();
        let text = String::from_utf8(sixels(&picture)).unwrap();
        let wanted = "\x1bP0;1;0q\"1;1;4;7#180;2;100;0;0#215;2;100;100;100#180~~??$#215??~~$-#180@@??$#215??@@$-\x1b\\";
        assert_eq!(text, wanted);
        let wide = String::from_utf8(sixels(&Raster::new(9, 1, vec![0; 27]).unwrap())).unwrap();
        assert!(wide.ends_with("#0!9@$-\x1b\\"), "{wide:?}");
    }

    #[test]
    fn what_lies_between_two_levels_is_dithered() {
        let picture = Raster::new(16, 16, vec![25; 3 * 256]).unwrap();
        let places: Vec<usize> = (0..256).map(|n| place(&picture, n % 16, n / 16)).collect();
        let up = places.iter().filter(|place| **place == 43).count();
        assert!(places.iter().all(|place| [0, 43].contains(place)) && (100..=156).contains(&up), "{up}");
    }
}
