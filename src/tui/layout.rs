//! The areas of a frame, from the size of the screen alone.

use ratatui::layout::Rect;

/// The smallest screen that shows anything.
pub const LEAST: (u16, u16) = (40, 10);

/// A list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The library.
    #[default]
    Library,
    /// The queue.
    Queue,
    /// What the user saved.
    Saved,
}

/// The rows around the body, from a height of the screen on.
struct Rows {
    from: u16,
    /// The playing track: title, artist and album, progress.
    player: u16,
    /// What comes next and why.
    then: u16,
    /// The keys of the view.
    keys: u16,
    /// The line above the playing track.
    rule: u16,
    /// What is done in the background.
    status: u16,
    /// The cover beside the playing track, in rows of the player and below it.
    cover: u16,
}

/// What each height shows beside the body, the tabs and the line at the bottom. A taller screen shows no less.
const ROWS: [Rows; 5] = [
    Rows { from: 30, player: 3, then: 1, keys: 1, rule: 1, status: 1, cover: 4 },
    Rows { from: 20, player: 3, then: 1, keys: 1, rule: 0, status: 1, cover: 3 },
    Rows { from: 16, player: 3, then: 1, keys: 0, rule: 0, status: 0, cover: 3 },
    Rows { from: 12, player: 3, then: 0, keys: 0, rule: 0, status: 0, cover: 3 },
    Rows { from: 0, player: 2, then: 0, keys: 0, rule: 0, status: 0, cover: 0 },
];

/// From this width on there is room for a cover beside the playing track.
const WITH_COVER: u16 = 80;
/// From this width of the player on the filters that limit the queue stand with the modes; a narrower one says that there are
/// limits.
pub const WITH_FILTERS: u16 = 100;
/// From this width on the library has a column of groups beside its tracks.
pub const TWO_COLUMNS: u16 = 80;
/// From this width on it has a column of albums between them.
pub const THREE_COLUMNS: u16 = 120;
/// From this width on the queue stands beside the library.
pub const WITH_QUEUE: u16 = 160;
/// From this height of the body on, the queue explains the item under the cursor below its rows.
const WITH_WHY: u16 = 24;

/// From so many rows on the queue has the heads of its columns above them.
const WITH_HEADS: u16 = 12;

/// The most rows of the panel about a track, with its heading.
const INFO: u16 = 13;
/// The rows that it leaves to the list, where there are so many.
const INFO_LEAVES: u16 = 5;

/// The areas of a frame. An area that the screen has no room for is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The names of the views.
    pub tabs: Rect,
    /// The open view.
    pub body: Rect,
    /// The panel about the track under the cursor, while it is open.
    pub info: Rect,
    /// The keys of the view.
    pub keys: Rect,
    /// A line above the playing track.
    pub rule: Rect,
    /// The playing track: title, artist and album, progress.
    pub player: Rect,
    /// What comes next and why.
    pub then: Rect,
    /// Where the cover of the playing track goes, if it has one; then [`Layout::with_cover`] makes room for it.
    pub cover: Rect,
    /// What is done in the background.
    pub status: Rect,
    /// Notices and the command line.
    pub line: Rect,
}

/// The columns of the library. Those that the screen has no room for are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LibraryColumns {
    /// The groups: artists, genres, …
    pub groups: Rect,
    /// The albums of the group.
    pub albums: Rect,
    /// The tracks: of the album, of the group, or all.
    pub tracks: Rect,
    /// The queue.
    pub queue: Rect,
}

impl LibraryColumns {
    /// The columns of a list that has groups and albums, or not: the room of those that it lacks goes to the tracks.
    #[must_use]
    pub fn for_list(self, groups: bool, albums: bool) -> LibraryColumns {
        let without = |column: Rect| Rect { width: 0, ..column };
        let (groups, albums) = (groups && self.groups.width > 0, groups && albums && self.albums.width > 0);
        let x = match (groups, albums) {
            (true, true) => self.tracks.x,
            (true, false) => self.groups.right() + 1,
            // The columns begin where the first of them does.
            (false, _) => [self.groups, self.albums, self.tracks]
                .into_iter()
                .find(|column| column.width > 0)
                .map_or(self.tracks.x, |first| first.x),
        };
        LibraryColumns {
            groups: if groups { self.groups } else { without(self.groups) },
            albums: if albums { self.albums } else { without(self.albums) },
            tracks: Rect { x, width: self.tracks.right() - x, ..self.tracks },
            queue: self.queue,
        }
    }
}

impl Layout {
    /// The areas of a screen; `None` when it is too small.
    pub fn of(area: Rect) -> Option<Layout> {
        if area.width < LEAST.0 || area.height < LEAST.1 {
            return None;
        }
        let rows = ROWS.iter().find(|rows| area.height >= rows.from)?;
        let margin = u16::from(area.width >= 60);
        let inner = Rect { x: area.x + margin, width: area.width - 2 * margin, ..area };
        let below = rows.keys + rows.rule + rows.player + rows.then + rows.status + 1;
        let mut y = area.y;
        let mut take = |height: u16| {
            let taken = Rect { y, height, ..inner };
            y += height;
            taken
        };
        let mut layout = Layout {
            tabs: take(1),
            body: take(area.height - 1 - below),
            info: take(0),
            keys: take(rows.keys),
            rule: take(rows.rule),
            player: take(rows.player),
            then: take(rows.then),
            status: take(rows.status),
            line: take(1),
            cover: Rect::default(),
        };
        let height = if area.width < WITH_COVER { 0 } else { rows.cover };
        // Of a cell that is twice as high as wide, this is a square.
        layout.cover = Rect { width: 2 * height, height, ..layout.player };
        Some(layout)
    }

    /// The same with what is told of the playing track at the right of its cover.
    #[must_use]
    pub fn with_cover(self) -> Layout {
        let beside = |area: Rect| {
            let room = if area.y < self.cover.bottom() && !self.cover.is_empty() { self.cover.width + 1 } else { 0 };
            Rect { x: area.x + room, width: area.width - room, ..area }
        };
        Layout { player: beside(self.player), then: beside(self.then), ..self }
    }

    /// The same with a panel about the track under the cursor in the lower part of the body.
    #[must_use]
    pub fn with_info(self) -> Layout {
        let body = self.body;
        let height = body.height.saturating_sub(INFO_LEAVES).clamp(body.height.min(3), INFO);
        let list = Rect { height: body.height - height, ..body };
        Layout { body: list, info: Rect { y: list.bottom(), height, ..body }, ..self }
    }

    /// The rows of a list in the body: all but its heading.
    pub fn rows_of(area: Rect) -> Rect {
        Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
    }

    /// The heads of the queue's columns and its rows, of its list with a heading; a low list has no heads.
    pub fn queue_rows(list: Rect) -> (Rect, Rect) {
        let rows = Layout::rows_of(list);
        let heads = Rect { height: u16::from(rows.height >= WITH_HEADS), ..rows };
        (heads, Rect { y: heads.bottom(), height: rows.height - heads.height, ..rows })
    }

    /// The columns of the library, with their headings. A column is between two others separated by one blank or line.
    pub fn library(&self) -> LibraryColumns {
        let (body, width) = (self.body, self.body.width);
        let none = Rect { width: 0, ..body };
        // The limits are widths of the screen, with its margins.
        let wide = width + 2;
        let queue = if wide >= WITH_QUEUE { (width / 4).clamp(38, 60) } else { 0 };
        let groups = match wide {
            w if w < TWO_COLUMNS => 0,
            w if w < THREE_COLUMNS => width * 3 / 10,
            _ => ((width - queue) * 2 / 9).max(24),
        };
        let albums = if wide >= THREE_COLUMNS { (width - queue) * 3 / 10 } else { 0 };
        let mut x = body.x;
        let mut take = |width: u16| {
            if width == 0 {
                return none;
            }
            let taken = Rect { x, width, ..body };
            x += width + 1;
            taken
        };
        let gaps = [groups, albums, queue].into_iter().filter(|w| *w > 0).count() as u16;
        let tracks = body.width - groups - albums - queue - gaps;
        LibraryColumns { groups: take(groups), albums: take(albums), tracks: take(tracks), queue: take(queue) }
    }

    /// The queue's list, and the area below it that explains one item; that is empty on a low screen.
    pub fn queue(&self) -> (Rect, Rect) {
        let body = self.body;
        if body.height < WITH_WHY {
            return (body, Rect { y: body.bottom(), height: 0, ..body });
        }
        let why = (body.height * 2 / 5).min(14);
        let list = Rect { height: body.height - why, ..body };
        (list, Rect { y: list.bottom(), height: why, ..body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTHS: [u16; 6] = [60, 80, 100, 120, 160, 200];
    const HEIGHTS: [u16; 4] = [16, 24, 40, 60];

    fn at(width: u16, height: u16) -> Layout {
        Layout::of(Rect::new(0, 0, width, height)).unwrap()
    }

    #[test]
    fn areas_lie_within_the_screen_and_do_not_overlap() {
        for width in 0..210 {
            for height in 0..70 {
                let area = Rect::new(0, 0, width, height);
                let Some(l) = Layout::of(area) else { continue };
                let c = l.library();
                let (list, why) = l.queue();
                let lists = [c.groups, c.albums, c.tracks, c.queue];
                let frame = [l.tabs, l.keys, l.rule, l.player, l.then, l.status, l.line];
                for all in [&lists[..], &[list, why][..]] {
                    let all = [&frame[..], all].concat();
                    for (i, a) in all.iter().enumerate() {
                        assert_eq!(a.intersection(area), *a, "{width}×{height}: {i}");
                        assert!(all[i + 1..].iter().all(|b| a.intersection(*b).area() == 0), "{width}×{height}: {i}");
                    }
                }
                assert!(c.tracks.height >= 4 && c.tracks.width >= 30, "{width}×{height}");
                assert!(list.height >= 4, "{width}×{height}");
            }
        }
    }

    #[test]
    fn a_larger_screen_never_shows_less() {
        let shown = |width: u16, height: u16| {
            let l = at(width, height);
            let (c, (list, why)) = (l.library(), l.queue());
            let areas =
                [l.cover, l.keys, l.rule, l.player, l.then, l.status, c.groups, c.albums, c.tracks, c.queue, list, why];
            areas.map(|area| area.area() > 0)
        };
        for pair in WIDTHS.windows(2) {
            for height in HEIGHTS {
                let (narrow, wide) = (shown(pair[0], height), shown(pair[1], height));
                assert!(narrow.iter().zip(wide).all(|(n, w)| !n || w), "{}×{height}", pair[1]);
            }
        }
        for pair in HEIGHTS.windows(2) {
            for width in WIDTHS {
                let (low, high) = (shown(width, pair[0]), shown(width, pair[1]));
                assert!(low.iter().zip(high).all(|(l, h)| !l || h), "{width}×{}", pair[1]);
            }
        }
    }

    #[test]
    fn a_cover_takes_columns_of_the_player_only() {
        for width in LEAST.0..210 {
            for height in LEAST.1..70 {
                let plain = at(width, height);
                let with = plain.with_cover();
                let beside = Layout { player: plain.player, then: plain.then, ..with };
                assert_eq!(beside, plain, "{width}×{height}");
                assert_eq!(with.cover.is_empty(), with == plain, "{width}×{height}");
                for area in [with.player, with.then] {
                    assert!(area.intersection(with.cover).is_empty(), "{width}×{height}");
                    assert!(area.right() == plain.player.right() && area.width >= plain.player.width.min(69));
                }
                let below = [with.rule, with.status, with.line, with.body, with.keys];
                assert!(below.iter().all(|area| area.intersection(with.cover).is_empty()), "{width}×{height}");
            }
        }
        let sides = |width, height| (at(width, height).cover.width, at(width, height).cover.height);
        assert_eq!([sides(79, 24), sides(80, 24), sides(120, 40), sides(80, 11)], [(0, 0), (6, 3), (8, 4), (0, 0)]);
    }

    #[test]
    fn the_panel_and_the_list_share_the_body() {
        for height in LEAST.1..70 {
            let plain = at(120, height);
            let open = plain.with_info();
            assert_eq!(open.body.union(open.info), plain.body, "{height}");
            assert!(open.body.intersection(open.info).is_empty(), "{height}");
            assert!(open.body.height >= 3 && open.info.height >= 3, "{height}: {open:?}");
        }
        assert_eq!((at(80, 24).with_info().body.height, at(120, 40).with_info().info.height), (5, 13));
    }

    #[test]
    fn columns_that_a_list_lacks_leave_their_room_to_the_tracks() {
        for width in [60, 80, 120, 200] {
            let layout = at(width, 24);
            let all = layout.library();
            assert_eq!(all.for_list(true, true), all);
            for (groups, albums) in [(false, false), (false, true), (true, false)] {
                let some = all.for_list(groups, albums);
                assert_eq!((some.tracks.right(), some.queue), (all.tracks.right(), all.queue), "{width}");
                assert_eq!(some.albums.width, 0);
                let left = if some.groups.width > 0 { some.groups.right() + 1 } else { layout.body.x };
                assert_eq!(some.tracks.x, left, "{width}");
            }
        }
    }

    #[test]
    fn the_columns_come_at_their_widths() {
        let columns = |width| {
            let c = at(width, 24).library();
            [c.groups, c.albums, c.queue].map(|area| area.width > 0)
        };
        assert_eq!(columns(79), [false, false, false]);
        assert_eq!(columns(80), [true, false, false]);
        assert_eq!(columns(120), [true, true, false]);
        assert_eq!(columns(160), [true, true, true]);
        assert!(at(120, 40).queue().1.height > 8 && at(80, 24).queue().1.height == 0);
    }
}
