//! Decodes JPEG, PNG and WebP within limits. The sides are looked at before anything is decoded, so that a picture of a
//! few bytes cannot ask for gigabytes; what a decoder asks for beyond that ends at the worker's limits.

use std::io::Cursor;

use image_webp::WebPDecoder;
use zune_core::bytestream::ZCursor;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::error::PictureError;
use super::limits::{check, faded};
use super::png;
use crate::library::tags::Coding;
use crate::picture::Raster;

/// The most memory that a decoder which counts it may take, in bytes.
const MEMORY: usize = 256 << 20;
/// The most scans of a progressive JPEG: each costs the time of a whole picture.
const SCANS: usize = 64;

/// Decodes a picture; its kind is told by its first bytes.
///
/// # Errors
/// It is of no kind that is known, too large, or damaged.
pub(super) fn decode(bytes: &[u8]) -> Result<Raster, PictureError> {
    match Coding::of(bytes) {
        Some(Coding::Jpeg) => jpeg(bytes),
        Some(Coding::Png) => png::decode(bytes),
        Some(Coding::Webp) => webp(bytes),
        None => Err(PictureError::Kind),
    }
}

fn jpeg(bytes: &[u8]) -> Result<Raster, PictureError> {
    // Its own limits are beyond those of `check`, which says the sides.
    let options = DecoderOptions::default().set_max_width(1 << 16).set_max_height(1 << 16).jpeg_set_max_scans(SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers()?;
    let info = decoder.info().ok_or(PictureError::NoHead)?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    check(width, height)?;
    let pixels = decoder.decode()?;
    raster(width, height, pixels)
}

fn webp(bytes: &[u8]) -> Result<Raster, PictureError> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes))?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    check(width, height)?;
    decoder.set_memory_limit(MEMORY);
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(PictureError::Size)?];
    decoder.read_image(&mut pixels)?;
    raster(width, height, pixels)
}

/// A picture of one, three or four channels. What is transparent is black.
fn raster(width: usize, height: usize, pixels: Vec<u8>) -> Result<Raster, PictureError> {
    let rgb = match pixels.len() / (width * height).max(1) {
        1 => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
        4 => pixels.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|level| faded(level, p[3]))).collect(),
        _ => pixels,
    };
    Raster::new(width, height, rgb).ok_or(PictureError::Channels)
}
