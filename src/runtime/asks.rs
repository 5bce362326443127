//! What the engine thread is asked.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Sender;

use super::past::Past;
use crate::app::effect::{Expanding, Mixing, Rediscovering, SetOrder, Trying};
use crate::app::msg::Situation;
use crate::app::outcomes::Asker;
use crate::app::state::lists::Placing;
use crate::ask::map::{Area, Charting};
use crate::ask::protocol::{Reply, Request};
use crate::latent::map::Places;
use crate::latent::{Choice, Searcher, Space};
use crate::library::Catalog;
use crate::library::journal::Entry;
use crate::library::playlist::{Playlist, smart::Smart};
use crate::library::rows::Wanted;
use crate::track::TrackId;

/// A message to the engine thread.
#[derive(Debug)]
pub enum Ask {
    /// The library changed.
    Catalog(Arc<Catalog>),
    /// Latents were added.
    Space(Arc<Space>),
    /// There is an index of the space.
    Searcher(Arc<Searcher>),
    /// Answered by `Msg::Picks`.
    Propose {
        /// Number of the request.
        request: u64,
        /// The engine's name.
        engine: String,
        /// The session.
        situation: Box<Situation>,
        /// Which dimensions.
        choice: Choice,
        /// How many tracks.
        want: usize,
    },
    /// Answered by `Msg::Signature`.
    Describe {
        /// Members.
        playlist: Vec<TrackId>,
        /// Which dimensions.
        choice: Choice,
    },
    /// Answered by `Msg::Tried`, and by `Msg::Trusted` when there is time.
    Try(Box<Trying>),
    /// An operation on signatures of sets; [`SetOrder`] names the answers.
    Sets(SetOrder),
    /// An entry was added to the journal.
    Noted(Entry),
    /// Entries were imported; this is what is kept of the whole journal.
    Imported(Box<Past>),
    /// Signatures and names of dimensions may have come from elsewhere; answered by `Msg::SavedNames`, and by `Msg::Names` if
    /// dimensions have other names.
    Files,
    /// The analysis has nothing left to do.
    Settled,
    /// Prepare the search texts of filters or of fuzzy search.
    ReadySearch {
        /// Whether those of fuzzy search.
        fuzzy: bool,
    },
    /// Answered by `Msg::Filtered`.
    Filter {
        /// The filter.
        text: String,
        /// What the queue follows.
        followed: Vec<TrackId>,
        /// In which dimensions.
        choice: Choice,
    },
    /// Answered by `Msg::Expand`.
    Expand(Box<Expanding>),
    /// Answered by `Msg::Queue`.
    Rediscover(Box<Rediscovering>),
    /// Answered by `Msg::Mixes`, if they are to be made.
    Mix(Box<Mixing>),
    /// Answered by `Msg::Queue`.
    Smart {
        /// Its name.
        name: String,
        /// What it says.
        smart: Smart,
        /// Where the songs go.
        placing: Placing,
    },
    /// Find the songs of a playlist; answered by `Msg::Queue`.
    Playlist {
        /// Its name.
        name: String,
        /// What it holds.
        playlist: Box<Playlist>,
        /// Where the songs go.
        placing: Placing,
    },
    /// Answered by `Msg::Lists`.
    Lists,
    /// Count the songs of a smart playlist, given as it is typed; answered by `Msg::Counted`.
    Count(String),
    /// Answered by `Msg::Cards`.
    Cards,
    /// Answered by `Msg::Arranged`.
    Arrange(Box<Wanted>),
    /// The map was made, or has more tracks.
    Places(Arc<Places>),
    /// Answered by `Msg::Charted`.
    Chart(Box<Charting>),
    /// Answered by `Msg::Within`.
    Within(Area),
    /// Answered by `Msg::Inspected`.
    Inspect(PathBuf),
    /// The words of the track at a path; answered by `Msg::Told`.
    Words(PathBuf),
    /// Answered by `Msg::Explained`.
    Explain(String),
    /// Answered by `Msg::Names` and a notice.
    Rename {
        /// The dimension's number or name.
        dim: String,
        /// The name; empty takes the user's away.
        name: String,
    },
    /// Answered by `Msg::Told`.
    Duplicates,
    /// Answered by `Msg::Told`.
    Taste,
    /// One of the above for a waiting client: the resulting messages are sent as `Msg::For`, then `Msg::Ended`.
    For {
        /// Who waits.
        asker: Asker,
        /// What is asked.
        ask: Box<Ask>,
    },
    /// From the socket.
    Question {
        /// What is asked.
        request: Request,
        /// Where the answer goes.
        reply: Sender<Reply>,
    },
}

impl Ask {
    /// Whether it is asked with every letter that is typed, with every row that the cursor passes, or with every key
    /// of the signature view or the map.
    pub(super) fn is_typed(&self) -> bool {
        matches!(
            self,
            Ask::Filter { .. } | Ask::Count(_) | Ask::Arrange(_) | Ask::Inspect(_) | Ask::Try(_) | Ask::Chart(_)
        )
    }

    /// The number of the request that it is, of a trial.
    pub(super) fn trial(&self) -> Option<u64> {
        if let Ask::Try(trying) = self { Some(trying.request) } else { None }
    }

    /// Whether it makes an earlier question of its kind needless, because more was typed.
    pub(super) fn supersedes(&self, earlier: &Ask) -> bool {
        self.is_typed() && std::mem::discriminant(self) == std::mem::discriminant(earlier)
    }
}
