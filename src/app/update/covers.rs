//! The covers that the screen wants: having them read, and keeping them.

use std::sync::Arc;
use std::time::Duration;

use crate::notice::Kind;
use crate::picture::Drawn;

use super::super::effect::Effect;
use super::super::state::covers::{Covers, Wanted};
use super::super::state::faults::{Faults, is_deadly};
use super::super::state::log::{Log, Matter};

/// Has a cover read, unless another one is being read.
pub(super) fn wanted(covers: &mut Covers, faults: &Faults, wanted: Wanted) -> Option<Effect> {
    // Its tags would end the reader too.
    if is_deadly(faults, &wanted.path) {
        covers.take(wanted, None);
        return None;
    }
    covers.ask(&wanted).then(|| Effect::Cover(Box::new(wanted)))
}

/// Takes what was read. What could not be read is noted in the log.
pub(super) fn found(
    covers: &mut Covers,
    (log, now): (&mut Log, Duration),
    wanted: Wanted,
    found: Option<Arc<Drawn>>,
    faults: &[String],
) {
    for fault in faults {
        log.add(now, Matter::File, Kind::Obstacle, fault, Some(&*wanted.path));
    }
    covers.take(wanted, found);
}

#[cfg(test)]
mod tests {
    use super::super::super::state::model::Model;
    use super::super::super::{Msg, fixture, update};
    use super::*;
    use crate::picture::Form;
    use crate::track::FileFault;

    fn of(path: &str) -> Wanted {
        Wanted { path: std::path::Path::new(path).into(), within: (12, 12), form: Form::Png }
    }

    fn want(model: &mut Model, path: &str) -> Vec<Effect> {
        update(model, Msg::CoverWanted(Box::new(of(path))))
    }

    #[test]
    fn a_cover_that_cannot_be_read_costs_a_line_in_the_log() {
        let mut model = fixture::model(3);
        assert_eq!(want(&mut model, "/m/a.mp3"), [Effect::Cover(Box::new(of("/m/a.mp3")))]);
        assert!(want(&mut model, "/m/b.mp3").is_empty(), "one at a time");
        let before = model.log.clone();
        let faults = vec!["the cover cover.jpg cannot be shown: 65535×65535 pixels are too many".to_string()];
        update(&mut model, Msg::Cover { wanted: Box::new(of("/m/a.mp3")), found: None, faults });
        assert_ne!(format!("{before:?}"), format!("{:?}", model.log));
        assert!(model.notice.is_none() && want(&mut model, "/m/a.mp3").is_empty(), "and is not tried again");
        assert_eq!(want(&mut model, "/m/b.mp3").len(), 1);
    }

    #[test]
    fn a_file_that_ends_its_readers_is_not_given_to_another() {
        let mut model = fixture::model(3);
        model.faults.insert("/m/a.mp3".into(), FileFault::Crashed("SIGSEGV".into()));
        assert!(want(&mut model, "/m/a.mp3").is_empty());
        assert_eq!(model.covers.get(&of("/m/a.mp3")), Some(None));
    }
}
