//! The rules at each tag, as of its own date.

use super::Observed;
use camino::Utf8PathBuf;
use release_checks::context::{Branch, Context, DevTag, NewestTag, Role, projects};
use release_checks::level::Levels;
use release_checks::parallel::in_parallel;
use release_checks::render::stand_in;
use release_checks::run::{self, Checked};
use release_core::calendar::Day;
use release_core::git::{Blobs, TrackedFile};
use release_core::history::{History, Refs};
use release_core::monorepo::{
    Config, MOST_BYTES, Manifest, Monorepo, Snapshot, SnapshotError, Tree, TreeError, discover,
};
use release_core::problem::Problem;
use release_core::text::{SourceText, Span};
use release_core::timeline::{DatedTag, Tagged, Timeline};
use release_core::version::Release;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The files that rules read, as patterns for git.
const FILES: [&str; 4] =
    [":(glob)**/pyproject.toml", ":(glob)**/package.json", ":(glob)**/uv.lock", ":(glob)**/package-lock.json"];

/// How many tags are listed at once.
const MOST_TAGS: usize = 5_000;

/// How many bytes of files are held at once: lockfiles are large, and a long past has many.
const MOST_HELD: u64 = 96 << 20;

/// What was found at a tag.
pub(crate) struct Audited {
    pub(crate) tag: DatedTag,
    /// The branch that its tree was judged as.
    pub(crate) branch: Option<String>,
    /// The findings, or what makes the tree unfit to be checked.
    pub(crate) checked: Result<Checked, Vec<Problem>>,
    /// The texts that findings point into.
    pub(crate) sources: BTreeMap<Utf8PathBuf, SourceText>,
    /// What stands for the tree, where a finding has no file.
    pub(crate) stand_in: Option<(Utf8PathBuf, Span)>,
}

/// The moment at which a day begins, in UTC.
pub(super) fn day(text: &str) -> Result<i64, Problem> {
    let wrong = || Problem::new(format!("`{text}` is not a day"), "write it as YYYY-MM-DD, such as 2026-01-31");
    Day::parse(text).map(Day::start).ok_or_else(wrong)
}

/// The tags that are audited, the oldest first.
pub(super) fn choose<'a>(observed: &'a Observed<'_>, glob: Option<&str>, since: Option<i64>) -> Vec<&'a DatedTag> {
    let is_chosen = |tag: &&DatedTag| {
        glob.is_none_or(|glob| matches(glob.as_bytes(), tag.name.as_bytes()))
            && since.is_none_or(|since| tag.time >= since)
    };
    observed.timeline.tags.iter().filter(is_chosen).collect()
}

/// Whether a name matches a pattern, in which `*` stands for any text and `?` for one byte.
fn matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut at, mut in_name) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match glob.get(at) {
            Some(b'*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            // The last star takes one byte more.
            _ => match &mut star {
                Some((star_at, taken)) => {
                    *taken += 1;
                    (at, in_name) = (*star_at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    glob[at..].iter().all(|byte| *byte == b'*')
}

/// The tree of a tag, its files read already.
struct TagTree<'a> {
    files: &'a [TrackedFile],
    blobs: &'a Blobs,
    /// The sizes of all files, those among them that were too large to be read.
    sizes: &'a HashMap<&'a str, u64>,
}

impl TagTree<'_> {
    /// A file that was not read for its size. Without it the tree would pass for one that lacks the file.
    fn too_large(&self) -> Option<TreeError> {
        self.files.iter().filter(|file| !file.is_link).find_map(|file| {
            let bytes = self.sizes.get(file.id.as_str()).copied().filter(|bytes| *bytes > MOST_BYTES)?;
            Some(TreeError::TooLarge { path: file.path.clone(), bytes })
        })
    }
}

impl Tree for TagTree<'_> {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        let is_wanted =
            |file: &&TrackedFile| !file.is_link && file.path.file_name().is_some_and(|name| names.contains(&name));
        Ok(self.files.iter().filter(is_wanted).cloned().collect())
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        Ok(files.iter().map(|file| self.blobs.get(&file.id).unwrap_or_default().to_vec()).collect())
    }
}

/// What holds for all tags.
struct Scene<'a> {
    config: &'a Config,
    timeline: &'a Timeline,
    refs: &'a Refs,
    releases: Vec<Tagged>,
    /// The ids of their commits, in their order.
    ids: Arc<[String]>,
    /// The tags that are no releases, or that an accepted finding names: all that rules ask for by name. Every other name
    /// at every tag would make a long past quadratic.
    loose: Vec<&'a DatedTag>,
    /// Every tag by its commit.
    by_commit: HashMap<&'a str, Vec<&'a DatedTag>>,
    /// What each branch reaches.
    reach: BTreeMap<&'a str, Vec<bool>>,
    /// The version of the first package at development tags.
    dev_versions: HashMap<String, Option<String>>,
}

/// Runs the rules at every chosen tag.
pub(super) fn audit(observed: &Observed<'_>, chosen: &[&DatedTag], levels: &Levels) -> anyhow::Result<Vec<Audited>> {
    let graph = &observed.timeline.graph;
    let reach = observed.timeline.branches.iter().map(|(name, tip)| (name.as_str(), graph.reachable(tip))).collect();
    let releases = observed.timeline.releases();
    let is_loose = |tag: &&DatedTag| {
        let is_named = |path: &str| path == tag.name;
        observed.config.tag.release(&tag.name).is_none()
            || observed
                .config
                .ignores
                .iter()
                .filter_map(|ignore| ignore.path.as_ref())
                .any(|p| is_named(p.value.as_str()))
    };
    let mut by_commit: HashMap<&str, Vec<&DatedTag>> = HashMap::new();
    for tag in &observed.timeline.tags {
        by_commit.entry(&tag.commit).or_default().push(tag);
    }
    let scene = Scene {
        config: &observed.config,
        timeline: &observed.timeline,
        refs: &observed.refs,
        ids: releases.iter().map(|tagged| tagged.tag.commit.clone()).collect(),
        releases,
        loose: observed.timeline.tags.iter().filter(is_loose).collect(),
        by_commit,
        reach,
        dev_versions: dev_versions(observed)?,
    };
    let git = &observed.repository.git;
    let mut audited = Vec::with_capacity(chosen.len());
    for tags in chosen.chunks(MOST_TAGS) {
        let trees: Vec<&str> = tags.iter().map(|tag| observed.trees.get(&tag.commit).map_or("", |t| t)).collect();
        let listings = git.listings(&trees, &FILES)?;
        let ids: BTreeSet<&str> =
            listings.iter().flatten().filter(|file| !file.is_link).map(|file| &*file.id).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let sizes: HashMap<&str, u64> = ids.iter().copied().zip(git.sizes(&ids)?).collect();
        let work: Vec<(&DatedTag, &Vec<TrackedFile>)> = tags.iter().copied().zip(&listings).collect();
        for work in portions(&work, &sizes) {
            let files = work.iter().flat_map(|(_, files)| files.iter()).filter(|file| !file.is_link);
            let ids: BTreeSet<&str> = files.map(|file| &*file.id).filter(|id| is_fit(&sizes, id)).collect();
            let blobs = git.blobs(&ids.into_iter().collect::<Vec<_>>())?;
            let tree = |files| TagTree { files, blobs: &blobs, sizes: &sizes };
            audited.extend(in_parallel(work, |(tag, files)| one(&scene, tag, &tree(files), levels)));
        }
    }
    Ok(audited)
}

/// Tags with the files in their trees, in runs whose files can be held at once; a tag alone where even its own cannot.
fn portions<'w, T>(
    work: &'w [(T, &'w Vec<TrackedFile>)],
    sizes: &HashMap<&str, u64>,
) -> Vec<&'w [(T, &'w Vec<TrackedFile>)]> {
    let (mut found, mut begin, mut bytes) = (Vec::new(), 0, 0);
    let mut held: BTreeSet<&str> = BTreeSet::new();
    for (place, (_, files)) in work.iter().enumerate() {
        let is_read = |id: &&str| is_fit(sizes, id);
        let new = |held: &BTreeSet<&str>| -> u64 {
            let ids: BTreeSet<&str> = files.iter().map(|file| file.id.as_str()).filter(is_read).collect();
            ids.difference(held).filter_map(|id| sizes.get(id)).sum()
        };
        if place > begin && bytes + new(&held) > MOST_HELD {
            found.push(&work[begin..place]);
            (begin, bytes) = (place, 0);
            held.clear();
        }
        bytes += new(&held);
        held.extend(files.iter().map(|file| file.id.as_str()));
    }
    found.push(&work[begin..]);
    found
}

/// Whether a file is read at all.
fn is_fit(sizes: &HashMap<&str, u64>, id: &str) -> bool {
    sizes.get(id).is_some_and(|size| *size <= MOST_BYTES)
}

/// The versions of the first package at the development tags.
fn dev_versions(observed: &Observed<'_>) -> anyhow::Result<HashMap<String, Option<String>>> {
    let tags = observed.timeline.development_tags();
    let names: Vec<String> = tags.iter().map(|(_, tag)| format!("{}:{}", tag.commit, observed.first)).collect();
    let found = observed.repository.git.objects(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let versions = found.into_iter().map(|object| Manifest::from_bytes(object?.content)?.current_version());
    Ok(tags.iter().map(|(_, tag)| tag.name.clone()).zip(versions).collect())
}

fn one(scene: &Scene<'_>, tag: &DatedTag, tree: &TagTree<'_>, levels: &Levels) -> Audited {
    let config = scene.config;
    let unfit = |problems: Vec<Problem>| Audited {
        tag: tag.clone(),
        branch: None,
        checked: Err(problems),
        sources: texts(tree),
        stand_in: None,
    };
    let history = scene.history_at(tag);
    if let Some(error) = tree.too_large() {
        return unfit(vec![Problem::new(error.to_string(), "")]);
    }
    let snapshot = match Snapshot::take(tree, config) {
        Ok(snapshot) => snapshot,
        Err(SnapshotError::NotText(problems)) => return unfit(problems),
        Err(SnapshotError::Tree(error)) => return unfit(vec![Problem::new(error.to_string(), "")]),
    };
    let monorepo = match discover(snapshot, config, &history) {
        Ok(monorepo) => monorepo,
        Err(problems) => return unfit(problems),
    };
    let texts = texts(tree);
    let (uv, npm) = projects(&texts, &monorepo);
    let context = scene.context(tag, monorepo, history, uv, npm);
    let checked = run::run(&context, levels);
    let accepted = checked.accepted.iter().map(|accepted| &accepted.diagnostic);
    let found = || checked.diagnostics.iter().chain(accepted.clone()).map(|diagnostic| &diagnostic.finding);
    let labels = found().flat_map(|finding| &finding.problem.labels);
    // A long past has many trees, and the text of one is held only where it is shown.
    let is_needed = found().any(|finding| finding.place().is_none());
    let stand_in = stand_in(&context).filter(|_| is_needed).map(|(path, span)| (path.to_owned(), span));
    let paths = labels.map(|label| &label.path).chain(stand_in.iter().map(|(path, _)| path));
    let sources = paths.filter_map(|path| Some((path.clone(), context.source(path)?.clone()))).collect();
    let branch = context.branch.as_ref().ok().map(|branch| branch.name.clone());
    Audited { tag: tag.clone(), branch, checked: Ok(checked), sources, stand_in }
}

fn texts(tree: &TagTree<'_>) -> BTreeMap<Utf8PathBuf, SourceText> {
    let text = |file: &TrackedFile| {
        let bytes = tree.blobs.get(&file.id)?.to_vec();
        Some((file.path.clone(), SourceText::from_bytes(bytes).ok()?))
    };
    tree.files.iter().filter(|file| !file.is_link).filter_map(text).collect()
}

impl Scene<'_> {
    /// What was released at the moment of a tag, and what stands on its commit, whenever that was tagged.
    fn history_at(&self, tag: &DatedTag) -> History {
        let was_there = |tagged: &Tagged| tagged.tag.time <= tag.time || tagged.tag.commit == tag.commit;
        let then = self.releases.iter().enumerate().filter(|(_, tagged)| was_there(tagged));
        History::of(then.map(|(place, tagged)| (tagged.release, place)).collect(), Arc::clone(&self.ids))
    }

    /// The branch that a tag is judged as: of its release, else the nearest.
    fn branch(&self, tag: &DatedTag, here: &[Release]) -> Result<Branch, String> {
        let config = self.config;
        let branch = |name: String| {
            let role = config.branch.line(&name).map_or(Role::Main, Role::Line);
            Branch { name, role, divergence: None }
        };
        if let Some(release) = here.last() {
            return Ok(branch(config.branch.branch(release.line())));
        }
        let graph = &self.timeline.graph;
        let own = graph.reachable(&tag.commit);
        let lacking = |reach: &[bool]| own.iter().zip(reach).filter(|(own, theirs)| **own && !**theirs).count();
        let nearest = self.timeline.branches.iter().enumerate().min_by_key(|(place, (name, _))| {
            (self.reach.get(name.as_str()).map_or(usize::MAX, |reach| lacking(reach)), *place)
        });
        match nearest {
            Some((_, (name, _))) => Ok(branch(name.clone())),
            None => Err(format!("there is neither {} nor the branch of a line", config.main)),
        }
    }

    fn context(
        &self,
        tag: &DatedTag,
        monorepo: Monorepo,
        history: History,
        uv: Vec<release_checks::context::UvProject>,
        npm: Vec<release_checks::context::NpmProject>,
    ) -> Context {
        let Self { config, timeline, refs, by_commit, .. } = self;
        let graph = &timeline.graph;
        let was_there = |other: &&DatedTag| other.time <= tag.time || other.commit == tag.commit;
        let on_commit = by_commit.get(tag.commit.as_str()).map_or(&[][..], Vec::as_slice);
        let is_elsewhere = |other: &&DatedTag| other.commit != tag.commit;
        let loose = self.loose.iter().copied().filter(was_there).filter(is_elsewhere);
        let mut tags: Vec<&DatedTag> = loose.chain(on_commit.iter().copied()).collect();
        tags.sort_by_key(|tag| tag.time);
        let mut here: Vec<Release> = on_commit.iter().filter_map(|tag| config.tag.release(&tag.name)).collect();
        here.sort_unstable();
        let branch = self.branch(tag, &here);
        let line = match &branch {
            Ok(Branch { role: Role::Line(line), .. }) => Some(*line),
            _ => None,
        };
        let newest = line.zip(branch.as_ref().ok()).and_then(|(line, branch)| {
            let of_line = || history.releases().filter(|release| release.line() == line);
            let is_here = |release: &Release| history.commit(*release) == Some(&tag.commit);
            let release = of_line().rfind(is_here).or_else(|| of_line().next_back())?;
            let commit = history.commit(release)?;
            let is_on_branch = self.reach.get(branch.name.as_str()).map(|reach| graph.holds(reach, commit));
            let versions = match commit == tag.commit {
                true => {
                    let version = |package: &release_core::monorepo::Package| {
                        let version = monorepo.manifest(package).and_then(Manifest::current_version);
                        (package.path.clone(), version)
                    };
                    monorepo.packages.iter().map(version).collect()
                }
                // Another commit's tag is judged with its own tree.
                false => Vec::new(),
            };
            Some(NewestTag { release, name: config.tag.tag(release), is_on_branch, versions })
        });
        let mut dev_tags: Vec<DevTag> = tags
            .iter()
            .filter_map(|other| {
                let release = config.tag.development(&other.name)?;
                let version = self.dev_versions.get(&other.name).cloned().flatten();
                Some(DevTag { name: other.name.clone(), release, is_here: other.commit == tag.commit, version })
            })
            .collect();
        dev_tags.sort_by_key(|tag| tag.release);
        let mut context = Context {
            monorepo,
            config: (*config).clone(),
            config_source: None,
            baseline: None,
            branch,
            branches: refs.branch_names(),
            tags: tags.iter().map(|tag| tag.name.clone()).collect(),
            here,
            tags_here: on_commit.iter().map(|tag| tag.name.clone()).collect(),
            newest,
            dev_tags,
            dynamic_branches: Vec::new(),
            is_past_own_tag: false,
            blind: None,
            uv,
            npm,
            // A release runs the workflows of main, as they stand today: `check` judges those.
            workflows: Vec::new(),
            published: Err(release_checks::context::NOT_ASKED.to_owned()),
            history,
        };
        let own = context.release().and_then(|own| context.history.commit(own));
        let own = own.filter(|own| **own != tag.commit).map(str::to_owned);
        context.is_past_own_tag = own.is_some_and(|own| graph.holds(&graph.reachable(&tag.commit), &own));
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_patterns_as_in_a_shell() {
        for (glob, name, is) in [
            ("*", "", true),
            ("v0.4.*", "v0.4.5", true),
            ("v0.4.*", "v0.40.5", false),
            ("v?.4.*rc*", "v0.4.5rc12", true),
            ("*-dev", "v0.5.0-dev", true),
            ("v0.5.0", "v0.5.0-dev", false),
            ("*a*b", "aXbXab", true),
            ("*a*b", "aXbXa", false),
            ("", "v", false),
        ] {
            assert_eq!(matches(glob.as_bytes(), name.as_bytes()), is, "{glob} {name}");
        }
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        for text in ["1970-01-01", "2000-02-29", "2026-01-31", "2025-12-31"] {
            assert_eq!(release_checks::past::day(day(text).unwrap()), text);
        }
        for text in ["2026-02-30", "2026-13-01", "2026-1-1", "yesterday", "", "2026-01-01T00", "٢٠٢٦-01-01"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
