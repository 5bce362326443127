//! The view of the sound: its list, which is scrolled and searched, and seeking with the mouse.

use ratatui::layout::Position;

use crate::app::commands::playback::PlaybackAction;
use crate::app::commands::words::Amount;
use crate::app::{Model, Msg};
use crate::tui::mouse::Held;
use crate::tui::sound::{Areas, areas};
use crate::tui::standing;

use super::Screen;

impl Screen {
    /// The area of an image whose cells depend on the theme.
    #[cfg(test)]
    pub fn raster(&self) -> Option<ratatui::layout::Rect> {
        self.sound_areas().filter(|_| self.shows(crate::tui::pages::SOUND)).map(|areas| areas.picture)
    }

    fn sound_areas(&self) -> Option<Areas> {
        self.layout().map(|layout| areas(layout.body))
    }

    /// The first row of the list that is shown.
    pub fn sound_top(&self, model: &Model) -> usize {
        let room = self.sound_areas().map_or(0, |areas| areas.room());
        self.sound.min(standing::rows(model).len().saturating_sub(room))
    }

    /// Scrolls the list by so many rows.
    pub(super) fn step_sound(&mut self, step: isize, model: &Model) {
        self.sound = self.sound_top(model).saturating_add_signed(step);
        self.sound = self.sound_top(model);
    }

    /// Scrolls the list to a row.
    pub(super) fn goto_sound(&mut self, row: usize, model: &Model) {
        self.sound = row;
        self.sound = self.sound_top(model);
    }

    /// Scrolls the list to the next row whose name has the text, wrapping around.
    pub(super) fn find_standing(&mut self, text: &str, back: bool, model: &Model) -> Vec<Msg> {
        let (rows, at, sought) = (standing::rows(model), self.sound, text.to_lowercase());
        let (len, holds) = (rows.len(), |row: &usize| rows[*row].text().to_lowercase().contains(&sought));
        let found = (1..=len).map(|step| (if back { at + len - step } else { at + step }) % len).find(holds);
        match found {
            Some(row) => self.sound = row,
            None => return vec![Msg::error(format!("nothing like '{text}' here"))],
        }
        Vec::new()
    }

    /// Takes hold of the spectrogram where the mouse is on it, and goes there in the track.
    pub(super) fn press_sound(&mut self, at: Position, model: &Model) -> Vec<Msg> {
        if self.sound_areas().is_some_and(|areas| areas.of_time().contains(at)) {
            self.mouse.held = Held::Spectrogram;
            return self.seek_in_sound(at, model);
        }
        Vec::new()
    }

    /// Goes to the moment under the mouse.
    pub(super) fn seek_in_sound(&self, at: Position, model: &Model) -> Vec<Msg> {
        let picture = model.playing().and_then(|item| model.sound_view.picture(item.song.track));
        let length = picture.map_or_else(|| model.duration(), |picture| picture.plan.secs);
        let Some(area) = self.sound_areas().map(|areas| areas.picture).filter(|area| area.width > 0) else {
            return Vec::new();
        };
        if model.playing().is_none() || length <= 0.0 {
            return Vec::new();
        }
        let share = f64::from(at.x.saturating_sub(area.x).min(area.width - 1)) / f64::from(area.width);
        vec![Msg::command(PlaybackAction::Seek(Amount::To(share * length)))]
    }
}
