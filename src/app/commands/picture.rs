//! Pictures of the sound: `:sound`, `:section` and `:spectrogram`.

use crate::app::refusal::Refusal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::state::sound_view::Figure;
use crate::app::state::{Model, State};
use crate::library::Song;

use super::playback::{self, PlaybackAction};
use super::row::{Args, Row, Takes, Typed, free, row};
use super::screen::ScreenAction;
use super::words::{Amount, quoted};

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureAction {
    /// Show the view of the sound, or hide it.
    Sound,
    /// Go to where a section begins: the next one, or else the one before.
    Section {
        /// Whether to the next one.
        forward: bool,
    },
    /// Show the spectrograms of the beginnings of these files, or else of what plays and the selection.
    Spectrogram(Vec<PathBuf>),
}

/// The most spectrograms at once.
const MOST: usize = 2;

/// The commands.
pub const ROWS: &[Row<PictureAction>] = &[
    row("sound", Args::None, "the sound of what plays: spectrogram, spectrum, descriptors, dimensions", |_| {
        Ok(PictureAction::Sound)
    }),
    row(
        "section",
        Args::Words("next|previous", &["next", "previous"]),
        "go to where the next section of what plays begins, or the one before",
        |t| match t.rest {
            "next" => Ok(PictureAction::Section { forward: true }),
            "previous" => Ok(PictureAction::Section { forward: false }),
            _ => Err(Refusal::wants("section", "next or previous")),
        },
    ),
    row("spectrogram", free("[FILE] [FILE]"), "the spectrograms of two tracks: what plays and the selection", files)
        .takes(Takes::Songs { when: str::is_empty, unmarks: false }),
];

fn files(t: Typed) -> Result<PictureAction, Refusal> {
    let words = quoted(t.rest)?;
    if words.len() > MOST {
        return Err(Refusal::wants("spectrogram", "one file or two; a name with blanks in \"quotes\""));
    }
    let files: Vec<PathBuf> = words.into_iter().map(|word| PathBuf::from(word.text)).collect();
    if let [one, other] = &files[..]
        && one == other
    {
        return Err(Refusal::wants("spectrogram", "two different files, or one"));
    }
    Ok(PictureAction::Spectrogram(files))
}

/// Carries a command out.
pub(super) fn act(
    model: &mut Model,
    action: PictureAction,
    selected: &[Arc<Song>],
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    match action {
        PictureAction::Sound => effects.push(Effect::Screen(ScreenAction::Sound)),
        PictureAction::Section { forward } => {
            let track = model.playing().filter(|_| model.play.state != State::Stopped).map(|item| item.song.track);
            let track = track.ok_or(Refusal::NothingPlays(""))?;
            let to = model.sound_view.section(track, model.play.position, forward)?;
            playback::act(model, PlaybackAction::Seek(Amount::To(to)), &[], effects)?;
        }
        PictureAction::Spectrogram(files) => {
            let figures = if files.is_empty() { chosen(model, selected)? } else { named(model, files)? };
            effects.push(Effect::Figures(figures.iter().map(|figure| figure.path.clone()).collect()));
            model.sound_view.figures = figures;
            effects.push(Effect::Screen(ScreenAction::Spectrogram));
        }
    }
    Ok(())
}

/// The selected tracks if they are two, or else what plays and the first selected one.
fn chosen(model: &Model, selected: &[Arc<Song>]) -> Result<Vec<Figure>, Refusal> {
    let playing = model.playing().map(|item| item.song.clone()).filter(|_| selected.len() != MOST);
    let mut songs: Vec<Arc<Song>> = playing.into_iter().chain(selected.iter().cloned()).collect();
    songs.dedup_by(|a, b| a.path == b.path);
    songs.truncate(MOST);
    if songs.is_empty() {
        Err(Refusal::NothingPlays(" and no track is selected"))
    } else {
        Ok(songs.iter().map(of).collect())
    }
}

/// The files as they were typed. A relative path is one of the library, as listed or below the music directory; a file
/// elsewhere is named by its whole path.
fn named(model: &Model, files: Vec<PathBuf>) -> Result<Vec<Figure>, Refusal> {
    let known = |path: &Path| model.catalog.of_path(path).map(of);
    let below = |path: &Path| known(&model.music.as_deref()?.join(path));
    let plain = |path: PathBuf| {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        Figure { title: crate::text::sanitize(&name), path: path.clone(), found: None }
    };
    let figure = |path: PathBuf| match known(&path).or_else(|| below(&path)) {
        Some(figure) => Ok(figure),
        None if path.is_absolute() => Ok(plain(path)),
        None => {
            let what = format!("the library has nothing at {}", path.display());
            Err(Refusal::unknown(what, "; name a file elsewhere by its whole path"))
        }
    };
    files.into_iter().map(figure).collect()
}

fn of(song: &Arc<Song>) -> Figure {
    let artist = song.artist();
    let title = if artist.is_empty() { song.title() } else { format!("{} – {artist}", song.title()) };
    Figure { path: song.path.to_path_buf(), title, found: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands::row::Selection;
    use crate::app::commands::{Action, carry_out, parse};
    use crate::app::fixture;

    fn give(model: &mut Model, line: &str, songs: &[Arc<Song>]) -> Vec<Effect> {
        let mut effects = Vec::new();
        let selection = Selection { songs: songs.to_vec(), ..Selection::default() };
        carry_out(model, parse(line).unwrap().action, &selection, &mut effects);
        effects
    }

    fn titles(model: &Model) -> Vec<&str> {
        model.sound_view.figures.iter().map(|figure| figure.title.as_str()).collect()
    }

    #[test]
    fn two_spectrograms_are_of_what_plays_and_the_selection_or_of_files() {
        let mut model = fixture::model(9);
        let songs = model.catalog.songs().to_vec();
        let none = give(&mut model, "spectrogram", &[]);
        assert!(none.is_empty() && model.notice.as_ref().unwrap().text.contains("nothing plays"));
        let effects = give(&mut model, "spectrogram", &songs[1..2]);
        let paths = |songs: &[Arc<Song>]| songs.iter().map(|song| song.path.to_path_buf()).collect();
        assert_eq!(effects, [Effect::Figures(paths(&songs[1..2])), Effect::Screen(ScreenAction::Spectrogram)]);
        give(&mut model, "play", &songs[..1]);
        give(&mut model, "spectrogram", &songs[1..2]);
        assert_eq!(titles(&model), [of(&songs[0]).title, of(&songs[1]).title]);
        give(&mut model, "spectrogram", &songs[3..9]);
        assert_eq!(titles(&model), [of(&songs[0]).title, of(&songs[3]).title]);
        // Two marked ones are meant as they are, and the same track is not shown twice.
        give(&mut model, "spectrogram", &songs[3..5]);
        assert_eq!(titles(&model), [of(&songs[3]).title, of(&songs[4]).title]);
        give(&mut model, "spectrogram", &songs[..1]);
        assert_eq!(titles(&model).len(), 1);
        let effects = give(&mut model, "spectrogram \"/m/with blanks.mp3\" /m/x.flac", &[]);
        assert_eq!(titles(&model), ["with blanks.mp3", "x.flac"]);
        assert!(matches!(&effects[0], Effect::Figures(paths) if paths.len() == 2));
        assert!(give(&mut model, "spectrogram x.flac", &[]).is_empty());
        assert!(model.notice.as_ref().unwrap().text.contains("nothing at x.flac"), "{:?}", model.notice);
    }

    #[test]
    fn arguments_are_checked() {
        assert_eq!(parse("section next").unwrap().action, Action::Picture(PictureAction::Section { forward: true }));
        for bad in ["section", "section 3", "spectrogram a b c", "spectrogram a a", "spectrogram \"a", "sound x"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sections_are_known_once_the_view_has_been_open() {
        let mut model = fixture::model(9);
        let songs = model.catalog.songs().to_vec();
        give(&mut model, "section next", &[]);
        assert_eq!(model.notice.as_ref().unwrap().text, "nothing plays");
        give(&mut model, "play", &songs[..1]);
        assert!(give(&mut model, "section next", &[]).is_empty());
        assert!(model.notice.as_ref().unwrap().text.contains(":sound"), "{:?}", model.notice);
    }
}
