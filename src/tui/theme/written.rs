//! A theme file as it is written: colours are not looked up yet, and every part keeps its place for messages.

use std::collections::BTreeMap;
use std::ops::Range;

use ratatui::style::Modifier;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ThemeError;

/// A text and its place, such as `themes/mine.toml: line 3`.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// The text.
    pub text: String,
    /// Its place.
    pub place: String,
}

/// A role's style.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The place of its name.
    pub place: String,
    /// The foreground's colour.
    pub fg: Option<Placed>,
    /// The background's colour.
    pub bg: Option<Placed>,
    /// Bold and the like.
    pub modifiers: Modifier,
}

/// A theme file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The name of the theme that it inherits from.
    pub inherits: Option<Placed>,
    /// Names for colours; their values may be names again.
    pub palette: BTreeMap<String, String>,
    /// The styles by the names of their roles.
    pub roles: BTreeMap<String, Spec>,
    /// Mistakes that leave the rest usable, one line each, in the order of their lines.
    pub warnings: Vec<String>,
}

impl File {
    /// Parses a theme file; `origin` is its name for messages.
    ///
    /// # Errors
    /// It is not TOML: one line with the place.
    pub fn parse(text: &str, origin: &str) -> Result<File, ThemeError> {
        let table = DeTable::parse(text).map_err(|e| {
            let at = e.span().map_or(String::new(), |span| format!(": line {}", line(text, &span)));
            ThemeError::Syntax { place: format!("{origin}{at}"), message: e.message().into() }
        })?;
        let mut reader = Reader { text, origin, file: File::default(), warnings: Vec::new() };
        for (key, value) in table.get_ref() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("inherits", DeValue::String(parent)) => {
                    reader.file.inherits = Some(reader.placed(parent, &value.span()));
                }
                ("palette", DeValue::Table(colours)) => reader.palette(colours),
                ("ui", DeValue::Table(roles)) => reader.roles(roles),
                ("inherits", _) => reader.warn(&key.span(), "'inherits' must be the name of a theme in quotes"),
                ("palette" | "ui", _) => reader.warn(&key.span(), &format!("'{}' must be a table", key.get_ref())),
                (other, _) => reader.warn(&key.span(), &format!("'{other}' is not known here")),
            }
        }
        Ok(reader.finish())
    }
}

struct Reader<'a> {
    text: &'a str,
    origin: &'a str,
    file: File,
    /// Warnings with their lines.
    warnings: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn palette(&mut self, colours: &DeTable<'_>) {
        for (name, value) in colours {
            match written(value) {
                Some(colour) => drop(self.file.palette.insert(name.get_ref().to_string(), colour)),
                None => self.warn(&value.span(), &format!("{}: {WANTED}", name.get_ref())),
            }
        }
    }

    fn roles(&mut self, roles: &DeTable<'_>) {
        for (name, value) in roles {
            let role = name.get_ref();
            let place = self.place(&name.span());
            let mut spec = Spec { place, fg: None, bg: None, modifiers: Modifier::empty() };
            match value.get_ref() {
                DeValue::Table(parts) => self.parts(role, parts, &mut spec),
                _ => spec.fg = self.colour(role, value),
            }
            self.file.roles.insert(role.to_string(), spec);
        }
    }

    fn parts(&mut self, role: &str, parts: &DeTable<'_>, spec: &mut Spec) {
        for (key, value) in parts {
            let modifier = match key.get_ref().as_ref() {
                "fg" => {
                    spec.fg = self.colour(role, value);
                    continue;
                }
                "bg" => {
                    spec.bg = self.colour(role, value);
                    continue;
                }
                "bold" => Modifier::BOLD,
                "dim" => Modifier::DIM,
                "italic" => Modifier::ITALIC,
                "underline" => Modifier::UNDERLINED,
                "reverse" => Modifier::REVERSED,
                other => {
                    self.warn(&key.span(), &format!("{role}: '{other}' is not known"));
                    continue;
                }
            };
            match value.get_ref().as_bool() {
                Some(true) => spec.modifiers |= modifier,
                Some(false) => {}
                None => self.warn(&value.span(), &format!("{role}: '{}' wants true or false", key.get_ref())),
            }
        }
    }

    fn colour(&mut self, role: &str, value: &Spanned<DeValue<'_>>) -> Option<Placed> {
        let colour = written(value);
        if colour.is_none() {
            self.warn(&value.span(), &format!("{role}: {WANTED}"));
        }
        colour.map(|text| self.placed(&text, &value.span()))
    }

    fn placed(&self, text: &str, span: &Range<usize>) -> Placed {
        Placed { text: text.to_string(), place: self.place(span) }
    }

    fn place(&self, span: &Range<usize>) -> String {
        format!("{}: line {}", self.origin, line(self.text, span))
    }

    fn warn(&mut self, span: &Range<usize>, what: &str) {
        self.warnings.push((line(self.text, span), format!("{}: {what}", self.place(span))));
    }

    fn finish(mut self) -> File {
        self.warnings.sort();
        self.file.warnings = self.warnings.into_iter().map(|(_, warning)| warning).collect();
        self.file
    }
}

/// What a value that can be no colour should be.
const WANTED: &str = "a colour is a name in quotes, \"#rrggbb\", or a number from 0 to 255";

/// A colour's text; `None` for a value that can be none.
fn written(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(name) => Some(name.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The line of a place in a text, counted from 1.
fn line(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_keeps_its_line() {
        let text =
            "inherits = 'base'\n[palette]\nred = '#010203'\n\n[ui]\ndim = 142\ntext = { fg = 'red', bold = true }";
        let file = File::parse(text, "themes/mine.toml").unwrap();
        let place = |line: usize| format!("themes/mine.toml: line {line}");
        let at = |text: &str, line: usize| Placed { text: text.into(), place: place(line) };
        assert_eq!(file.inherits, Some(at("base", 1)));
        assert_eq!(file.palette["red"], "#010203");
        assert_eq!(file.roles["dim"].fg, Some(at("142", 6)));
        let spec = &file.roles["text"];
        assert_eq!((&spec.fg, spec.modifiers), (&Some(at("red", 7)), Modifier::BOLD));
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }

    #[test]
    fn mistakes_are_told_in_the_order_of_their_lines() {
        let text = "what = 1\ninherits = 7\n[ui]\ntext = { glow = true, bold = 1 }\ndim = 1.5\n[palette]\nred = []\n";
        let warnings = File::parse(text, "x.toml").unwrap().warnings;
        let colour = "a colour is a name in quotes, \"#rrggbb\", or a number from 0 to 255";
        assert_eq!(
            warnings,
            [
                "x.toml: line 1: 'what' is not known here".to_string(),
                "x.toml: line 2: 'inherits' must be the name of a theme in quotes".into(),
                "x.toml: line 4: text: 'bold' wants true or false".into(),
                "x.toml: line 4: text: 'glow' is not known".into(),
                format!("x.toml: line 5: dim: {colour}"),
                format!("x.toml: line 7: red: {colour}"),
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_an_error_with_its_line() {
        let why = File::parse("[ui]\ntext = \"cyan\ndim = 1\n", "themes/mine.toml").unwrap_err().to_string();
        assert!(why.starts_with("themes/mine.toml: line 2: "), "{why}");
    }
}
