//! The rules at each tag, as of its own date.

use super::adopted;
use super::dev_tags::DevTags;
use super::observed::{Audited, FILES, Observed};
use crate::checkout::found;
use crate::commands::check::around::or_unread;
use crate::commands::check::judge::BESIDE;
use camino::Utf8PathBuf;
use release_checks::context::{Branch, Context, NewestTag, ReadLocks, Role, TagNames, projects};
use release_checks::level::Levels;
use release_checks::parallel::in_parallel;
use release_checks::pattern::Pattern;
use release_checks::published::Asked;
use release_checks::render::stand_in;
use release_checks::run;
use release_core::git::{Blobs, Lacking, TrackedFile};
use release_core::history::History;
use release_core::history::{DatedTag, Home, Nearest, Reached, Tagged, Timeline};
use release_core::monorepo::{Config, MOST_BYTES, Manifest, Package, SiteKind, Tree, TreeError, elsewhere, sites};
use release_core::problem::Problem;
use release_core::text::SourceText;
use release_core::version::{Line, Release};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The number of tags that are listed at once.
const MOST_TAGS: usize = 5_000;

/// The bytes of files that are held at once: lockfiles are large, and a long past has many.
const MOST_HELD: u64 = 96 << 20;

/// The tags that are audited, the oldest first.
pub(super) fn choose<'a>(observed: &'a Observed<'_>, glob: Option<&str>, since: Option<i64>) -> Vec<&'a DatedTag> {
    let pattern = glob.map(Pattern::new);
    let is_chosen = |tag: &&DatedTag| {
        pattern.as_ref().is_none_or(|pattern| pattern.matches(&tag.name)) && since.is_none_or(|since| tag.time >= since)
    };
    observed.timeline.tags.iter().filter(is_chosen).collect()
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
        let is_wanted = |file: &&TrackedFile| !file.is_link && file.is_one_of(names);
        Ok(self.files.iter().filter(is_wanted).cloned().collect())
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        Ok(files.iter().map(|file| self.blobs.get(&file.id).unwrap_or_default().to_vec()).collect())
    }
}

/// Everything that holds for all tags. What a tag is given is looked up here: making it anew at every tag would make a long past
/// quadratic.
struct Scene<'a> {
    config: &'a Config,
    timeline: &'a Timeline,
    history: History,
    names: TagNames,
    /// Every tag by its commit.
    by_commit: HashMap<&'a str, Vec<&'a DatedTag>>,
    /// The releases of each line that its branch has.
    on_branch: BTreeMap<Line, Reached>,
    /// The time of the first commit that the branch of a line has alone, of lines with a tag that their branch lacks.
    begun: BTreeMap<Line, i64>,
    /// The nightlies that main has.
    on_main: Reached,
    nearest: Nearest,
    dev_tags: DevTags<'a>,
    /// The reason why files of the development tags were not looked at.
    unread: Option<String>,
    locks: ReadLocks,
    published: &'a Asked,
}

/// Runs the rules at every chosen tag.
pub(super) fn audit(
    observed: &Observed<'_>,
    chosen: &[&DatedTag],
    levels: &Levels,
    published: &Asked,
) -> anyhow::Result<Vec<Audited>> {
    let scene = Scene::of(observed, published)?;
    let git = &observed.repository.git;
    let mut unread: HashMap<&str, Problem> = HashMap::new();
    let mut audited = Vec::with_capacity(chosen.len());
    for tags in chosen.chunks(MOST_TAGS) {
        let trees: Vec<&str> = tags.iter().map(|tag| observed.trees.get(&tag.commit).map_or("", |t| t)).collect();
        let listings = git.listings(&trees, &FILES)?;
        let ids: BTreeSet<&str> =
            listings.iter().flatten().filter(|file| !file.is_link).map(|file| &*file.id).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let lacking: BTreeSet<String> = git.obtain(&ids)?.into_iter().collect();
        let ids: Vec<&str> = ids.into_iter().filter(|id| !lacking.contains(*id)).collect();
        let sizes: HashMap<&str, u64> = ids.iter().copied().zip(git.sizes(&ids)?).collect();
        let work: Vec<(&DatedTag, &Vec<TrackedFile>)> = tags.iter().copied().zip(&listings).collect();
        for (tag, files) in &work {
            let lacks = files.iter().filter(|file| lacking.contains(&file.id));
            let lacks: Vec<String> = lacks.map(|file| format!("{} at {}", file.path, tag.name)).collect();
            if !lacks.is_empty() {
                unread.insert(&tag.name, Problem::new(git.lack(&lacks).message(), Lacking::help()));
            }
        }
        for work in portions(&work, &sizes) {
            let files = work.iter().flat_map(|(_, files)| files.iter()).filter(|file| !file.is_link);
            let ids: BTreeSet<&str> = files.map(|file| &*file.id).filter(|id| is_fit(&sizes, id)).collect();
            let blobs = git.blobs(&ids.into_iter().collect::<Vec<_>>())?;
            let tree = |files| TagTree { files, blobs: &blobs, sizes: &sizes };
            audited.extend(in_parallel(work, |(tag, files)| {
                one(&scene, tag, &tree(files), unread.get(&*tag.name), levels)
            }));
        }
    }
    adopted::soften(&mut audited, observed.config);
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

/// Tells if a file is read at all.
fn is_fit(sizes: &HashMap<&str, u64>, id: &str) -> bool {
    sizes.get(id).is_some_and(|size| *size <= MOST_BYTES)
}

fn one(scene: &Scene<'_>, tag: &DatedTag, tree: &TagTree<'_>, unread: Option<&Problem>, levels: &Levels) -> Audited {
    let config = scene.config;
    let unfit = |problems: Vec<Problem>| Audited {
        tag: tag.clone(),
        branch: None,
        checked: Err(problems),
        pins_clients: false,
        sources: texts(tree),
        stand_in: None,
    };
    let here = scene.here(tag);
    let history = scene.history.as_of(tag.time, here.clone());
    if let Some(problem) = unread {
        return unfit(vec![problem.clone()]);
    }
    if let Some(error) = tree.too_large() {
        return unfit(vec![Problem::new(error.to_string(), "")]);
    }
    let monorepo = match found(tree, config, &history) {
        Ok(found) => found.monorepo,
        Err(stop) => return unfit(stop.problems()),
    };
    let places = match elsewhere(tree, &monorepo) {
        Ok(places) => places,
        Err(error) => return unfit(vec![Problem::new(error.to_string(), "")]),
    };
    let texts = texts(tree);
    let (uv, npm) = projects(&texts, &monorepo, &scene.locks);
    let branch = scene.branch(tag, &here);
    let context =
        Context { uv, npm, here, elsewhere: places, ..Context::new(monorepo, config.clone(), history, branch) };
    let context = scene.surrounded(tag, context);
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
    let pins_clients = sites(&context.monorepo).iter().any(|site| site.kind == SiteKind::ClientPin);
    Audited { tag: tag.clone(), branch, checked: Ok(checked), pins_clients, sources, stand_in }
}

fn texts(tree: &TagTree<'_>) -> BTreeMap<Utf8PathBuf, SourceText> {
    let text = |file: &TrackedFile| {
        let bytes = tree.blobs.get(&file.id)?.to_vec();
        Some((file.path.clone(), SourceText::from_bytes(bytes).ok()?))
    };
    tree.files.iter().filter(|file| !file.is_link).filter_map(text).collect()
}

/// The time at which the branch of each line began that lacks a tag of its line.
fn begun(observed: &Observed<'_>, on_branch: &BTreeMap<Line, Reached>) -> BTreeMap<Line, i64> {
    let (timeline, config) = (&observed.timeline, &observed.config);
    let is_stray = |tagged: &Tagged| {
        let reached = on_branch.get(&tagged.release.line());
        reached.is_some_and(|reached| !reached.has(&timeline.graph, &tagged.tag.commit))
    };
    let strays: BTreeSet<Line> =
        timeline.releases().iter().filter(|tagged| is_stray(tagged)).map(|tagged| tagged.release.line()).collect();
    let begun = strays.into_iter().filter_map(|line| {
        let (main, tip) = (timeline.tip(&config.main)?, timeline.tip(&config.branch.branch(line))?);
        Some((line, timeline.graph.beyond(main, tip).last()?.time))
    });
    begun.collect()
}

impl<'a> Scene<'a> {
    fn of(observed: &'a Observed<'_>, published: &'a Asked) -> anyhow::Result<Self> {
        let (timeline, config) = (&observed.timeline, &observed.config);
        let mut by_commit: HashMap<&str, Vec<&DatedTag>> = HashMap::new();
        for tag in &timeline.tags {
            by_commit.entry(&tag.commit).or_default().push(tag);
        }
        let releases = timeline.releases();
        let of_line = releases.chunk_by(|a, b| a.release.line() == b.release.line());
        let on_branch = of_line.filter_map(|releases| {
            let line = releases.first()?.release.line();
            let tip = timeline.tip(&config.branch.branch(line))?;
            let commits: Vec<&str> = releases.iter().map(|tagged| tagged.tag.commit.as_str()).collect();
            Some((line, timeline.graph.reached(tip, &commits)))
        });
        let on_branch: BTreeMap<Line, Reached> = on_branch.collect();
        let is_nightly = |tag: &&DatedTag| config.tag.home(&tag.name) == Some(Home::Nightly);
        let nightlies: Vec<&str> = timeline.tags.iter().filter(is_nightly).map(|tag| tag.commit.as_str()).collect();
        let mut unread = None;
        let tips: Vec<&str> = timeline.branches.iter().map(|(_, tip)| tip.as_str()).collect();
        Ok(Self {
            config,
            timeline,
            history: timeline.history(),
            names: TagNames::dated(timeline.tags.iter().map(|tag| (tag.name.clone(), tag.time)).collect()),
            by_commit,
            begun: begun(observed, &on_branch),
            on_branch,
            on_main: timeline.tip(&config.main).map(|tip| timeline.graph.reached(tip, &nightlies)).unwrap_or_default(),
            nearest: timeline.graph.nearest(&tips),
            dev_tags: or_unread(DevTags::of(observed), &mut unread)?,
            unread,
            locks: ReadLocks::default(),
            published,
        })
    }

    /// Every tag on the commit of one.
    fn on_commit(&self, tag: &DatedTag) -> &[&'a DatedTag] {
        self.by_commit.get(tag.commit.as_str()).map_or(&[], Vec::as_slice)
    }

    /// The releases on the commit of a tag, in order.
    fn here(&self, tag: &DatedTag) -> Vec<Release> {
        let releases = self.on_commit(tag).iter().filter_map(|tag| self.config.tag.release(&tag.name));
        let mut here: Vec<Release> = releases.collect();
        here.sort_unstable();
        here
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
        match self.home(tag) {
            Some(Home::Line(line)) => return Ok(branch(config.branch.branch(line))),
            Some(Home::Nightly) if !self.on_main.has(&self.timeline.graph, &tag.commit) => {
                return Err(BESIDE.to_owned());
            }
            _ => {}
        }
        let nearest = self.nearest.of(&self.timeline.graph, &tag.commit);
        match nearest.and_then(|place| self.timeline.branches.get(place)) {
            Some((name, _)) => Ok(branch(name.clone())),
            None => Err(format!("there is neither {} nor the branch of a line", config.main)),
        }
    }

    /// The place to which the commit of a tag belongs that names no release, a line before all others.
    fn home(&self, tag: &DatedTag) -> Option<Home> {
        let here = self.on_commit(tag).iter().map(|tag| tag.name.as_str());
        self.config.tag.home_by(here).map(|(_, home)| home)
    }

    /// Tells if the final of a version was made before the branch of its line had a commit of its own.
    fn is_before(&self, release: Release) -> bool {
        let time = |id: &str| self.timeline.graph.get(id).map(|commit| commit.time);
        let made = self.history.commit(release.base()).and_then(time);
        made.zip(self.begun.get(&release.line())).is_some_and(|(made, begun)| made < *begun)
    }

    /// The newest release of a line, one on the judged commit before all others.
    fn newest(&self, tag: &DatedTag, line: Line, context: &Context) -> Option<NewestTag> {
        let (history, monorepo) = (&context.history, &context.monorepo);
        let is_here = |release: &Release| history.commit(*release) == Some(&tag.commit);
        // Of a commit whose tag names no release, the releases are none of its concern.
        let last = || history.releases_of(line).next_back().filter(|_| self.home(tag).is_none());
        let release = history.releases_of(line).rfind(is_here).or_else(last)?;
        let commit = history.commit(release)?;
        let version = |package: &Package| {
            let version = monorepo.manifest(package).and_then(Manifest::current_version);
            (package.path.clone(), version)
        };
        // Another commit's tag is judged with its own tree.
        let own = monorepo.packages.iter().filter(|_| commit == tag.commit);
        let is_on_branch = self.on_branch.get(&line).map(|reached| reached.has(&self.timeline.graph, commit));
        let is_before_branch = is_on_branch == Some(false) && commit == tag.commit && self.is_before(release);
        let name = self.config.tag.tag(release);
        Some(NewestTag { release, name, is_on_branch, is_before_branch, versions: own.map(version).collect() })
    }

    /// Adds to the context of a tag's tree what stood around it on that day.
    fn surrounded(&self, tag: &DatedTag, context: Context) -> Context {
        let newest = match &context.branch {
            Ok(Branch { role: Role::Line(line), .. }) => self.newest(tag, *line, &context),
            _ => None,
        };
        let tags_here: Vec<String> = self.on_commit(tag).iter().map(|tag| tag.name.clone()).collect();
        let own = context.release().and_then(|own| context.history.commit(own)).filter(|own| **own != tag.commit);
        let is_past_own_tag = own.is_some_and(|own| self.timeline.graph.is_ancestor(own, &tag.commit));
        Context {
            tags: self.names.as_of(tag.time, tags_here.clone()),
            tags_here,
            newest,
            dev_tags: self.dev_tags.as_of(tag),
            unread: self.unread.clone(),
            is_past_own_tag,
            // No workflows: a release runs those of main, as they stand today, and `check` judges them.
            is_today: false,
            audited: Some(self.timeline.now - tag.time),
            published: self.published.clone(),
            ..context
        }
    }
}
