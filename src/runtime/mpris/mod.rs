//! MPRIS: the player on the session bus of the desktop (D-Bus), where media keys, applets and `playerctl` find it.
//! Where there is no bus there is none of it.

mod player;
mod root;
mod shown;
mod wish;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crossbeam_channel::Receiver;

use self::player::Player;
use self::root::Root;
use self::shown::{Changed, Shown, Whereabouts};
use self::wish::Wisher;
use crate::ask::event::Happening;
use crate::runtime::start_error::StartError;

pub(super) use self::wish::Wish;

const NAME: &str = "org.mpris.MediaPlayer2.jukebox";
const PATH: &str = "/org/mpris/MediaPlayer2";

/// Serves the interfaces on threads of their own until the channel of happenings closes. Without a bus the thread ends
/// at once; `failed` is told why where there is one that refuses. Covers that are symbolic links count if `follow_links`.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn start(
    happenings: Receiver<Arc<Vec<Happening>>>,
    follow_links: bool,
    wish: impl Fn(Wish) + Send + Sync + 'static,
    failed: impl FnOnce(String) + Send + 'static,
) -> Result<(), StartError> {
    if !has_bus() {
        return Ok(());
    }
    let run = move || {
        if let Err(e) = serve(&happenings, follow_links, Arc::new(wish)) {
            failed(format!("the desktop's media controls (MPRIS) are not available: {e}"));
        }
    };
    std::thread::Builder::new()
        .name("mpris".into())
        .spawn(run)
        .map(drop)
        .map_err(StartError::thread("the thread 'mpris'"))
}

/// The URL of the cover that lies beside the file of a track.
pub(super) fn cover(track: &Path, follow_links: bool) -> Option<String> {
    Whereabouts::of(track, follow_links).into_cover()
}

/// Whether the environment names a session bus, or there is one at the usual place.
pub(super) fn has_bus() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("DBUS_SESSION_BUS_ADDRESS").is_some()
        || set("XDG_RUNTIME_DIR").is_some_and(|dir| PathBuf::from(dir).join("bus").exists())
}

fn serve(happenings: &Receiver<Arc<Vec<Happening>>>, follow_links: bool, wish: Wisher) -> zbus::Result<()> {
    let shown: Arc<Mutex<Shown>> = Arc::default();
    // Between the calls of `block_on` a thread of zbus serves the connection.
    let connection = zbus::block_on(connect(&shown, &wish))?;
    let player = zbus::block_on(connection.object_server().interface::<_, Player>(PATH))?;
    while let Ok(first) = happenings.recv() {
        let happened: Vec<Arc<Vec<Happening>>> = std::iter::once(first).chain(happenings.try_iter()).collect();
        let latest = happened.iter().rev().flat_map(|all| all.iter().rev()).find_map(|happening| match happening {
            Happening::Track { track, .. } => Some(track.as_ref()),
            _ => None,
        });
        // This reads a directory, for which nobody has to wait.
        let places = latest.flatten().map(|track| Whereabouts::of(track.path.as_ref(), follow_links));
        let mut changed = Changed::default();
        let position = {
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            happened.iter().flat_map(|all| all.iter()).for_each(|happening| shown.take(happening, now, &mut changed));
            if changed.track {
                shown.places = places.unwrap_or_default();
            }
            shown.position(now)
        };
        zbus::block_on(async {
            let emitter = player.signal_emitter();
            let player = player.get().await;
            if changed.track {
                player.metadata_changed(emitter).await?;
            }
            if changed.status {
                player.playback_status_changed(emitter).await?;
            }
            if changed.volume {
                player.volume_changed(emitter).await?;
            }
            if changed.modes {
                player.loop_status_changed(emitter).await?;
                player.shuffle_changed(emitter).await?;
            }
            if changed.seeked {
                Player::seeked(emitter, position).await?;
            }
            zbus::Result::Ok(())
        })?;
    }
    Ok(())
}

/// Connects to the bus. A second jukebox, of another home, gets a name with its process id.
async fn connect(shown: &Arc<Mutex<Shown>>, wish: &Wisher) -> zbus::Result<zbus::Connection> {
    let with = |name: String| {
        zbus::connection::Builder::session()
            .serve_at(PATH, Root { wish: wish.clone() })
            .serve_at(PATH, Player { shown: shown.clone(), wish: wish.clone() })
            .name(name)
            .build()
    };
    match with(NAME.into()).await {
        Err(zbus::Error::NameTaken) => with(format!("{NAME}.instance{}", std::process::id())).await,
        other => other,
    }
}
