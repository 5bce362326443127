use crate::tui::fixture::Harness;
use crate::tui::layout::Pane;

#[test]
fn what_was_stopped_has_the_same_sign_in_the_lists_and_in_the_player() {
    let mut h = Harness::new(40, (80, 24));
    h.play_and_fill();
    for pane in [Pane::Library, Pane::Queue] {
        h.ui.screen.show(pane);
        h.command("pause");
        assert!(h.text().contains('▶'), "{}", h.text());
        h.command("stop");
        assert!(!h.text().contains('▶') && h.text().matches('■').count() > 1, "{}", h.text());
        h.command("play");
    }
}

#[test]
fn an_error_goes_with_the_next_command_that_is_accepted() {
    let said = |h: &Harness| h.ui.model.notice.as_ref().map(|notice| notice.text.clone()).unwrap_or_default();
    let mut h = Harness::new(40, (80, 24));
    h.play_and_fill();
    let silent = [":move 3 1<enter>", ":by folder<enter>", "/1<enter>", "Z1<enter>", "<esc>"];
    for keys in silent {
        h.keys(":sort frob<enter>");
        assert!(said(&h).starts_with("sort takes"), "{keys}: {}", said(&h));
        // Whoever still looks around, or begins to type, can read it.
        h.keys("jk:<esc>");
        assert!(said(&h).starts_with("sort takes"), "{keys}: {}", said(&h));
        h.keys(keys);
        assert!(!said(&h).starts_with("sort takes"), "{keys}: {}", said(&h));
    }
    // What a command itself says stays, and so does what is said of a line that is none.
    h.keys(":sort frob<enter>:seek soon<enter>");
    assert!(said(&h).starts_with("seek wants"), "{}", said(&h));
    h.keys(":nonsense<enter>");
    assert!(said(&h).contains("nonsense"), "{}", said(&h));
}
