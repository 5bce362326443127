//! `file:` URLs, which are percent-encoded bytes of a path.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The scheme of a URL, without the colon. `C:\x` and `a:b` have none.
pub(super) fn scheme(text: &[u8]) -> Option<&[u8]> {
    let colon = text.iter().position(|&b| b == b':')?;
    let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
    let good = scheme.len() > 1
        && scheme[0].is_ascii_alphabetic()
        && scheme.iter().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(b));
    (good && (rest.starts_with(b"//") || (scheme.eq_ignore_ascii_case(b"file") && rest.starts_with(b"/"))))
        .then_some(scheme)
}

/// The path of a `file:` URL of this machine.
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
    // Anything before the first slash is another host.
    if path.starts_with(b"/") { decoded(path) } else { None }
}

/// The path of a `file:` URL of another machine (a Windows share), as `/host/share/…`.
pub(super) fn elsewhere(text: &[u8]) -> Option<PathBuf> {
    let scheme = scheme(text).filter(|scheme| scheme.eq_ignore_ascii_case(b"file"))?;
    decoded(text[scheme.len() + 1..].strip_prefix(b"/")?)
}

/// Percent-decodes bytes; `None` if an escape is invalid.
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

/// Percent-encodes a path, keeping letters, digits and `-._~/`; an absolute path becomes a
/// `file://` URL.
pub fn encoded(path: &Path) -> String {
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
