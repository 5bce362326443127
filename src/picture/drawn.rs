//! A picture ready for a terminal.

use super::raster::Raster;
use super::sixel::sixels;

/// How the terminal takes pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As pixels, which become cells.
    Pixels,
    /// As a PNG file.
    Png,
    /// As sixels.
    Sixels,
}

/// A picture in the form that a terminal takes.
#[derive(Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Its form.
    pub form: Form,
    /// Red, green and blue of each pixel; the file; or the sequence.
    pub bytes: Vec<u8>,
}

impl Drawn {
    /// A picture in another form.
    pub fn of(picture: Raster, form: Form) -> Drawn {
        let (width, height) = (picture.width, picture.height);
        let bytes = match form {
            Form::Pixels => picture.rgb,
            Form::Png => picture.png(),
            Form::Sixels => sixels(&picture),
        };
        Drawn { width, height, form, bytes }
    }

    /// Red, green and blue of a pixel; `None` outside of the picture, or of one that is not given as pixels.
    pub fn pixel(&self, x: usize, y: usize) -> Option<[u8; 3]> {
        let inside = self.form == Form::Pixels && x < self.width && y < self.height;
        self.bytes.get(3 * (y * self.width + x)..).filter(|_| inside)?.first_chunk().copied()
    }
}

impl std::fmt::Debug for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {}×{}, {} bytes", self.form, self.width, self.height, self.bytes.len())
    }
}
