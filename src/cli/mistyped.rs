//! What is meant by a word at the shell that is no command there, and no file either.

use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, Error};

use crate::app::commands::{self, COMMANDS};
use crate::text;

/// Words of other players, and the commands of this one.
const ELSEWHERE: [(&str, &str); 4] = [("back", "previous"), ("resume", "play"), ("skip", "next"), ("unpause", "play")];

/// The error for a first argument that is no file, but is, begins or resembles a command: one of the shell, or one of the
/// player's `:` line, which `jukebox send` carries out. `None` where it may be a directory that is missing.
pub(super) fn mistyped(paths: &[PathBuf], shell: &clap::Command) -> Option<String> {
    let first = paths.first().filter(|path| !path.exists())?.to_str()?;
    let meant = meant(first, shell)?;
    let others = paths.iter().skip(1).map(|path| format!(" {}", path.display())).collect::<String>();
    Some(format!("{first}: no such directory or file; did you mean `jukebox {meant}{others}`?"))
}

/// Adds the command that is meant to the error of `jukebox help puase`, for which clap suggests none.
pub(super) fn with_suggestion(mut error: Error, shell: &clap::Command) -> Error {
    let mut arguments = std::env::args_os().skip(1);
    let asks = arguments.next().is_some_and(|first| first == "help");
    let near = match (error.get(ContextKind::InvalidSubcommand), arguments.next()) {
        (Some(ContextValue::String(word)), Some(second)) if asks && second == word.as_str() => near(word, shell),
        _ => None,
    };
    if let Some(near) = near.map(str::to_string) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::String(near));
    }
    error
}

/// The command of the shell that resembles a word most.
fn near<'a>(word: &str, shell: &'a clap::Command) -> Option<&'a str> {
    let near = verbs(shell).map(|verb| (text::edits(word, verb), verb)).min();
    // Edits in up to a third of its letters: `music` must not pass as `man`.
    near.filter(|(edits, _)| *edits <= (word.len() / 3).max(1)).map(|(_, verb)| verb)
}

fn verbs(shell: &clap::Command) -> impl Iterator<Item = &str> {
    shell.get_subcommands().filter(|verb| !verb.is_hide_set()).map(clap::Command::get_name)
}

/// What is to be typed after `jukebox` for a word.
fn meant(word: &str, shell: &clap::Command) -> Option<String> {
    // Where both have a command of a name, that of the shell is the shorter way.
    let to_type = |name: &str| match verbs(shell).any(|verb| verb == name) {
        true => name.to_string(),
        false => format!("send {name}"),
    };
    if let Some((_, name)) = ELSEWHERE.iter().find(|(theirs, _)| *theirs == word) {
        return Some(to_type(name));
    }
    if let Some(command) = COMMANDS.iter().find(|command| command.name == word || command.aliases.contains(&word)) {
        return Some(to_type(command.name));
    }
    let mut begun = verbs(shell).filter(|verb| !word.is_empty() && verb.starts_with(word));
    if let (Some(only), None) = (begun.next(), begun.next()) {
        return Some(only.to_string());
    }
    if let Some(verb) = near(word, shell) {
        return Some(verb.to_string());
    }
    // As after `:`, an abbreviation that fits only one command.
    let command = commands::find(word).ok().or_else(|| {
        let near = COMMANDS.iter().map(|command| (text::edits(word, command.name), command));
        let (edits, command) = near.min_by_key(|(edits, _)| *edits)?;
        (edits <= word.len() / 3).then_some(command)
    });
    command.map(|command| to_type(command.name))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn told(line: &str) -> Option<String> {
        let paths: Vec<PathBuf> = line.split(' ').map(PathBuf::from).collect();
        let said = mistyped(&paths, &Cli::command())?;
        let (_, meant) = said.split_once("no such directory or file; did you mean `").unwrap();
        Some(meant.trim_end_matches("`?").to_string())
    }

    #[test]
    fn words_are_taken_for_the_commands_that_they_mean() {
        for (line, meant) in [
            ("pauze", "jukebox pause"),
            ("puase", "jukebox pause"),
            ("prev", "jukebox previous"),
            ("vol 50", "jukebox volume 50"),
            ("event", "jukebox events"),
            ("skip", "jukebox next"),
            ("resume", "jukebox play"),
            ("quit", "jukebox send quit"),
            ("exit", "jukebox send quit"),
            ("seek +30", "jukebox send seek +30"),
            ("shuffle", "jukebox send shuffle"),
            ("queue", "jukebox send queue"),
            ("info", "jukebox send info"),
            ("rate 5", "jukebox send rate 5"),
            ("love", "jukebox send love"),
            ("errors", "jukebox send errors"),
            ("shufle", "jukebox send shuffle"),
            ("redisc 20", "jukebox send rediscover 20"),
        ] {
            assert_eq!(told(line).as_deref(), Some(meant), "{line}");
        }
    }

    #[test]
    fn directories_that_are_missing_are_no_commands() {
        for missing in ["nowhere", "music", "/music", "~/Musik", "usb", "", "pause/album", "2024"] {
            assert_eq!(told(missing), None, "{missing}");
        }
        // What exists is a file, whatever its name.
        assert_eq!(told("src"), None);
    }
}
