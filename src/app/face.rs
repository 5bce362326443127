//! A snapshot of the session for clients: what plays, what is queued and how far the analysis is.
//!
//! `update` takes a [`Face`] only on request. It shares the songs with the session; the reasons and texts of the
//! [`Status`] are made from it on the requesting client's thread, so that a long queue does not block the ui.

use std::sync::Arc;

use super::state::model::Model;
use crate::ask::report::{Coming, Playing, Status};
use crate::describe::{Cards, reason};
use crate::library::Catalog;
use crate::queue::{Item, Origin, Shuffle};

/// The session at one moment.
#[derive(Clone, Debug)]
pub struct Face {
    /// Everything but the upcoming tracks.
    status: Status,
    /// The upcoming tracks, in playback order.
    ahead: Vec<Item>,
    catalog: Arc<Catalog>,
    cards: Option<Arc<Cards>>,
}

/// Compares everything but the reasons, which would have to be written first.
impl PartialEq for Face {
    fn eq(&self, other: &Face) -> bool {
        self.status == other.status && self.ahead.iter().map(|i| i.serial).eq(other.ahead.iter().map(|i| i.serial))
    }
}

impl Face {
    /// Takes a snapshot of the session.
    pub fn of(model: &Model) -> Face {
        let playing = model.playing().map(|item| Playing::of(&item.song, model.play.position, model.duration()));
        let status = Status {
            pid: Some(std::process::id()),
            state: model.play.state.name().into(),
            headless: model.headless,
            music: model.music.as_ref().map(|dir| dir.to_string_lossy().into_owned()).unwrap_or_default(),
            playing,
            volume: model.play.volume,
            repeat: model.order.modes.repeat.name().into(),
            shuffle: model.order.modes.shuffle != Shuffle::Off,
            auto: model.auto.on,
            engine: model.auto.engine.clone(),
            following: model.auto.following.as_ref().map(|f| f.name.clone()).unwrap_or_default(),
            course: model.course().unwrap_or_default(),
            limits: model.auto.bounds.words(model.play.sounded, model.now).join("; "),
            ahead: Vec::new(),
            output: model.play.output.as_ref().map(|o| o.name.clone()).unwrap_or_default(),
            silent: model.play.output.as_ref().is_some_and(|o| o.silent),
            underruns: model.play.underruns,
            stage: model.progress.stage.clone(),
            done: model.progress.done,
            total: model.progress.total,
            songs: model.catalog.len(),
            latents: model.progress.latents,
            described: model.progress.described,
            measured: model.progress.measured,
            faults: model.faults.len(),
            unsupported: model.unsupported.counts.clone(),
            unsaved: model.unsaved.words(),
        };
        Face { status, ahead: model.queue.ahead().to_vec(), catalog: model.catalog.clone(), cards: model.cards.clone() }
    }

    /// Turns the snapshot into a [`Status`], with the reason for every proposed track.
    pub fn into_status(self) -> Status {
        let Face { status, ahead, catalog, cards } = self;
        let coming = |item: Item| Coming {
            title: item.song.title(),
            artist: item.song.artist().into(),
            path: item.song.path.to_string_lossy().into_owned(),
            auto: item.origin != Origin::Hand,
            away: item.away,
            why: match &item.origin {
                Origin::Hand => String::new(),
                Origin::Auto(why) => reason(why, &catalog, cards.as_deref()),
            },
            fit: match &item.origin {
                Origin::Hand => None,
                Origin::Auto(why) => why.fit.filter(|fit| fit.is_finite()),
            },
        };
        Status { ahead: ahead.into_iter().map(coming).collect(), ..status }
    }
}
