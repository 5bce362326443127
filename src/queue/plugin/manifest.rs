//! `plugin.toml`: what a plugin says of itself.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::SourceError;
use super::options::{self, Declared};

/// Version of the script interface; `plugin.toml` must name it as `api`.
pub const API: u32 = 1;

/// What a plugin does in a chain of engines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Proposes tracks.
    #[default]
    Source,
    /// Says which proposals stay.
    Filter,
    /// Gives proposals other scores or another order.
    Rank,
}

impl Kind {
    /// The function that a plugin of this kind has.
    pub fn function(self) -> &'static str {
        match self {
            Kind::Source => "propose",
            Kind::Filter => "keep",
            Kind::Rank => "rank",
        }
    }

    /// Its name in `plugin.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Source => "source",
            Kind::Filter => "filter",
            Kind::Rank => "rank",
        }
    }
}

/// The contents of `plugin.toml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manifest {
    /// Its name, for people; `:engine` takes the folder's.
    pub name: String,
    /// Its version.
    pub version: String,
    api: u32,
    /// What it does in a chain.
    pub kind: Kind,
    /// One line about it.
    pub description: String,
    /// Who wrote it.
    pub author: String,
    /// Its licence.
    pub licence: String,
    /// Its options.
    pub options: BTreeMap<String, Declared>,
}

impl Manifest {
    /// Reads a manifest. The version of the interface is looked at first: what another one means by its keys is not known.
    ///
    /// # Errors
    /// What is wrong, with the line's number where known; `plugin` is the plugin's name.
    pub fn parse(plugin: &str, text: &str) -> Result<Manifest, SourceError> {
        let fault = |e: toml::de::Error| {
            let line = e.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            SourceError::Manifest { engine: plugin.into(), line, message: crate::text::sanitize(e.message()) }
        };
        let table: toml::Table = text.parse().map_err(fault)?;
        match table.get("api").and_then(toml::Value::as_integer) {
            Some(api) if api == i64::from(API) => {}
            Some(api) => return Err(SourceError::OtherApi { engine: plugin.into(), api, ours: API }),
            None => return Err(SourceError::NoApi { engine: plugin.into(), ours: API }),
        }
        let manifest: Manifest = toml::from_str(text).map_err(fault)?;
        // Such a number bounds nothing, and one that is none differs from itself: the same fault would be news each time.
        if let Some((option, end)) = options::endless(&manifest.options) {
            return Err(SourceError::Endless { engine: plugin.into(), option: option.into(), end });
        }
        match options::unfit_default(&manifest.options) {
            Some((option, why)) => Err(SourceError::Default { engine: plugin.into(), option: option.into(), why }),
            None => Ok(manifest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_and_wrong_values_are_told_with_their_line() {
        let good = "name = \"x\"\nversion = \"1\"\napi = 1\nkind = \"filter\"\nlicence = \"MIT\"\nauthor = \"me\"\n\
                    [options]\ngenre = { type = \"text\", default = \"jazz\", description = \"which\" }\n";
        let manifest = Manifest::parse("x", good).unwrap();
        assert_eq!((manifest.kind, manifest.options.len()), (Kind::Filter, 1));
        for (text, says) in [
            ("api = 1\nkid = \"filter\"\n", "x/plugin.toml:2: "),
            ("api = 1\n\nkind = \"sink\"\n", "x/plugin.toml:3: "),
            ("api = 2\nother = 1\n", "x asks for api = 2, this jukebox has api = 1"),
            ("name = \"x\"\n", "x/plugin.toml: the line 'api = 1' is missing"),
            ("api = \n", "x/plugin.toml:1: "),
            (
                "api = 1\n[options]\nn = { type = \"number\", default = \"a\" }\n",
                "x/plugin.toml: options.n: the default",
            ),
            (
                "api = 1\n[options]\nn = { type = \"number\", default = 1, min = nan }\n",
                "x/plugin.toml: options.n: min must be a finite number; leave it out",
            ),
            (
                "api = 1\n[options]\nn = { type = \"number\", default = 1, min = 0, max = inf }\n",
                "x/plugin.toml: options.n: max must be a finite number; leave it out",
            ),
        ] {
            let why = Manifest::parse("x", text).unwrap_err().to_string();
            assert!(why.starts_with(says) && !why.contains('\n'), "{why}");
        }
    }
}
