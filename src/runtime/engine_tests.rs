use std::time::Duration;

use super::*;
use crate::app::fixture;
use crate::ask::fields;
use crate::latent::{DIMS, Latent};
use crate::paths::Paths;

/// Only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// The latents of a library.
fn space(catalog: &Catalog) -> Arc<Space> {
    let mut rng = fastrand::Rng::with_seed(5);
    let mut latent = || -> Latent { std::array::from_fn::<f32, DIMS, _>(|_| rng.f32() - 0.5) };
    let latents = catalog.tracks().map(|track| (track, latent())).collect();
    Arc::new(Space::build("test".into(), Arc::default(), latents))
}

#[test]
fn the_cards_come_with_the_space_though_nothing_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::under(dir.path());
    let (messages, inbox) = crossbeam_channel::unbounded();
    let usually = Usually::start(&paths, &[], messages.clone()).unwrap();
    let own = (fields::language(&Default::default()), Tallies::default(), Learner::default());
    let names = (paths.signatures(), Playlists::in_dir(paths.playlists()), OwnNames::in_file(paths.dimensions()));
    let engine = start(Vec::new(), names, own, usually, Weights::default(), messages).unwrap();
    let catalog = fixture::catalog(40);
    engine.send(Ask::Catalog(catalog.clone())).unwrap();
    // While nothing is analysed there is nothing to describe.
    engine.send(Ask::Space(Arc::default())).unwrap();
    engine.send(Ask::Space(space(&catalog))).unwrap();
    let cards = loop {
        if let Msg::Cards(cards) = inbox.recv_timeout(PATIENCE).unwrap() {
            break cards;
        }
    };
    assert_eq!((cards.tracks, cards.cards.is_empty()), (40, false), "the first that come are of the space");
}
