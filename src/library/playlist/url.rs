//! `file:` addresses: bytes of a path, percent-encoded.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The scheme of an address, without the colon. `C:\x` has none that counts, and neither has `a:b`.
pub(super) fn scheme(text: &[u8]) -> Option<&[u8]> {
    let colon = text.iter().position(|&b| b == b':')?;
    let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
    let good = scheme.len() > 1
        && scheme[0].is_ascii_alphabetic()
        && scheme.iter().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(b));
    (good && (rest.starts_with(b"//") || (scheme.eq_ignore_ascii_case(b"file") && rest.starts_with(b"/"))))
        .then_some(scheme)
}

/// The path of a `file:` address of this machine.
pub fn file(text: &[u8]) -> Option<PathBuf> {
    let scheme = scheme(text)?;
    if !scheme.eq_ignore_ascii_case(b"file") {
        return None;
    }
    let rest = &text[scheme.len() + 1..];
    let path = match rest.strip_prefix(b"//") {
        None => rest,
        Some(rest) => rest.strip_prefix(b"localhost").unwrap_or(rest),
    };
    // What stands before the first slash is another host.
    if path.starts_with(b"/") { decoded(path) } else { None }
}

/// The path of a `file:` address of another machine, which is a share of Windows: `/host/share/…`.
pub(super) fn elsewhere(text: &[u8]) -> Option<PathBuf> {
    let scheme = scheme(text).filter(|scheme| scheme.eq_ignore_ascii_case(b"file"))?;
    decoded(text[scheme.len() + 1..].strip_prefix(b"/")?)
}

/// Bytes with `%41` made `A`; `None` when an escape is broken.
pub(super) fn decoded(text: &[u8]) -> Option<PathBuf> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        out.push(match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|&b| char::from(b).to_digit(16));
                (digit()? * 16 + digit()?) as u8
            }
            other => other,
        });
    }
    Some(PathBuf::from(OsStr::from_bytes(&out)))
}

/// A path with everything escaped that an address could mistake: absolute ones become `file://` addresses.
pub(super) fn encoded(path: &Path) -> String {
    let mut out = String::from(if path.is_absolute() { "file://" } else { "" });
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
