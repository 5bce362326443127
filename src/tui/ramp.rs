//! Colours for levels, made of the theme's own: from its background over the colours of its lines and signs.

use ratatui::style::{Color, Style};

use super::colour::{Depth, luminance, rgb_256};
use super::theme::{Role, Theme};

/// Number of colours between the background and the highest level.
const STEPS: usize = 14;
/// The same where there are 256 colours: of more, neighbours would have quite other hues.
const FEW_STEPS: usize = 9;
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
        let ground = theme.style(Role::Text).bg.and_then(rgb).unwrap_or_else(|| opposite(theme));
        let base = luminance(ground);
        known.sort_by(|a, b| (luminance(*a) - base).abs().total_cmp(&(luminance(*b) - base).abs()));
        let farthest = known.last().copied().unwrap_or(ground);
        let stops: Vec<[u8; 3]> = std::iter::once(ground).chain(known).collect();
        let (from, to) = (lightness(ground), lightness(farthest));
        let steps = if theme.depth() == Depth::True { STEPS } else { FEW_STEPS };
        // The lightness changes evenly, whatever it is in the colours between: a level is read from it. The background
        // itself is the lowest level.
        let colour = |n: usize| {
            let place = n as f32 / steps as f32;
            let wanted = from + f64::from(place) * (to - from);
            let [r, g, b] = at_lightness(between(&stops, place), wanted);
            match theme.depth() {
                Depth::True => Some(Color::Rgb(r, g, b)),
                // Within half a step, so that no two steps are one colour or change places.
                _ => near_256([r, g, b], wanted, (to - from).abs() / (2 * steps) as f64),
            }
        };
        Ramp { colours: (1..=steps).filter_map(colour).collect() }
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

/// The ground that a theme is for which leaves the terminal's own: black below light accents, else white.
fn opposite(theme: &Theme) -> [u8; 3] {
    // Lines are grey on either.
    let accents = ROLES.iter().filter(|role| **role != Role::Border).filter_map(|role| theme.style(*role).fg);
    let known: Vec<f64> = accents.filter_map(rgb).map(luminance).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    // From here on black gives more contrast than white.
    if mean > 0.18 { [0; 3] } else { [255; 3] }
}

/// How light a colour looks, 0 to 100: L* of CIELAB.
fn lightness(rgb: [u8; 3]) -> f64 {
    let light = luminance(rgb);
    if light > 0.008_856 { 116.0 * light.cbrt() - 16.0 } else { 903.3 * light }
}

/// The colour mixed with as much white or black as gives it a lightness.
fn at_lightness(colour: [u8; 3], wanted: f64) -> [u8; 3] {
    let end = if lightness(colour) < wanted { [255; 3] } else { [0; 3] };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..12 {
        let middle = f32::midpoint(low, high);
        let beyond = lightness(mixed(colour, end, middle)) < wanted;
        // Towards white lightness rises with the share, towards black it falls.
        if beyond == (end == [255; 3]) { low = middle } else { high = middle }
    }
    mixed(colour, end, f32::midpoint(low, high))
}

/// The colour of the 256 nearest to one, of those whose lightness is not farther than `within` from the wanted one.
fn near_256(colour: [u8; 3], wanted: f64, within: f64) -> Option<Color> {
    let is_near = |index: &u8| (lightness(rgb_256(*index)) - wanted).abs() < within;
    // The first 16 are skipped: users configure them.
    (16..=255).filter(is_near).min_by_key(|index| apart(colour, rgb_256(*index))).map(Color::Indexed)
}

/// How far apart two colours of about one lightness are: their hue counts most.
fn apart(a: [u8; 3], b: [u8; 3]) -> i32 {
    let [r, g, b] = [0, 1, 2].map(|i| i32::from(a[i]) - i32::from(b[i]));
    r * r + g * g + b * b + 2 * ((r - g).pow(2) + (g - b).pow(2))
}

/// The colour at a place, 0 to 1, along a line of colours.
fn between(stops: &[[u8; 3]], place: f32) -> [u8; 3] {
    let place = place.clamp(0.0, 1.0) * stops.len().saturating_sub(1) as f32;
    let below = (place as usize).min(stops.len().saturating_sub(2));
    let (Some(a), Some(b)) = (stops.get(below), stops.get(below + 1)) else { return [0; 3] };
    mixed(*a, *b, place - below as f32)
}

/// Two colours mixed, with this share of the second.
fn mixed(a: [u8; 3], b: [u8; 3], share: f32) -> [u8; 3] {
    [0, 1, 2].map(|i| (f32::from(a[i]) + share * (f32::from(b[i]) - f32::from(a[i]))).round() as u8)
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
    fn the_lightness_goes_one_way_in_every_theme_and_depth() {
        let shipped = crate::tui::theme::names(None).into_iter().filter(|name| name != "mono");
        for name in shipped {
            for (depth, fewest) in [(Depth::True, STEPS), (Depth::Indexed, FEW_STEPS - 2)] {
                let colours = ramp(&name, depth).colours;
                assert!(colours.len() >= fewest, "{name}: {colours:?}");
                let light: Vec<f64> = colours.iter().map(|colour| lightness(rgb(*colour).unwrap())).collect();
                let (first, last) = (light[0], light[light.len() - 1]);
                let one_way = light.is_sorted_by(|a, b| if first < last { a < b } else { a > b });
                assert!(one_way && (first - last).abs() > 30.0, "{name}, {depth:?}: {light:?}");
            }
        }
    }

    #[test]
    fn a_theme_without_a_ground_begins_beside_that_of_its_terminal() {
        let first = |name: &str| lightness(rgb(ramp(name, Depth::Indexed).colours[0]).unwrap());
        assert!(first("terminal") < 20.0 && first("terminal-light") > 80.0);
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
