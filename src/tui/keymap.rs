//! The keymap: the keys of a preset, with the user's laid over them.

mod error;

use crate::app::commands;
use crate::config::{Bound, Config, Keys};
use crate::text::sanitize;

use super::binding::{Binding, Context, Meaning, Scope, meaning};
use super::keys::{Key, parse};
use super::pages::{ANSWER, GRID, PANES};
use super::pane::Pane;

pub use error::{BindingError, KeymapError};

/// The presets, in the form of `config.toml`. All are laid over the first.
const PRESETS: [(&str, &str); 4] = [
    ("default", include_str!("../../keys/default.toml")),
    ("cmus", include_str!("../../keys/cmus.toml")),
    ("mpv", include_str!("../../keys/mpv.toml")),
    ("vim", include_str!("../../keys/vim.toml")),
];

/// Maximum number of keys that a warning names.
const NAMED: usize = 3;

/// All bindings.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        // Errors are ignored: a test checks that every preset is valid.
        Keymap { bindings: preset("default").unwrap_or_default() }
    }
}

impl Keymap {
    /// The keys of a preset, overridden one by one by the user's; `noop` unbinds. What the user binds takes the place
    /// of the preset's keys in its context and in narrower ones. The strings are warnings about keys that cannot be
    /// typed any more, one line each, with their line in the file.
    ///
    /// # Errors
    /// There is no such preset; or one line about the first invalid key or command in the file, with its line.
    pub fn new(name: &str, keys: &Keys) -> Result<(Keymap, Vec<String>), KeymapError> {
        let base = preset(name)?;
        let (own, mut warnings) = latest(read(keys)?);
        warnings.extend(own.iter().filter_map(|one| Some((one.line, one.lost(&base, &own)?))));
        warnings.sort_by_key(|(line, _)| *line);
        let own = own.into_iter().map(|one| one.binding).collect();
        let warnings = warnings.into_iter().map(|(_, text)| text).collect();
        Ok((Keymap { bindings: laid_over(base, own) }, warnings))
    }

    /// Every binding: those of the preset in its order, then the user's.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Looks up a sequence of keys typed in a view.
    pub fn meaning(&self, scope: Scope, keys: &[Key]) -> Meaning<'_> {
        meaning(&self.bindings, scope, keys)
    }

    /// The first key that is bound everywhere to a command without an argument, as written.
    pub fn key_of(&self, command: &str) -> Option<&str> {
        let is = |b: &&Binding| b.line.as_ref().is_some_and(|l| l.command.name == command && l.argument.is_empty());
        self.bindings.iter().filter(|b| b.context == Context::Global).find(is).map(|b| b.text.as_str())
    }
}

/// The bindings of a preset.
fn preset(name: &str) -> Result<Vec<Binding>, KeymapError> {
    let shipped = |text: &str| -> Result<Vec<Binding>, KeymapError> {
        Ok(read(&Config::parse(text)?.keys)?.into_iter().map(|one| one.binding).collect())
    };
    let Some((name, text)) = PRESETS.into_iter().find(|(known, _)| *known == name) else {
        let presets = PRESETS.map(|(known, _)| known).to_vec();
        return Err(KeymapError::Preset { name: sanitize(name), presets });
    };
    let [(first, default), ..] = PRESETS;
    let bindings = laid_over(views(), shipped(default)?);
    if name == first { Ok(bindings) } else { Ok(laid_over(bindings, shipped(text)?)) }
}

/// The first nine views, each on its number, and with alt, which no count needs to wait for.
fn views() -> Vec<Binding> {
    let keys = (1..=PANES.len().min(9)).flat_map(|n| [(n, n.to_string()), (n, format!("alt-{n}"))]);
    let bind = |(n, text): (usize, String)| {
        let line = commands::parse(&format!("view {n}")).ok();
        Some(Binding { context: Context::Global, keys: parse(&text).ok()?, text, line })
    };
    keys.filter_map(bind).collect()
}

/// All that is wrong with a preset's name and the user's keys.
pub fn faults(name: &str, keys: &Keys) -> Vec<KeymapError> {
    let preset = preset(name).err();
    preset.into_iter().chain(keys.bound.iter().filter_map(|bound| own(bound).err())).collect()
}

/// A binding of a file, and where it stands.
struct Own {
    binding: Binding,
    line: usize,
    table: String,
}

/// The bindings of a file in its order.
fn read(keys: &Keys) -> Result<Vec<Own>, KeymapError> {
    keys.bound.iter().map(own).collect()
}

fn own(bound: &Bound) -> Result<Own, KeymapError> {
    let table =
        if bound.context.is_empty() { "keys".to_string() } else { format!("keys.{}", sanitize(&bound.context)) };
    match binding(bound) {
        Ok(binding) => Ok(Own { binding, line: bound.line, table }),
        Err(cause) => Err(KeymapError::Line { line: bound.line, table, cause }),
    }
}

fn binding(bound: &Bound) -> Result<Binding, BindingError> {
    let context = context(&bound.context)?;
    let keys = parse(&bound.keys)?;
    let wrong = |why| BindingError::Command { keys: bound.keys.clone(), why };
    let line = match bound.command.trim() {
        "noop" => None,
        command => Some(commands::parse(command).map_err(wrong)?),
    };
    Ok(Binding { context, text: sanitize(&bound.keys), keys, line })
}

/// The views that keys can be bound in.
fn panes() -> impl Iterator<Item = &'static dyn Pane> {
    PANES.iter().copied().chain([ANSWER, GRID])
}

fn context(table: &str) -> Result<Context, BindingError> {
    let view = panes().find(|pane| pane.id() == table);
    match (table, view) {
        ("", _) => Ok(Context::Global),
        ("list", _) => Ok(Context::List),
        (_, Some(pane)) => Ok(Context::View(pane.id())),
        (_, None) => Err(BindingError::Table { name: sanitize(table), views: panes().map(|pane| pane.id()).collect() }),
    }
}

/// Whether a context is the same as another, or wider.
fn covers(wide: Context, narrow: Context) -> bool {
    match (wide, narrow) {
        (Context::Global, _) => true,
        (Context::List, Context::View(id)) => panes().any(|pane| pane.id() == id && pane.is_list()),
        _ => wide == narrow,
    }
}

/// Whether the binding of a higher layer takes the place of one of a lower layer. `noop` does with the longer
/// sequences that it begins, not with a shorter one.
fn replaces(higher: &Binding, lower: &Binding) -> bool {
    let reaches = higher.line.is_some() || higher.keys.len() <= lower.keys.len();
    reaches && higher.clashes(lower) && covers(higher.context, lower.context)
}

/// One layer of bindings over another.
fn laid_over(mut lower: Vec<Binding>, higher: Vec<Binding>) -> Vec<Binding> {
    lower.retain(|one| !higher.iter().any(|over| replaces(over, one)));
    lower.extend(higher);
    // In the widest context there is nothing left for `noop` to hide.
    lower.retain(|one| one.line.is_some() || one.context != Context::Global);
    lower
}

/// The bindings of a file without those that a later one of the same context makes untypeable, and warnings about them
/// with their lines.
fn latest(own: Vec<Own>) -> (Vec<Own>, Vec<(usize, String)>) {
    let (mut kept, mut warnings): (Vec<Own>, Vec<(usize, String)>) = (Vec::new(), Vec::new());
    for later in own {
        kept.retain(|earlier| {
            let how = later.conflict(earlier);
            warnings.extend(how.map(|how| {
                let (line, table, keys, other) = (later.line, &later.table, &later.binding.text, &earlier.binding.text);
                let text = format!("line {line}: [{table}] \"{keys}\" {how} \"{other}\" of line {}", earlier.line);
                (line, format!("{text}; the later one counts"))
            }));
            how.is_none()
        });
        kept.push(later);
    }
    (kept, warnings)
}

impl Own {
    /// How it conflicts with an earlier binding of the same context.
    fn conflict(&self, earlier: &Own) -> Option<&'static str> {
        let (own, other) = (&self.binding, &earlier.binding);
        if own.context != other.context || !own.clashes(other) {
            return None;
        }
        // What is not bound to anything is in nobody's way.
        let either_is_noop = own.line.is_none() || other.line.is_none();
        match own.keys.len().cmp(&other.keys.len()) {
            std::cmp::Ordering::Equal => Some("is the same key as"),
            _ if either_is_noop => None,
            std::cmp::Ordering::Less => Some("is the beginning of"),
            std::cmp::Ordering::Greater => Some("begins with"),
        }
    }

    /// A warning about sequences of the preset that cannot be typed because of this one, unless the user's file has a
    /// word about each of them.
    fn lost(&self, base: &[Binding], all: &[Own]) -> Option<String> {
        let own = &self.binding;
        own.line.as_ref()?;
        let told = |lower: &Binding| all.iter().any(|o| o.binding.keys == lower.keys && replaces(&o.binding, lower));
        let lost: Vec<&Binding> = base.iter().filter(|lower| replaces(own, lower) && !told(lower)).collect();
        let how = if lost.first()?.keys.len() > own.keys.len() { "is the beginning of" } else { "begins with" };
        let mut names: Vec<String> = lost.iter().take(NAMED).map(|b| format!("\"{}\"", b.text)).collect();
        if lost.len() > NAMED {
            names.push(format!("{} more", lost.len() - NAMED));
        }
        let (line, table, keys, names) = (self.line, &self.table, &own.text, names.join(", "));
        Some(format!("line {line}: [{table}] \"{keys}\" {how} {names} of the preset, which it replaces"))
    }
}

#[cfg(test)]
mod tests;
