//! Buttons, links and fields by the names that they have for people.

use fantoccini::elements::{Element, ElementRef};
use serde_json::{Value, json};

use crate::command::Command;
use crate::page::{Page, wait_until};

/// What can be pressed or followed.
const PRESSED: &str = "button, a[href], summary, input[type=submit], input[type=button], [role=button], [role=tab], [role=menuitem]";

/// What takes something.
const FIELDS: &str = "input:not([type=hidden]):not([type=submit]):not([type=button]), textarea, select";

/// Those of a part of the page that people see.
const SEEN: &str = "return [...document.querySelectorAll(arguments[0])].flatMap(part => [...part.querySelectorAll(arguments[1])])
    .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.closest('[inert]'))";

/// How WebDriver names references to elements.
const REFERENCE: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Page {
    /// Presses the button, or follows the link, of this name.
    #[track_caller]
    pub fn click(&self, name: &str) {
        self.click_in("body", name);
    }

    /// The same within the parts of the page that this CSS selector finds: `#letter-7`, `tr:nth-child(2)`.
    #[track_caller]
    pub fn click_in(&self, css: &str, name: &str) {
        // What is just being replaced, or moved over, is pressed where it comes to stand.
        self.until(&format!("{name:?} can be pressed, and nothing lies over it"), || {
            self.wait_on(self.named(css, PRESSED, name).click()).is_ok()
        });
    }

    /// Fills the field of this label: text is typed in place of what was there, of a choice the option of this text is chosen, of a file
    /// field it is the path.
    #[track_caller]
    pub fn fill(&self, label: &str, value: &str) {
        self.fill_in("body", label, value);
    }

    /// The same within the parts of the page that this CSS selector finds.
    #[track_caller]
    pub fn fill_in(&self, css: &str, label: &str, value: &str) {
        let field = self.named(css, FIELDS, label);
        let filled = self.wait_on(async {
            match (field.tag_name().await?.as_str(), field.attr("type").await?.as_deref()) {
                ("select", _) => field.select_by_label(value).await,
                (_, Some("file")) => field.send_keys(value).await,
                _ => {
                    field.clear().await?;
                    field.send_keys(value).await
                }
            }
        });
        filled.unwrap_or_else(|error| panic!("{label:?} does not take {value:?} on {}: {error}", self.path()));
    }

    /// What the field of this label holds.
    #[track_caller]
    pub fn value(&self, label: &str) -> String {
        let field = self.named("body", FIELDS, label);
        self.wait_on(field.prop("value")).expect("a field").unwrap_or_default()
    }

    /// Ticks the box of this label, or chooses the radio button.
    #[track_caller]
    pub fn tick(&self, label: &str) {
        let field = self.named("body", FIELDS, label);
        if !self.is_ticked(label) {
            self.wait_on(field.click()).unwrap_or_else(|error| panic!("{label:?} cannot be ticked on {}: {error}", self.path()));
        }
    }

    /// Whether the box of this label is ticked.
    #[track_caller]
    pub fn is_ticked(&self, label: &str) -> bool {
        self.wait_on(self.named("body", FIELDS, label).is_selected()).expect("a box")
    }

    /// Whether people see a button or a link of this name now.
    #[track_caller]
    pub fn offers(&self, name: &str) -> bool {
        self.seen("body", PRESSED).iter().any(|(_, known)| known == name)
    }

    /// The names of all buttons and links that people see now, in the order of the page.
    #[track_caller]
    pub fn offered(&self) -> Vec<String> {
        self.seen("body", PRESSED).into_iter().map(|(_, name)| name).collect()
    }

    /// The only one of this name and kind, as soon as there is one.
    #[track_caller]
    fn named(&self, part: &str, kind: &str, name: &str) -> Element {
        let of_this_name = || self.seen(part, kind).into_iter().filter(|(_, known)| known == name).collect::<Vec<_>>();
        let names = || self.seen(part, kind).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        let mut found = Vec::new();
        wait_until(
            || {
                found = of_this_name();
                found.len() == 1
            },
            || format!("not exactly one is named {name:?} in {part} of {}: {:?}", self.path(), names()),
        );
        found.swap_remove(0).0
    }

    fn seen(&self, part: &str, kind: &str) -> Vec<(Element, String)> {
        let found = self.wait_on(self.client().execute(SEEN, vec![json!(part), json!(kind)])).unwrap_or_default();
        let found = found.as_array().cloned().unwrap_or_default();
        // One that has gone meanwhile has no name.
        found.iter().filter_map(|one| Some((self.element(one), self.label(one)?))).collect()
    }

    /// The name of an element that a script returned.
    pub(crate) fn label(&self, element: &Value) -> Option<String> {
        let id = element[REFERENCE].as_str()?.to_owned();
        self.issue(Command::Label(id)).ok()?.as_str().map(str::to_owned)
    }

    fn element(&self, element: &Value) -> Element {
        let id = element[REFERENCE].as_str().expect("an element").to_owned();
        Element::from_element_id(self.client().clone(), ElementRef::from(id))
    }
}
