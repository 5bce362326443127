//! The covers that were read, as many as fit into a bounded memory.

use std::path::Path;
use std::sync::Arc;

use crate::library::dir_of;
use crate::picture::{Drawn, Form};

/// The most memory that covers take, in bytes.
const MEMORY: usize = 24 << 20;
/// What an entry counts beside its picture, in bytes: so that no more than two thousand files without a cover are kept.
const ENTRY: usize = 12 << 10;

/// A cover that is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The file whose cover it is.
    pub path: Arc<Path>,
    /// The most pixels across and down.
    pub within: (u16, u16),
    /// The form in which it is wanted.
    pub form: Form,
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Wanted) -> bool {
        // Paths are compared by their parts, which takes longer.
        (self.within, self.form) == (other.within, other.form) && self.path.as_os_str() == other.path.as_os_str()
    }
}

/// The covers that were read, and that some files have none.
#[derive(Clone, Debug, Default)]
pub struct Covers {
    /// What was found, the one that was used last at the end.
    kept: Vec<(Wanted, Option<Arc<Drawn>>)>,
    /// What they take, in bytes.
    bytes: usize,
    /// The one that is being read: one at a time.
    asked: Option<Wanted>,
    /// Whether what is being read may be a former cover.
    outdated: bool,
}

impl Covers {
    /// What is known of a cover: `None` nothing yet, `Some(None)` that there is none.
    pub fn get(&self, wanted: &Wanted) -> Option<Option<&Arc<Drawn>>> {
        self.kept.iter().rev().find(|(own, _)| own == wanted).map(|(_, found)| found.as_ref())
    }

    /// Whether one is being read. Another is asked for after it, if it is still wanted then.
    pub fn is_reading(&self) -> bool {
        self.asked.is_some()
    }

    /// Notes that a cover is shown, so that others are forgotten before it.
    pub fn touch(&mut self, wanted: &Wanted) {
        if let Some(at) = self.kept.iter().rposition(|(own, _)| own == wanted)
            && let Some(rest) = self.kept.get_mut(at..)
        {
            rest.rotate_left(1);
        }
    }

    /// Whether there is room for another cover beside these, of those that were read. Where there is none, reading one more
    /// would only drive out one that is shown, which would then be read again, and so on.
    pub fn has_room<'a>(&self, shown: impl Iterator<Item = &'a Wanted>) -> bool {
        let taken: usize = shown.filter_map(|wanted| Some(weight(self.get(wanted)?))).sum();
        taken < MEMORY / 4 * 3
    }

    /// What they take, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether a cover is to be read now; it counts as asked for from then on.
    pub(in crate::app) fn ask(&mut self, wanted: &Wanted) -> bool {
        let new = self.asked.is_none() && self.get(wanted).is_none();
        if new {
            self.asked = Some(wanted.clone());
        }
        new
    }

    /// Takes what was found.
    pub(in crate::app) fn take(&mut self, wanted: Wanted, found: Option<Arc<Drawn>>) {
        let answered = self.asked.take_if(|asked| *asked == wanted).is_some();
        if answered && std::mem::take(&mut self.outdated) {
            // Asked for again, if it is still wanted.
            return;
        }
        self.forget(|own| *own == wanted);
        self.bytes += weight(found.as_ref());
        self.kept.push((wanted, found));
        // The newest stays whatever it takes.
        while self.bytes > MEMORY && self.kept.len() > 1 {
            let (_, oldest) = self.kept.remove(0);
            self.bytes -= weight(oldest.as_ref());
        }
    }

    /// Forgets which files have no cover: one may have come.
    pub(in crate::app) fn look_again(&mut self) {
        self.kept.retain(|(_, found)| found.is_some());
        self.bytes = self.kept.iter().map(|(_, found)| weight(found.as_ref())).sum();
    }

    /// Forgets what was found for the files in a directory: a cover there has come, changed or gone. One that is being read
    /// may be the former one, and is read again.
    pub(in crate::app) fn renew(&mut self, dir: &Path) {
        self.outdated |= self.asked.as_ref().is_some_and(|asked| dir_of(&asked.path) == dir);
        self.forget(|own| dir_of(&own.path) == dir);
    }

    fn forget(&mut self, which: impl Fn(&Wanted) -> bool) {
        self.kept.retain(|(own, _)| !which(own));
        self.bytes = self.kept.iter().map(|(_, found)| weight(found.as_ref())).sum();
    }
}

/// What an entry takes, in bytes.
fn weight(found: Option<&Arc<Drawn>>) -> usize {
    ENTRY + found.map_or(0, |drawn| drawn.bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Raster;

    fn wanted(n: usize) -> Wanted {
        let path = Path::new("/m").join(n.to_string());
        Wanted { path: path.into(), within: (9, 9), form: Form::Pixels }
    }

    fn drawn(side: usize) -> Option<Arc<Drawn>> {
        let picture = Raster::new(side, side, vec![7; 3 * side * side]).unwrap();
        Some(Arc::new(Drawn::of(picture, Form::Pixels)))
    }

    #[test]
    fn one_is_read_at_a_time_and_each_once() {
        let mut covers = Covers::default();
        assert!(covers.ask(&wanted(1)) && !covers.ask(&wanted(1)) && !covers.ask(&wanted(2)));
        covers.take(wanted(1), None);
        assert_eq!((covers.get(&wanted(1)), covers.is_reading()), (Some(None), false));
        assert!(!covers.ask(&wanted(1)) && covers.ask(&wanted(2)));
        // What nobody waits for any more is kept all the same.
        covers.take(wanted(3), drawn(2));
        assert!(covers.is_reading() && covers.get(&wanted(3)).flatten().is_some());
        covers.look_again();
        assert_eq!(covers.get(&wanted(1)), None);
        assert!(covers.get(&wanted(3)).is_some());
    }

    #[test]
    fn a_cover_that_came_is_looked_for_in_its_directory_only() {
        let of = |path: &str| Wanted { path: Path::new(path).into(), within: (9, 9), form: Form::Pixels };
        let mut covers = Covers::default();
        for path in ["/m/a/1.mp3", "/m/a/album.cue/track0002", "/m/b/1.mp3", "/m/a/cd1/1.mp3"] {
            covers.take(of(path), None);
        }
        assert!(covers.ask(&of("/m/a/3.mp3")));
        covers.renew(Path::new("/m/a"));
        assert_eq!((covers.get(&of("/m/a/1.mp3")), covers.get(&of("/m/a/album.cue/track0002"))), (None, None));
        assert_eq!((covers.get(&of("/m/b/1.mp3")), covers.get(&of("/m/a/cd1/1.mp3"))), (Some(None), Some(None)));
        covers.take(of("/m/a/3.mp3"), drawn(9));
        assert!(covers.ask(&of("/m/a/3.mp3")), "the reader may have seen what was there before");
        covers.take(of("/m/a/3.mp3"), drawn(9));
        assert!(covers.get(&of("/m/a/3.mp3")).is_some_and(|found| found.is_some()));
        covers.forget(|own| *own == of("/m/a/3.mp3"));
        assert_eq!(covers.bytes(), 2 * ENTRY);
    }

    #[test]
    fn memory_is_bounded_and_what_is_shown_stays() {
        let mut covers = Covers::default();
        for n in 0..400 {
            covers.take(wanted(n), drawn(200));
            covers.touch(&wanted(0));
            assert!(covers.bytes <= MEMORY, "{n}");
        }
        assert!(covers.get(&wanted(0)).is_some() && covers.get(&wanted(399)).is_some());
        assert_eq!((covers.get(&wanted(1)), covers.kept.len()), (None, MEMORY / (ENTRY + 120_000)));
        // Neither a file without a cover nor the same one again takes more.
        for n in 0..40_000 {
            covers.take(wanted(n % 2), None);
        }
        let sum: usize = covers.kept.iter().map(|(_, found)| weight(found.as_ref())).sum();
        assert_eq!(covers.bytes, sum);
        for n in 0..20_000 {
            covers.take(wanted(n), None);
        }
        assert!(covers.kept.len() <= MEMORY / ENTRY);
        let shown = |covers: &Covers, count: usize| {
            let wanted: Vec<Wanted> = (0..count).map(wanted).collect();
            covers.has_room(wanted.iter())
        };
        assert!(shown(&covers, 100), "those are long forgotten");
        let mut full = Covers::default();
        (0..180).for_each(|n| full.take(wanted(n), drawn(200)));
        // 142 of them take three quarters.
        assert!(shown(&full, 100) && shown(&full, 142) && !shown(&full, 150));
        covers.take(wanted(7), drawn(3000));
        assert_eq!(covers.kept.len(), 1, "one that is larger than all");
    }
}
