//! `jukebox plugin check` and `test`: an engine on the made-up library.

use anyhow::{Result, anyhow, bail};

use super::named::Named;
use crate::ask::practice::{self, TRACKS};
use crate::cli::print;
use crate::config::Config;
use crate::files;
use crate::queue::plugin::{Answer, Kind, Origin, Script, ScriptError, Setup, Source, options, source};
use crate::queue::{Context, Director, Proposal, SignatureEngine, Situation};

/// How many tracks the queue lacks, and how many proposals are asked for.
const WANT: usize = 15;
const WIDTH: usize = 75;
/// The number of refills in a row.
const REFILLS: usize = 4;
/// Size limit of a test, in bytes.
const MOST_BYTES: u64 = 256 * 1024;

/// Checks an engine, and prints what it did.
///
/// # Errors
/// It does not work.
pub fn check(named: &Named, config: &Config) -> Result<()> {
    let source = source::source(&named.name, &named.dirs)?;
    let found = examine(&source, config)?;
    found.iter().for_each(|line| print::line(line));
    print::line(&format!("{} works", named.name));
    Ok(())
}

/// Loads an engine and runs it in sessions of the made-up library; what it did, line by line.
///
/// # Errors
/// It does not work.
pub fn examine(source: &Source, config: &Config) -> Result<Vec<String>> {
    let mut lines = hints(source)?;
    let mut script = start(source, config)?;
    let answers = practice::answers();
    let mut context = practice::context(&answers, 1);
    let mut slowest = (0, std::time::Duration::ZERO);
    for refill in 1..=REFILLS {
        let answer = call(&mut script, &context)?;
        let state = script.state()?;
        let (steps, time) = script.spent();
        slowest = (slowest.0.max(steps), slowest.1.max(time));
        if refill == 1 {
            lines.extend(told(&answer));
            // Two are an empty table.
            if state.len() > 2 {
                lines.push(format!("it remembers {} bytes of at most 64 KiB", state.len()));
            }
        }
        lines.extend(answer.refused.iter().cloned());
        lines.extend(script.take_lines());
        // The next refill comes when some of these were queued.
        context.situation.ahead.extend(answer.proposals.iter().take(WANT / 2).map(|proposal| proposal.id));
        context.time.unix += 600;
    }
    // A new session has nothing; an engine may say so, but must not break the state.
    let bare = Context { situation: Situation::default(), ..context.clone() };
    if let Err(why) = call(&mut script, &bare) {
        lines.push(format!("with nothing in the queue: {why}"));
    }
    lines.dedup();
    lines.push(format!(
        "the slowest of {REFILLS} refills took {} steps, {:.1} ms",
        slowest.0,
        1000.0 * slowest.1.as_secs_f64()
    ));
    Ok(lines)
}

/// Small things that others would miss.
fn hints(source: &Source) -> Result<Vec<String>> {
    let manifest = source.manifest()?;
    let mut lines = vec![format!("{} {} ({})", source.name, manifest.version, manifest.kind.name())];
    if manifest.name != source.name {
        lines.push(format!(
            "plugin.toml: name = \"{}\", but the folder, and so the engine, is {}",
            manifest.name, source.name
        ));
    }
    let texts = [
        ("version", &manifest.version),
        ("description", &manifest.description),
        ("author", &manifest.author),
        ("licence", &manifest.licence),
    ];
    for (key, _) in texts.into_iter().filter(|(_, text)| text.is_empty()) {
        lines.push(format!("plugin.toml: {key} is empty"));
    }
    Ok(lines)
}

fn start(source: &Source, config: &Config) -> Result<Script> {
    let manifest = source.manifest()?;
    let settings = options::settle(&source.name, &manifest.options, config.engines.get(&source.name), &[])?;
    let (name, script) = (source.name.clone(), source.script.clone());
    Ok(Script::load(&Setup { name, kind: manifest.kind, script, settings, state: String::new() })?)
}

/// Has a script do what its kind does; filters and ranks get what `signature` proposes.
fn call(script: &mut Script, context: &Context) -> Result<Answer, ScriptError> {
    match script.kind() {
        Kind::Source => script.propose(context, WANT, WIDTH),
        Kind::Filter => {
            let (kept, line) = script.keep(context, WANT, usual(context))?;
            Ok(Answer { refused: Some(line).filter(|line| !line.is_empty()).into_iter().collect(), ..Answer::of(kept) })
        }
        Kind::Rank => script.rank(context, WANT, &usual(context)),
    }
}

fn usual(context: &Context) -> Vec<Proposal> {
    Director::new(Vec::new()).picks(context, SignatureEngine::NAME, WIDTH).0
}

fn told(answer: &Answer) -> Vec<String> {
    let count = answer.proposals.len();
    let how = match (answer.ordered, answer.done) {
        (false, false) => "",
        (true, false) => ", in this order",
        (false, true) => ", after which the queue ends",
        (true, true) => ", in this order, after which the queue ends",
    };
    let mut lines = vec![format!("{count} of {TRACKS} tracks{how}")];
    if let Some(first) = answer.proposals.first() {
        let number = practice::number(first.id).unwrap_or_default();
        let why = if first.why.text.is_empty() { "no reason" } else { &first.why.text };
        lines.push(format!("the first: piece {number}, score {:.3}, {why}", first.score));
    }
    lines
}

/// Runs the tests of an engine, and prints which passed.
///
/// # Errors
/// There are none, or one failed.
pub fn test(named: &Named, config: &Config) -> Result<()> {
    let source = source::source(&named.name, &named.dirs)?;
    let Origin::Folder(folder) = &source.origin else {
        bail!("{} is built in; its tests are the program's", named.name);
    };
    let file = folder.join("test.luau");
    let text = files::text(&file, MOST_BYTES).map_err(|e| anyhow!("{}: {e}", file.display()))?;
    let mut script = start(&source, config)?;
    let answers = practice::answers();
    let ran = script.test(&practice::context(&answers, 1), &text)?;
    let mut failed = 0;
    for (title, fault) in &ran {
        match fault {
            None => print::line(&format!("passed  {title}")),
            Some(why) => {
                failed += 1;
                print::line(&format!("FAILED  {title}: {why}"));
            }
        }
    }
    script.take_lines().iter().for_each(|line| print::note(line));
    match (failed, ran.len()) {
        (_, 0) => Err(anyhow!("{}: it has no tests", file.display())),
        (0, _) => Ok(()),
        (failed, all) => Err(anyhow!("{failed} of {all} tests failed")),
    }
}
