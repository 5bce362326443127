//! How the terminal shows pictures, and how many cells a picture takes.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::colour::Depth;
use crate::app::state::covers::Wanted;
use crate::config::Covers;
use crate::library::cover::LARGEST_SIDE;
use crate::picture::{Drawn, Form};

/// A way to show pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Cells of half blocks, two pixels each.
    Blocks,
    /// Kitty's graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm,
    /// Sixels.
    Sixel,
}

/// What the terminal answered about pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// It knows kitty's protocol.
    pub kitty: bool,
    /// It lists sixels among its attributes.
    pub sixel: bool,
    /// The pixels of a cell, across and down.
    pub cell: Option<(u16, u16)>,
}

/// How pictures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Art {
    /// The way.
    pub protocol: Protocol,
    /// The pixels of a cell, across and down; half blocks are one pixel wide.
    pub cell: (u16, u16),
    /// Whether that is only assumed.
    pub guessed: bool,
    /// Whether sequences have to be wrapped so that tmux passes them on.
    pub wrapped: bool,
    /// The colours of half blocks.
    pub depth: Depth,
}

/// The cell of the VT340, which many terminals imitate.
const USUAL: (u16, u16) = (10, 20);
/// The pixels of a cell of half blocks.
const HALVES: (u16, u16) = (1, 2);
/// The sides that a cell may have, in pixels.
const LIKELY: std::ops::RangeInclusive<u16> = 4..=256;

impl Art {
    /// What is to be used: what the user chose, or else what the terminal can. `None`: no pictures. `cell` is what the
    /// system says of the pixels of a cell.
    pub fn choose(
        setting: Covers,
        depth: Depth,
        answers: Answers,
        cell: Option<(u16, u16)>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Option<Art> {
        if setting == Covers::Off || matches!(depth, Depth::Mono | Depth::Sixteen) {
            return None;
        }
        let cell = answers.cell.or(cell).filter(|(x, y)| LIKELY.contains(x) && LIKELY.contains(y));
        let is = |name: &str, values: &[&str]| env(name).is_some_and(|value| values.contains(&value.as_str()));
        let within = within_another(&env);
        let protocol = match setting {
            Covers::Kitty => Protocol::Kitty,
            Covers::Iterm => Protocol::Iterm,
            Covers::Sixel => Protocol::Sixel,
            Covers::Blocks | Covers::Off => Protocol::Blocks,
            // What it passes on is not known, and pictures would stay where panes were.
            Covers::Auto if within => Protocol::Blocks,
            Covers::Auto if answers.kitty => Protocol::Kitty,
            Covers::Auto if is("TERM_PROGRAM", &["iTerm.app", "WezTerm"]) || is("LC_TERMINAL", &["iTerm2"]) => {
                Protocol::Iterm
            }
            // Sixels are pixels: without the size of a cell, nobody knows how many cells they take.
            Covers::Auto if answers.sixel && cell.is_some() => Protocol::Sixel,
            Covers::Auto => Protocol::Blocks,
        };
        let tmux = env("TMUX").is_some_and(|value| !value.is_empty());
        let wrapped = tmux && matches!(protocol, Protocol::Kitty | Protocol::Iterm);
        let (cell, guessed) = match protocol {
            Protocol::Blocks => (HALVES, false),
            _ => (cell.unwrap_or(USUAL), cell.is_none()),
        };
        Some(Art { protocol, cell, guessed, wrapped, depth })
    }

    /// How pictures are shown, in words, as far as that is known without asking the terminal.
    ///
    /// # Errors
    /// Why they are not shown, though the user has not said so.
    pub fn words(
        setting: Covers,
        depth: Depth,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<&'static str, &'static str> {
        Ok(match (setting, within_another(&env)) {
            (Covers::Off, _) => "not shown: [ui] covers = \"off\"",
            _ if matches!(depth, Depth::Mono | Depth::Sixteen) => return Err("not shown: they need 256 colours"),
            (Covers::Auto, true) => {
                "half blocks, as always inside tmux, screen and zellij; [ui] covers = \"kitty\" or \"iterm\" sends pictures through \
                 a tmux that has `set -g allow-passthrough on`"
            }
            (Covers::Auto, false) => {
                "by kitty's protocol, iTerm2's or sixels if the terminal knows one when the player starts, else half blocks"
            }
            (Covers::Kitty | Covers::Iterm, true) => {
                "pictures, as [ui] covers says; tmux passes them on only with `set -g allow-passthrough on`, and they are in \
                 place only in a pane that fills the window"
            }
            (Covers::Blocks, _) => "half blocks, as [ui] covers says",
            (Covers::Kitty | Covers::Iterm | Covers::Sixel, _) => "pictures, as [ui] covers says",
        })
    }

    /// The same with usual cells in place of impossible ones: what another process says is not taken as it is.
    #[must_use]
    pub fn checked(self) -> Art {
        let (x, y) = self.cell;
        match self.protocol {
            Protocol::Blocks => Art { cell: HALVES, guessed: false, ..self },
            _ if LIKELY.contains(&x) && LIKELY.contains(&y) => self,
            _ => Art { cell: USUAL, guessed: true, ..self },
        }
    }

    /// Whether the terminal is to be asked about pictures.
    pub fn asks(setting: Covers, env: impl Fn(&str) -> Option<String>) -> bool {
        !matches!(setting, Covers::Off | Covers::Blocks) && !within_another(&env)
    }

    /// The same with another size of cells, as the system says it.
    pub fn measure(&mut self, cell: Option<(u16, u16)>) {
        if let Some(cell) = cell.filter(|(x, y)| LIKELY.contains(x) && LIKELY.contains(y))
            && self.protocol != Protocol::Blocks
        {
            (self.cell, self.guessed) = (cell, false);
        }
    }

    /// What is to be asked for to fill an area.
    pub fn wanted(&self, path: &Arc<std::path::Path>, area: Rect) -> Wanted {
        let side = |cells: u16, pixels: u16| cells.saturating_mul(pixels).clamp(1, LARGEST_SIDE);
        let within = (side(area.width, self.cell.0), side(area.height, self.cell.1));
        let form = match self.protocol {
            Protocol::Blocks => Form::Pixels,
            Protocol::Kitty | Protocol::Iterm => Form::Png,
            Protocol::Sixel => Form::Sixels,
        };
        Wanted { path: path.clone(), within, form }
    }

    /// The cells of an area that a picture takes, in its middle.
    pub fn place(&self, drawn: &Drawn, area: Rect) -> Rect {
        let cells = |pixels: usize, cell: u16| u16::try_from(pixels.div_ceil(usize::from(cell))).unwrap_or(u16::MAX);
        let width = cells(drawn.width, self.cell.0).min(area.width);
        let height = cells(drawn.height, self.cell.1).min(area.height);
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
    }
}

/// Whether the terminal lies within another one.
fn within_another(env: &impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    let term = env("TERM").unwrap_or_default();
    ["TMUX", "ZELLIJ", "STY"].into_iter().any(set) || term.starts_with("screen") || term.starts_with("tmux")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Answers = Answers { kitty: false, sixel: false, cell: None };
    const ALL: Answers = Answers { kitty: true, sixel: true, cell: Some((9, 18)) };

    fn choose(setting: Covers, answers: Answers, env: &[(&str, &str)]) -> Option<Art> {
        let env = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
        Art::choose(setting, Depth::True, answers, None, env)
    }

    fn auto(answers: Answers, env: &[(&str, &str)]) -> Protocol {
        choose(Covers::Auto, answers, env).unwrap().protocol
    }

    #[test]
    fn the_best_that_the_terminal_can_is_used() {
        let sixel = Answers { kitty: false, ..ALL };
        assert_eq!([auto(ALL, &[]), auto(sixel, &[])], [Protocol::Kitty, Protocol::Sixel]);
        assert_eq!(auto(sixel, &[("TERM_PROGRAM", "WezTerm")]), Protocol::Iterm);
        assert_eq!(auto(NONE, &[("LC_TERMINAL", "iTerm2")]), Protocol::Iterm);
        assert_eq!(auto(NONE, &[]), Protocol::Blocks);
        assert_eq!(auto(Answers { cell: None, ..sixel }, &[]), Protocol::Blocks, "of unknown cells");
        assert_eq!(auto(Answers { cell: Some((0, 18)), ..sixel }, &[]), Protocol::Blocks);
        for within in [("TMUX", "/tmp/tmux-0/default,1,0"), ("ZELLIJ", "0"), ("STY", "1.x"), ("TERM", "tmux-256color")]
        {
            assert_eq!(auto(ALL, &[within]), Protocol::Blocks, "{within:?}");
            assert!(!Art::asks(Covers::Auto, |name| (name == within.0).then(|| within.1.to_string())));
        }
    }

    #[test]
    fn words_say_what_is_shown_inside_tmux() {
        let words = |setting, depth, tmux: bool| {
            Art::words(setting, depth, |name| (tmux && name == "TMUX").then(|| "/tmp/tmux-0/default,1,0".to_string()))
        };
        assert!(words(Covers::Auto, Depth::True, true).unwrap().starts_with("half blocks, as always inside tmux"));
        assert!(words(Covers::Auto, Depth::True, false).unwrap().starts_with("by kitty's protocol"));
        assert!(words(Covers::Kitty, Depth::Indexed, true).unwrap().contains("allow-passthrough on"));
        assert_eq!(words(Covers::Kitty, Depth::True, false), Ok("pictures, as [ui] covers says"));
        assert!(words(Covers::Auto, Depth::Sixteen, false).unwrap_err().contains("256 colours"));
        assert!(words(Covers::Off, Depth::Mono, true).unwrap().contains("\"off\""), "as the user wants it");
    }

    #[test]
    fn the_users_word_counts_and_no_colours_are_no_pictures() {
        let named = [Covers::Kitty, Covers::Iterm, Covers::Sixel, Covers::Blocks];
        let used = named.map(|setting| choose(setting, NONE, &[("TMUX", "x")]).unwrap());
        let protocols = used.map(|art| art.protocol);
        assert_eq!(protocols, [Protocol::Kitty, Protocol::Iterm, Protocol::Sixel, Protocol::Blocks]);
        assert_eq!(used.map(|art| art.wrapped), [true, true, false, false], "tmux itself shows sixels");
        assert!(used[0].guessed && used[0].cell == USUAL && used[3].cell == (1, 2));
        assert_eq!(choose(Covers::Off, ALL, &[]), None);
        for depth in [Depth::Mono, Depth::Sixteen] {
            assert_eq!(Art::choose(Covers::Kitty, depth, ALL, None, |_| None), None);
        }
        let system = Art::choose(Covers::Kitty, Depth::True, NONE, Some((8, 17)), |_| None).unwrap();
        assert_eq!((system.cell, system.guessed), ((8, 17), false));
        let asks = |setting| Art::asks(setting, |_| None);
        assert_eq!([Covers::Auto, Covers::Sixel, Covers::Blocks, Covers::Off].map(asks), [true, true, false, false]);
    }

    #[test]
    fn pictures_are_asked_for_in_pixels_and_placed_in_cells() {
        let mut art = choose(Covers::Kitty, ALL, &[]).unwrap();
        let area = Rect::new(10, 5, 8, 4);
        let path: Arc<std::path::Path> = std::path::Path::new("/m/a").into();
        assert_eq!(art.wanted(&path, area).within, (72, 72));
        let of = |width, height| Drawn { width, height, form: Form::Png, bytes: Vec::new() };
        assert_eq!(art.place(&of(72, 72), area), area);
        assert_eq!(art.place(&of(72, 36), area), Rect::new(10, 6, 8, 2));
        assert_eq!(art.place(&of(28, 72), area), Rect::new(12, 5, 4, 4));
        art.measure(Some((20, 40)));
        assert_eq!(art.wanted(&path, Rect::new(0, 0, 60, 60)).within, (LARGEST_SIDE, LARGEST_SIDE));
        art.measure(Some((0, 0)));
        assert_eq!(art.cell, (20, 40));
    }
}
