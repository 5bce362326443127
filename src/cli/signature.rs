//! `jukebox signature FILE…`: what some files agree on.

use std::path::PathBuf;

use clap::Args;

use super::{local, print};
use crate::app::control::{self, Reply, Request};
use crate::app::report::SignatureCard;
use crate::config::Config;
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
    lines(&card).iter().for_each(|l| print::line(l));
    Ok(())
}

fn lines(card: &SignatureCard) -> Vec<String> {
    let report = &card.report;
    let mut out = vec![format!(
        "{} members (effective {:.1}){}",
        report.members,
        report.effective,
        if card.missing > 0 { format!(", {} not analysed yet", card.missing) } else { String::new() }
    )];
    out.push(if report.soft {
        "no dimension is agreed on significantly: all take part, softly".into()
    } else {
        format!("agree in {} dimensions", report.dims.len())
    });
    if let Some(c) = report.confidence {
        out.push(format!("confidence {c:.2} (leave-one-out AUC; 0.5 is chance)"));
    }
    out.push("dim   centre  spread    info   p".into());
    for d in &report.dims {
        out.push(format!("{:>3}  {:>+7.2} {:>7.2} {:>7.2}   {:.3}", d.dim, d.mean, d.spread, d.info, d.p_value));
    }
    out
}
