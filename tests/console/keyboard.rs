//! The keyboard, for whoever has nothing else.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;

use crate::page::Page;

/// No page of the console has so many stops.
const STOPS: usize = 300;

/// Where the keyboard is, and whether people see that it is there.
const FOCUSED: &str = "const at = document.activeElement;
    if (!at || at === document.body) return null;
    const style = getComputedStyle(at);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return [at, outlined || style.boxShadow !== 'none']";

impl Page {
    /// Presses a key.
    #[track_caller]
    pub fn press(&self, key: Key) {
        let key = char::from(key);
        let actions = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        self.wait_on(self.client().perform_actions(actions)).expect("a keyboard");
    }

    /// Types this where the keyboard is.
    #[track_caller]
    pub fn types(&self, text: &str) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in text.chars() {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.wait_on(self.client().perform_actions(actions)).expect("a keyboard");
    }

    /// Goes on by Tab until it is at the button, link or field of this name, which must show that the keyboard is there; panics when Tab
    /// does not come to it.
    #[track_caller]
    pub fn keyboard_reaches(&self, name: &str) {
        let mut first = None;
        let mut passed = Vec::new();
        for _ in 0..STOPS {
            self.press(Key::Tab);
            let focused = self.script(FOCUSED, Vec::new());
            // Between the last stop and the first, the keyboard is nowhere.
            let Some(label) = self.label(&focused[0]) else { continue };
            if label == name {
                assert!(focused[1] == true, "nobody sees that the keyboard is at {name:?} on {}", self.path());
                return;
            }
            if first.as_ref() == Some(&focused[0]) {
                break;
            }
            first.get_or_insert_with(|| focused[0].clone());
            passed.push(label);
        }
        panic!("Tab does not come to {name:?} on {}, but to {passed:?}", self.path());
    }
}
