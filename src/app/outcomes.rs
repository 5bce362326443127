//! Outcomes of commands from the control socket. The sender waits until its command has succeeded or failed, even if
//! that is decided by worker threads: a playlist is read on one thread, a signature on another.
//!
//! A command arrives as [`Msg::For`](super::Msg::For) with its asker. Effects whose outcome is known only later are
//! wrapped in `Effect::For`; the worker wraps its messages in the same way and sends
//! [`Msg::Ended`](super::Msg::Ended) last. Once no work is pending, `Effect::Answer` reports the outcome to the asker.

use std::collections::BTreeMap;

/// The sender that waits for a command: a number unique within the session.
pub type Asker = u64;

/// The commands in progress.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// The asker whose command is being handled at this moment.
    now: Option<Asker>,
    open: BTreeMap<Asker, Order>,
    /// The askers that wait for picks, each with the number of the request once it has been made.
    picks: Vec<(Asker, Option<u64>)>,
    /// The askers that wait for the list of outputs.
    outputs: Vec<Asker>,
}

#[derive(Clone, Debug, Default)]
struct Order {
    /// How many pieces of work are pending.
    waits: usize,
    /// The first error.
    complaint: Option<String>,
    /// The last notice that was not an error.
    said: Option<String>,
    /// The last answer of several lines; it is reported instead of a notice.
    lines: Option<String>,
}

impl Order {
    fn list(&mut self, lines: &[String]) {
        if !lines.is_empty() {
            self.lines = Some(lines.join("\n"));
        }
    }
}

/// What is reported to an asker: success, perhaps with what was said, which may have several lines, or the first error.
pub type Outcome = Result<Option<String>, String>;

impl Outcomes {
    /// What follows is done for this asker, until [`Self::pause`].
    pub fn begin(&mut self, asker: Asker) {
        self.open.entry(asker).or_default();
        self.now = Some(asker);
    }

    /// What follows is done for no asker; returns the one before.
    pub fn pause(&mut self) -> Option<Asker> {
        self.now.take()
    }

    /// Whether what is done now was asked for by a client, such as `jukebox send`, and not by a key.
    pub fn is_asked(&self) -> bool {
        self.now.is_some()
    }

    /// Records an error for the current asker; only the first one is kept.
    pub fn complain(&mut self, why: &str) {
        if let Some(order) = self.now.and_then(|asker| self.open.get_mut(&asker)) {
            order.complaint.get_or_insert_with(|| why.to_owned());
        }
    }

    /// Records a notice other than an error for the current asker; the last one is kept.
    pub fn say(&mut self, text: &str) {
        if let Some(order) = self.now.and_then(|asker| self.open.get_mut(&asker)) {
            order.said = Some(text.to_owned());
        }
    }

    /// Records an answer of several lines for the current asker; it is reported instead of a notice.
    pub fn list(&mut self, lines: &[String]) {
        if let Some(order) = self.now.and_then(|asker| self.open.get_mut(&asker)) {
            order.list(lines);
        }
    }

    /// A piece of work for the asker was finished.
    pub fn ended(&mut self, asker: Asker) {
        if let Some(order) = self.open.get_mut(&asker) {
            order.waits = order.waits.saturating_sub(1);
        }
    }

    /// The current command is complete only when the next picks have arrived.
    pub fn await_picks(&mut self) {
        if let Some(asker) = self.now {
            self.wait(asker);
            self.picks.push((asker, None));
        }
    }

    /// Notes the number of the request for picks that was made. If none was made, nobody waits any longer.
    pub fn asked_for_picks(&mut self, request: Option<u64>) {
        for (_, awaited) in self.picks.iter_mut().filter(|(_, awaited)| awaited.is_none()) {
            *awaited = request;
        }
        let vain: Vec<Asker> =
            self.picks.extract_if(.., |(_, awaited)| awaited.is_none()).map(|(asker, _)| asker).collect();
        vain.into_iter().for_each(|asker| self.ended(asker));
    }

    /// The picks of a request arrived: their askers wait no longer, and `fault`, if any, becomes their error.
    pub fn picks_came(&mut self, request: u64, fault: Option<&str>) {
        let came: Vec<Asker> =
            self.picks.extract_if(.., |(_, awaited)| *awaited == Some(request)).map(|(asker, _)| asker).collect();
        self.tell(&came, fault);
    }

    /// The list of outputs arrived: its askers wait no longer. Their outcome are these lines (none where an output was
    /// asked for by its name) or this error.
    pub fn outputs_came(&mut self, listed: Result<&[String], &str>) {
        let came = std::mem::take(&mut self.outputs);
        if let Ok(lines) = listed {
            for asker in &came {
                self.open.get_mut(asker).into_iter().for_each(|order| order.list(lines));
            }
        }
        self.tell(&came, listed.err());
    }

    fn tell(&mut self, askers: &[Asker], fault: Option<&str>) {
        for asker in askers {
            if let (Some(order), Some(why)) = (self.open.get_mut(asker), fault) {
                order.complaint.get_or_insert_with(|| why.to_owned());
            }
            self.ended(*asker);
        }
    }

    /// The asker's command is complete only when the outputs have been listed.
    pub fn await_outputs(&mut self, asker: Asker) {
        self.wait(asker);
        self.outputs.push(asker);
    }

    /// Another piece of work for the asker is pending.
    pub fn wait(&mut self, asker: Asker) {
        self.open.entry(asker).or_default().waits += 1;
    }

    /// Removes the completed commands and returns their askers, each with its outcome.
    pub fn answers(&mut self) -> Vec<(Asker, Outcome)> {
        let done: Vec<(Asker, Order)> = self.open.extract_if(.., |_, order| order.waits == 0).collect();
        done.into_iter()
            .map(|(asker, order)| (asker, order.complaint.map_or(Ok(order.lines.or(order.said)), Err)))
            .collect()
    }
}
