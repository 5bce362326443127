//! The themes that come with the program.

use crate::tui::ground::Ground;

/// The theme that depends on the terminal's background.
pub const AUTO: &str = "auto";

/// Their names and texts.
const SHIPPED: [(&str, &str); 15] = [
    ("terminal", include_str!("../../../themes/terminal.toml")),
    ("terminal-light", include_str!("../../../themes/terminal-light.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("catppuccin-latte", include_str!("../../../themes/catppuccin-latte.toml")),
    ("catppuccin-mocha", include_str!("../../../themes/catppuccin-mocha.toml")),
    ("dracula", include_str!("../../../themes/dracula.toml")),
    ("everforest-dark", include_str!("../../../themes/everforest-dark.toml")),
    ("gruvbox-dark", include_str!("../../../themes/gruvbox-dark.toml")),
    ("gruvbox-light", include_str!("../../../themes/gruvbox-light.toml")),
    ("nord", include_str!("../../../themes/nord.toml")),
    ("rose-pine", include_str!("../../../themes/rose-pine.toml")),
    ("solarized-dark", include_str!("../../../themes/solarized-dark.toml")),
    ("solarized-light", include_str!("../../../themes/solarized-light.toml")),
    ("tokyo-night", include_str!("../../../themes/tokyo-night.toml")),
];

/// The names of all of them.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name).chain([AUTO])
}

/// The text of a theme. That of [`AUTO`] depends on the terminal's background.
pub fn text(name: &str, ground: Ground) -> Option<&'static str> {
    let wanted = match (name, ground) {
        (AUTO, Ground::Dark) => "terminal",
        (AUTO, Ground::Light) => "terminal-light",
        _ => name,
    };
    SHIPPED.iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text)
}
