//! `:dims`, which describes the dimensions, and `:name`, which renames one.

use super::row::{Args, Row, row};
use super::screen::ScreenAction;
use super::words::{Wanted, complete_dimension, dimension};
use crate::app::effect::Effect;
use crate::app::refusal::Refusal;
use crate::latent::Names;

/// What the commands of this family ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DimsAction {
    /// Show the descriptions of all dimensions, or the card of one.
    Show(Option<Wanted>),
    /// Name a dimension; an empty name removes the user's.
    Name(Wanted, String),
}

/// The commands.
pub const ROWS: &[Row<DimsAction>] = &[
    row(
        "dims",
        Args::Typed("[N|NAME]", complete_dimension),
        "what the dimensions mean; with a number or name, its card",
        |t| Ok(DimsAction::Show(dimension(t.rest)?)),
    ),
    row(
        "name",
        Args::Typed("N|NAME [NEW]", complete_dimension),
        "call a dimension by a name of yours: name 3 twang; without one: no more",
        |t| name(t.rest),
    ),
];

fn name(text: &str) -> Result<DimsAction, Refusal> {
    let (dim, name) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
    let dim = dimension(dim)?.ok_or_else(|| Refusal::wants("name", "a dimension and its name, like: name 3 twang"))?;
    Ok(DimsAction::Name(dim, name.trim().to_string()))
}

/// Carries a command out.
pub(super) fn act(action: DimsAction, names: &Names, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    match action {
        DimsAction::Show(wanted) => {
            let dim = wanted.map(|wanted| wanted.find(names)).transpose()?.map(|found| found.dim);
            effects.push(Effect::Cards);
            effects.push(Effect::Screen(ScreenAction::Card(dim)));
        }
        DimsAction::Name(wanted, name) => {
            rename(names, wanted.find(names)?.dim, name, effects)?;
        }
    }
    Ok(())
}

/// Gives a dimension (counted from 0) a name of the user's, or with an empty one takes it away.
pub(super) fn rename(names: &Names, dim: u8, name: String, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
    if !name.is_empty() || usize::from(dim) >= crate::latent::DIMS {
        names.check(dim, &name)?;
    }
    effects.push(Effect::Rename { dim: (u32::from(dim) + 1).to_string(), name });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_and_taken_back() {
        let three = || Wanted::Dim(2);
        assert_eq!(name("3 twang"), Ok(DimsAction::Name(three(), "twang".into())));
        assert_eq!(name(" 3 "), Ok(DimsAction::Name(three(), String::new())));
        assert!(
            name("").unwrap_err().to_string().contains("name 3 twang")
                && name("99 x").unwrap_err().to_string().contains("no dimension 99")
        );
        let carried = |line: &str| {
            let mut effects = Vec::new();
            act(name(line)?, &Names::default(), &mut effects).map(|()| effects)
        };
        let order = |name: &str| Ok(vec![Effect::Rename { dim: "3".into(), name: name.into() }]);
        assert_eq!((carried("3 twang"), carried("3")), (order("twang"), order("")));
        assert!(carried("tempo groove").unwrap_err().to_string().contains("has its own name"));
        assert!(carried("3 two words").unwrap_err().to_string().contains("cannot be"));
        assert!(carried("twnag x").unwrap_err().to_string().contains("no dimension 'twnag'"));
    }
}
