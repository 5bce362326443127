//! Every key of every preset in every view: none panics, and what it does can be seen.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;

use crate::app::commands::Line;
use crate::app::{Effect, fixture};
use crate::config::Config;
use crate::tui::binding::{Binding, Context, typeable};
use crate::tui::colour::Depth;
use crate::tui::fixture::Harness;
use crate::tui::keymap::Keymap;
use crate::tui::keys::Key;
use crate::tui::pages::{ANSWER, GRID, LIBRARY, PANES};
use crate::tui::pane::Pane;
use crate::tui::run::Ui;

const PRESETS: [&str; 4] = ["default", "cmus", "mpv", "vim"];
/// Low, so that every page is longer than the screen and can be scrolled.
const SIZE: (u16, u16) = (80, 14);

fn keymap(preset: &str) -> Keymap {
    let config = Config::parse(&format!("[ui]\npreset = \"{preset}\"\n")).unwrap();
    Keymap::new(&config.ui.preset, &config.keys).unwrap().0
}

/// A session in which every command has something to work on: a track plays and others are ahead, something can be
/// undone and was searched for, two tracks are marked, every view has more than fits, and cursors stand in the middle.
fn furnished(preset: &str) -> Harness {
    let mut h = Harness::of(fixture::model(65), SIZE, "terminal", Depth::True);
    h.ui.screen.keymap = keymap(preset);
    h.play_and_fill().furnish();
    h.command("rate 3").command("search-for sea").command("down 20").command("mark").command("down 3").command("mark");
    h.command("queue").command("down 5");
    h.command("playlists").command("down 1");
    // Nearer, so that the cursor is at no edge of the map.
    h.command("map zoom +2");
    h.command("library");
    h
}

/// The furnished session `ui` with a view open, and a page or its cursor in the middle. `h` answers what the view asks.
fn within(h: &mut Harness, ui: &Ui, pane: &'static dyn Pane) -> Ui {
    h.back_to(ui).open(pane);
    if h.ui.screen.page.is_some() {
        let top = h.buffer();
        h.command("down 3");
        assert_ne!(h.buffer(), top, "{} is no longer than the screen:\n{}", pane.id(), h.text());
    }
    assert_eq!(h.ui.screen.open_view().id(), pane.id());
    h.ui.model.notice = None;
    h.ui.clone()
}

/// Whether keys do something that can be seen or heard: another frame than `before`, or something done outside.
fn seen(h: &mut Harness, keys: &[Key], before: &Buffer) -> bool {
    // Repainting and leaving to the shell are asked of the loop.
    let mut probe = h.ui.screen.clone();
    for key in keys {
        probe.handle_key(KeyEvent::new(key.code, key.modifiers), &h.ui.model);
    }
    if probe.take_request().is_some() {
        return true;
    }
    h.effects.0.clear();
    h.press(keys);
    assert!(!h.ui.screen.waits() && h.ui.screen.pending().is_empty(), "{keys:?} is not carried out");
    let saves = |effect: &Effect| matches!(effect, Effect::Save(_) | Effect::SavePlace(_));
    h.effects.0.iter().any(|effect| !saves(effect)) || h.buffer() != *before
}

/// Whether a line goes to the list that is open already.
fn is_there(line: &Line, pane: &'static dyn Pane) -> bool {
    // The grid is the library in another form.
    let pane = if pane.id() == GRID.id() { LIBRARY } else { pane };
    let number = PANES.iter().position(|one| one.id() == pane.id()).map(|index| (index + 1).to_string());
    pane.is_list()
        && (line.command.name == pane.id() || line.command.name == "view" && number == Some(line.argument.clone()))
}

#[test]
fn every_key_of_every_preset_does_something_in_every_view() {
    let panes: Vec<&'static dyn Pane> = PANES.iter().copied().chain([ANSWER, GRID]).collect();
    let (mut dead, mut tried) = (Vec::new(), 0);
    for preset in PRESETS {
        let map = keymap(preset);
        let mut reached: Vec<&Binding> = Vec::new();
        // Furnished once: that takes longer than all keys of a view.
        let mut furnished = furnished(preset);
        let ui = furnished.ui.clone();
        for pane in &panes {
            let start = within(&mut furnished, &ui, *pane);
            // Drawn once: half of the test's time is drawing.
            let shown = furnished.buffer();
            for (binding, line) in typeable(map.bindings(), pane.scope()) {
                reached.push(binding);
                if is_there(line, *pane) {
                    continue;
                }
                let mut h = Harness::again(start.clone(), SIZE);
                // At the edge that a key goes to, there is nothing to go to.
                let opposite = [("column-left", "column-right"), ("column-right", "column-left")];
                let moved = opposite.iter().find(|(name, _)| *name == line.command.name).map(|(_, other)| {
                    h.command(other);
                    h.ui.model.notice = None;
                    h.buffer()
                });
                tried += 1;
                if !seen(&mut h, &binding.keys, moved.as_ref().unwrap_or(&shown)) {
                    let (keys, id, said) = (&binding.text, pane.id(), (line.command.name, &line.argument));
                    dead.push(format!("{preset}: \"{keys}\" ({} {}) in {id}", said.0, said.1));
                }
            }
        }
        let lost = map.bindings().iter().filter(|one| one.line.is_some() && !reached.contains(one));
        dead.extend(lost.map(|one| format!("{preset}: \"{}\" can be typed nowhere", one.text)));
        for context in [Context::Global, Context::List] {
            assert!(reached.iter().any(|one| one.context == context), "{preset}: {context:?}");
        }
    }
    assert!(dead.is_empty(), "{} of {tried} keys do nothing:\n{}", dead.len(), dead.join("\n"));
    assert!(tried > 2000, "{tried} keys only");
}
