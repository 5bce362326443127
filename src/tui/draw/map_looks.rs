//! How the tracks and the marks of the map look: roles of the theme, and without colours weight.

use ratatui::style::{Color, Modifier, Style};

use crate::ask::map::{Colour, Kind, MOST};
use crate::tui::theme::{Role, Theme};

/// The roles that classes without an order may have, …
const NAMED: [Role; 11] = [
    Role::Accent,
    Role::Playing,
    Role::Match,
    Role::Auto,
    Role::Error,
    Role::Text,
    Role::Heading,
    Role::Hand,
    Role::Obstacle,
    Role::Key,
    Role::Artist,
];
/// … and of those that go from little to much.
const ORDERED: [Role; MOST] = [Role::Dim, Role::Accent, Role::Playing, Role::Match, Role::Error, Role::Error];

/// The role of a class.
pub fn role(colour: Colour, class: u8, theme: &Theme) -> Role {
    let roles = if colour.is_ordered() { ORDERED } else { named(theme) };
    match usize::from(class) {
        MOST => Role::Dim,
        class => roles.get(class).copied().unwrap_or(Role::Border),
    }
}

/// The first roles whose colours differ in a theme: in some, several roles have the same one.
fn named(theme: &Theme) -> [Role; MOST] {
    let mut found: [Role; MOST] = std::array::from_fn(|n| NAMED[n]);
    let mut seen: Vec<Option<Color>> = Vec::with_capacity(MOST);
    for role in NAMED {
        let colour = theme.style(role).fg.or_else(|| sixteen(role));
        if seen.len() < MOST && !seen.contains(&colour) {
            found[seen.len()] = role;
            seen.push(colour);
        }
    }
    found
}

/// The style of the dots of a class. Without colours, ordered classes differ in weight, and of others the one at the cursor is
/// bold.
pub fn style(colour: Colour, class: u8, here: Option<u8>, theme: &Theme) -> Style {
    let coloured = theme.style(Role::Accent).fg.is_some();
    let role = role(colour, class, theme);
    let fg = theme.style(role).fg.or_else(|| if coloured { sixteen(role) } else { None });
    let text = theme.style(Role::Text);
    let base = Style { fg: fg.or(text.fg), bg: text.bg, ..Style::new() };
    match (!coloured, colour.is_ordered(), class) {
        (true, true, 0) => base.add_modifier(Modifier::DIM),
        (true, true, 3..=5) => base.add_modifier(Modifier::BOLD),
        (true, false, class) if here == Some(class) => base.add_modifier(Modifier::BOLD),
        _ => base,
    }
}

/// The terminal's own colour where a theme has none for a role, as on a terminal of sixteen colours.
fn sixteen(role: Role) -> Option<Color> {
    match role {
        Role::Playing => Some(Color::Green),
        Role::Match => Some(Color::Yellow),
        Role::Auto => Some(Color::Magenta),
        Role::Error => Some(Color::Red),
        _ => None,
    }
}

/// The sign of a mark.
pub fn sign(kind: Kind) -> (char, Role) {
    match kind {
        Kind::Playing => ('▶', Role::Playing),
        Kind::Played(nth) => (char::from_digit(u32::from(nth), 10).unwrap_or('+'), Role::Title),
        Kind::Hand => ('■', Role::Hand),
        Kind::Auto => ('~', Role::Auto),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::map::UNKNOWN;
    use crate::tui::colour::Depth;
    use crate::tui::theme::names;

    fn theme(name: &str, depth: Depth) -> Theme {
        Theme::load(name, None, depth.into()).unwrap().0
    }

    #[test]
    fn classes_differ_with_colours_and_little_from_much_without() {
        let coloured = names(None).into_iter().filter(|name| name != "mono").map(|name| (name, Depth::True));
        let all: Vec<(String, Depth)> = coloured.chain([("terminal".into(), Depth::Sixteen)]).collect();
        assert!(all.len() > 14, "{all:?}");
        for (name, depth) in all {
            let theme = theme(&name, depth);
            let of = |class| style(Colour::Genre, class, None, &theme);
            for class in 0..MOST as u8 {
                assert!((0..class).all(|other| of(class) != of(other)), "{name}: {class}");
            }
        }
        let mono = theme("mono", Depth::Mono);
        let of = |class| style(Colour::Tempo, class, None, &mono);
        assert!(of(0) != of(2) && of(2) != of(4));
        let here = |class| style(Colour::Genre, class, Some(1), &mono);
        assert!(here(1) != here(2), "the class at the cursor is bold");
        assert_eq!(role(Colour::Genre, UNKNOWN, &mono), Role::Border);
    }
}
