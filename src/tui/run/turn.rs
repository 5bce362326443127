//! The loop that waits for keys and messages.

use std::ops::RangeInclusive;
use std::time::Duration;

use crossbeam_channel::{Receiver, after, never, select, unbounded};

use crate::app::Msg;
use crate::app::commands::session::SessionAction;
use crate::clock::Clock;

use super::{Exit, Haste, Host, Ui};
use crate::tui::art::Answers;
use crate::tui::events::start_keys;
use crate::tui::front::{Front, Own};
use crate::tui::gone::TerminalError;
use crate::tui::ground::Ground;
use crate::tui::late::Reply;
use crate::tui::terminal::Tty;
use crate::tui::title::title;

/// Interval of `Msg::Tick`.
const TICK: Duration = Duration::from_secs(1);
/// How long after a digit a further key makes it a count.
const DIGIT: Duration = Duration::from_millis(500);
/// How long to wait for a front that does not take another frame yet, at least and at most: a terminal that is stopped may
/// take none for hours.
const BREATH: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_millis(250);
/// Maximum number of queued messages, and of queued events, handled before the next frame.
const BATCH: usize = 256;
/// What a terminal that leaves is told.
const DETACHED: &str = "detached; the music goes on, and `jukebox` comes back to it";

/// Runs on the terminal of the process, with reports of the mouse where `mouse`, until the session quits, the senders of
/// `rx` are gone, or the terminal is. Keys are read on a separate thread, so a read that blocks cannot keep the loop from
/// ending when the signal thread sends `quit`.
///
/// # Errors
/// One line: the terminal cannot be entered, or a thread cannot be started.
pub fn run(
    ui: &mut Ui,
    mouse: bool,
    rx: &Receiver<Msg>,
    clock: &dyn Clock,
    host: &mut dyn Host,
) -> Result<Exit, TerminalError> {
    let mut tty = Tty::enter(mouse, ui.titled)?;
    let (keys, events) = unbounded();
    let found = tty.background(clock, ui.covers);
    ui.stand_on(found.ground);
    ui.screen.art = tty.art(ui.covers, found.pictures);
    let (late, replies) = unbounded();
    start_keys(keys, found.typed, found.late, late)?;
    let exit = show(ui, &mut Own { tty: &mut tty, events, replies }, rx, clock, host);
    drop(tty);
    Ok(exit)
}

/// Runs where `front` shows the session, until that quits, the senders of `rx` are gone, or the front is and the session
/// ends with it.
pub fn show(ui: &mut Ui, front: &mut dyn Front, rx: &Receiver<Msg>, clock: &dyn Clock, host: &mut dyn Host) -> Exit {
    match turn(ui, front, rx, clock, host) {
        Ok(()) => Exit::Quit,
        Err(why) => {
            // End the session as if the user had quit, so that it is saved.
            if !ui.ended {
                ui.message(Msg::command(SessionAction::Quit), host);
            }
            Exit::TerminalGone(why)
        }
    }
}

fn turn(
    ui: &mut Ui,
    front: &mut dyn Front,
    rx: &Receiver<Msg>,
    clock: &dyn Clock,
    host: &mut dyn Host,
) -> Result<(), TerminalError> {
    let lost = |front: &mut dyn Front, e: std::io::Error| front.lost(e.into());
    match front.size() {
        Ok(size) => ui.resize(size),
        Err(e) => lost(front, e)?,
    }
    let mut drawn: Option<Duration> = None;
    let mut asked: Option<Duration> = None;
    let mut ticked = clock.now();
    let mut typed = ticked;
    // Since when the front has taken no frame.
    let mut busy: Option<Duration> = None;
    // False when the socket is closed: nobody arrives any more.
    let mut open = true;
    let mut replies = front.replies();
    loop {
        let now = clock.now();
        ui.at(now, clock);
        if std::mem::take(&mut ui.detach) {
            front.detach(DETACHED);
        }
        if std::mem::take(&mut ui.suspend) {
            match front.suspend().and_then(|()| front.size()) {
                Ok(size) => {
                    ui.resize(size);
                    (ui.haste, ui.anew) = (Haste::Now, true);
                }
                Err(e) => lost(front, e)?,
            }
        }
        let ready = front.ready();
        busy = if ready { None } else { busy.or(Some(now)) };
        if ready && ui.frame_due(drawn).is_some_and(|at| now >= at) && ui.take_dirty() {
            let anew = std::mem::take(&mut ui.anew);
            if anew {
                ui.measure(front.cell(), host);
            }
            let shown = front.draw(&ui.model, &ui.screen, &ui.theme, anew);
            if let Err(e) = shown.and_then(|()| front.title(&title(&ui.model))) {
                lost(front, e)?;
            }
            drawn = Some(now);
        }
        // Wake up for the next frame, step of the progress, tick or digit timeout, whichever is first; if none is due,
        // sleep until a message or event arrives. What nobody sees is not waited for.
        let watched = front.watched();
        ui.watch(watched, host);
        let frame = ui.frame_due(drawn).map(|at| busy.map_or(at, |since| at.max(now + breath(now, since))));
        let (frame, step) = (frame.filter(|_| watched), ui.screen.progress.due().filter(|_| watched));
        let tick = ui.model.wants_tick().then(|| ticked + TICK);
        let digit = ui.screen.waits().then(|| typed + DIGIT);
        let song = ui.lyrics_due().filter(|_| watched);
        let wake = [frame, step, tick, digit, song].into_iter().flatten().min();
        let timer = wake.map_or_else(never, |at| after(at.saturating_sub(clock.now())));
        let events = front.events();
        let arrivals = if open { front.arrivals() } else { never() };
        let mut closed = false;
        select! {
            recv(rx) -> msg => match msg {
                Ok(msg) => ui.at(clock.now(), clock).message(msg, host),
                Err(_) => closed = true,
            },
            recv(events) -> event => {
                typed = clock.now();
                match event {
                    Ok(Ok(event)) => ui.at(typed, clock).event(event, host),
                    Ok(Err(e)) => lost(front, e)?,
                    Err(_) => front.lost(TerminalError::Unread)?,
                }
            },
            recv(replies) -> reply => match reply {
                Ok(reply) => answered(ui, front, reply),
                Err(_) => replies = never(),
            },
            recv(arrivals) -> terminal => match terminal.map(|terminal| front.attach(terminal)) {
                Ok(Some(terminal)) => {
                    ui.appear(&terminal);
                    drawn = None;
                }
                Ok(None) => {}
                Err(_) => open = false,
            },
            recv(timer) -> _ => {}
        }
        // Handle what else has arrived before drawing: of several resizes only the last is drawn.
        for msg in rx.try_iter().take(BATCH) {
            ui.message(msg, host);
        }
        // Perhaps of another terminal by now.
        let events = front.events();
        for event in events.try_iter().take(BATCH) {
            typed = clock.now();
            match event {
                Ok(event) => ui.event(event, host),
                Err(e) => lost(front, e)?,
            }
        }
        let now = clock.now();
        if ui.screen.waits() && now >= typed + DIGIT {
            ui.timeout(host);
        }
        if now >= ticked + TICK && ui.model.wants_tick() {
            ticked = now;
            ui.message(Msg::Tick { now }, host);
            if !front.alive() {
                front.lost(TerminalError::HungUp)?;
            }
        }
        if watched && ui.screen.progress.due().is_some_and(|at| now >= at) {
            ui.refresh(now);
        }
        if song.is_some_and(|at| now >= at) {
            ui.light(now);
        }
        // The hour is checked at most once per `TICK`, but has no timer of its own: it matters only
        // while something plays, and then ticks wake the loop.
        if asked.is_none_or(|at: Duration| now >= at + TICK) {
            asked = Some(now);
            let hour = clock.hour();
            if ui.model.moods.hour != Some(hour) {
                ui.message(Msg::Hour(hour), host);
            }
        }
        host.changed(&ui.model);
        if closed || ui.ended {
            return Ok(());
        }
    }
}

/// Takes notice of what the terminal answered when the screen was up already.
fn answered(ui: &mut Ui, front: &mut dyn Front, reply: Reply) {
    match reply {
        Reply::Colour(rgb) => ui.stand_on(Ground::of(rgb)),
        Reply::Kitty => {
            if let Some(art) = front.pictured(ui.covers, Answers { kitty: true, ..Answers::default() }) {
                ui.screen.art = Some(art);
            }
        }
    }
    ui.anew = true;
    ui.want(Haste::Now);
}

/// How long to wait for a front that has been busy since then: a part of that, so that it is waited for little longer than
/// it needs.
fn breath(now: Duration, since: Duration) -> Duration {
    (now.saturating_sub(since) / 4).clamp(*BREATH.start(), *BREATH.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_is_asked_less_often_the_longer_it_is_busy() {
        let ms = Duration::from_millis;
        assert_eq!(breath(ms(500), ms(500)), ms(10));
        assert_eq!(breath(ms(900), ms(500)), ms(100));
        assert_eq!(breath(ms(90_000), ms(500)), ms(250));
    }
}
