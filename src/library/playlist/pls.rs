//! PLS: `File1=`, `Title1=`, `Length1=`.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{Entry, LINES, LONGEST, Playlist, lines, place, secs, text, url};

pub(super) fn parse(bytes: &[u8], dir: &Path) -> Result<Playlist, String> {
    let mut list = Playlist::default();
    // By number: nothing says that they come in order.
    let mut entries: BTreeMap<u64, (Option<PathBuf>, Entry)> = BTreeMap::new();
    for line in lines(bytes)? {
        if line.len() > LONGEST {
            list.left_out += 1;
            continue;
        }
        let Some(equals) = line.iter().position(|&b| b == b'=') else { continue };
        let (key, value) = (line[..equals].trim_ascii().to_ascii_lowercase(), line[equals + 1..].trim_ascii());
        let Ok(key) = String::from_utf8(key) else { continue };
        let digits = key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len());
        let Ok(number) = key[digits..].parse::<u64>() else { continue };
        match &key[..digits] {
            "file" => match place(value, dir) {
                Some(path) => entries.entry(number).or_default().0 = Some(path),
                None => list.left_out += 1,
            },
            "title" => entries.entry(number).or_default().1.title = text(value),
            "length" => entries.entry(number).or_default().1.secs = secs(value),
            "jukebox" => {
                let track = std::str::from_utf8(value).ok().and_then(|id| id.parse().ok());
                entries.entry(number).or_default().1.track = track;
            }
            _ => {}
        }
    }
    if entries.len() > LINES {
        return Err("more than 100,000 entries: no playlist".into());
    }
    list.entries = entries.into_values().filter_map(|(path, entry)| Some(Entry { path: path?, ..entry })).collect();
    Ok(list)
}

pub(super) fn render(list: &Playlist, placed: &dyn Fn(&Path) -> PathBuf) -> Vec<u8> {
    let mut out = b"[playlist]\n".to_vec();
    for (i, entry) in list.entries.iter().enumerate() {
        let n = i + 1;
        out.extend(format!("File{n}=").bytes());
        out.extend(line(&entry.path, &placed(&entry.path)));
        out.push(b'\n');
        if let Some(name) = entry.name() {
            out.extend(format!("Title{n}={}\n", crate::text::sanitize(&name)).bytes());
        }
        let secs = entry.secs.map_or(-1, |s| s.round() as i64);
        out.extend(format!("Length{n}={secs}\n").bytes());
        if let Some(track) = entry.track {
            out.extend(format!("Jukebox{n}={track}\n").bytes());
        }
    }
    out.extend(format!("NumberOfEntries={}\nVersion=2\n", list.entries.len()).bytes());
    out
}

/// A path so that it is read as itself: one line without spaces at its ends, and no address.
fn line(whole: &Path, placed: &Path) -> Vec<u8> {
    let bytes = placed.as_os_str().as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_whitespace);
    let broken = bytes.iter().any(|b| b"\n\r".contains(b)) || edge(bytes.first()) || edge(bytes.last());
    match url::scheme(bytes) {
        _ if broken => url::encoded(whole).into_bytes(),
        Some(_) => [b"./", bytes].concat(),
        None => bytes.to_vec(),
    }
}
