//! The harness of rule tests: a tree in memory with what surrounds it, and what rules say of it.

use crate::baseline::{self, Baseline};
use crate::context::{Branch, Context, DevTag, NewestTag, ReadLocks, Role, TagNames, projects, workflows};
use crate::diagnostic::{Finding, Report};
use crate::level::{Level, Levels};
use crate::published::{Answer, NOT_ASKED, Published};
use crate::rule::{Check, Settings};
use crate::rules;
use crate::run::{Checked, run};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::TrackedFile;
use release_core::history::{History, Tag};
use release_core::monorepo::{
    CONFIG_FILE, Config, Snapshot, Tree, TreeError, discover_readable, elsewhere, replaced, unlisted,
};
use release_core::plan::preconditions::Divergence;
use release_core::registry::simple::Versioned;
use release_core::text::{SourceText, splice};
use release_core::version::Version;
use release_core::version::npm::read_version;
use semver::Version as NpmVersion;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The findings of a rule on a row of a table: none.
pub(crate) const SILENT: usize = 0;

/// The findings of a rule on a row of a table: one.
pub(crate) const FIRES: usize = 1;

/// The findings of a rule on a row of a table: two.
pub(crate) const FIRES_TWICE: usize = 2;

/// A tree in memory, and lines that say what surrounds it:
///
/// ```text
/// branch NAME [behind N] [ahead N]     judged as this branch; default `release-0.4.x`
/// other NAME [dynamic]                 there is such a branch; its versions come from setuptools-scm
/// tag NAME [here] [off-branch] [before-branch] [past] [passed] [nearest] [carries VERSION]      also a development tag, or one of no shape
/// audited SECONDS                      it is judged as of a tag that was made so long ago
/// published NAME [VERSION[:yanked | :no-wheel | :no-sdist]]... | absent | unknown     an index was asked, and says this
/// published-npm NAME [VERSION[:deprecated]]... | absent | unknown                     npm's registry says this
/// ```
///
/// A tag stands before the judged commit unless it is `here`; it is the newest of its line if it is the last that is named.
/// Default is `tag v0.4.4`. `past` says that the judged commit descends from it, `passed` that a newer minor was tagged later,
/// `nearest` that git describes the commit by it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    pub(crate) files: BTreeMap<Utf8PathBuf, String>,
    pub(crate) state: String,
}

impl Tree for Scene {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        let file = |path: &Utf8PathBuf| TrackedFile { path: path.clone(), id: String::new(), is_link: false };
        Ok(self.files.keys().map(file).filter(|file| file.is_one_of(names)).collect())
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        Ok(files.iter().map(|file| self.files[&file.path].clone().into_bytes()).collect())
    }
}

impl Scene {
    /// One package with a static version, and what surrounds it.
    pub(crate) fn of_version(version: &str, state: &str) -> Self {
        let text = format!("[project]\nname = 'meadow'\nversion = '{version}'\n");
        Self { files: [("pyproject.toml".into(), text)].into(), state: state.to_owned() }
    }

    /// Files, and what surrounds them.
    pub(crate) fn of_files<const N: usize>(files: [(&str, impl Into<String>); N], state: &str) -> Self {
        let files = files.into_iter().map(|(path, text)| (path.into(), text.into())).collect();
        Self { files, state: state.to_owned() }
    }

    /// One package at 0.4.5 whose version is setuptools-scm's, and that asks for `requirement`.
    pub(crate) fn of_requirement(version: &str, requirement: &str, state: &str) -> Self {
        let text = format!(
            "[project]\nname = 'meadow'\ndynamic = ['version']\ndependencies = ['{requirement}']\n[tool.setuptools_scm]\nfallback_version = '{version}'\n"
        );
        Self::of_files([("pyproject.toml", text)], state)
    }

    /// The same, with one more file.
    pub(crate) fn with(mut self, path: &str, text: impl Into<String>) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }

    /// The same, whose package of a static version asks for `requirement`.
    pub(crate) fn asking_for(mut self, requirement: &str) -> Self {
        self.files.values_mut().for_each(|text| text.push_str(&format!("dependencies = ['{requirement}']\n")));
        self
    }

    /// One package at 0.4.5, and a workflow.
    pub(crate) fn of_workflow(text: &str) -> Self {
        let mut scene = Self::of_version("0.4.5", "");
        scene.files.insert(".github/workflows/a.yml".into(), text.to_owned());
        scene
    }

    /// The scene of a part of a rule's documentation: its code blocks, and a block `state`.
    pub(super) fn of(documentation: &str, heading: &str) -> Option<Self> {
        let part = documentation.split_once(&format!("## {heading}\n"))?.1;
        let part = part.split("\n## ").next().unwrap();
        let mut scene = Self::default();
        let mut rest = part;
        while let Some((_, block)) = rest.split_once("```") {
            let (info, block) = block.split_once('\n').unwrap();
            let (text, after) = block.split_once("```").unwrap();
            rest = after;
            match info.split_once(' ') {
                Some((_, path)) => drop(scene.files.insert(path.into(), text.to_owned())),
                None if info == "state" => text.clone_into(&mut scene.state),
                None => panic!("a block needs a path: ```{info}"),
            }
        }
        Some(scene)
    }

    /// Returns the view of the rules.
    pub(crate) fn context(&self) -> Context {
        let config_path = Utf8Path::new(CONFIG_FILE);
        let config_source =
            self.files.get(config_path).map(|text| (config_path.to_owned(), SourceText::new(text.as_str())));
        let config =
            config_source.as_ref().map_or_else(Config::default, |(path, source)| Config::parse(path, source).unwrap());
        let baseline_path = Utf8Path::new(baseline::FILE_NAME);
        let baseline = self.files.get(baseline_path).map(|text| SourceText::new(text.as_str()));
        let baseline = baseline.map(|source| Baseline::parse(baseline_path, &source).unwrap());
        let mut tags = Vec::new();
        let (mut here, mut newest, mut past, mut passed) = (Vec::new(), None, false, false);
        let (mut published, mut audited): (Option<Published>, Option<i64>) = (None, None);
        let (mut tags_here, mut dev_tags, mut dynamic_branches) = (Vec::new(), Vec::new(), Vec::new());
        let mut nearest_tag = None;
        let mut branch = Branch { name: "release-0.4.x".to_owned(), role: Role::Main, divergence: None };
        let mut branches = vec!["main".to_owned()];
        let state =
            if self.state.contains("tag ") { self.state.clone() } else { format!("tag v0.4.4\n{}", self.state) };
        for line in state.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let after = |word: &str| words.iter().position(|other| *other == word).map(|at| words[at + 1]);
            match words[..] {
                ["branch", name, ..] => {
                    branch.name = name.to_owned();
                    let number = |word| after(word).map_or(0, |number| number.parse().unwrap());
                    let (ahead, behind) = (number("ahead"), number("behind"));
                    let upstream = format!("origin/{name}");
                    branch.divergence = Some(Divergence { branch: name.to_owned(), upstream, ahead, behind });
                }
                ["other", name] => branches.push(name.to_owned()),
                ["other", name, "dynamic"] => {
                    branches.push(name.to_owned());
                    dynamic_branches.push(name.to_owned());
                }
                ["tag", name, ..] => {
                    tags.push(Tag { name: name.to_owned(), commit: name.to_owned() });
                    let is_here = words.contains(&"here");
                    nearest_tag = words.contains(&"nearest").then(|| name.to_owned()).or(nearest_tag);
                    tags_here.extend(is_here.then(|| name.to_owned()));
                    if let Some(release) = config.tag.development(name) {
                        let version = after("carries").map_or(format!("{release}.dev0"), str::to_owned);
                        dev_tags.push(DevTag { name: name.to_owned(), release, is_here, version: Some(version) });
                    }
                    let Some(release) = config.tag.release(name) else { continue };
                    if is_here {
                        here.push(release);
                    }
                    past |= words.contains(&"past");
                    passed |= words.contains(&"passed");
                    let carries = after("carries").map_or(release.to_string(), str::to_owned);
                    newest = Some(NewestTag {
                        release,
                        name: name.to_owned(),
                        is_on_branch: Some(!words.contains(&"off-branch")),
                        is_before_branch: words.contains(&"before-branch"),
                        // The tree of a tag that is here is the scene's own.
                        versions: if is_here && after("carries").is_none() {
                            Vec::new()
                        } else {
                            vec![("pyproject.toml".into(), Some(carries))]
                        },
                    });
                }
                ["audited", seconds] => audited = Some(seconds.parse().unwrap()),
                ["published", name, ref said @ ..] => {
                    let versions = answer(said, |version| Version::parse(version).unwrap());
                    let asked = published.get_or_insert_default();
                    let registry = "https://index.example/simple".to_owned();
                    asked.python.insert(name.to_owned(), Answer { registry, versions: versions.map(python) });
                }
                ["published-npm", name, ref said @ ..] => {
                    let versions = answer(said, |version| read_version(version).unwrap());
                    let asked = published.get_or_insert_default();
                    let registry = "https://npm.example".to_owned();
                    asked.npm.insert(name.to_owned(), Answer { registry, versions: versions.map(npm) });
                }
                _ => panic!("not understood: {line}"),
            }
        }
        branch.role = config.branch.line(&branch.name).map_or(Role::Main, Role::Line);
        branches.push(branch.name.clone());
        branches.sort();
        branches.dedup();
        let history = History::new(&tags, &config.tag);
        let line = config.branch.line(&branch.name);
        let (monorepo, problems) = discover_readable(Snapshot::take(self, &config).unwrap(), &config, &history);
        let texts: BTreeMap<_, _> =
            self.files.iter().map(|(path, text)| (path.clone(), SourceText::new(text.as_str()))).collect();
        let (uv, npm) = projects(&texts, &monorepo, &ReadLocks::default());
        let elsewhere = elsewhere(self, &monorepo).unwrap();
        let unlisted = unlisted(self, &monorepo).unwrap();
        let replaced = replaced(self, &monorepo).unwrap();
        Context {
            refused: (problems, texts.clone()),
            config_source,
            baseline,
            elsewhere,
            unlisted,
            replaced,
            branches: branches.into(),
            tags: TagNames::new(tags.into_iter().map(|tag| tag.name)),
            here,
            tags_here,
            dev_tags,
            dynamic_branches,
            newest: newest.filter(|tag| Some(tag.release.line()) == line),
            is_past_own_tag: past,
            is_passed: passed,
            nearest_tag,
            uv,
            npm,
            workflows: workflows(&texts),
            audited,
            published: published.map(Arc::new).ok_or(NOT_ASKED.to_owned()),
            ..Context::new(monorepo, config, history, Ok(branch))
        }
    }

    /// Returns what a rule reports, alone and without levels and suppressions.
    pub(crate) fn report(&self, rule: &str) -> Report {
        report_on(rule, &self.context())
    }

    /// Returns the number of findings of a rule in a run of all rules.
    pub(crate) fn count(&self, rule: &str) -> usize {
        self.fires().iter().filter(|name| **name == rule).count()
    }

    /// Returns what a run of all rules finds.
    pub(crate) fn checked(&self) -> Checked {
        run(&self.context(), &Levels::default())
    }

    /// Returns the levels of a rule's findings in a run of all rules.
    pub(crate) fn levels(&self, rule: &str) -> Vec<Level> {
        let checked = self.checked();
        checked.diagnostics.iter().filter(|found| found.rule == rule).map(|found| found.level).collect()
    }

    /// Returns the level of a rule's first finding in a run of all rules.
    pub(crate) fn level(&self, rule: &str) -> Option<Level> {
        self.levels(rule).first().copied()
    }

    /// Returns for each finding of a rule the requirement of the package when its fix is made; `None` for one without a fix.
    pub(crate) fn mended(&self, rule: &str) -> Vec<Option<String>> {
        let text = &self.files[Utf8Path::new("pyproject.toml")];
        let mended = |finding: &Finding| {
            let edits: Vec<_> = finding.fix.as_ref()?.edits.iter().map(|(_, edit)| edit.clone()).collect();
            Some(splice(text, &edits).unwrap().split('\'').nth(5).unwrap().to_owned())
        };
        self.report(rule).findings.iter().map(mended).collect()
    }

    /// Tells if a rule finds something in a run of all rules.
    pub(crate) fn breaks(&self, rule: &str) -> bool {
        self.count(rule) > 0
    }

    /// The names of the rules that fire, in the order of the findings.
    pub(crate) fn fires(&self) -> Vec<&'static str> {
        self.checked().diagnostics.iter().map(|diagnostic| diagnostic.rule).collect()
    }
}

/// Returns the answer of a registry, from the words of a scene: each version with what stands behind its colon.
fn answer<V>(said: &[&str], read: impl Fn(&str) -> V) -> Result<Vec<(V, String)>, String> {
    let version = |word: &&str| {
        let (version, note) = word.split_once(':').unwrap_or((word, ""));
        (read(version), note.to_owned())
    };
    match said {
        ["absent"] => Ok(Vec::new()),
        ["unknown"] => Err("the registry does not answer".to_owned()),
        versions => Ok(versions.iter().map(version).collect()),
    }
}

fn python(versions: Vec<(Version, String)>) -> BTreeMap<Version, Versioned> {
    let noted = |(version, note): (Version, String)| {
        let lacks = match note.as_str() {
            "no-wheel" => Some("the wheel"),
            "no-sdist" => Some("the source distribution"),
            _ => None,
        };
        (version, Versioned { yanked: (note == "yanked").then(|| "broken".to_owned()), lacks })
    };
    versions.into_iter().map(noted).collect()
}

fn npm(versions: Vec<(NpmVersion, String)>) -> BTreeMap<NpmVersion, Option<String>> {
    let noted = |(version, note): (NpmVersion, String)| (version, (note == "deprecated").then(|| "broken".to_owned()));
    versions.into_iter().map(noted).collect()
}

/// Returns what a rule reports of a tree, alone and without levels and suppressions.
pub(crate) fn report_on(rule: &str, context: &Context) -> Report {
    let (mut report, rules, levels) = (Report::default(), rules::all(), Levels::default());
    match rules::rule(rule).unwrap().check {
        Check::Tree(check) => check(context, &mut report),
        Check::Settings(check) => {
            let settings = Settings { context, rules: &rules, levels: &levels, skipped: &[], unused: &[], stale: &[] };
            check(&settings, &mut report);
        }
        Check::Past(_) => panic!("{rule} looks at the past"),
    }
    report
}
