//! `jukebox plugin`: lists, makes, checks, measures, adds and removes engines written in Luau (docs/plugins.md).

mod check;
mod fetch;
mod lock;
mod named;
mod package;
mod queue;

use anyhow::{Result, anyhow, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::print;
use crate::config::Config;
use crate::paths::Paths;
use crate::queue::plugin::{self, Kind, Origin, pages, source};
use crate::store::private;
use named::Named;

/// The page about plugins.
const PAGE: &str = include_str!("../../docs/plugins.md");

/// `jukebox plugin`
#[derive(Debug, Args)]
#[command(
    after_help = "NAME is an engine's name, or a path to the folder of one. docs/plugins.md, or `jukebox plugin docs`, \
says how to write one."
)]
pub struct PluginArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: PluginVerb,
}

/// What can be done with plugins.
#[derive(Debug, Subcommand)]
pub enum PluginVerb {
    /// List the engines, with kind, version and options, and what is wrong with those that cannot be used
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a folder with an example to begin with
    New {
        /// The new engine's name
        name: String,
        /// What it does in a chain
        #[arg(long, value_enum, default_value = "source")]
        kind: NewKind,
    },
    /// Run an engine on a made-up library of 200 tracks, and say everything that is wrong with it
    Check {
        /// The engine
        name: String,
    },
    /// Run the tests in an engine's test.luau on the same library
    Test {
        /// The engine
        name: String,
    },
    /// Show what an engine would queue, from your library
    Run(queue::RunArgs),
    /// Measure how long an engine takes for a refill of ten tracks
    Bench(queue::BenchArgs),
    /// Print the page about engines, or a part of it
    Docs {
        /// Print the types, for editors
        #[arg(long)]
        types: bool,
        /// Print the reference in Markdown
        #[arg(long, conflicts_with = "types")]
        reference: bool,
    },
    /// Add an engine of others: OWNER/REPO or OWNER/REPO:FOLDER of github.com, a URL for your own git, or a folder
    Add {
        /// Where it is
        source: String,
    },
    /// Remove an engine that was added, unless you have changed it
    Remove {
        /// The engine
        name: String,
    },
    /// Bring engines that were added up to date, except those that you have changed
    Update {
        /// The engine [default: all]
        name: Option<String>,
    },
}

/// What a new engine does.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum NewKind {
    /// Proposes tracks.
    Source,
    /// Says which proposals stay.
    Filter,
    /// Gives proposals another order.
    Rank,
}

/// Does what is asked.
///
/// # Errors
/// What is wrong, in one line.
pub fn run(args: &PluginArgs, config: &Config, paths: &Paths) -> Result<()> {
    match &args.verb {
        PluginVerb::List { json } => list(*json, paths),
        PluginVerb::New { name, kind } => new(name, *kind, paths),
        PluginVerb::Check { name } => check::check(&Named::of(name, paths)?, config),
        PluginVerb::Test { name } => check::test(&Named::of(name, paths)?, config),
        PluginVerb::Run(args) => queue::run(args, config, paths),
        PluginVerb::Bench(args) => queue::bench(args, config, paths),
        PluginVerb::Docs { types, reference } => {
            let text = match (types, reference) {
                (true, _) => pages::types(),
                (_, true) => pages::reference(),
                _ => PAGE.to_string(),
            };
            text.trim_end().lines().for_each(print::line);
            Ok(())
        }
        PluginVerb::Add { source } => package::add(source, &paths.plugins()),
        PluginVerb::Remove { name } => package::remove(name, &paths.plugins()),
        PluginVerb::Update { name } => package::update(name.as_deref(), &paths.plugins()),
    }
}

fn list(as_json: bool, paths: &Paths) -> Result<()> {
    let (infos, faults) = plugin::list(&[paths.plugins()]);
    if as_json {
        let row = |info: &plugin::Info| {
            let place = match &info.origin {
                Origin::Shipped => None,
                Origin::Folder(dir) => Some(dir.display().to_string()),
            };
            json!({
                "name": info.name, "kind": info.kind.map(Kind::name), "version": info.version,
                "description": info.description, "folder": place,
            })
        };
        return print::json(&json!({ "engines": infos.iter().map(row).collect::<Vec<_>>(), "faults": faults }));
    }
    print::line("signature      source            the built-in engine: nearest to the playlist");
    print::line("albums         source            built in: whole albums in their order, the nearest first");
    for info in &infos {
        let kind = info.kind.map_or("unusable", Kind::name);
        print::line(&format!("{:<14} {kind:<8} {:<8} {}", info.name, info.version, info.description));
        if let Ok(manifest) = source::source(&info.name, &[paths.plugins()]).and_then(|source| source.manifest()) {
            for (name, option) in &manifest.options {
                let what = crate::text::sanitize(&option.description);
                print::line(&format!("{:<14} {name}: {}; {what}", "", option.words()));
            }
        }
        if let Origin::Folder(dir) = &info.origin {
            print::line(&format!("{:<14} {}", "", dir.display()));
        }
    }
    faults.iter().for_each(|fault| print::note(fault));
    Ok(())
}

const EXAMPLES: [&str; 3] = [
    "\tlocal out = {}\n\tfor _, hit in ctx.lib:nearest(ctx.seeds, want) do\n\
     \t\ttable.insert(out, { id = hit.id, score = -hit.distance, why = \"near\" })\n\tend\n\treturn out\n",
    "\treturn ctx.lib:get(proposal.id).secs < 600, \"it is too long\"\n",
    "\tfor _, proposal in proposals do\n\t\tlocal track = ctx.lib:get(proposal.id)\n\
     \t\tproposal.score += if track.loved then 1 else 0\n\tend\n\treturn proposals\n",
];

fn new(name: &str, kind: NewKind, paths: &Paths) -> Result<()> {
    if !source::is_name(name) {
        bail!("a plugin's name has ASCII letters, digits, '-' and '_' only");
    }
    let folder = paths.plugins().join(name);
    if folder.exists() {
        bail!("{}: it is there already", folder.display());
    }
    let (kind, example, arguments) = match kind {
        NewKind::Source => (Kind::Source, EXAMPLES[0], "ctx: Context, want: number): Answer"),
        NewKind::Filter => (Kind::Filter, EXAMPLES[1], "ctx: Context, proposal: Proposal): (boolean, string?)"),
        NewKind::Rank => (Kind::Rank, EXAMPLES[2], "ctx: Context, proposals: { Proposal }): Answer"),
    };
    let manifest = format!(
        "name = \"{name}\"\nversion = \"0.1.0\"\napi = {}\nkind = \"{}\"\ndescription = \"\"\nauthor = \"\"\nlicence = \"\"\n",
        plugin::API,
        kind.name()
    );
    let script = format!(
        "-- {name}: what it is for. `jukebox plugin docs` prints everything that a script can use.\n\nlocal M = {{}}\n\n\
         function M.{}({arguments}\n{example}end\n\nreturn M\n",
        kind.function()
    );
    let fault = |e: std::io::Error| anyhow!("{}: cannot be made: {}", folder.display(), private::explain(&e));
    private::dir(&folder).map_err(fault)?;
    private::create(&folder.join("plugin.toml"), manifest.as_bytes()).map_err(fault)?;
    private::create(&folder.join("main.luau"), script.as_bytes()).map_err(fault)?;
    print::line(&format!("{}", folder.display()));
    print::note(&format!("edit main.luau, then `jukebox plugin check {name}`"));
    Ok(())
}

#[cfg(test)]
mod tests;
