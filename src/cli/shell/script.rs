//! Completion scripts as clap writes them, corrected where a shell would complete wrongly with them.

use std::collections::HashMap;

use clap::{Arg, Command};
use clap_complete::Shell;

/// The completion script of a shell for a command. What the help hides is not offered.
pub fn of(shell: Shell, command: &Command) -> String {
    let command = shown(command);
    match shell {
        Shell::Bash => bash(command),
        Shell::Zsh => zsh(command),
        shell => generated(shell, command),
    }
}

/// The script as clap writes it.
fn generated(shell: Shell, mut command: Command) -> String {
    let (name, mut script) = (command.get_name().to_string(), Vec::new());
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// A command without its hidden arguments and subcommands, which clap would offer.
fn shown(command: &Command) -> Command {
    let hides = command.get_arguments().any(Arg::is_hide_set) || command.get_subcommands().any(Command::is_hide_set);
    let shown_here = if hides { with(command, |arg| !arg.is_hide_set()) } else { command.clone() };
    shown_here.mut_subcommands(|inner| shown(&inner))
}

/// A command with some of its arguments and all subcommands that are not hidden. It is made anew, with what a script
/// tells of it, because clap can take nothing away from a command.
fn with(command: &Command, keep: fn(&Arg) -> bool) -> Command {
    // clap takes names that live as long as the process: a few short ones, and the process ends soon.
    let name: &'static str = command.get_name().to_string().leak();
    let anew = Command::new(name)
        .about(command.get_about().cloned().unwrap_or_default())
        .args(command.get_arguments().filter(|arg| keep(arg)).cloned())
        .subcommands(command.get_subcommands().filter(|inner| !inner.is_hide_set()).cloned());
    if command.get_version().is_some() { anew.version(env!("CARGO_PKG_VERSION")) } else { anew }
}

/// For zsh. If a command with subcommands also takes files, clap expects the files first and takes the second word for
/// the subcommand. So the script is made without the files, which are then offered beside the subcommands, and as every
/// word after a first one that is no subcommand.
fn zsh(command: Command) -> String {
    if command.get_positionals().next().is_none() || !command.has_subcommands() {
        return generated(Shell::Zsh, command);
    }
    let name = command.get_name().to_string();
    let first = format!("\":: :_{name}_commands\" \\\n");
    let first_or_file = format!("\":: :{{_{name}_commands; _files}}\" \\\n");
    // The end of the function of the command itself: those of its subcommands lie within it and end otherwise.
    let end = "        esac\n    ;;\nesac\n}\n";
    let file_and_end = format!("(*)\n_files && ret=0\n;;\n{end}");
    let script = generated(Shell::Zsh, with(&command, |arg| !arg.is_positional()));
    script.replacen(&first, &first_or_file, 1).replacen(end, &file_and_end, 1)
}

/// For bash. Where a command takes an argument of the user's choice, clap offers only its options, so that bash inserts
/// the `-` that they begin with. Options are then offered only after a `-`; with nothing to offer bash completes files.
fn bash(command: Command) -> String {
    const OFFER: &str = "            COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )";
    const TEST: &str = "            if [[ ${cur} == -* ";
    let mut taking = HashMap::new();
    free(&command, command.get_name().to_string(), &mut taking);
    let (mut lines, mut inside) = (Vec::new(), None);
    for line in generated(Shell::Bash, command).lines() {
        // The part of a command begins with its name, by eight spaces: `        jukebox__subcmd__play)`.
        let part = line.strip_prefix("        ").and_then(|line| line.strip_suffix(')'));
        if let Some(part) = part.filter(|part| !part.starts_with(' ')) {
            inside = taking.get(part).copied();
        }
        lines.push(match inside {
            // The last line of a part.
            Some(_) if line == OFFER => "            COMPREPLY=()".to_string(),
            // The first word may be a subcommand.
            Some(Also::Nothing) if line.starts_with(TEST) => format!("{TEST}]] ; then"),
            _ => line.to_string(),
        });
    }
    lines.push(String::new());
    lines.join("\n")
}

/// What a command takes beside an argument of the user's choice.
#[derive(Clone, Copy)]
enum Also {
    Nothing,
    Subcommands,
}

/// Collects the commands that take an argument for which there is no list of values, by their names in the script for
/// bash.
fn free(command: &Command, name: String, taking: &mut HashMap<String, Also>) {
    for inner in command.get_subcommands() {
        free(inner, format!("{name}__subcmd__{}", inner.get_name().replace('-', "__subcmd__")), taking);
    }
    if command.get_positionals().any(|arg| arg.get_possible_values().is_empty()) {
        let also = if command.has_subcommands() { Also::Subcommands } else { Also::Nothing };
        taking.insert(name, also);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{ArgAction, ValueHint};

    /// A player that takes files, or a command.
    fn player() -> Command {
        let files = || Arg::new("files").action(ArgAction::Append).num_args(1..).value_hint(ValueHint::AnyPath);
        let unseen = Arg::new("unseen").long("unseen").action(ArgAction::SetTrue).hide(true);
        let show = Arg::new("show").long("show").action(ArgAction::SetTrue);
        Command::new("player")
            .version("1")
            .arg(files())
            .subcommand(Command::new("play-on").about("Play files").arg(files()).arg(show).arg(unseen))
            .subcommand(Command::new("shell").about("Print").arg(Arg::new("which").value_parser(["bash", "zsh"])))
            .subcommand(Command::new("list").about("List").subcommand(Command::new("all").about("All")))
            .subcommand(Command::new("secret").about("For the program itself").hide(true))
    }

    #[test]
    fn what_is_hidden_is_not_offered() {
        for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            let script = of(shell, &player());
            assert!(!script.contains("secret") && !script.contains("unseen"), "{shell}: {script}");
            for said in ["play-on", "show", "list", "version"] {
                assert!(script.contains(said), "{shell}: {said}: {script}");
            }
        }
    }

    #[test]
    fn zsh_takes_the_first_word_for_the_command_or_a_file() {
        let script = of(Shell::Zsh, &player());
        assert!(script.contains("\n\":: :{_player_commands; _files}\" \\\n\"*::: :->player\" \\\n"), "{script}");
        assert!(script.contains("case $line[1] in\n            (play-on)\n"), "{script}");
        assert!(!script.contains("$line[2]"), "{script}");
        assert_eq!(script.matches("(*)\n_files && ret=0\n;;\n        esac\n    ;;\nesac\n}\n").count(), 1, "{script}");
        // What the commands themselves take is as clap writes it.
        assert!(script.contains("'*::files:_files' \\\n") && script.contains("\":: :_player__subcmd__list_commands\""));
    }

    #[test]
    fn bash_offers_files_where_a_command_takes_them() {
        let script = of(Shell::Bash, &player());
        let part = |name: &str| {
            let (_, begun) = script.split_once(&format!("\n        {name})\n")).unwrap();
            begun.split_once("\n            ;;").unwrap().0
        };
        let (only_options, offers) = ("if [[ ${cur} == -* ]] ; then", "esac\n            COMPREPLY=( $(compgen");
        let takes_files = "esac\n            COMPREPLY=()\n            return 0";
        let play = part("player__subcmd__play__subcmd__on");
        assert!(play.contains(only_options) && play.contains(takes_files) && !play.contains(offers), "{play}");
        // The first word may be a command; later ones are files.
        let root = part("player");
        assert!(root.contains("|| ${COMP_CWORD} -eq 1 ]]") && root.contains(takes_files), "{root}");
        for name in ["player__subcmd__shell", "player__subcmd__list"] {
            let part = part(name);
            assert!(part.contains("|| ${COMP_CWORD} -eq 2 ]]") && part.contains(offers), "{part}");
        }
        assert!(script.ends_with("fi\n"), "{script}");
    }
}
