//! `jukebox dims`: the meaning of the dimensions.

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::{asker, print};
use crate::ask::protocol::{Reply, Request};
use crate::config::Config;
use crate::describe::{Card, card};
use crate::latent::Choice;
use crate::paths::Paths;

/// `jukebox dims`
#[derive(Debug, Args)]
pub struct DimsArgs {
    /// Numbers or names of dimensions, such as 7, tempo or calm [default: a table of all]
    #[arg(value_name = "N|NAME")]
    pub dims: Vec<String>,
    /// Give a dimension a name of yours, which is shown and understood everywhere; `3=` takes it away
    #[arg(long, value_name = "N=NAME", conflicts_with = "dims")]
    pub name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the table, or the cards of the dimensions named in the arguments.
///
/// # Errors
/// When a dimension does not exist, or the store cannot be read.
pub fn run(args: &DimsArgs, config: &Config, paths: &Paths) -> Result<()> {
    let mut asker = asker::Asker::new(paths, config);
    if let Some(given) = &args.name {
        let (dim, name) =
            given.split_once('=').ok_or_else(|| anyhow!("--name wants a dimension and its name, such as 3=twang"))?;
        let (dim, name) = (dim.trim().to_string(), name.trim().to_string());
        match asker.ask(Request::Rename { dim, name })? {
            Reply::Said(said) => print::note(&said),
            _ => bail!(asker::OTHER_ANSWER),
        }
        return Ok(());
    }
    let cards = asker.cards()?;
    let wanted = match args.dims.is_empty() {
        true => Vec::new(),
        false => match cards.names.choice(&args.dims.join(","))? {
            Choice::Dims(picks) => picks.iter().map(|p| p.dim).collect(),
            _ => bail!("dims takes numbers or names, such as 7 or tempo"),
        },
    };
    if wanted.is_empty() {
        if args.json {
            return print::json(&cards);
        }
        card::table(&cards).iter().for_each(|l| print::line(l));
        return Ok(());
    }
    let found: Vec<&Card> = wanted.iter().filter_map(|&dim| cards.card(dim)).collect();
    if found.is_empty() {
        bail!("nothing is analysed yet; run `jukebox scan DIR` first");
    }
    if args.json {
        return print::json(&found);
    }
    for (i, one) in found.iter().enumerate() {
        if i > 0 {
            print::line("");
        }
        card::lines(one).iter().for_each(|l| print::line(l));
    }
    Ok(())
}
