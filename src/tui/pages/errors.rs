//! Files that cannot be used, and what is not saved.

use std::path::Path;

use crate::app::Model;
use crate::text;
use crate::tui::draw::Span;
use crate::tui::pane::{Pane, Shown, wrapped};
use crate::tui::theme::Role;

/// Maximum number of files listed whose tags could be read only in part.
const MOST_PARTLY: usize = 1000;

/// The errors page.
pub struct Errors;

impl Pane for Errors {
    fn id(&self) -> &'static str {
        "errors"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Errors"
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("down", "scroll"),
            ("half-page-down", "half a page"),
            ("search", "find"),
            ("search-next", "next"),
            ("command-line", "rescan: look again"),
            ("cancel", "back"),
        ]
    }

    fn lines(&self, shown: &Shown) -> Vec<Vec<Span>> {
        errors(shown.model, shown.columns)
    }
}

/// What is not saved, then the files that cannot be used, then those whose tags could be read only in part.
fn errors(model: &Model, columns: usize) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    if !model.unsaved.is_empty() {
        lines.push(vec![("Not saved".into(), Role::Title)]);
        lines.extend(wrapped(&text::sanitize(&model.unsaved.words()), columns, Role::Error));
    }
    // A file that cannot be used at all is listed only as such.
    let songs = model.catalog.songs().iter();
    let partly = songs.filter_map(|song| Some((&*song.path, song.tag_fault.as_deref()?.to_owned())));
    let partly = partly.filter(|(path, _)| !model.faults.contains_key(*path));
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
