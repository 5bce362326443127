//! Themes: TOML files with `inherits`, a `[palette]` and roles in `[ui]`. Unknown keys, roles and colours are warnings;
//! only a file that cannot be read or parsed is an error.

mod error;
mod shipped;
mod written;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use ratatui::style::{Color, Style};

use self::written::{File, Placed, Spec};
use super::colour::{self, Depth};
use super::ground::Ground;

use crate::files;
use crate::notice::Kind;

pub use error::ThemeError;

/// Maximum number of themes in a chain of `inherits`.
const DEEPEST: usize = 8;
/// Maximum number of palette names between a role and its colour.
const STEPS: usize = 4;

macro_rules! roles {
    ($($role:ident $name:literal $doc:literal),* $(,)?) => {
        /// The role of a text on the screen, which determines its style.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role { $(#[doc = $doc] $role),* }
        const ROLES: &[(Role, &str)] = &[$((Role::$role, $name)),*];
    };
}

roles! {
    Text "text" "Everything else; its background is the screen's.",
    Dim "dim" "What may be overlooked.",
    Heading "heading" "An album's line in the library.",
    Title "title" "The playing track's title.",
    Artist "artist" "The playing track's artist and album.",
    Accent "accent" "What stands out.",
    Border "border" "Lines between things.",
    Tab "tab" "A list's name.",
    TabFocus "tab_focus" "The focused list's name.",
    Selected "selected" "The cursor.",
    SelectedUnfocused "selected_unfocused" "The cursor of the list that is not focused.",
    Marked "marked" "Marked tracks.",
    Playing "playing" "The playing track in lists.",
    Hand "hand" "The sign of a hand-added track.",
    Auto "auto" "The sign of an automatic track.",
    Progress "progress" "What has passed.",
    ProgressRest "progress_rest" "What is to come.",
    Match "match" "Tracks that match the search.",
    Notice "notice" "What was asked for was done.",
    Hint "hint" "Something worth knowing.",
    Obstacle "obstacle" "Something stands in the way.",
    Error "error" "Something went wrong.",
    Prompt "prompt" "The command line.",
    Key "key" "Keys in the help.",
    Popup "popup" "The ground of popups.",
}

impl From<Kind> for Role {
    /// The role of a notice.
    fn from(kind: Kind) -> Role {
        match kind {
            Kind::Success => Role::Notice,
            Kind::Hint => Role::Hint,
            Kind::Obstacle => Role::Obstacle,
            Kind::Error => Role::Error,
        }
    }
}

/// What the terminal can show, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Display {
    /// How many colours it has.
    pub depth: Depth,
    /// Its own background, which decides what the theme `auto` is.
    pub ground: Ground,
}

impl From<Depth> for Display {
    /// A terminal whose background is not known.
    fn from(depth: Depth) -> Display {
        Display { depth, ground: Ground::default() }
    }
}

/// A loaded theme, its styles already reduced to the terminal's colour depth.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    styles: Vec<Style>,
    depth: Depth,
}

impl Theme {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// How many colours the terminal has for which it was loaded.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// A colour that is none of the theme's own, as far as the terminal has it; none where the theme has no colours.
    pub fn tint(&self, [r, g, b]: [u8; 3]) -> Option<Color> {
        let coloured = self.styles.iter().any(|style| style.fg.is_some() || style.bg.is_some());
        coloured.then(|| self.depth.fit(Color::Rgb(r, g, b)))
    }

    /// Loads a theme by name: from the user's `themes` directory, or else from the shipped ones. With [`Depth::Mono`]
    /// it is always `mono`. The strings are warnings, one line each.
    ///
    /// # Errors
    /// The theme or one that it inherits from does not exist, cannot be read, or is invalid TOML.
    pub fn load(name: &str, themes: Option<&Path>, display: Display) -> Result<(Theme, Vec<String>), ThemeError> {
        let name = if display.depth == Depth::Mono { "mono" } else { name };
        Theme::build(name, display.depth, &|name| source(name, themes, display.ground))
    }

    /// The default theme. Never fails: if it cannot be loaded, nothing is styled.
    pub fn fallback(display: Display) -> Theme {
        let plain = Theme { name: "plain".into(), styles: vec![Style::new(); ROLES.len()], depth: display.depth };
        Theme::load(shipped::AUTO, None, display).map_or(plain, |(theme, _)| theme)
    }

    fn build(
        name: &str,
        depth: Depth,
        source: &dyn Fn(&str) -> Result<Source, ThemeError>,
    ) -> Result<(Theme, Vec<String>), ThemeError> {
        let mut warnings = Vec::new();
        // The theme, then what it inherits from: entries of a child override those of its ancestors.
        let mut chain: Vec<File> = Vec::new();
        let mut next = Some(Placed { text: name.to_string(), place: String::new() });
        while let Some(Placed { text: wanted, place }) = next.take() {
            if chain.len() == DEEPEST {
                warnings.push(format!("{place}: inherits more than {DEEPEST} deep"));
                break;
            }
            let Source { text, origin } = source(&wanted).map_err(|cause| match place.is_empty() {
                true => cause,
                false => ThemeError::Parent { place: place.clone(), cause: Box::new(cause) },
            })?;
            let mut file = File::parse(&text, &origin)?;
            next = file.inherits.take();
            warnings.append(&mut file.warnings);
            chain.push(file);
        }
        let mut palette: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, colour) in chain.iter().flat_map(|file| &file.palette) {
            palette.entry(name).or_insert(colour);
        }
        for (name, spec) in chain.iter().flat_map(|file| &file.roles) {
            if !ROLES.iter().any(|(_, known)| known == name) {
                warnings.push(format!("{}: no role '{name}'; a role is text, dim, heading …", spec.place));
            }
        }
        let styles = ROLES.iter().map(|(_, role)| {
            let written: Vec<&Spec> = chain.iter().filter_map(|file| file.roles.get(*role)).collect();
            style(role, &written, &palette, depth, &mut warnings)
        });
        let styles = styles.collect();
        Ok((Theme { name: name.to_string(), styles, depth }, warnings))
    }
}

/// The style of a role that the themes of a chain describe so. On a terminal of sixteen colours the first description
/// counts that needs no others: the nearest of sixteen to two different colours is often the same one.
fn style(
    role: &str,
    written: &[&Spec],
    palette: &BTreeMap<&str, &str>,
    depth: Depth,
    warnings: &mut Vec<String>,
) -> Style {
    let mut first = None;
    for spec in written {
        let mut style = Style::new().add_modifier(spec.modifiers);
        let mut exact = true;
        for (colour, is_ground) in [(&spec.fg, false), (&spec.bg, true)] {
            let Some(Placed { text, place }) = colour else { continue };
            match resolve(text, palette, STEPS).map(|colour| (depth.keeps(colour), depth.fit(colour))) {
                // `default` sets no colour, so that nothing is written to the terminal for it.
                Some((_, Color::Reset)) => {}
                Some((kept, colour)) => {
                    exact &= kept;
                    style = if is_ground { style.bg(colour) } else { style.fg(colour) };
                }
                None if first.is_none() => warnings.push(format!(
                    "{place}: {role}: '{text}' is no colour; it may be cyan, #8ec07c, 142 or a palette name"
                )),
                None => {}
            }
        }
        if exact {
            return style;
        }
        first.get_or_insert(style);
    }
    first.unwrap_or_default()
}

/// The colour of a text; palette names may refer to other palette names, up to `steps` times.
fn resolve(text: &str, palette: &BTreeMap<&str, &str>, steps: usize) -> Option<Color> {
    match palette.get(text) {
        Some(other) if steps > 0 && *other != text => resolve(other, palette, steps - 1),
        _ => colour::parse(text),
    }
}

/// Names of the themes that can be loaded, sorted.
pub fn names(themes: Option<&Path>) -> Vec<String> {
    let mut names: Vec<String> = shipped::names().map(str::to_string).collect();
    let listed = themes.and_then(|dir| std::fs::read_dir(dir).ok()).into_iter().flatten().flatten();
    let stem = |e: std::fs::DirEntry| Some(e.file_name().to_str()?.strip_suffix(".toml")?.to_string());
    names.extend(listed.filter_map(stem).filter(|name| is_plain(name)));
    names.sort();
    names.dedup();
    names
}

/// Whether a theme's name can be a file's: it must not be a path, and hidden files are no themes.
fn is_plain(name: &str) -> bool {
    !name.starts_with('.') && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.'))
}

/// The text of a theme, and its file for messages.
struct Source {
    text: Cow<'static, str>,
    origin: String,
}

fn source(name: &str, themes: Option<&Path>, ground: Ground) -> Result<Source, ThemeError> {
    let origin = format!("themes/{name}.toml");
    if let Some(file) = themes.filter(|_| is_plain(name)).map(|dir| dir.join(format!("{name}.toml"))) {
        match files::text(&file, files::SMALL) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(ThemeError::Unread { name: name.into(), file, cause }),
            Ok(text) => return Ok(Source { text: text.into(), origin }),
        }
    }
    match shipped::text(name, ground) {
        Some(text) => Ok(Source { text: text.into(), origin }),
        None => Err(ThemeError::Unknown { name: crate::text::sanitize(name), known: names(themes) }),
    }
}

#[cfg(test)]
pub(in crate::tui) mod contrast_tests;

#[cfg(test)]
mod tests {
    use super::contrast_tests::{GROUNDS, load as on_ground};
    use super::*;
    use ratatui::style::Modifier;

    fn load(name: &str, themes: Option<&Path>, depth: Depth) -> Result<(Theme, Vec<String>), ThemeError> {
        Theme::load(name, themes, depth.into())
    }

    /// The source of one of these themes.
    fn among(files: &[(&str, &str)], name: &str) -> Result<Source, ThemeError> {
        let text = files.iter().find(|(file, _)| *file == name).map(|(_, text)| text.to_string());
        let text = text.ok_or_else(|| ThemeError::Unknown { name: name.into(), known: Vec::new() })?;
        Ok(Source { text: text.into(), origin: format!("themes/{name}.toml") })
    }

    fn build(files: &[(&str, &str)], depth: Depth) -> Result<(Theme, Vec<String>), ThemeError> {
        Theme::build(files[0].0, depth, &|name| among(files, name))
    }

    #[test]
    fn shipped_themes_load_without_a_warning_and_style_every_role() {
        for name in shipped::names() {
            for ground in GROUNDS {
                let (theme, warnings) = Theme::load(name, None, Display { depth: Depth::True, ground }).unwrap();
                assert_eq!((theme.name.as_str(), warnings), (name, Vec::new()));
                assert_ne!(theme.style(Role::Selected), theme.style(Role::Text), "{name}");
            }
        }
        // Every chain of inheritance ends there.
        let mono = File::parse(shipped::text("mono", Ground::Dark).unwrap(), "mono").unwrap();
        for (_, role) in ROLES {
            assert!(mono.roles.contains_key(*role), "mono lacks {role}");
        }
    }

    #[test]
    fn notices_of_each_kind_look_different() {
        let roles = [Role::Notice, Role::Hint, Role::Obstacle, Role::Error];
        for name in shipped::names() {
            for ground in GROUNDS {
                let theme = on_ground(name, Depth::True, ground);
                for (at, role) in roles.iter().enumerate() {
                    let same = roles[at + 1..].iter().find(|other| theme.style(**other) == theme.style(*role));
                    assert_eq!(same, None, "{name}: like {role:?}");
                }
            }
        }
    }

    #[test]
    fn auto_is_what_suits_the_background() {
        let on = |name: &str, ground| on_ground(name, Depth::True, ground);
        for (ground, suits) in [(Ground::Dark, "terminal"), (Ground::Light, "terminal-light")] {
            assert_eq!(on("auto", ground).styles, on(suits, ground).styles);
            assert_eq!(Theme::fallback(Display { depth: Depth::True, ground }).styles, on(suits, ground).styles);
        }
        assert_ne!(on("auto", Ground::Dark).styles, on("auto", Ground::Light).styles);
    }

    #[test]
    fn children_stand_over_parents_and_mistakes_are_warnings_with_their_place() {
        let child = "inherits = 'base'\nwhat = 1\n[palette]\nred = '#010203'\n[ui]\ndim = 'nope'\nglow = 'red'";
        let base = "[palette]\nred = 'red'\n[ui]\ntext = { fg = 'red', bold = 1 }\ndim = 'blue'";
        let (theme, warnings) = build(&[("child", child), ("base", base)], Depth::True).unwrap();
        assert_eq!(theme.style(Role::Text).fg, Some(Color::Rgb(1, 2, 3)));
        let begins = [
            "themes/child.toml: line 2: 'what' is not known here",
            "themes/base.toml: line 4: text: 'bold' wants true or false",
            "themes/child.toml: line 7: no role 'glow'",
            "themes/child.toml: line 6: dim: 'nope' is no colour",
        ];
        assert_eq!(warnings.len(), begins.len(), "{warnings:?}");
        for (warning, begin) in warnings.iter().zip(begins) {
            assert!(warning.starts_with(begin), "{warning}");
        }
        let orphan = build(&[("child", "\ninherits = 'base'")], Depth::True).unwrap_err().to_string();
        assert_eq!(orphan, "themes/child.toml: line 2: no theme 'base'");
        let broken = build(&[("child", "inherits = 'base'"), ("base", "[ui\n")], Depth::True).unwrap_err().to_string();
        assert!(broken.starts_with("themes/base.toml: line "), "{broken}");
    }

    #[test]
    fn with_sixteen_colours_a_role_of_others_is_inherited() {
        let child =
            "inherits = 'base'\n[ui]\ntext = { fg = '#d8dee9', bg = '#2e3440' }\nkey = 'bright-cyan'\nhand = 142\n";
        let base = "[ui]\ntext = 'default'\nkey = 'red'\nselected = { reverse = true }";
        let files = [("child", child), ("base", base)];
        let (theme, _) = build(&files, Depth::Sixteen).unwrap();
        assert_eq!(theme.style(Role::Text), Style::new());
        assert_eq!(theme.style(Role::Key).fg, Some(Color::LightCyan));
        assert_eq!(theme.style(Role::Selected).add_modifier, Modifier::REVERSED);
        // What nobody describes otherwise gets the nearest colour.
        assert_eq!(theme.style(Role::Hand).fg, Some(Depth::Sixteen.fit(Color::Indexed(142))));
        let (theme, _) = build(&files, Depth::Indexed).unwrap();
        assert!(matches!(theme.style(Role::Text).bg, Some(Color::Indexed(_))));
    }

    #[test]
    fn cycles_end_and_names_are_no_paths() {
        let (_, warnings) = build(&[("again", "inherits = 'again'")], Depth::True).unwrap();
        assert_eq!(warnings, ["themes/again.toml: line 1: inherits more than 8 deep"]);
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("themes")).unwrap();
        std::fs::write(dir.path().join("secret.toml"), "").unwrap();
        let themes = dir.path().join("themes");
        assert!(load("../secret", Some(&themes), Depth::True).unwrap_err().to_string().contains("no theme"));
        std::fs::write(themes.join("mine.toml"), "inherits = \"gruvbox-dark\"").unwrap();
        assert!(load("mine", Some(&themes), Depth::Indexed).is_ok());
        assert!(names(Some(&themes)).contains(&"mine".to_string()));
        std::fs::write(themes.join("mine.toml"), "[ui]\ndim = cyan\n").unwrap();
        let why = load("mine", Some(&themes), Depth::True).unwrap_err().to_string();
        assert!(why.starts_with("themes/mine.toml: line 2: "), "{why}");
    }

    #[test]
    fn every_name_that_is_listed_can_be_loaded() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["my.theme.toml", "Nacht 2.toml", ".hidden.toml", "a+b.toml", "notes.txt"] {
            std::fs::write(dir.path().join(file), "inherits = \"nord\"").unwrap();
        }
        let listed = names(Some(dir.path()));
        for name in &listed {
            let (theme, warnings) = load(name, Some(dir.path()), Depth::True).unwrap();
            assert_eq!((&theme.name, warnings), (name, Vec::new()));
        }
        let own: Vec<&String> = listed.iter().filter(|name| shipped::names().all(|other| other != **name)).collect();
        assert_eq!(own, ["Nacht 2", "my.theme"]);
        for path in ["..", "../my.theme", ".hidden", "/etc/x"] {
            assert!(
                load(path, Some(dir.path()), Depth::True).unwrap_err().to_string().starts_with("no theme"),
                "{path}"
            );
        }
    }

    #[test]
    fn without_colour_every_theme_is_mono() {
        for name in shipped::names() {
            let (theme, _) = load(name, None, Depth::Mono).unwrap();
            assert!(theme.styles.iter().all(|s| s.fg.is_none() && s.bg.is_none()), "{name}");
        }
    }
}
