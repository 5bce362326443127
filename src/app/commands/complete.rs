//! Completion of the `:` line: whole lines, each with its help text.

use crate::app::state::Model;

use super::row::{Args, Completion};
use super::{COMMANDS, find};

/// The lines that complete the text typed so far (without the colon), the likeliest first.
pub fn complete(line: &str, model: &Model) -> Vec<Completion> {
    let Some((word, rest)) = line.split_once(' ') else {
        let begun = COMMANDS.iter().filter(|c| c.name.starts_with(line));
        let mut names: Vec<Completion> = begun.map(|c| Completion::new(c.name, c.help_in(model))).collect();
        // An alias is offered only when typed in full.
        let alias = COMMANDS.iter().filter(|c| c.aliases.contains(&line));
        names.extend(alias.map(|c| Completion::new(line, c.help_in(model))));
        return names;
    };
    let Ok(command) = find(word) else { return Vec::new() };
    let rest = rest.trim_start();
    let offered = match command.args {
        Args::None | Args::Count => Vec::new(),
        Args::Words(_, words) => words.iter().map(|word| Completion::new(*word, "")).collect(),
        Args::Typed(_, complete) | Args::Quoted(_, complete) => complete(rest, model),
    };
    let fits = |c: &Completion| matches!(command.args, Args::Quoted(..)) || c.line.starts_with(rest);
    let whole = |c: Completion| Completion { line: format!("{} {}", command.name, c.line), ..c };
    offered.into_iter().filter(fits).map(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::msg::{DimReport, SignatureReport};
    use crate::describe::{Card, Cards};
    use std::sync::Arc;

    fn model() -> Model {
        let dim = |dim| DimReport { dim, ..DimReport::default() };
        let card = |n: u8| Card { dim: n, meaning: format!("means {n}"), ..Card::default() };
        Model {
            themes: vec!["mono".into(), "terminal".into()],
            views: vec!["library", "queue"],
            saved_signatures: vec!["late-night".into(), "run".into()],
            signature: Some(SignatureReport { dims: vec![dim(7), dim(33)], ..SignatureReport::default() }),
            cards: Some(Arc::new(Cards { cards: (1..=45).map(card).collect(), ..Cards::default() })),
            ..Model::default()
        }
    }

    fn lines(line: &str) -> Vec<String> {
        complete(line, &model()).into_iter().map(|c| c.line).collect()
    }

    #[test]
    fn commands_and_their_words() {
        assert_eq!(lines("sig"), ["signature", "signature-of", "sig"]);
        assert!(complete("theme", &model())[0].doc.contains("colours"));
        assert_eq!(lines("theme m"), ["theme mono"]);
        assert_eq!(lines("auto "), ["auto on", "auto off"]);
        assert_eq!(lines("signature of"), ["signature off"]);
        assert_eq!(lines("view "), ["view library", "view queue"]);
        assert!(lines("nonsense ").is_empty());
    }

    #[test]
    fn dimensions_of_the_shown_signature_come_first_with_their_meaning() {
        let offered = complete("sig 3,", &model());
        assert_eq!(offered[0], Completion::new("signature 3,7", "means 7"));
        assert_eq!(offered[1], Completion::new("signature 3,tempo", "means 33"));
        assert_eq!(offered[2].line, "signature 3,1");
        assert!(!offered.iter().any(|c| c.line == "signature 3,3"));
        assert_eq!(lines("sig 3,te"), ["signature 3,tempo"]);
        assert_eq!(lines("sig ")[..4], ["signature auto", "signature off", "signature 7", "signature tempo"]);
        // Without cards the named ones still say what they measure.
        let bare = Model { cards: None, ..model() };
        assert!(complete("sig temp", &bare)[0].doc.contains("beats a minute"));
    }

    #[test]
    fn leaving_out_and_weights_are_offered() {
        assert_eq!(complete("sig -", &model())[0], Completion::new("signature -7", "without: means 7"));
        assert_eq!(lines("sig -7,")[0], "signature -7,-tempo");
        assert_eq!(lines("sig 3,7*"), ["signature 3,7*2", "signature 3,7*3", "signature 3,7*0.5"]);
        assert_eq!(lines("sig 7*0"), ["signature 7*0.5"]);
    }

    #[test]
    fn verbs_take_names() {
        assert_eq!(lines("sig sa"), ["signature save "]);
        assert_eq!(lines("sig use "), ["signature use late-night", "signature use run"]);
        assert_eq!(lines("sig compare pl"), ["signature compare playlist"]);
        assert_eq!(
            lines("sig compare playlist l"),
            ["signature compare playlist library", "signature compare playlist late-night"]
        );
        assert_eq!(lines("dims tem"), ["dims tempo"]);
    }
}
