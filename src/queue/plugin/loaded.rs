//! The plugins that were asked for: started when needed, started anew when their files change, and left alone after
//! repeated failures.

use std::collections::HashMap;
use std::path::PathBuf;

use super::chain::Stage;
use super::error::{PluginError, SettingError, SourceError};
use super::host::{Script, Setup};
use super::manifest::Kind;
use super::options::{self, Given, Setting};
use super::script_error::ScriptError;
use super::source::{self, Source};
use super::state::Shelf;

/// Number of consecutive failures after which a plugin is disabled until its files change.
pub const STRIKES: u32 = 3;

/// Every plugin that has been asked for. Stays on one thread, because the state of a script must.
#[derive(Default)]
pub struct Plugins {
    dirs: Vec<PathBuf>,
    given: Given,
    shelf: Shelf,
    loaded: HashMap<String, Loaded>,
    /// Lines for the log.
    lines: Vec<String>,
}

/// What a plugin is made of; where it differs, it has changed.
#[derive(Clone, PartialEq)]
struct Version {
    source: Source,
    kind: Kind,
    settings: Vec<(String, Setting)>,
}

/// A plugin that has been asked for.
struct Loaded {
    version: Version,
    /// `None` until it is started and after a failure, which may have left its state inconsistent.
    script: Option<Script>,
    strikes: u32,
    /// Of the last failure.
    last_fault: Option<ScriptError>,
    /// What it remembers, as JSON.
    state: String,
    /// A later version that does not work, or why it cannot be read; it was said already.
    refused: Option<Result<Version, SourceError>>,
}

impl Plugins {
    /// Plugins of these directories and the built-in ones.
    pub fn new(dirs: Vec<PathBuf>) -> Plugins {
        Plugins { dirs, ..Plugins::default() }
    }

    /// With the user's options, and a place for what plugins remember.
    #[must_use]
    pub fn with(self, given: Given, shelf: Shelf) -> Plugins {
        Plugins { given, shelf, ..self }
    }

    /// Where the user's plugins are.
    pub fn dirs(&self) -> &[PathBuf] {
        &self.dirs
    }

    /// Lines for the log since this was last asked for.
    pub fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// Adds a line for the log.
    pub fn note(&mut self, line: String) {
        if !line.is_empty() {
            self.lines.push(line);
        }
    }

    /// Lets every plugin begin anew with what is kept of it. Those that have failed keep their strikes.
    pub fn forget(&mut self) {
        self.loaded.retain(|_, loaded| loaded.strikes > 0);
    }

    /// What a plugin does in a chain.
    ///
    /// # Errors
    /// There is none of this name, or it cannot be used.
    pub fn kind(&self, stage: &Stage) -> Result<Kind, PluginError> {
        match self.version(stage)? {
            Ok(version) => Ok(version.kind),
            Err(why) => self.standing(stage).map(|loaded| loaded.version.kind).ok_or(why.into()),
        }
    }

    /// The plugin as its files and options are now; inside, why its files cannot be used.
    ///
    /// # Errors
    /// Its options do not fit: what somebody has set is not passed over.
    fn version(&self, stage: &Stage) -> Result<Result<Version, SourceError>, SettingError> {
        let read = source::source(&stage.name, &self.dirs).and_then(|source| Ok((source.manifest()?, source)));
        let (manifest, source) = match read {
            Ok(read) => read,
            Err(why) => return Ok(Err(why)),
        };
        let settings = options::settle(&stage.name, &manifest.options, self.given.get(&stage.name), &stage.typed)?;
        Ok(Ok(Version { source, kind: manifest.kind, settings }))
    }

    /// A version that works, when its files are still there and only cannot be used as they are now.
    fn standing(&self, stage: &Stage) -> Option<&Loaded> {
        let loaded = self.loaded.get(&stage.name).filter(|loaded| loaded.script.is_some())?;
        let there = source::folder(&stage.name, &self.dirs).ok().flatten().is_some();
        there.then_some(loaded)
    }

    /// Has a plugin do something. A plugin whose files have changed is started anew, and takes the place of the former
    /// one only if it works: `job` may be called twice.
    ///
    /// # Errors
    /// Why it failed.
    pub fn call<T>(
        &mut self,
        stage: &Stage,
        mut job: impl FnMut(&mut Script) -> Result<T, ScriptError>,
    ) -> Result<T, PluginError> {
        let name = stage.name.as_str();
        let version = self.version(stage)?;
        if let Err(why) = &version {
            self.standing(stage).ok_or_else(|| why.clone())?;
        }
        let now = match (self.loaded.get(name), version) {
            (Some(loaded), Ok(version)) if loaded.version == version => None,
            (_, version) => Some(version),
        };
        if let Some(version) = now
            && let Some(answer) = self.renew(name, version, &mut job)?
        {
            return Ok(answer);
        }
        let loaded = self.loaded.get_mut(name).ok_or_else(|| SourceError::Missing(name.into()))?;
        let answer = loaded.run(&mut job);
        self.lines.extend(loaded.script.iter().flat_map(Script::take_lines));
        if answer.is_ok() {
            self.save(name);
        } else if let Some(loaded) = self.loaded.get_mut(name) {
            loaded.script = None;
        }
        answer
    }

    /// Takes another version of a plugin over. Returns its answer if it was tried beside a former one that works.
    fn renew<T>(
        &mut self,
        name: &str,
        version: Result<Version, SourceError>,
        job: &mut impl FnMut(&mut Script) -> Result<T, ScriptError>,
    ) -> Result<Option<T>, PluginError> {
        let Some(former) = self.loaded.get_mut(name).filter(|loaded| loaded.script.is_some()) else {
            let (state, said) = self.shelf.load(name);
            self.lines.extend(said);
            self.loaded.insert(name.into(), Loaded::new(version?, state));
            return Ok(None);
        };
        if former.refused.as_ref() == Some(&version) {
            return Ok(None);
        }
        let mut fresh = match version {
            Ok(version) => Loaded::new(version, former.state.clone()),
            Err(why) => {
                self.lines.push(format!("{why}; the former version of {name} goes on"));
                former.refused = Some(Err(why));
                return Ok(None);
            }
        };
        let answer = fresh.run(job);
        self.lines.extend(fresh.script.iter().flat_map(Script::take_lines));
        match answer {
            Ok(answer) => {
                // Other options are no news.
                if fresh.version.source != former.version.source {
                    self.lines.push(format!("{name} was changed, and is used as it is now"));
                }
                *former = fresh;
                self.save(name);
                Ok(Some(answer))
            }
            // Options that somebody has just set are not overruled in silence.
            Err(why) if fresh.version.source == former.version.source => {
                *former = Loaded { script: None, ..fresh };
                Err(why)
            }
            Err(why) => {
                self.lines.push(format!("{why}; the former version of {name} goes on"));
                former.refused = Some(Ok(fresh.version));
                Ok(None)
            }
        }
    }

    /// Keeps what a plugin remembers.
    fn save(&mut self, name: &str) {
        let Some(loaded) = self.loaded.get_mut(name) else { return };
        let now = loaded.script.as_ref().and_then(|script| script.state().ok());
        if let Some(now) = now.filter(|now| *now != loaded.state) {
            if let Err(why) = self.shelf.save(name, &now) {
                self.lines.push(why.to_string());
            }
            loaded.state = now;
        }
    }
}

impl Loaded {
    fn new(version: Version, state: String) -> Loaded {
        Loaded { version, script: None, strikes: 0, last_fault: None, state, refused: None }
    }

    /// Starts the script if need be, and has it do something.
    fn run<T>(&mut self, job: &mut impl FnMut(&mut Script) -> Result<T, ScriptError>) -> Result<T, PluginError> {
        let name = &self.version.source.name;
        if let Some(last) = self.last_fault.as_ref().filter(|_| self.strikes >= STRIKES) {
            return Err(PluginError::Disabled { engine: name.clone(), strikes: STRIKES, last: last.clone().into() });
        }
        let answer = self.start().and_then(|script| {
            let answer = job(script)?;
            // A state that cannot be kept is a failure now, not at the next start.
            script.state()?;
            Ok(answer)
        });
        match &answer {
            Ok(_) => self.strikes = 0,
            Err(why) => {
                self.strikes += 1;
                self.last_fault = Some(why.clone());
            }
        }
        Ok(answer?)
    }

    fn start(&mut self) -> Result<&mut Script, ScriptError> {
        let script = match self.script.take() {
            Some(script) => script,
            None => Script::load(&Setup {
                name: self.version.source.name.clone(),
                kind: self.version.kind,
                script: self.version.source.script.clone(),
                settings: self.version.settings.clone(),
                state: self.state.clone(),
            })?,
        };
        Ok(self.script.insert(script))
    }
}
