//! The page, as a browser has it.

use super::past::{TESTED, made};
use super::without_ages;
use crate::support::{directory, git, release, run, works};
use camino::Utf8Path;
use std::process::Command;

/// A branch and a subject that would be markup.
const BEYOND: &str = "
    4 tag <img/src=x/onerror=alert(1)>&\"' main
    5 source release-0.4.x fix: <script>alert(2)</script>
";

fn past() -> String {
    format!("{TESTED}{BEYOND}")
}

fn page(checkout: &Utf8Path) -> String {
    let run = release(checkout, &["audit", "--output-format", "html"]);
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    run.stdout
}

#[test]
fn the_page_is_the_same_again_needs_nothing_else_and_takes_nothing_foreign_for_markup() {
    let made = made(&past());
    let html = page(&made.root);
    assert_eq!(without_ages(&html), without_ages(&page(&made.root)));
    for markup in ["<img", "<script", "onload=", "http:", "https:", "url(", "@import", "src="] {
        let html = html.replace("&lt;img/src=", "");
        assert!(!html.contains(markup), "{markup}");
    }
    assert!(html.contains("&lt;img/src=x/onerror=alert(1)&gt;&amp;&quot;&#39;"));
    assert!(html.contains("&lt;script&gt;alert(2)&lt;/script&gt;"));
}

#[test]
fn the_page_says_what_was_audited_and_shows_the_source_of_a_finding() {
    let made = made(&format!("{} 6 commit release-0.4.x 0.4.0rc1 chore: a slip\n 7 tag v0.4.1 release-0.4.x", past()));
    let run = release(&made.root, &["audit", "--output-format", "html", "--tags", "v0.4.1", "--ignore", "tag-gap"]);
    let html = run.stdout;
    let main = git(&made.root, &["rev-parse", "--short=9", "main"]);
    for part in [
        &format!("Release audit of <bdi>{}</bdi>", made.root.file_name().unwrap()),
        &format!("<bdi>main</bdi> at <code>{}</code> of 2025-01-01; 1 of 4 tags", main.trim()),
        "<code>--tags v0.4.1</code> <code>--ignore tag-gap</code>",
        "<code class=\"place\">pyproject.toml:3</code>",
        "<span class=\"line\">3</span> version = <mark>",
        "id=\"rule-version-tag-mismatch\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
}

/// The findings of a browser, written into the title by a script that the test adds.
const PROBE: &str = "<script>addEventListener('load', () => {
    const all = selector => [...document.querySelectorAll(selector)];
    const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
    const details = document.querySelector('#findings ~ details'), inside = details.querySelector('.inside');
    const closed = inside.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true});
    details.querySelector('summary').click();
    const open = inside.checkVisibility();
    const ids = all('[id]').map(element => element.id);
    const lost = all('a').filter(a => !ids.includes(a.getAttribute('href').slice(1)));
    const levels = all('h1, h2, h3, h4').map(heading => +heading.tagName[1]);
    const jumps = levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1);
    const boxes = all('.scroll > svg').flatMap(svg => [...svg.querySelectorAll('text')].map(text => {
        const { left, right, top, bottom } = text.getBoundingClientRect(), around = svg.getBoundingClientRect();
        return { svg, left, right, top: top + 2, bottom: bottom - 2, out: left < around.left || right > around.right };
    }));
    const over = boxes.filter((a, at) => a.out || boxes.slice(at + 1).some(b => a.svg === b.svg
        && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
    const link = document.querySelector('svg a'), target = document.getElementById(link.getAttribute('href').slice(1));
    link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, view: window }));
    setTimeout(() => { document.title = `width ${innerWidth} overflow ${wide} closed ${closed} open ${details.open && open}`
        + ` svg ${all('svg a').length} lost ${lost.length} twice ${ids.length - new Set(ids).size}`
        + ` jumps ${jumps.length} labels ${over.length} linked ${target.checkVisibility()}`; document.body.replaceChildren(); }, 100);
})</script>";

/// Tags that lie minutes apart, names without end, of other scripts, and two lines.
const CROWD: &str = "
    0 commit main 0.4.0.dev0 feat: begin
    1 branch release-0.4.x main
    1 commit release-0.4.x 0.4.0 chore: 0.4.0
    2 tag v0.4.0rc1 release-0.4.x
    2.001 tag v0.4.0rc2 release-0.4.x
    2.002 tag v0.4.0rc3 release-0.4.x
    2.003 tag v0.4.0 release-0.4.x
    2.004 tag v0.4.1 release-0.4.x
    2.005 tag v0.4.2 release-0.4.x
    2.006 tag v0.4.123456789 release-0.4.x
    3 commit main 0.5.0.dev0 chore: begin
    3.01 commit main 0.5.1.dev0 chore: begin
    3.02 commit main 0.5.2.dev0 chore: begin
    3.03 tag v0.5.2-dev main
    3.04 tag שלום-🚀 main
    3.04 tag a-tag-whose-name-has-no-end-and-then-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on main
    90 tag v0.6.0 main
    90.5 source release-0.4.x fix: a_very_long_word_without_a_place_at_which_it_could_be_broken_into_lines_of_a_page
";

/// Opens the page in a browser, in a frame of some width, and answers the title that the probe made.
fn probed(history: &str, width: u32) -> Option<String> {
    if !works(Command::new("chromium").arg("--version"), "looking at the page") {
        return None;
    }
    let made = made(history);
    let (_kept, tmp) = directory();
    // A window of a headless browser is 500 pixels wide at least, a frame may be as narrow as a phone.
    std::fs::write(tmp.join("page.html"), page(&made.root).replace("</head>", &format!("{PROBE}</head>"))).unwrap();
    let frame = tmp.join("frame.html");
    let script = "addEventListener('load', () => setTimeout(() => {
        document.title = document.querySelector('iframe').contentDocument.title;
        document.querySelector('iframe').remove(); }, 500))";
    let around =
        format!("<script>{script}</script><iframe width={width} height=800 style='border:0' src=page.html></iframe>");
    std::fs::write(&frame, around).unwrap();
    let mut browser = Command::new("chromium");
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    browser.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    browser.args(["--allow-file-access-from-files", "--virtual-time-budget=4000", "--enable-logging=stderr"]);
    browser.args([&format!("--user-data-dir={}", tmp.join("profile")), "--dump-dom", &format!("file://{frame}")]);
    let shown = run(&mut browser).expect(0);
    assert!(!shown.stderr.contains("CONSOLE"), "{}", shown.stderr);
    let title = shown.stdout.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
    Some(title.unwrap_or(&shown.stdout).to_owned())
}

#[test]
fn a_browser_opens_details_follows_every_link_and_scrolls_nothing_sideways() {
    let past = past();
    for (history, width, marks) in [(&*past, 360, 3), (&past, 1280, 3), (CROWD, 360, 11), (CROWD, 1280, 11)] {
        let Some(title) = probed(history, width) else { return };
        let wanted = format!(
            "width {width} overflow false closed false open true svg {marks} lost 0 twice 0 jumps 0 labels 0 linked true"
        );
        assert_eq!(title, wanted);
    }
}
