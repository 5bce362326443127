//! Whether a theme can be loaded.

use crate::paths::Paths;
use crate::tui::{Depth, Display, Theme};

/// The mistakes of a theme that can be loaded; otherwise why it cannot.
pub(super) fn mistakes(name: &str, paths: &Paths) -> Result<Vec<String>, String> {
    let themes = paths.config.join("themes");
    let theme = Theme::load(name, Some(&themes), Display::from(Depth::True));
    theme.map(|(_, mistakes)| mistakes).map_err(|why| why.to_string())
}
