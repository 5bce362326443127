//! What the reasons of the automatic tracks ahead have in common. Found again only when the queue, the cards or the
//! library have changed: the queue may be long, and a frame is drawn every second.

use std::sync::Arc;

use crate::app::Model;
use crate::describe::{Cards, Shared, shared};
use crate::library::Catalog;
use crate::queue::Origin;

/// What they have in common, and of what it was found.
#[derive(Clone, Debug, Default)]
pub struct Common {
    shared: Shared,
    of: Option<Of>,
}

#[derive(Clone, Debug)]
struct Of {
    revision: u64,
    ahead: usize,
    cards: Option<Arc<Cards>>,
    catalog: Arc<Catalog>,
}

impl Of {
    fn is_of(&self, model: &Model) -> bool {
        let same_cards = match (&self.cards, &model.cards) {
            (Some(own), Some(others)) => Arc::ptr_eq(own, others),
            (own, others) => own.is_none() && others.is_none(),
        };
        self.revision == model.queue.revision()
            && self.ahead == model.queue.ahead().len()
            && same_cards
            && Arc::ptr_eq(&self.catalog, &model.catalog)
    }
}

impl Common {
    /// What all of them have in common.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Fits it to the model.
    pub fn renew(&mut self, model: &Model) {
        if self.of.as_ref().is_some_and(|of| of.is_of(model)) {
            return;
        }
        let ahead = model.queue.ahead();
        let picks = ahead.iter().filter_map(|item| match &item.origin {
            Origin::Auto(why) => Some(why),
            Origin::Hand => None,
        });
        self.shared = shared(picks, &model.catalog, model.cards());
        self.of = Some(Of {
            revision: model.queue.revision(),
            ahead: ahead.len(),
            cards: model.cards.clone(),
            catalog: model.catalog.clone(),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::app::Msg;
    use crate::describe::Cards;
    use crate::tui::fixture::Harness;

    #[test]
    fn it_is_found_again_when_what_is_ahead_or_the_words_change() {
        let mut h = Harness::new(240, (120, 40));
        let words = |h: &Harness| h.ui.screen.common.shared().words();
        assert_eq!(words(&h), "");
        h.play_and_fill();
        assert_eq!(words(&h), "128–130 bpm, like Sea Line");
        let mut cards = Cards { cards: vec![Default::default(); 45], ..Cards::default() };
        cards.cards[6].high = "bright".into();
        h.message(Msg::Cards(cards.into()));
        assert_eq!(words(&h), "128–130 bpm, bright, like Sea Line");
        h.keys(":clear<enter>");
        assert_eq!(words(&h), "");
    }
}
