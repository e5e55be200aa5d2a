//! Pages in the narrowest windows that there are: a small phone, and a desk's at 400 and at 200 percent.

use crate::console::{Console, Role};

#[test]
fn no_page_is_scrolled_sideways_however_narrow_its_window() {
    let console = Console::open();
    console.host.run(&["sync", "hartwell"]).exits(0);
    let page = console.signed_in_as(Role::Support);
    let paths = [
        "/",
        "/firms",
        "/firms/new",
        "/firms/hartwell",
        "/firms/hartwell/connect",
        "/firms/hartwell/sync",
        "/firms/hartwell/messages",
        "/firms/hartwell/runs",
        "/firms/hartwell/rules",
        "/firms/hartwell/set-up",
        "/firms/hartwell/cases/48213",
        "/firms/nobody",
        "/runs",
        "/letters",
        "/instances",
        "/people",
        "/tokens",
        "/audit",
        "/account",
    ];
    for path in paths {
        page.goto(path);
        for (across, down, dots) in [(320, 568, 2), (640, 400, 2), (320, 256, 4)] {
            page.zoom(across, down, dots);
            page.no_sideways_scroll();
        }
    }
}
