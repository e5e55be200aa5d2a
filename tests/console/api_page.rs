//! The API's own page: every operation, for whoever comes.

use crate::console::{Console, Role};

#[test]
fn whoever_comes_reads_what_can_be_asked_and_how() {
    let console = Console::open();
    let page = console.page();
    page.goto("/api");
    assert_eq!(page.text("h1"), "API");
    for said in ["casebridge token create", "/api/v1/firms"] {
        assert!(page.all_text().contains(said), "{said}: {}", page.all_text());
    }
    page.inspect("api");
    assert!(page.offers("OpenAPI description"));
    page.click("GET /api/v1/firms");
    page.until("it is at the operation", || page.path().starts_with("/api#"));
    page.goto("/api/openapi.json");
    let description = page.script("return JSON.parse(document.body.innerText).openapi", Vec::new());
    assert!(description.as_str().is_some_and(|version| version.starts_with("3.")), "{description}");

    let staff = console.signed_in_as(Role::Staff("hartwell"));
    staff.click("API");
    staff.wait_for_path("/api");
    assert!(staff.offers("My firm"), "who has signed in keeps the menu");
}
