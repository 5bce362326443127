//! Whether the shipped themes can be read: contrast ratios as WCAG 2 defines them.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::tui::colour::{index_16, luminance, rgb_256};

type Rgb = [u8; 3];

pub(super) const GROUNDS: [Ground; 2] = [Ground::Dark, Ground::Light];

/// A terminal's own colours: its text, its background, and the sixteen.
struct Terminal {
    name: &'static str,
    text: u32,
    ground: u32,
    sixteen: [u32; 16],
}

/// VTE's palette until 2019, and still a choice in most terminals.
const TANGO: [u32; 16] = [
    0x2e3436, 0xcc0000, 0x4e9a06, 0xc4a000, 0x3465a4, 0x75507b, 0x06989a, 0xd3d7cf, //
    0x555753, 0xef2929, 0x8ae234, 0xfce94f, 0x729fcf, 0xad7fa8, 0x34e2e2, 0xeeeeec,
];
/// Windows Terminal's.
const CAMPBELL: [u32; 16] = [
    0x0c0c0c, 0xc50f1f, 0x13a10e, 0xc19c00, 0x0037da, 0x881798, 0x3a96dd, 0xcccccc, //
    0x767676, 0xe74856, 0x16c60c, 0xf9f1a5, 0x3b78ff, 0xb4009e, 0x61d6d6, 0xf2f2f2,
];
/// The same sixteen serve Solarized's dark and light background.
const SOLARIZED: [u32; 16] = [
    0x073642, 0xdc322f, 0x859900, 0xb58900, 0x268bd2, 0xd33682, 0x2aa198, 0xeee8d5, //
    0x002b36, 0xcb4b16, 0x586e75, 0x657b83, 0x839496, 0x6c71c4, 0x93a1a1, 0xfdf6e3,
];
const GNOME: [u32; 16] = [
    0x171421, 0xc01c28, 0x26a269, 0xa2734c, 0x12488b, 0xa347ba, 0x2aa1b3, 0xd0cfcc, //
    0x5e5c64, 0xf66151, 0x33d17a, 0xe9ad0c, 0x2a7bde, 0xc061cb, 0x33c7de, 0xffffff,
];
/// The Linux console's.
const VGA: [u32; 16] = [
    0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa, //
    0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
];

/// The palette that colours are reduced by.
fn xterm() -> [u32; 16] {
    std::array::from_fn(|i| {
        let [r, g, b] = rgb_256(i as u8);
        u32::from_be_bytes([0, r, g, b])
    })
}

fn terminals(ground: Ground) -> Vec<Terminal> {
    let terminal = |name, text, ground, sixteen| Terminal { name, text, ground, sixteen };
    match ground {
        Ground::Dark => vec![
            terminal("xterm, dark", 0xe5e5e5, 0x000000, xterm()),
            terminal("Tango, dark", 0xd3d7cf, 0x2e3436, TANGO),
            terminal("Campbell", 0xcccccc, 0x0c0c0c, CAMPBELL),
            terminal("Solarized, dark", 0x839496, 0x002b36, SOLARIZED),
            terminal("GNOME, dark", 0xd0cfcc, 0x171421, GNOME),
            terminal("Linux console", 0xaaaaaa, 0x000000, VGA),
        ],
        Ground::Light => vec![
            terminal("xterm, light", 0x000000, 0xffffff, xterm()),
            terminal("Tango, light", 0x2e3436, 0xeeeeec, TANGO),
            terminal("Campbell, light", 0x0c0c0c, 0xf2f2f2, CAMPBELL),
            terminal("Solarized, light", 0x657b83, 0xfdf6e3, SOLARIZED),
            terminal("GNOME, light", 0x171421, 0xffffff, GNOME),
        ],
    }
}

fn rgb(hex: u32) -> Rgb {
    let [_, r, g, b] = hex.to_be_bytes();
    [r, g, b]
}

impl Terminal {
    fn shown(&self, colour: Color) -> Rgb {
        let own = |i: usize| rgb(self.sixteen[i]);
        match colour {
            Color::Rgb(r, g, b) => [r, g, b],
            Color::Indexed(i) if i < 16 => own(usize::from(i)),
            Color::Indexed(i) => rgb_256(i),
            named => own(index_16(named).expect("a style has no such colour")),
        }
    }

    /// Text and background of a style; dim text is half way between the two.
    fn look(&self, style: Style) -> (Rgb, Rgb) {
        let mut text = style.fg.map_or(rgb(self.text), |c| self.shown(c));
        let ground = style.bg.map_or(rgb(self.ground), |c| self.shown(c));
        if style.add_modifier.contains(Modifier::DIM) {
            text = std::array::from_fn(|i| text[i].midpoint(ground[i]));
        }
        if style.add_modifier.contains(Modifier::REVERSED) { (ground, text) } else { (text, ground) }
    }

    /// The contrast of the terminal's own text.
    fn own(&self) -> f64 {
        contrast(self.look(Style::new()))
    }
}

fn contrast((a, b): (Rgb, Rgb)) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Why text of a cell's look cannot be read on a usual dark terminal, if it cannot: its contrast is below `least`, and
/// below that of the terminal's own text where the cell leaves the colour to the terminal.
pub fn faint(cell: &Cell, least: f64) -> Option<String> {
    let told = |colour| if colour == Color::Reset { None } else { Some(colour) };
    let style = Style { fg: told(cell.fg), bg: told(cell.bg), add_modifier: cell.modifier, ..Style::new() };
    terminals(Ground::Dark).iter().find_map(|terminal| {
        let wanted = if style.fg.is_none() { least.min(terminal.own()) } else { least };
        let ratio = contrast(terminal.look(style));
        (ratio < wanted - 1e-9).then(|| format!("{ratio:.2}, not {wanted:.2}, on {}: {cell:?}", terminal.name))
    })
}

/// What a role's contrast must be: text; text that may be overlooked; lines.
#[derive(Clone, Copy)]
struct Least {
    text: f64,
    dim: f64,
    line: f64,
}

const STRICT: Least = Least { text: 4.5, dim: 3.0, line: 1.5 };

impl Least {
    fn of(self, role: Role) -> f64 {
        match role {
            Role::Dim | Role::Tab => self.dim,
            Role::Border | Role::ProgressRest => self.line,
            _ => self.text,
        }
    }
}

/// The grounds that a role may be drawn on: the screen's, a popup's, and those of the two cursors. A reversed row has no
/// ground of its own: it is drawn in one style (`draw::put`), which is measured as the role that it is.
fn grounds(theme: &Theme) -> Vec<(&'static str, Style)> {
    let on = |role: Role| theme.style(Role::Text).patch(theme.style(role));
    let cursors = [("cursor", on(Role::Selected)), ("other cursor", on(Role::SelectedUnfocused))];
    let cursors = cursors.into_iter().filter(|(_, style)| !style.add_modifier.contains(Modifier::REVERSED));
    [("screen", on(Role::Text)), ("popup", on(Role::Popup))].into_iter().chain(cursors).collect()
}

/// What cannot be read well enough, in a line each.
fn unreadable(theme: &Theme, terminal: &Terminal, least: Least) -> Vec<String> {
    let mut found = Vec::new();
    for (role, name) in ROLES {
        let style = theme.style(*role);
        // A theme that leaves the text to the terminal cannot be more readable than the terminal.
        let own = if style.fg.is_none() && theme.style(Role::Text).fg.is_none() { terminal.own() } else { f64::MAX };
        let wanted = least.of(*role).min(own);
        for (place, ground) in grounds(theme) {
            // A role with a ground of its own is measured on that.
            let base = if style.bg.is_some() { theme.style(Role::Text) } else { ground };
            let base = Style { add_modifier: Modifier::empty(), ..base };
            let ratio = contrast(terminal.look(base.patch(style)));
            if ratio < wanted - 1e-9 {
                let (theme, terminal) = (&theme.name, terminal.name);
                found.push(format!("{theme} on {terminal}: {name} on the {place}: {ratio:.2}, not {wanted:.2}"));
            }
        }
    }
    found
}

/// A shipped theme.
pub(super) fn load(name: &str, depth: Depth, ground: Ground) -> Theme {
    Theme::load(name, None, Display { depth, ground }).unwrap().0
}

/// The shipped themes with colours of their own on a ground of their own.
fn painted() -> Vec<Theme> {
    let themes: Vec<Theme> = shipped::names().map(|name| load(name, Depth::True, Ground::Dark)).collect();
    themes.into_iter().filter(|theme| theme.style(Role::Text).bg.is_some()).collect()
}

#[test]
fn contrast_is_what_wcag_says() {
    assert!((contrast(([0; 3], [255; 3])) - 21.0).abs() < 0.01);
    assert!((contrast((rgb(0x767676), rgb(0xffffff))) - 4.54).abs() < 0.01);
    // As Solarized's own page tells of its two backgrounds.
    assert!((contrast((rgb(0x839496), rgb(0x002b36))) - 4.75).abs() < 0.01);
    assert!((contrast((rgb(0x657b83), rgb(0xfdf6e3))) - 4.13).abs() < 0.01);
}

#[test]
fn themes_with_colours_of_their_own_can_be_read() {
    let themes = painted();
    assert_eq!(themes.len(), 12);
    // Which terminal shows them does not matter.
    let terminal = &terminals(Ground::Dark)[0];
    let found: Vec<String> = themes.iter().flat_map(|theme| unreadable(theme, terminal, STRICT)).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn they_still_can_with_256_colours() {
    let terminal = &terminals(Ground::Dark)[0];
    let least = Least { text: 3.0, dim: 2.5, line: 1.3 };
    for name in painted().iter().map(|theme| theme.name.as_str()) {
        let theme = load(name, Depth::Indexed, Ground::Dark);
        let found = unreadable(&theme, terminal, least);
        assert!(found.is_empty(), "\n{}", found.join("\n"));
    }
}

#[test]
fn the_cursor_stands_out() {
    for name in painted().iter().map(|theme| theme.name.as_str()) {
        for depth in [Depth::True, Depth::Indexed] {
            let theme = load(name, depth, Ground::Dark);
            let (text, selected) = (theme.style(Role::Text), theme.style(Role::Selected));
            assert_ne!(selected.bg, text.bg, "{name} {depth:?}");
            assert!(selected.add_modifier.contains(Modifier::BOLD), "{name}");
            assert_ne!(theme.style(Role::SelectedUnfocused).bg, text.bg, "{name} {depth:?}");
            assert_ne!(theme.style(Role::SelectedUnfocused), selected, "{name} {depth:?}");
        }
    }
}

#[test]
fn the_terminals_own_colours_can_be_read_on_the_usual_terminals() {
    for ground in GROUNDS {
        for depth in [Depth::True, Depth::Indexed] {
            let theme = load("auto", depth, ground);
            let found: Vec<String> =
                terminals(ground).iter().flat_map(|terminal| unreadable(&theme, terminal, STRICT)).collect();
            assert!(found.is_empty(), "\n{}", found.join("\n"));
        }
    }
}

#[test]
fn with_sixteen_colours_every_theme_can_be_read_on_them() {
    // There is nothing between text and ground but what the terminal makes of dim text.
    let least = Least { dim: 1.5, ..STRICT };
    for ground in GROUNDS {
        // `terminal` is for dark grounds; `auto` takes `terminal-light` on the others.
        for name in shipped::names().filter(|name| ground == Ground::Dark || *name != "terminal") {
            let theme = load(name, Depth::Sixteen, ground);
            let found: Vec<String> =
                terminals(ground).iter().flat_map(|terminal| unreadable(&theme, terminal, least)).collect();
            assert!(found.is_empty(), "\n{}", found.join("\n"));
            assert!(theme.style(Role::Selected).add_modifier.contains(Modifier::REVERSED), "{name}");
        }
    }
}
