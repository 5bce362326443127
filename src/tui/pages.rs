//! What stands on the pages: help, signature, dimensions, why, answers, errors.

mod dims;
mod help;
mod signature;
mod why;

use std::path::Path;

use ratatui::layout::Rect;

use crate::app::Model;
use crate::text;

use super::draw::Span;
use super::keymap::Keymap;
use super::theme::Role;

/// A page over the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Keys and commands.
    Help,
    /// The signature of the playlist.
    Signature,
    /// What the dimensions mean.
    Dims,
    /// What one dimension means, counted from 0.
    Card(u8),
    /// The last answer of several lines.
    Answer,
    /// Why an item of the queue was picked, by its serial number.
    Why(u64),
    /// Files that cannot be used.
    Errors,
}

impl Page {
    /// Its name.
    pub fn title(&self) -> &'static str {
        match self {
            Page::Help => "Help",
            Page::Signature => "Signature",
            Page::Dims => "Dimensions",
            Page::Card(_) => "Dimension",
            Page::Answer => "Answer",
            Page::Why(_) => "Why",
            Page::Errors => "Errors",
        }
    }
}

/// The widest a page becomes; longer lines are hard to read.
const WIDEST: u16 = 84;
/// The most files with tags that were read in part that are listed.
const MOST_PARTLY: usize = 1000;
/// Tables may be wider.
const WIDEST_TABLE: u16 = 116;

/// A page's box in the middle of a screen, and its lines, each fitted to the box.
pub fn laid_out(page: &Page, model: &Model, keymap: &Keymap, screen: Rect) -> (Rect, Vec<Vec<Span>>) {
    let widest = match page {
        Page::Dims | Page::Answer | Page::Signature => WIDEST_TABLE,
        _ => WIDEST,
    };
    let width = screen.width.saturating_sub(4).min(widest);
    let columns = usize::from(width.saturating_sub(4));
    let lines = match page {
        Page::Help => help::lines(keymap, columns),
        Page::Signature => signature::lines(model, columns),
        Page::Dims => dims::table(model, columns),
        Page::Card(dim) => dims::one(model, *dim, columns),
        Page::Answer => answer(model, columns),
        Page::Why(serial) => why::lines(model, *serial, columns),
        Page::Errors => errors(model, columns),
    };
    let height = screen.height.saturating_sub(4).min(lines.len() as u16 + 2);
    let area =
        Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 2, width, height };
    (area, lines)
}

/// How far a page can be scrolled.
pub fn furthest(page: &Page, model: &Model, keymap: &Keymap, screen: Rect) -> usize {
    let (area, lines) = laid_out(page, model, keymap, screen);
    lines.len().saturating_sub(usize::from(area.height.saturating_sub(2)))
}

/// Breaks a text into lines of at most so many columns, at spaces where there are any.
fn wrapped(text: &str, columns: usize, role: Role) -> Vec<Vec<Span>> {
    let columns = columns.max(8);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = text::fit(word, text::width(word).min(columns));
        let last = lines.last_mut();
        match last {
            Some(line) if text::width(line) + 1 + text::width(&word) <= columns && !line.is_empty() => {
                line.push(' ');
                line.push_str(&word);
            }
            Some(line) if line.is_empty() => line.push_str(&word),
            _ => lines.push(word),
        }
    }
    lines.into_iter().map(|line| vec![(line, role)]).collect()
}

/// An empty line.
fn blank() -> Vec<Span> {
    Vec::new()
}

/// The last answer. Its columns are kept where a line fits; a longer one is broken.
fn answer(model: &Model, columns: usize) -> Vec<Vec<Span>> {
    let Some((title, told)) = &model.told else {
        let ask = "Nothing was asked yet: :signature compare playlist library, :signature list.";
        return wrapped(ask, columns, Role::Dim);
    };
    let mut lines = vec![vec![(title.clone(), Role::Heading)]];
    for line in told {
        match text::width(line) <= columns {
            true => lines.push(vec![(line.clone(), Role::Text)]),
            false => lines.extend(wrapped(line.trim_start(), columns, Role::Text)),
        }
    }
    lines
}

/// What is not saved, files that cannot be used, and below them those whose tags could be read in part only.
fn errors(model: &Model, columns: usize) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    if !model.unsaved.is_empty() {
        lines.push(vec![("Not saved".into(), Role::Title)]);
        lines.extend(wrapped(&text::sanitize(&model.unsaved.words()), columns, Role::Error));
    }
    // A file that cannot be used at all is named as that.
    let songs = model.catalog.songs().iter().filter(|song| !model.faults.contains_key(&*song.path));
    let partly = songs.filter_map(|song| Some((&*song.path, song.tag_fault.as_deref()?.to_owned())));
    let partly: Vec<(&Path, String)> = partly.take(MOST_PARTLY).collect();
    if model.faults.is_empty() {
        let also = if partly.is_empty() { "" } else { " Of these the tags could be read in part only:" };
        lines.push(vec![(format!("Every file can be used.{also}"), Role::Text)]);
    }
    let faults = model.faults.iter().map(|(path, why)| (path.as_path(), text::sanitize(&why.to_string())));
    for (path, why) in faults.chain(partly) {
        let under = model.music.as_deref().and_then(|music| path.strip_prefix(music).ok()).unwrap_or(path);
        let path = text::sanitize(&under.to_string_lossy());
        lines.push(vec![(text::fit(&path, text::width(&path).min(columns)), Role::Title)]);
        for mut line in wrapped(&why, columns.saturating_sub(2), Role::Dim) {
            line.insert(0, ("  ".into(), Role::Dim));
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::library::{Catalog, Song};

    #[test]
    fn tags_read_in_part_stand_below_what_cannot_be_used_and_are_not_counted() {
        let mut model = fixture::model(3);
        let mut songs: Vec<Song> = model.catalog.songs().iter().map(|song| Song::clone(song)).collect();
        songs[0].tag_fault = Some("its tags were read in part".into());
        songs[1].tag_fault = Some("told already".into());
        let name = |song: &Song| song.path.file_name().unwrap().to_string_lossy().into_owned();
        let (partly, broken) = (name(&songs[0]), songs[1].path.to_path_buf());
        model.catalog = Catalog::new(songs.into_iter().map(Into::into).collect()).into();
        let lines = |model: &Model| -> Vec<String> {
            let lines = errors(model, 80).into_iter();
            lines.map(|line| line.into_iter().map(|(text, _)| text).collect::<String>().trim().to_string()).collect()
        };
        let shown = lines(&model);
        assert!(shown[0].starts_with("Every file can be used. Of these"), "{shown:?}");
        assert!(shown.contains(&"its tags were read in part".to_string()));
        model.faults.insert(broken, "its reader died".into());
        let shown = lines(&model);
        let place = |what: &str| shown.iter().position(|line| line.contains(what));
        assert!(place("its reader died") < place("its tags were read in part"), "{shown:?}");
        assert!(place("told already").is_none() && place(&partly).is_some(), "{shown:?}");
        assert_eq!(model.faults.len(), 1);
    }
}
