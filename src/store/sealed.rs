//! The envelope of every stored value: a version in front and a CRC-32 at the end, so that wrong bytes from sled, or
//! from another version, cause an error and never a wrong number.

use serde::de::DeserializeOwned;
use thiserror::Error;

const SEALED_VERSION: u8 = 1;
/// Maximum length of a sealed value in bytes.
const MAX_SEALED: usize = 4096;

/// Why bytes are not a valid record, or why a record cannot be serialized.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ValueError {
    /// The checksum does not match.
    #[error("wrong checksum")]
    Checksum,
    /// Written by another version of the format.
    #[error("unknown version {0}")]
    Version(u8),
    /// Too short, too long or not decodable.
    #[error("wrong shape")]
    Shape,
    /// A number that is not finite.
    #[error("a number is not finite")]
    NotFinite,
}

/// Appends the checksum.
pub(super) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// Verifies and strips the checksum and the version.
pub(super) fn unseal(bytes: &[u8], version: u8) -> Result<&[u8], ValueError> {
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or(ValueError::Shape)?;
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return Err(ValueError::Checksum);
    }
    match body.split_first() {
        Some((&v, rest)) if v == version => Ok(rest),
        Some((&v, _)) => Err(ValueError::Version(v)),
        None => Err(ValueError::Shape),
    }
}

/// Seals bytes whose meaning is defined by a module above: version, the bytes, CRC-32.
///
/// # Errors
/// [`ValueError::Shape`] for more than 4096 bytes.
pub(super) fn seal_opaque(value: &[u8]) -> Result<Vec<u8>, ValueError> {
    if value.len() > MAX_SEALED {
        return Err(ValueError::Shape);
    }
    let mut bytes = Vec::with_capacity(value.len() + 5);
    bytes.push(SEALED_VERSION);
    bytes.extend_from_slice(value);
    Ok(seal(bytes))
}

/// Returns the bytes passed to [`seal_opaque`].
///
/// # Errors
/// When `bytes` is not exactly one sealed value of this version.
pub(super) fn unseal_opaque(bytes: &[u8]) -> Result<&[u8], ValueError> {
    match unseal(bytes, SEALED_VERSION)? {
        value if value.len() <= MAX_SEALED => Ok(value),
        _ => Err(ValueError::Shape),
    }
}

/// Deserializes a value that must occupy exactly these bytes.
pub(super) fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::take_from_bytes(bytes).ok().filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_bytes_survive_their_seal() {
        for value in [&b""[..], b"\0", &[7; MAX_SEALED]] {
            assert_eq!(unseal_opaque(&seal_opaque(value).unwrap()), Ok(value));
        }
        assert_eq!(seal_opaque(&[0; MAX_SEALED + 1]), Err(ValueError::Shape));
        assert_eq!(unseal_opaque(&seal(vec![SEALED_VERSION; MAX_SEALED + 2])), Err(ValueError::Shape));
        assert_eq!(unseal_opaque(&seal(vec![9, 1])), Err(ValueError::Version(9)));
    }
}
