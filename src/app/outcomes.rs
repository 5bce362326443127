//! What becomes of commands from outside. Whoever sends one through the control socket waits until it is known whether it
//! was done, also where a worker has yet to find out: a playlist is read on one thread, a signature on another.
//!
//! A command comes as [`Msg::For`](super::Msg::For) with its asker. What `update` wants done for it is wrapped in
//! `Effect::For` where the outcome is known only later; the worker wraps its messages the same way and says
//! [`Msg::Ended`](super::Msg::Ended) last. When nothing is under way any more, `Effect::Answer` tells the asker.

use std::collections::BTreeMap;

/// Who waits for a command to be done: a number that no two askers of one session share.
pub type Asker = u64;

/// The commands that are under way.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// Whose command is being carried out at this moment.
    now: Option<Asker>,
    open: BTreeMap<Asker, Order>,
    /// Whose command waits for the next picks, and for which once they have been asked for.
    picks: Vec<(Asker, Option<u64>)>,
    /// Whose command waits for the list of outputs.
    outputs: Vec<Asker>,
}

#[derive(Clone, Debug, Default)]
struct Order {
    /// How many pieces of work for it are under way.
    waits: usize,
    /// The first thing that went wrong.
    complaint: Option<String>,
}

impl Outcomes {
    /// From now on things are done for this asker.
    pub fn begin(&mut self, asker: Asker) {
        self.open.entry(asker).or_default();
        self.now = Some(asker);
    }

    /// Nothing is done for anybody in particular.
    pub fn pause(&mut self) -> Option<Asker> {
        self.now.take()
    }

    /// Something went wrong with what is being done.
    pub fn complain(&mut self, why: &str) {
        if let Some(order) = self.now.and_then(|asker| self.open.get_mut(&asker)) {
            order.complaint.get_or_insert_with(|| why.to_owned());
        }
    }

    /// A piece of work was done.
    pub fn ended(&mut self, asker: Asker) {
        if let Some(order) = self.open.get_mut(&asker) {
            order.waits = order.waits.saturating_sub(1);
        }
    }

    /// The command that is being carried out is done only when the next picks have come.
    pub fn await_picks(&mut self) {
        if let Some(asker) = self.now {
            self.wait(asker);
            self.picks.push((asker, None));
        }
    }

    /// Notes which picks were asked for. Where none were, nobody waits for them.
    pub fn asked_for_picks(&mut self, request: Option<u64>) {
        for (_, awaited) in self.picks.iter_mut().filter(|(_, awaited)| awaited.is_none()) {
            *awaited = request;
        }
        let vain: Vec<Asker> =
            self.picks.extract_if(.., |(_, awaited)| awaited.is_none()).map(|(asker, _)| asker).collect();
        vain.into_iter().for_each(|asker| self.ended(asker));
    }

    /// Picks came: those who waited for them are told what went wrong, if anything did.
    pub fn picks_came(&mut self, request: u64, fault: Option<&str>) {
        let came: Vec<Asker> =
            self.picks.extract_if(.., |(_, awaited)| *awaited == Some(request)).map(|(asker, _)| asker).collect();
        self.tell(&came, fault);
    }

    /// The list of outputs came, for those whose command waited for it.
    pub fn outputs_came(&mut self, fault: Option<&str>) {
        let came = std::mem::take(&mut self.outputs);
        self.tell(&came, fault);
    }

    fn tell(&mut self, askers: &[Asker], fault: Option<&str>) {
        for asker in askers {
            if let (Some(order), Some(why)) = (self.open.get_mut(asker), fault) {
                order.complaint.get_or_insert_with(|| why.to_owned());
            }
            self.ended(*asker);
        }
    }

    /// The asker's command is done only when the outputs have been listed.
    pub fn await_outputs(&mut self, asker: Asker) {
        self.wait(asker);
        self.outputs.push(asker);
    }

    /// Another piece of work for the asker is under way.
    pub fn wait(&mut self, asker: Asker) {
        self.open.entry(asker).or_default().waits += 1;
    }

    /// The askers whose commands are done, each with what went wrong first.
    pub fn answers(&mut self) -> Vec<(Asker, Result<(), String>)> {
        let done: Vec<(Asker, Order)> = self.open.extract_if(.., |_, order| order.waits == 0).collect();
        done.into_iter().map(|(asker, order)| (asker, order.complaint.map_or(Ok(()), Err))).collect()
    }
}
