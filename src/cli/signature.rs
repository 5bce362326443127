//! `jukebox signature FILE…`: what some files agree on.

use std::path::PathBuf;

use clap::Args;

use super::{local, print};
use crate::app::control::{self, Reply, Request};
use crate::config::Config;
use crate::describe;
use crate::latent::DIMS;
use crate::paths::Paths;

/// `jukebox signature`
#[derive(Debug, Args)]
pub struct SignatureArgs {
    /// The members
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Exactly these dimensions, counted from 1, instead of those chosen by test
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=DIMS as i64))]
    pub dims: Vec<u8>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the signature.
///
/// # Errors
/// When a file cannot be read as music.
pub fn run(args: SignatureArgs, config: &Config, paths: &Paths) -> Result<(), String> {
    let files = local::absolute(&args.files)?;
    let request = Request::Signature { paths: files.clone(), dims: args.dims.clone() };
    let card = match control::ask(&paths.socket(), &request)? {
        Some(Reply::Signature(card)) => *card,
        Some(Reply::Error(why)) => return Err(why),
        Some(_) => return Err("the running jukebox gave an answer to another question".into()),
        None => {
            let mut local = local::Local::open(paths, config)?;
            local.learn(&files)?;
            local.answers().signature(&files, &args.dims)?
        }
    };
    if args.json {
        return print::json(&card);
    }
    describe::signature::lines(&card.report, DIMS).iter().for_each(|l| print::line(l));
    if card.missing > 0 {
        print::note(&format!("{} of the files are not analysed yet", card.missing));
    }
    Ok(())
}
