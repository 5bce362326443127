//! Passes the updates of the analysis on to whom they concern.

use std::sync::{Arc, Weak};

use crossbeam_channel::Sender;

use super::engine::Ask;
use super::gate::Word;
use super::index;
use super::maps;
use super::snapshot::Snapshots;
use crate::analysis::Update;
use crate::app::Msg;
use crate::app::state::log::Matter;
use crate::library::Catalog;
use crate::notice::Kind;

/// The recipients.
pub(super) struct Ways {
    pub messages: Sender<Msg>,
    pub engine: Sender<Ask>,
    pub gate: Sender<Word>,
    /// Whom the library's lyrics are read for.
    pub library: Sender<Weak<Catalog>>,
    pub maps: Sender<maps::Word>,
    pub index: Sender<index::Word>,
    pub snapshots: Snapshots,
}

impl Ways {
    /// Sends a catalog to engine and gate, before the session, whose next requests refer to it.
    fn tell(&self, catalog: &Arc<Catalog>) {
        let _ = self.engine.send(Ask::Catalog(catalog.clone()));
        let _ = self.gate.send(Word::Catalog(catalog.clone()));
    }

    /// Sends the last session's catalog, to be shown until the store has been read.
    pub fn preview(&self) {
        if let Some(catalog) = self.snapshots.last() {
            self.tell(&catalog);
            let _ = self.messages.send(Msg::Preview(catalog));
        }
    }
}

/// Passes an update on; false when nobody is left to hear of it.
pub(super) fn pass(update: Update, ways: &Ways) -> bool {
    let Ways { messages, engine, gate, library, maps, index, snapshots } = ways;
    let message = match update {
        Update::Catalog(catalog) => {
            ways.tell(&catalog);
            snapshots.keep(catalog.clone());
            let _ = library.send(Arc::downgrade(&catalog));
            let _ = index.send(index::Word::Catalog(catalog.clone()));
            Msg::Catalog(catalog)
        }
        Update::Space(space) => {
            let _ = gate.send(Word::Space(space.clone()));
            let _ = maps.send(maps::Word::Space(space.clone()));
            let _ = engine.send(Ask::Space(space.clone()));
            // After the engine, which takes a searcher of the space that it has only.
            let _ = index.send(index::Word::Space(space.clone()));
            let _ = messages.send(Msg::Space(space));
            Msg::Heard
        }
        Update::Files(changes) => Msg::Files(changes),
        Update::Cover(dir) => Msg::CoverChanged(dir),
        Update::Loudness(loudness) => Msg::Loudness(loudness),
        Update::Progress(progress) => Msg::Progress(progress),
        Update::Fault { path, why } => Msg::Fault { path, why },
        Update::Unsupported(files) => Msg::Unsupported(files),
        Update::Scanned { unsure, asked } => Msg::Scanned { unsure, asked },
        Update::FaultGone(path) => Msg::FaultGone(path),
        Update::NoWorker(text) => {
            crate::out::note(&text);
            Msg::Report { matter: Matter::Watch, kind: Kind::Error, text }
        }
        Update::Note { kind, text } => {
            // The notice disappears from the screen; the log file keeps it beyond the end.
            crate::out::note(&text);
            Msg::Report { matter: Matter::Watch, kind, text }
        }
        Update::Idle => {
            let _ = engine.send(Ask::Settled);
            return true;
        }
        Update::Ended(None) => return true,
        Update::Ended(Some(why)) => Msg::Fatal(why),
    };
    messages.send(message).is_ok()
}
