//! The known past of that history: the list of its defects, and why what is found beyond it is true.

/// The mistakes that people know: the rule, the place (a ref where the place is the ref itself), and the refs where it stands.
pub(super) struct Defect(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str);

/// The place of a finding about the judged tag or branch.
pub(super) const ITSELF: &str = "itself";

const SIBLING_LOCK: &str = "src/llama_stack_api/uv.lock:187";
const SIBLING_VERSION: &str = "src/llama_stack_api/uv.lock:188";
const CLIENT_TEST: &str = "tests/integration/client-typescript/package-lock.json:11";
const SINCE_0_4_4: &str = "v0.4.4 v0.4.5 v0.5.0 v0.5.0-dev v0.5.1 main release-0.4.x release-0.5.x";

/// The list of people, as far as one tree with its own tag or branch can show it. What it cannot show: how long a candidate
/// was tested and that a final had none; `v0.4.5-dev`, which was missing before the repository used such tags; fixes behind
/// the last final of a line, which every branch has between releases.
#[rustfmt::skip]
pub(super) const DEFECTS: &[Defect] = &[
    // Tagged with the version of the development before it.
    Defect("version-development-at-tag", "pyproject.toml:6", "v0.5.0"),
    Defect("version-development-at-tag", "src/llama_stack_api/pyproject.toml:93", "v0.5.0"),
    // The UI asks for a client that its lockfile does not know.
    Defect("npm-lock-range", "llama_stack/ui/package-lock.json:21", "v0.3.0 v0.3.1"),
    Defect("npm-lock-range", "src/llama_stack_ui/package-lock.json:25", "v0.4.4 v0.5.0"),
    Defect("npm-lock-root", "src/llama_stack_ui/package-lock.json:9", "v0.5.1"),
    // Main's pins disagree, and its locked client is of another series.
    Defect("pin-tables", "pyproject.toml:67", "v0.5.0-dev main"),
    Defect("uv-lock-series", "uv.lock:2399", "v0.5.0-dev"),
    Defect("uv-lock-series", "uv.lock:2394", "main"),
    // The lockfile records another pin of the client, and locks one that the pin excludes.
    Defect("uv-lock-stale", "uv.lock:2286", "v0.4.4 v0.4.5"),
    Defect("uv-lock-stale", "uv.lock:2332", "v0.5.0"),
    Defect("uv-lock-stale", "uv.lock:2334", "v0.5.1"),
    Defect("uv-lock-stale", "uv.lock:1892", "v0.3.0 v0.3.0rc1 v0.3.0rc2 v0.3.0rc4 v0.3.0rc5 v0.3.0rc6 v0.3.1rc1 v0.3.2rc2"),
    Defect("uv-lock-stale", "uv.lock:1891", "v0.3.1rc2 v0.3.1rc3"),
    Defect("uv-lock-stale", "uv.lock:1892", "v0.3.1-dev.20251022 v0.3.1-dev.20251023 v0.3.1-dev.20251024"),
    Defect("uv-lock-stale", "uv.lock:1892", "v0.3.1-dev.20251025 v0.3.1-dev.20251026 v0.3.1-dev.20251027"),
    Defect("uv-lock-excluded", "uv.lock:2353", "v0.4.4 v0.4.5"),
    Defect("uv-lock-excluded", "uv.lock:2399", "v0.5.0"),
    Defect("uv-lock-excluded", "uv.lock:2401", "v0.5.1"),
    Defect("uv-lock-excluded", "uv.lock:1999", "v0.3.0 v0.3.0rc1 v0.3.0rc2 v0.3.0rc4 v0.3.0rc5 v0.3.0rc6 v0.3.1rc1 v0.3.2rc2"),
    Defect("uv-lock-excluded", "uv.lock:1998", "v0.3.1rc2 v0.3.1rc3"),
    Defect("uv-lock-excluded", "uv.lock:1999", "v0.3.1-dev.20251022 v0.3.1-dev.20251023 v0.3.1-dev.20251024"),
    Defect("uv-lock-excluded", "uv.lock:1999", "v0.3.1-dev.20251025 v0.3.1-dev.20251026 v0.3.1-dev.20251027"),
    // Finals that are locked from the test index.
    Defect("uv-lock-index", "uv.lock:126", "v0.3.1 v0.3.2 v0.3.3"),
    Defect("uv-lock-index", "uv.lock:135", "v0.3.4 v0.3.5"),
    Defect("uv-lock-index", "uv.lock:16", "v0.4.0 v0.4.1 v0.4.2 v0.4.3"),
    // Pins that float, and what one of them was resolved to.
    Defect("pin-operator", "pyproject.toml:33", "v0.3.0rc1 v0.3.0rc2 v0.3.0rc4 v0.3.0rc5 v0.3.0rc6 v0.3.0"),
    Defect("pin-operator", "pyproject.toml:58", "v0.3.0rc1 v0.3.0rc2 v0.3.0rc4 v0.3.0rc5 v0.3.0rc6 v0.3.0"),
    Defect("pin-operator", "pyproject.toml:33", "v0.3.1rc1 v0.3.1rc2 v0.3.1rc3 v0.3.1rc4 v0.3.1rc5 v0.3.1"),
    Defect("pin-operator", "pyproject.toml:58", "v0.3.1rc1 v0.3.1rc2 v0.3.1rc3 v0.3.1rc4 v0.3.1rc5 v0.3.1"),
    Defect("pin-operator", "pyproject.toml:33", "v0.3.2rc2 v0.3.2rc3 v0.3.2 v0.3.3rc1 v0.3.3"),
    Defect("pin-operator", "pyproject.toml:58", "v0.3.2rc2 v0.3.2rc3 v0.3.2 v0.3.3rc1 v0.3.3"),
    Defect("pin-operator", "pyproject.toml:33", "v0.3.4rc1 v0.3.4rc2 v0.3.4rc3 v0.3.4 v0.3.5rc1"),
    Defect("pin-operator", "pyproject.toml:59", "v0.3.4rc1 v0.3.4rc2 v0.3.4rc3 v0.3.4 v0.3.5rc1"),
    Defect("uv-lock-series", "uv.lock:2009", "v0.3.5rc1"),
    // Candidates whose pins are not the candidate's.
    Defect("pin-version", "pyproject.toml:33", "v0.3.6rc1 release-0.3.x"),
    Defect("pin-version", "pyproject.toml:62", "v0.3.6rc1 release-0.3.x"),
    Defect("pin-version", "pyproject.toml:60", "v0.4.0rc3 v0.4.0rc4 v0.4.0rc5 v0.4.1rc1 v0.4.1rc2 v0.4.1rc3"),
    Defect("pin-version", "pyproject.toml:109", "v0.4.0rc3 v0.4.0rc4 v0.4.0rc5 v0.4.1rc1 v0.4.1rc2 v0.4.1rc3"),
    Defect("pin-version", "pyproject.toml:60", "v0.4.2rc1 v0.4.2rc2 v0.4.3rc1 v0.4.3rc2 v0.4.3rc3"),
    Defect("pin-version", "pyproject.toml:109", "v0.4.2rc1 v0.4.2rc2 v0.4.3rc1 v0.4.3rc2 v0.4.3rc3"),
    // From 0.4.0 on: the sibling without a specifier, the lockfile of its own that went stale, and that of a test.
    Defect("pin-sibling-unversioned", "pyproject.toml:34", "v0.4.0 v0.4.1rc1 v0.4.1rc2 v0.4.1rc3 v0.4.1"),
    Defect("pin-sibling-unversioned", "pyproject.toml:34", "v0.4.2rc1 v0.4.2rc2 v0.4.2 v0.4.3rc1 v0.4.3rc2 v0.4.3rc3 v0.4.3"),
    Defect("pin-sibling-unversioned", "pyproject.toml:37", SINCE_0_4_4),
    Defect("uv-lock-version", SIBLING_VERSION, "v0.4.0 v0.4.1rc1 v0.4.1rc2 v0.4.1rc3 v0.4.1"),
    Defect("uv-lock-version", SIBLING_VERSION, "v0.4.2rc1 v0.4.2rc2 v0.4.2 v0.4.3rc1 v0.4.3rc2 v0.4.3rc3 v0.4.3"),
    Defect("uv-lock-version", SIBLING_VERSION, SINCE_0_4_4),
    Defect("uv-lock-stale", SIBLING_LOCK, "v0.4.2rc1 v0.4.2rc2 v0.4.2 v0.4.3rc1 v0.4.3rc2 v0.4.3rc3 v0.4.3"),
    Defect("uv-lock-stale", SIBLING_LOCK, SINCE_0_4_4),
    Defect("npm-lock-range", CLIENT_TEST, "v0.4.0 v0.4.1rc1 v0.4.1rc2 v0.4.1rc3 v0.4.1"),
    Defect("npm-lock-range", CLIENT_TEST, "v0.4.2rc1 v0.4.2rc2 v0.4.2 v0.4.3rc1 v0.4.3rc2 v0.4.3rc3 v0.4.3"),
    Defect("npm-lock-range", CLIENT_TEST, SINCE_0_4_4),
    // Tags.
    Defect("tag-off-branch", ITSELF, "v0.3.0rc1 v0.3.0rc2 v0.3.0rc4 v0.3.0rc5 v0.3.1rc4 v0.4.0rc2"),
    Defect("tag-candidate-gap", ITSELF, "v0.3.0rc4 v0.3.2rc2 v0.4.0rc2"),
    Defect("version-spelling", "pyproject.toml:10", "v0.3.1-dev.20251022 v0.3.1-dev.20251023 v0.3.1-dev.20251024"),
    Defect("version-spelling", "pyproject.toml:10", "v0.3.1-dev.20251025 v0.3.1-dev.20251026 v0.3.1-dev.20251027"),
    Defect("tag-dev-misplaced", ITSELF, "v0.5.0-dev"),
    // `v0.5.1-dev` is missing on this very commit, and `v0.5.2-dev` on main.
    Defect("tag-dev-missing", "pyproject.toml:6", "v0.5.0-dev main"),
    // Branches.
    Defect("branch-end-of-life", ITSELF, "release-0.3.x"),
];

/// A revision, a rule, and the places where it finds something.
pub(super) struct Moment(pub(super) &'static str, pub(super) &'static str, pub(super) &'static [&'static str]);

/// The mistakes that stood on main for a while, where no tag or branch points today: its first commit, its last, and the ones beside them.
#[rustfmt::skip]
pub(super) const MOMENTS_OF_MAIN: &[Moment] = &[
    // Main says 0.4.0.dev0, and 0.4.0 to 0.4.3 are released.
    Moment("3c26189~1", "version-main-behind", &[]),
    Moment("3c26189", "version-main-behind", &["pyproject.toml:10", "src/llama_stack_api/pyproject.toml:10"]),
    Moment("d23477f~1", "version-main-behind", &["pyproject.toml:10", "src/llama_stack_api/pyproject.toml:10"]),
    Moment("d23477f", "version-main-behind", &[]),
    // The pins disagree, to this day.
    Moment("a9bae4f~1", "pin-tables", &[]),
    Moment("a9bae4f", "pin-tables", &["pyproject.toml:60"]),
    // The locked client is of another series, to this day.
    Moment("24c8faf~1", "uv-lock-series", &[]),
    Moment("24c8faf", "uv-lock-series", &["uv.lock:2399"]),
];

/// The reasons for which findings beyond the list are true.
pub(super) struct Why {
    pub(super) rule: &'static str,
    /// The beginning of the place.
    pub(super) place: &'static str,
    /// Refs, with `*` for any end.
    pub(super) refs: &'static [&'static str],
    pub(super) sentence: &'static str,
}

#[rustfmt::skip]
pub(super) const WHY: &[Why] = &[
    Why {
        rule: "npm-client-series",
        place: "llama_stack/ui/package.json",
        refs: &["v0.3.0rc*"],
        sentence: "the UI of the candidates of 0.3.0 still asks for `^0.2.23`, which admits no client of 0.3; the final \
            asks for `^0.3.0`; there that is a warning, as no client of 0.3 was out yet",
    },
    Why {
        rule: "npm-lock-excluded",
        place: "",
        refs: &["v0.3.0", "v0.3.1", "v0.4.4", "v0.5.0"],
        sentence: "the other half of the range that the lockfile does not know: it holds the client of the range before, \
            which the new one excludes; on the tag of the final itself that is a warning, as the client was not out \
            yet",
    },
    Why {
        rule: "npm-lock-range",
        place: "tests/integration/client-typescript/",
        refs: &["v0.4.0rc*"],
        sentence: "the same as from v0.4.0 on, in its candidates already: the lockfile records `llama-stack-client` as a \
            dependency, and `package.json` has none",
    },
    Why {
        rule: "pin-sibling-unversioned",
        place: "pyproject.toml",
        refs: &["v0.4.0rc*"],
        sentence: "the same as from v0.4.0 on, in its candidates already: `llama-stack-api` stands there without a version",
    },
    Why {
        rule: "tag-name",
        place: "",
        refs: &["v0.3.1-dev.*"],
        sentence: "the six nightly tags are named after a version that is not canonical: `0.3.1-dev.20251022` is \
            `0.3.1.dev20251022`, and no release or development tag is spelled like them",
    },
    Why {
        rule: "tag-dev-misplaced",
        place: "v0.5.0-dev",
        refs: &["main"],
        sentence: "the newest development tag, seen from main: it stands on the commit that sets 0.5.1.dev0, so that builds \
            of main sort below 0.5.0",
    },
    Why {
        rule: "uv-lock-version",
        place: "uv.lock",
        refs: &["v0.3.0*"],
        sentence: "`uv.lock` was not written again after the version was set: it records `llama-stack` 0.2.23, and the \
            manifest has the static version of the tag; that needs no client, so it is an error on the final too",
    },
    Why {
        rule: "uv-lock-version",
        place: "uv.lock",
        refs: &["v0.3.1-dev.*", "v0.3.1rc1", "v0.3.1rc2", "v0.3.1rc3", "v0.3.2rc2"],
        sentence: "`uv.lock` was not written again after the version was set: it records the version of the release or \
            candidate before",
    },
    Why {
        rule: "uv-lock-version",
        place: "src/llama_stack_api/uv.lock",
        refs: &["v0.4.0rc*"],
        sentence: "the same as from v0.4.0 on, in its candidates already: the lockfile of the sibling records 0.4.0.dev0, \
            and the manifest has the static version of the candidate",
    },
];
