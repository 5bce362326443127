//! Colours for levels, made of the theme's own: from its background over the colours of its lines and signs.

use ratatui::style::{Color, Style};

use super::colour::{Depth, luminance, rgb_256};
use super::theme::{Role, Theme};

/// Number of colours between the background and the highest level.
const STEPS: usize = 14;
/// The roles whose colours are used.
const ROLES: [Role; 4] = [Role::Border, Role::Auto, Role::Progress, Role::Match];
/// Characters for levels where there are no colours.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// Colours from low levels to high ones; the lowest level is the background, which is not one of them. None for a theme
/// without colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Ramp {
    colours: Vec<Color>,
}

impl Ramp {
    /// The ramp of a theme.
    pub fn of(theme: &Theme) -> Ramp {
        let own: Vec<Color> = ROLES.iter().filter_map(|role| theme.style(*role).fg).collect();
        let own: Vec<Color> = own.into_iter().filter(|colour| *colour != Color::Reset).collect();
        let mut known: Vec<[u8; 3]> = own.iter().filter_map(|colour| rgb(*colour)).collect();
        if known.len() < 2 {
            // Of the terminal's own colours only their order is known.
            let mut colours = own;
            colours.dedup();
            return Ramp { colours };
        }
        let ground = theme.style(Role::Text).bg.and_then(rgb);
        let base = luminance(ground.unwrap_or(known[0]));
        known.sort_by(|a, b| (luminance(*a) - base).abs().total_cmp(&(luminance(*b) - base).abs()));
        let stops: Vec<[u8; 3]> = ground.into_iter().chain(known).collect();
        // The background itself is the lowest level.
        let first = usize::from(ground.is_some());
        let depth =
            if own.iter().any(|colour| matches!(colour, Color::Rgb(..))) { Depth::True } else { Depth::Indexed };
        let at = |n: usize| n as f32 / (STEPS - 1 + first) as f32;
        Ramp { colours: (first..STEPS + first).map(|n| depth.fit(between(&stops, at(n)))).collect() }
    }

    /// The number of a level's colour, counted from 1; 0 is the background. Levels are limited to 0 to 1.
    fn step(&self, level: f32) -> usize {
        let level = if level.is_finite() { level.clamp(0.0, 1.0) } else { 0.0 };
        ((level * (self.colours.len() + 1) as f32) as usize).min(self.colours.len())
    }

    /// A cell of two levels, one above the other.
    pub fn cell(&self, upper: f32, lower: f32) -> (char, Style) {
        if self.colours.is_empty() {
            let mean = f32::midpoint(upper, lower);
            let mean = if mean.is_finite() { mean.clamp(0.0, 1.0) } else { 0.0 };
            return (SHADES[((mean * SHADES.len() as f32) as usize).min(SHADES.len() - 1)], Style::new());
        }
        let of = |level| self.step(level).checked_sub(1).and_then(|at| self.colours.get(at)).copied();
        match (of(upper), of(lower)) {
            (None, None) => (' ', Style::new()),
            (Some(upper), None) => ('▀', Style::new().fg(upper)),
            (None, Some(lower)) => ('▄', Style::new().fg(lower)),
            (Some(upper), Some(lower)) if upper == lower => ('█', Style::new().fg(upper)),
            (Some(upper), Some(lower)) => ('▀', Style::new().fg(upper).bg(lower)),
        }
    }
}

/// A colour whose red, green and blue are the same on every terminal.
fn rgb(colour: Color) -> Option<[u8; 3]> {
    match colour {
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Indexed(i) if i >= 16 => Some(rgb_256(i)),
        _ => None,
    }
}

/// The colour at a place, 0 to 1, along a line of colours.
fn between(stops: &[[u8; 3]], place: f32) -> Color {
    let place = place.clamp(0.0, 1.0) * stops.len().saturating_sub(1) as f32;
    let below = (place as usize).min(stops.len().saturating_sub(2));
    let (Some(a), Some(b)) = (stops.get(below), stops.get(below + 1)) else { return Color::Reset };
    let share = place - below as f32;
    let mix = |i: usize| (f32::from(a[i]) + share * (f32::from(b[i]) - f32::from(a[i]))).round() as u8;
    Color::Rgb(mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Display;

    fn ramp(name: &str, depth: Depth) -> Ramp {
        Ramp::of(&Theme::load(name, None, Display::from(depth)).unwrap().0)
    }

    #[test]
    fn a_theme_has_a_ramp_of_its_own_colours() {
        for name in ["gruvbox-dark", "catppuccin-latte", "terminal"] {
            assert_eq!(ramp(name, Depth::True).colours.len(), STEPS, "{name}");
        }
        let indexed = ramp("gruvbox-dark", Depth::Indexed).colours;
        assert!(indexed.iter().all(|colour| matches!(colour, Color::Indexed(16..))), "{indexed:?}");
        let few = ramp("gruvbox-dark", Depth::Sixteen).colours;
        assert!((1..=ROLES.len()).contains(&few.len()), "{few:?}");
        assert!(few.iter().all(|colour| Depth::Sixteen.keeps(*colour)), "{few:?}");
        assert!(ramp("mono", Depth::True).colours.is_empty() && ramp("nord", Depth::Mono).colours.is_empty());
    }

    #[test]
    fn a_cell_shows_two_levels_and_without_colours_their_mean() {
        let ramp = ramp("gruvbox-dark", Depth::True);
        let [low, high] = [ramp.colours[0], ramp.colours[STEPS - 1]];
        assert_ne!(low, high);
        assert_eq!(ramp.cell(0.0, f32::NAN), (' ', Style::new()));
        assert_eq!(ramp.cell(1.0, 0.0), ('▀', Style::new().fg(high)));
        assert_eq!(ramp.cell(0.0, 9.0), ('▄', Style::new().fg(high)));
        assert_eq!(ramp.cell(1.0, 1.0), ('█', Style::new().fg(high)));
        assert_eq!(ramp.cell(1.0, 1.1 / (STEPS + 1) as f32), ('▀', Style::new().fg(high).bg(low)));
        let mono = Ramp { colours: Vec::new() };
        let signs = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (f32::NAN, 1.0)].map(|(a, b)| mono.cell(a, b).0);
        assert_eq!(signs, [' ', '▒', '█', ' ']);
    }
}
