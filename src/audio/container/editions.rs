//! The chapters of a Matroska file, of which it may have several editions (RFC 9559, section 5.1.7).

use super::bytes::Bytes;
use super::chapters::{Chapter, MOST};
use super::ebml::children;
use super::matroska::{Matroska, NANOS};
use crate::audio::AudioError;

/// The most elements examined: of each chapter, all are read again.
const ELEMENTS: usize = 20_000;

/// An edition, of which only the chapters of the outermost level are kept, in the order of the file.
#[derive(Default)]
struct Edition {
    chapters: Vec<Chapter>,
    hidden: bool,
    /// It is the one to be used.
    preferred: bool,
}

/// The chapters of the edition that is to be used: one that says so, or the first with chapters that are shown.
///
/// # Errors
/// When it cannot be read.
pub(super) fn chapters(bytes: &Bytes<'_>, movie: &Matroska) -> Result<Vec<Chapter>, AudioError> {
    let Some(range) = movie.chapters else { return Ok(Vec::new()) };
    let (mut editions, mut left) = (Vec::new(), ELEMENTS);
    children(bytes, range, &mut left, &mut |child, left| {
        if child.id == 0x45b9 {
            editions.push(edition(bytes, (child.body, child.end.unwrap_or(range.1)), left)?);
        }
        Ok(())
    })?;
    editions.retain(|edition| !edition.hidden && !edition.chapters.is_empty());
    let place = editions.iter().position(|edition| edition.preferred).unwrap_or(0);
    let mut found = editions.into_iter().nth(place).map(|edition| edition.chapters).unwrap_or_default();
    // Positions count from where the sound begins.
    let begin = movie.begin as f64 * movie.scale as f64 / NANOS as f64;
    found.iter_mut().for_each(|chapter| chapter.start -= begin);
    Ok(found)
}

fn edition(bytes: &Bytes<'_>, range: (u64, u64), left: &mut usize) -> Result<Edition, AudioError> {
    let mut found = Edition::default();
    children(bytes, range, left, &mut |child, left| {
        match child.id {
            0x45bd => found.hidden = child.number(bytes)? != 0,
            0x45db => found.preferred = child.number(bytes)? != 0,
            0xb6 if found.chapters.len() < MOST => {
                found.chapters.extend(chapter(bytes, (child.body, child.end.unwrap_or(range.1)), left)?);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// A chapter; `None` for one that is hidden or not to be used.
fn chapter(bytes: &Bytes<'_>, range: (u64, u64), left: &mut usize) -> Result<Option<Chapter>, AudioError> {
    let (mut start, mut title, mut shown) = (0, None, true);
    children(bytes, range, left, &mut |field, left| {
        match field.id {
            0x91 => start = field.number(bytes)?,
            0x98 => shown &= field.number(bytes)? == 0,
            0x4598 => shown &= field.number(bytes)? != 0,
            0x80 if title.is_none() => {
                children(bytes, (field.body, field.end.unwrap_or(field.body)), left, &mut |name, _| {
                    if name.id == 0x85 {
                        title = Some(String::from_utf8_lossy(&name.content(bytes, 4096)?).into_owned());
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(shown.then(|| Chapter { start: start as f64 / NANOS as f64, title: title.unwrap_or_default() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::container::blocks;
    use crate::audio::fixture::held::{element, matroska, number, track};
    use std::os::unix::fs::FileExt;

    /// The titles of the chapters that are used of these editions.
    fn titles(editions: &[Vec<Vec<u8>>]) -> Vec<String> {
        let editions: Vec<u8> = editions.iter().flat_map(|edition| element(0x45b9, &edition.concat())).collect();
        let own = track("A_MPEG/L3", (44_100.0, 2), &[], 0);
        let bytes = matroska(Some(1000.0), &own, &[element(0x1043_a770, &editions)]);
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&bytes, 0).unwrap();
        let bytes = Bytes::new(&file, bytes.len() as u64);
        let found = chapters(&bytes, &blocks::read(&bytes).unwrap()).unwrap();
        found.into_iter().map(|chapter| chapter.title).collect()
    }

    fn atom(millis: u64, title: &str, more: &[Vec<u8>]) -> Vec<u8> {
        let shown = element(0x80, &element(0x85, title.as_bytes()));
        element(0xb6, &[number(0x91, millis * 1_000_000), shown, more.concat()].concat())
    }

    #[test]
    fn an_edition_is_chosen_as_it_says() {
        let (hidden, preferred) = (number(0x45bd, 1), number(0x45db, 1));
        let [a, b, c] = ["a", "b", "c"].map(|title| atom(0, title, &[]));
        let with = |more: &Vec<u8>, atom: &Vec<u8>| vec![more.clone(), atom.clone()];
        assert_eq!(titles(&[vec![a.clone()], vec![b.clone()]]), ["a"]);
        assert_eq!(titles(&[vec![a.clone()], vec![b.clone()], with(&preferred, &c)]), ["c"]);
        assert_eq!(titles(&[with(&hidden, &a), vec![b.clone()]]), ["b"]);
        assert_eq!(titles(&[with(&[hidden.clone(), preferred.clone()].concat(), &a), vec![b.clone()]]), ["b"]);
        // Of the first one nothing is shown.
        let unseen = [atom(0, "x", &[number(0x98, 1)]), atom(5, "y", &[number(0x4598, 0)])];
        assert_eq!(titles(&[unseen.to_vec(), vec![b]]), ["b"]);
        assert!(titles(&[with(&hidden, &a)]).is_empty() && titles(&[]).is_empty());
        // Chapters within a chapter are not tracks of their own.
        assert_eq!(titles(&[vec![atom(0, "part", &[c.clone(), c])]]), ["part"]);
    }
}
