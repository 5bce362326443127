//! Shows the screen of a player that runs without one (`jukebox --headless`) on this terminal.

use anyhow::Result;

use super::print;
use crate::ask::screen::Terminal;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::paths::Paths;
use crate::runtime::{signals, socket};
use crate::tui::TerminalError;
use crate::tui::attached::{self, Use};
use crate::tui::terminal::restore;

/// Shows it until it is left, or the player ends; with reports of the mouse where `mouse`.
///
/// # Errors
/// The terminal cannot show it or is gone, or the player does not answer.
pub(super) fn run(config: &Config, paths: &Paths, mouse: bool) -> Result<()> {
    let (stop, stopped) = crossbeam_channel::bounded(1);
    let end = move || {
        let _ = stop.try_send(());
    };
    signals::start(end, restore)?;
    let how = Use { mouse, titled: config.ui.title, covers: config.ui.covers };
    let connect = |terminal: &Terminal| {
        socket::attach(&paths.socket(), terminal).map_err(|why| TerminalError::Refused(why.to_string()))
    };
    let why = attached::attach(how, &SystemClock::new(), &stopped, connect)?;
    print::note(why.as_deref().unwrap_or("the player has ended"));
    Ok(())
}
