//! Bindings of key sequences to commands, each in a context, and what typed keys mean.

use crate::app::commands::Line;

use super::keys::{Key, count_digits};

/// Where a binding applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// In every view.
    Global,
    /// In every list.
    List,
    /// In the view of this id.
    View(&'static str),
}

/// The view in which keys are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its id.
    pub view: &'static str,
    /// Whether it is a list.
    pub is_list: bool,
}

impl Scope {
    /// The contexts that apply, the narrowest first.
    fn contexts(self) -> impl Iterator<Item = Context> {
        let list = self.is_list.then_some(Context::List);
        [Some(Context::View(self.view)), list, Some(Context::Global)].into_iter().flatten()
    }
}

/// A command bound to a sequence of keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// Where it applies.
    pub context: Context,
    /// The keys as written: `gg`, `ctrl-d`.
    pub text: String,
    /// The keys.
    pub keys: Vec<Key>,
    /// The command line; `None` (`noop`) hides what wider contexts bind to these keys.
    pub line: Option<Line>,
}

impl Binding {
    /// Whether only one of two sequences can be typed: one is the beginning of the other, or both are the same. Digits
    /// alone do not clash with a longer sequence: they wait for a further key anyway, for they may be a count.
    pub fn clashes(&self, other: &Binding) -> bool {
        let (one, two) = (&self.keys, &other.keys);
        let (short, long) = if one.len() <= two.len() { (one, two) } else { (two, one) };
        long.starts_with(short) && (short.len() == long.len() || count_digits(short) < short.len())
    }
}

/// What the keys typed so far mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning<'a> {
    /// They are bound to this command.
    Command(&'a Line),
    /// They begin a longer sequence.
    Prefix,
    /// They are not bound.
    Nothing,
}

/// Looks up a sequence of keys typed in `scope`. A narrower context wins. Within a context no two sequences
/// [clash](Binding::clashes), so only digits need a timeout.
pub fn meaning<'a>(bindings: &'a [Binding], scope: Scope, keys: &[Key]) -> Meaning<'a> {
    for context in scope.contexts() {
        let begun = || bindings.iter().filter(move |b| b.context == context && b.keys.starts_with(keys));
        let exact = begun().find(|b| b.keys.len() == keys.len());
        match exact.map(|b| &b.line) {
            Some(Some(line)) => return Meaning::Command(line),
            _ if begun().any(|b| b.line.is_some()) => return Meaning::Prefix,
            Some(None) => return Meaning::Nothing,
            None => {}
        }
    }
    Meaning::Nothing
}

/// The bindings whose keys can be typed in `scope`, with their commands.
pub fn typeable(bindings: &[Binding], scope: Scope) -> impl Iterator<Item = (&Binding, &Line)> {
    bindings.iter().filter_map(move |binding| {
        let line = binding.line.as_ref()?;
        let whole = matches!(meaning(bindings, scope, &binding.keys), Meaning::Command(l) if std::ptr::eq(l, line));
        let begun = |n| meaning(bindings, scope, binding.keys.get(..n).unwrap_or_default()) == Meaning::Prefix;
        let digits = count_digits(&binding.keys);
        (whole && (digits + 1..binding.keys.len()).all(begun)).then_some((binding, line))
    })
}

/// Whether a line is these words: a command, perhaps with an argument.
pub fn says(line: &Line, words: &str) -> bool {
    let (name, argument) = words.split_once(' ').unwrap_or((words, ""));
    line.command.name == name && line.argument == argument
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::commands;
    use crate::tui::keys::parse;

    const QUEUE: Scope = Scope { view: "queue", is_list: true };
    const HELP: Scope = Scope { view: "help", is_list: false };

    fn bind(context: Context, keys: &str, command: &str) -> Binding {
        let line = (command != "noop").then(|| commands::parse(command).unwrap());
        Binding { context, text: keys.into(), keys: parse(keys).unwrap(), line }
    }

    fn name(bindings: &[Binding], scope: Scope, keys: &str) -> &'static str {
        match meaning(bindings, scope, &parse(keys).unwrap()) {
            Meaning::Command(line) => line.command.name,
            Meaning::Prefix => "…",
            Meaning::Nothing => "-",
        }
    }

    #[test]
    fn a_narrower_context_wins() {
        let all = [
            bind(Context::Global, "x", "stop"),
            bind(Context::List, "x", "mark"),
            bind(Context::View("queue"), "x", "remove"),
            bind(Context::Global, "dc", "calmer"),
            bind(Context::List, "dd", "enqueue"),
            bind(Context::View("queue"), "y", "noop"),
            bind(Context::Global, "y", "next"),
            bind(Context::Global, "gg", "top"),
            bind(Context::View("help"), "g", "stop"),
        ];
        let library = Scope { view: "library", is_list: true };
        assert_eq!([QUEUE, library, HELP].map(|scope| name(&all, scope, "x")), ["remove", "mark", "stop"]);
        assert_eq!([QUEUE, library, HELP].map(|scope| name(&all, scope, "y")), ["-", "next", "next"]);
        // Sequences of several contexts that begin with the same key can all be typed.
        assert_eq!(["d", "dc", "dd", "dx"].map(|keys| name(&all, QUEUE, keys)), ["…", "calmer", "enqueue", "-"]);
        assert_eq!(name(&all, HELP, "dd"), "-");
        let shown = |scope| typeable(&all, scope).map(|(_, line)| line.command.name).collect::<Vec<_>>();
        assert_eq!(shown(HELP), ["stop", "calmer", "next", "stop"]);
        assert_eq!(shown(QUEUE), ["remove", "calmer", "enqueue", "top"]);
    }

    #[test]
    fn an_unbound_key_does_not_hide_longer_sequences_of_its_context() {
        let all =
            [bind(Context::Global, "g", "top"), bind(Context::List, "g", "noop"), bind(Context::List, "gx", "stop")];
        assert_eq!([name(&all, QUEUE, "g"), name(&all, QUEUE, "gx"), name(&all, HELP, "g")], ["…", "stop", "top"]);
    }
}
