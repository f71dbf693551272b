//! The page, as a browser has it.

use super::past::made;
use crate::support::{directory, release, run, works};
use camino::Utf8Path;
use std::process::Command;

/// A branch and a subject that would be markup.
const PAST: &str = "
    0 commit main 0.4.0.dev0 feat: begin
    1 branch release-0.4.x main
    1 commit release-0.4.x 0.4.0 chore: 0.4.0
    2 tag v0.4.0rc1 release-0.4.x
    3 tag v0.4.0 release-0.4.x
    4 tag <img/src=x/onerror=alert(1)>&\"' main
    5 source release-0.4.x fix: <script>alert(2)</script>
";

fn page(checkout: &Utf8Path) -> String {
    let run = release(checkout, &["audit", "--output-format", "html"]);
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    run.stdout
}

#[test]
fn the_page_is_the_same_again_needs_nothing_else_and_takes_nothing_foreign_for_markup() {
    let made = made(PAST);
    let html = page(&made.root);
    assert_eq!(html, page(&made.root));
    for markup in ["<img", "<script", "onload=", "http:", "https:", "url(", "@import", "src="] {
        let html = html.replace("&lt;img/src=", "");
        assert!(!html.contains(markup), "{markup}");
    }
    assert!(html.contains("&lt;img/src=x/onerror=alert(1)&gt;&amp;&quot;&#39;"));
    assert!(html.contains("&lt;script&gt;alert(2)&lt;/script&gt;"));
}

/// What a browser finds, written into the title by a script that the test adds.
const PROBE: &str = "<script>addEventListener('load', () => {
    const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
    const details = document.querySelector('details'), inside = details.querySelector('.inside');
    const closed = inside.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true});
    details.querySelector('summary').click();
    const open = inside.checkVisibility();
    document.title = `width ${innerWidth} overflow ${wide} closed ${closed} open ${details.open && open} svg ${document.querySelectorAll('svg a').length}`;
    document.body.replaceChildren();
})</script>";

#[test]
fn a_browser_shows_it_without_errors_opens_details_and_scrolls_nothing_sideways() {
    if !works(Command::new("chromium").arg("--version"), "looking at the page") {
        return;
    }
    let made = made(PAST);
    let (_kept, tmp) = directory();
    let file = tmp.join("page.html");
    // A window of a headless browser is 500 pixels wide at least, a frame may be as narrow as a phone.
    std::fs::write(&file, page(&made.root).replace("</head>", &format!("{PROBE}</head>"))).unwrap();
    for width in [360, 1280] {
        let frame = tmp.join("frame.html");
        let script = "addEventListener('load', () => setTimeout(() => {
            document.title = document.querySelector('iframe').contentDocument.title;
            document.querySelector('iframe').remove(); }, 50))";
        let around = format!(
            "<script>{script}</script><iframe width={width} height=800 style='border:0' src=page.html></iframe>"
        );
        std::fs::write(&frame, around).unwrap();
        let profile = format!("--user-data-dir={}", tmp.join(format!("profile-{width}")));
        let mut browser = Command::new("chromium");
        browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
        browser.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        browser.args(["--allow-file-access-from-files", "--virtual-time-budget=4000", "--enable-logging=stderr"]);
        browser.args([&profile, "--dump-dom", &format!("file://{frame}")]);
        let shown = run(&mut browser).expect(0);
        let wanted = format!("<title>width {width} overflow false closed false open true svg 3</title>");
        assert!(shown.stdout.contains(&wanted), "{}\n{}", shown.stdout, shown.stderr);
        assert!(!shown.stderr.contains("CONSOLE"), "{}", shown.stderr);
    }
}
