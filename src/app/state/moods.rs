//! The moods and the hour: saved signatures that are followed at certain hours.

use crate::library::Mood;

/// The moods (saved signatures followed at certain hours) and the current hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MoodClock {
    /// The user's moods; `None` until they were read.
    pub list: Option<Vec<Mood>>,
    /// The hour of the local time, 0 to 23; `None` until it is known.
    pub hour: Option<u8>,
    /// The mood of the current hour, even if the user chose to follow something else.
    pub(in crate::app) current: Option<String>,
}

impl MoodClock {
    /// Updates the current mood; returns whether it is another one, or none, since the last call.
    pub(in crate::app) fn turn(&mut self) -> bool {
        let (Some(moods), Some(hour)) = (&self.list, self.hour) else { return false };
        let now = moods.iter().find(|m| m.holds(hour)).map(|m| m.name.clone());
        let turned = now != self.current;
        self.current = now;
        turned
    }

    /// The mood has another name now, which is no turn to another one.
    pub(in crate::app) fn renamed(&mut self, from: &str, to: &str) {
        let names = self.list.iter_mut().flatten().map(|mood| &mut mood.name);
        names.chain(&mut self.current).filter(|name| name.as_str() == from).for_each(|name| to.clone_into(name));
    }
}
