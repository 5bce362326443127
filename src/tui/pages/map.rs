//! The map: the library as points on a plane, where what is near sounds alike. `draw::map` draws it.

use crate::tui::pane::Pane;

/// The view of the map.
pub struct LibraryMap;

impl Pane for LibraryMap {
    fn id(&self) -> &'static str {
        "map"
    }

    fn title(&self, _: Option<u64>) -> &'static str {
        "Map"
    }

    fn is_view(&self) -> bool {
        true
    }

    fn hints(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("confirm", "play"),
            ("map zoom +1", "nearer"),
            ("map zoom -1", "farther"),
            ("map zoom whole", "all"),
            ("map colour", "colour"),
            ("journey", "journey to here"),
            ("enqueue", "enqueue"),
            ("map select", "choose an area"),
            ("signature-of marks", "signature"),
            ("command-line playlist add", "to a playlist"),
            ("map filter", "filter"),
            ("search", "light up"),
            ("search-next", "next lit"),
            ("goto-playing", "what plays"),
            ("enqueue-next", "add next"),
            ("cancel", "give up"),
        ]
    }
}
