//! Answers what comes over the control socket, and takes the wishes of the desktop.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::engine::Ask;
use super::followers::Followers;
use super::mpris::Wish;
use super::notebook::Notebook;
use super::socket::{Answer, Answered, Served};
use super::waiting::{self, Waiting};
use crate::app::Msg;
use crate::ask::protocol::{Reply, Request};
use crate::ask::screen::Attached;
use crate::library::playlist;

/// How long a question from the socket may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Why no terminal can be attached.
const OWN_SCREEN: &str =
    "this player has a screen of its own; only a player started with --headless can be attached to";

/// What answers a request. Terminals that want to show the screen are handed to `screens`.
pub(super) fn answerer(
    screens: Option<Sender<Attached>>,
    (messages, engine): (Sender<Msg>, Sender<Ask>),
    notebook: Notebook,
    waiting: Arc<Waiting>,
    followers: Arc<Followers>,
) -> Answer {
    let follow = messages.clone();
    let reply = move |request| match request {
        Request::Command(line) => match crate::app::parse(&line) {
            Err(why) => Reply::Error(why.to_string()),
            Ok(line) => waiting.carry_out(Msg::command(line.action), &messages, PATIENCE),
        },
        Request::Open(paths) => waiting.carry_out(Msg::Open(paths), &messages, PATIENCE),
        Request::Add { paths, next } => waiting.carry_out(Msg::Add { paths, next }, &messages, PATIENCE),
        Request::Note(event) if event.is_of_taste() => {
            if notebook.diary.is_full() {
                return Reply::Error("the disk is full and no more can be kept in memory".into());
            }
            notebook.note(event);
            Reply::Done
        }
        Request::Import { entries, known } => notebook.import(entries, known, PATIENCE),
        Request::Status => waiting.look(&messages, PATIENCE),
        question => waiting::question(&engine, question, PATIENCE),
    };
    Arc::new(move |request| match request {
        Request::Follow => {
            let happenings = followers.join();
            let _ = follow.send(Msg::Announce);
            Answered::Happenings(happenings)
        }
        Request::Attach(terminal) => {
            let Some(screens) = &screens else { return Reply::Error(OWN_SCREEN.into()).into() };
            let (attached, served) = Served::of(terminal);
            match screens.send(attached) {
                Ok(()) => Answered::Screen(served),
                Err(_) => Reply::Error("the player is about to end".into()).into(),
            }
        }
        request => reply(request).into(),
    })
}

/// What the desktop wishes, as a message to the session.
pub(super) fn wished(wish: Wish) -> Msg {
    match wish {
        Wish::Line(line) => crate::app::parse(&line).map_or_else(Msg::error, |line| Msg::command(line.action)),
        Wish::Open(url) => match playlist::file_of_address(url.as_bytes()) {
            Some(file) => Msg::Open(vec![file]),
            None => Msg::error(format!("{}: not the URL of a file", crate::text::sanitize(&url))),
        },
    }
}
