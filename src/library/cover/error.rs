//! Errors of decoding covers.

use std::io;

use image_webp::DecodingError;
use thiserror::Error;
use zune_jpeg::errors::DecodeErrors;

/// Why a picture was not decoded. Its `Display` form is one line.
#[derive(Debug, Error)]
pub(super) enum PictureError {
    /// It is of another kind.
    #[error("it is no JPEG, PNG or WebP")]
    Kind,
    /// It has no head.
    #[error("it has no head")]
    NoHead,
    /// Its head has another form than is known.
    #[error("its head is of no known kind")]
    Head,
    /// Its pixels have another form than is known.
    #[error("its pixels are of no known kind")]
    Pixels,
    /// It has no pixels.
    #[error("it has no pixels")]
    Empty,
    /// It has too many pixels.
    #[error("{width}×{height} pixels are too many: at most {side} a side, {millions} million")]
    TooLarge { width: usize, height: usize, side: usize, millions: usize },
    /// The decoder cannot say how much memory it takes.
    #[error("its size is nonsense")]
    Size,
    /// The decoder of JPEG refuses it.
    #[error("{0}")]
    Jpeg(#[from] DecodeErrors),
    /// The decoder of WebP refuses it.
    #[error("{0}")]
    Webp(#[from] DecodingError),
    /// A PNG has fewer pixels than its head says, or others.
    #[error("it is damaged or cut off: {0}")]
    Cut(#[from] io::Error),
    /// It is not of one, three or four channels.
    #[error("it has other channels than red, green and blue")]
    Channels,
    /// The decoder panicked.
    #[error("its decoder failed on it")]
    Panicked,
}
