//! The terminal user interface: keys become commands, the model becomes a frame. ratatui is used nowhere else.

pub mod art;
pub mod asked;
pub mod attached;
mod background;
pub mod binding;
mod cells;
pub mod colour;
pub mod common;
pub mod draw;
mod events;
#[cfg(test)]
mod fixture;
mod front;
pub mod gallery;
pub mod gone;
pub mod grid;
pub mod ground;
pub mod guard;
mod haste;
pub mod kept;
pub mod keymap;
pub mod keys;
pub mod late;
pub mod layout;
pub mod list;
mod log;
pub mod looks;
pub mod map;
pub mod mouse;
pub mod pages;
pub mod pane;
pub mod places;
pub mod plot;
pub mod progress;
pub mod prompt;
#[cfg(test)]
mod quiet_tests;
mod ramp;
pub mod requests;
pub mod run;
pub mod saved;
pub mod screen;
#[cfg(test)]
mod screens_tests;
pub mod search;
pub mod signature;
mod sound;
mod stage;
mod standing;
#[cfg(test)]
mod states_tests;
pub mod terminal;
pub mod theme;
mod title;
pub mod train;
pub mod training;
pub mod typed;
pub mod view;

pub use colour::Depth;
pub use front::Front;
pub use gone::TerminalError;
pub use keymap::Keymap;
pub use run::turn::{run, show};
pub use run::{Exit, Host, Ui};
pub use screen::Screen;
pub use stage::Stage;
pub use theme::{Display, Theme};
pub use view::view;
