//! Themes: TOML files with `inherits`, a `[palette]` and roles in `[ui]`. Unknown keys, roles and colours are warnings;
//! only a file that cannot be read or parsed is an error.

use std::collections::BTreeMap;
use std::path::Path;

use ratatui::style::{Color, Modifier, Style};

use super::colour::{self, Depth};

use crate::files;

const SHIPPED: [(&str, &str); 4] = [
    ("terminal", include_str!("../../themes/terminal.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
    ("gruvbox-dark", include_str!("../../themes/gruvbox-dark.toml")),
    ("catppuccin-latte", include_str!("../../themes/catppuccin-latte.toml")),
];

/// Maximum number of themes in a chain of `inherits`.
const DEEPEST: usize = 8;

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
    Notice "notice" "A line for the user.",
    Error "error" "Something went wrong.",
    Prompt "prompt" "The command line.",
    Key "key" "Keys in the help.",
    Popup "popup" "The ground of popups.",
}

/// A loaded theme, its styles already reduced to the terminal's colour depth.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    styles: Vec<Style>,
}

impl Theme {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// Loads a theme by name: from the user's `themes` directory, or else from the shipped ones. With [`Depth::Mono`]
    /// it is always `mono`. The strings are warnings, one line each.
    ///
    /// # Errors
    /// The theme or one that it inherits from does not exist, cannot be read, or is invalid TOML.
    pub fn load(name: &str, themes: Option<&Path>, depth: Depth) -> Result<(Theme, Vec<String>), String> {
        let name = if depth == Depth::Mono { "mono" } else { name };
        Theme::build(name, depth, &|name| source(name, themes))
    }

    /// The default theme for a depth. Never fails: if it cannot be loaded, nothing is styled.
    pub fn fallback(depth: Depth) -> Theme {
        let plain = Theme { name: "plain".into(), styles: vec![Style::new(); ROLES.len()] };
        Theme::load("terminal", None, depth).map_or(plain, |(theme, _)| theme)
    }

    fn build(
        name: &str,
        depth: Depth,
        source: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<(Theme, Vec<String>), String> {
        let mut warnings = Vec::new();
        let mut palette = BTreeMap::new();
        let mut specs: BTreeMap<String, toml::Value> = BTreeMap::new();
        let mut next = Some(name.to_string());
        for _ in 0..DEEPEST {
            let Some(current) = next.take() else { break };
            let table = toml::from_str::<toml::Table>(&source(&current)?)
                .map_err(|e| format!("theme {current}: {}", e.message()))?;
            for (key, value) in table {
                match (key.as_str(), value) {
                    ("inherits", toml::Value::String(parent)) => next = Some(parent),
                    // Entries of a child override those of its ancestors.
                    ("palette", toml::Value::Table(colours)) => {
                        for (role, colour) in colours {
                            palette.entry(role).or_insert(colour);
                        }
                    }
                    ("ui", toml::Value::Table(roles)) => {
                        for (role, spec) in roles {
                            specs.entry(role).or_insert(spec);
                        }
                    }
                    (key, _) => warnings.push(format!("theme {current}: '{key}' is not known here")),
                }
            }
        }
        if next.is_some() {
            warnings.push(format!("theme {name}: inherits more than {DEEPEST} deep"));
        }
        let colour = |value: &toml::Value| resolve(value, &palette, 4).map(|c| depth.fit(c));
        let mut styles = vec![Style::new(); ROLES.len()];
        for (key, spec) in &specs {
            match ROLES.iter().find(|(_, n)| n == key) {
                Some((role, _)) => {
                    let (style, wrong) = style_of(spec, &colour);
                    styles[*role as usize] = style;
                    warnings.extend(wrong.into_iter().map(|w| format!("theme {name}: {key}: {w}")));
                }
                None => warnings.push(format!("theme {name}: no role '{key}'")),
            }
        }
        Ok((Theme { name: name.to_string(), styles }, warnings))
    }
}

/// Names of the themes that can be loaded, sorted.
pub fn names(themes: Option<&Path>) -> Vec<String> {
    let mut names: Vec<String> = SHIPPED.iter().map(|(n, _)| n.to_string()).collect();
    let listed = themes.and_then(|dir| std::fs::read_dir(dir).ok()).into_iter().flatten().flatten();
    names.extend(listed.filter_map(|e| Some(e.file_name().to_str()?.strip_suffix(".toml")?.to_string())));
    names.sort();
    names.dedup();
    names
}

fn source(name: &str, themes: Option<&Path>) -> Result<String, String> {
    // Only plain names are looked up as files: a name must not be a path.
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    if let Some(file) = themes.filter(|_| plain).map(|dir| dir.join(format!("{name}.toml"))) {
        match files::text(&file, files::SMALL) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            read => return read.map_err(|e| format!("theme {name}: {} cannot be read: {e}", file.display())),
        }
    }
    let shipped = SHIPPED.iter().find(|(n, _)| *n == name).map(|(_, text)| text.to_string());
    shipped
        .ok_or_else(|| format!("no theme '{}'; there are: {}", crate::text::sanitize(name), names(themes).join(", ")))
}

/// The colour of a value; palette names may refer to other palette names, up to `steps` times.
fn resolve(value: &toml::Value, palette: &BTreeMap<String, toml::Value>, steps: usize) -> Option<Color> {
    match value {
        toml::Value::Integer(i) => u8::try_from(*i).ok().map(Color::Indexed),
        toml::Value::String(name) => match palette.get(name) {
            Some(other) if steps > 0 && other != value => resolve(other, palette, steps - 1),
            _ => colour::parse(name),
        },
        _ => None,
    }
}

fn style_of(spec: &toml::Value, colour: &dyn Fn(&toml::Value) -> Option<Color>) -> (Style, Vec<String>) {
    let mut style = Style::new();
    let mut wrong = Vec::new();
    let toml::Value::Table(table) = spec else {
        match colour(spec) {
            Some(c) => style = paint(style, Some(c), None),
            None => wrong.push(format!("{spec} is no colour")),
        }
        return (style, wrong);
    };
    for (key, value) in table {
        let modifier = match key.as_str() {
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underline" => Modifier::UNDERLINED,
            "reverse" => Modifier::REVERSED,
            "fg" | "bg" => {
                match (colour(value), key.as_str()) {
                    (Some(c), "fg") => style = paint(style, Some(c), None),
                    (Some(c), _) => style = paint(style, None, Some(c)),
                    (None, _) => wrong.push(format!("{value} is no colour")),
                }
                continue;
            }
            _ => {
                wrong.push(format!("'{key}' is not known"));
                continue;
            }
        };
        match value.as_bool() {
            Some(true) => style = style.add_modifier(modifier),
            Some(false) => {}
            None => wrong.push(format!("'{key}' wants true or false")),
        }
    }
    (style, wrong)
}

/// `default` (`Color::Reset`) sets no colour, so that nothing is written to the terminal for it.
fn paint(mut style: Style, fg: Option<Color>, bg: Option<Color>) -> Style {
    style.fg = fg.filter(|c| *c != Color::Reset).or(style.fg);
    style.bg = bg.filter(|c| *c != Color::Reset).or(style.bg);
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_themes_load_without_a_warning_and_define_every_role() {
        for (name, text) in SHIPPED {
            let (theme, warnings) = Theme::load(name, None, Depth::True).unwrap();
            assert_eq!((theme.name.as_str(), warnings), (name, Vec::new()));
            let table: toml::Table = toml::from_str(text).unwrap();
            for (_, role) in ROLES {
                assert!(table["ui"].get(role).is_some(), "{name} lacks {role}");
            }
            assert_ne!(theme.style(Role::Selected), theme.style(Role::Text), "{name}");
        }
    }

    #[test]
    fn children_stand_over_parents_and_mistakes_are_warnings() {
        let source = |name: &str| match name {
            "child" => {
                Ok("inherits = 'base'\nwhat = 1\n[palette]\nred = '#010203'\n[ui]\ndim = 'nope'\nglow = 'red'"
                    .to_string())
            }
            "base" => Ok("[palette]\nred = 'red'\n[ui]\ntext = { fg = 'red', bold = 1 }\ndim = 'blue'".to_string()),
            _ => Err("no".to_string()),
        };
        let (theme, mut warnings) = Theme::build("child", Depth::True, &source).unwrap();
        assert_eq!(theme.style(Role::Text).fg, Some(Color::Rgb(1, 2, 3)));
        warnings.sort();
        assert_eq!(
            warnings,
            [
                "theme child: 'what' is not known here",
                "theme child: dim: \"nope\" is no colour",
                "theme child: no role 'glow'",
                "theme child: text: 'bold' wants true or false",
            ]
        );
    }

    #[test]
    fn cycles_end_and_names_are_no_paths() {
        let circle = |_: &str| Ok("inherits = 'again'".to_string());
        assert!(Theme::build("x", Depth::True, &circle).unwrap().1[0].contains("deep"));
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("themes")).unwrap();
        std::fs::write(dir.path().join("secret.toml"), "").unwrap();
        let themes = dir.path().join("themes");
        assert!(Theme::load("../secret", Some(&themes), Depth::True).unwrap_err().contains("no theme"));
        std::fs::write(themes.join("mine.toml"), "inherits = \"gruvbox-dark\"").unwrap();
        assert!(Theme::load("mine", Some(&themes), Depth::Indexed).is_ok());
        assert!(names(Some(&themes)).contains(&"mine".to_string()));
    }

    #[test]
    fn without_colour_every_theme_is_mono() {
        let (theme, _) = Theme::load("gruvbox-dark", None, Depth::Mono).unwrap();
        assert!(theme.styles.iter().all(|s| s.fg.is_none() && s.bg.is_none()));
    }
}
