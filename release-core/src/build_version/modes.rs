//! The table of the ways to build: what each makes of a version.

use super::BuildVersion;
use crate::history::History;
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::version::{Line, Release, npm};

/// Why something is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A release was published: its tag says the version.
    Release,
    /// Every night, from the development branch.
    Nightly,
    /// To try the publishing.
    Test,
    /// By hand, for good.
    Manual,
    /// To see that it builds.
    BuildOnly,
}

/// What a version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `X.Y.Z`.
    Final,
    /// `X.Y.ZrcN`.
    Candidate,
    /// `X.Y.Z.devN`.
    Development,
}

/// The index that a Python package goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// The one that people install from.
    Pypi,
    /// Its twin for tests.
    TestPypi,
}

/// What npm is told to call a version. Nothing is published there without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NpmTag {
    /// `latest` for the highest line, the name of its branch for another.
    OfLine,
    /// `next`.
    Next,
}

/// A tag of a container image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerTag {
    /// The version.
    Version,
    /// `latest`, for the highest line alone.
    Latest,
    /// `nightly`.
    Nightly,
}

/// What one way to build makes of one kind of version.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Why it is built.
    pub mode: Mode,
    /// What its version is.
    pub kind: Kind,
    /// Where the Python packages go; nothing is published without one.
    pub index: Option<Index>,
    /// What npm calls it; nothing when it is not published there.
    pub npm: Option<NpmTag>,
    /// What the images are called; empty when none is published.
    pub containers: &'static [ContainerTag],
}

const fn row(
    mode: Mode,
    kind: Kind,
    index: Option<Index>,
    npm: Option<NpmTag>,
    containers: &'static [ContainerTag],
) -> Row {
    Row { mode, kind, index, npm, containers }
}

/// Every combination that there is. What is not in it, such as a development version for good, is refused.
pub const TABLE: [Row; 11] = [
    row(Mode::Release, Kind::Final, PYPI, OF_LINE, &[ContainerTag::Version, ContainerTag::Latest]),
    row(Mode::Release, Kind::Candidate, TEST, NEXT, &[ContainerTag::Version]),
    row(Mode::Manual, Kind::Final, PYPI, OF_LINE, &[ContainerTag::Version, ContainerTag::Latest]),
    row(Mode::Manual, Kind::Candidate, TEST, NEXT, &[ContainerTag::Version]),
    row(Mode::Nightly, Kind::Development, TEST, None, &[ContainerTag::Version, ContainerTag::Nightly]),
    row(Mode::Test, Kind::Final, TEST, None, &[]),
    row(Mode::Test, Kind::Candidate, TEST, NEXT, &[ContainerTag::Version]),
    row(Mode::Test, Kind::Development, TEST, None, &[]),
    row(Mode::BuildOnly, Kind::Final, None, None, &[]),
    row(Mode::BuildOnly, Kind::Candidate, None, None, &[]),
    row(Mode::BuildOnly, Kind::Development, None, None, &[]),
];

const PYPI: Option<Index> = Some(Index::Pypi);
const TEST: Option<Index> = Some(Index::TestPypi);
const OF_LINE: Option<NpmTag> = Some(NpmTag::OfLine);
const NEXT: Option<NpmTag> = Some(NpmTag::Next);

impl Mode {
    /// As it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Nightly => "nightly",
            Self::Test => "test",
            Self::Manual => "manual",
            Self::BuildOnly => "build-only",
        }
    }
}

impl Index {
    /// As outputs have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::TestPypi => "test-pypi",
        }
    }
}

impl BuildVersion {
    /// What it is.
    pub const fn kind(&self) -> Kind {
        match (self.development, self.release.is_candidate()) {
            (Some(_), _) => Kind::Development,
            (None, true) => Kind::Candidate,
            (None, false) => Kind::Final,
        }
    }
}

/// What a build is called, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Why it is built.
    pub mode: Mode,
    /// Its version.
    pub version: BuildVersion,
    /// The index that the Python packages go to.
    pub index: Option<Index>,
    /// npm's dist-tag.
    pub npm_tag: Option<String>,
    /// The tags of container images.
    pub container_tags: Vec<String>,
}

impl Build {
    /// Whether anything is published.
    pub const fn publishes(&self) -> bool {
        self.index.is_some()
    }
}

/// What is made of a version.
///
/// # Errors
/// When there is no such combination.
pub fn build(mode: Mode, version: BuildVersion, history: &History, config: &Config) -> Result<Build, Problem> {
    let Some(row) = TABLE.iter().find(|row| row.mode == mode && row.kind == version.kind()) else {
        let help = match version.kind() {
            Kind::Development => "`--mode test` publishes it on the test index",
            _ => "a nightly is named after its day: leave out `--version`, or say `--mode test`",
        };
        return Err(Problem::new(format!("{version} is not published with `--mode {}`", mode.name()), help));
    };
    let release = version.release;
    let leads = history.highest_final().is_none_or(|highest| highest <= release);
    let npm_tag = row.npm.map(|tag| match tag {
        NpmTag::Next => "next".to_owned(),
        NpmTag::OfLine if leads => "latest".to_owned(),
        NpmTag::OfLine => line_tag(config, release.line()),
    });
    let container = |tag: &ContainerTag| match tag {
        ContainerTag::Version => Some(version.to_string()),
        ContainerTag::Latest => leads.then(|| "latest".to_owned()),
        ContainerTag::Nightly => Some("nightly".to_owned()),
    };
    let container_tags = row.containers.iter().filter_map(container).collect();
    Ok(Build { mode, version, index: row.index, npm_tag, container_tags })
}

/// npm's dist-tag of a line that is not the highest: the name of its branch, or one that npm takes. It refuses those that
/// could be ranges, such as `0.4.x` (npm's manual, `npm dist-tag`).
pub fn line_tag(config: &Config, line: Line) -> String {
    let branch = config.branch.branch(line).replace(|c: char| !c.is_ascii_alphanumeric() && !".-_".contains(c), "-");
    if npm::Range::parse(&branch).is_ok() { format!("release-{branch}") } else { branch }
}

/// The release that a commit is tagged with: the one asked for, else the highest of those there.
///
/// # Errors
/// When the commit carries no tag of a release, or not this one.
pub fn tagged(
    history: &History,
    config: &Config,
    commit: &str,
    asked: Option<BuildVersion>,
) -> Result<Release, Problem> {
    let here = |release: &Release| history.commit(*release) == Some(commit);
    let short = commit.get(..9).unwrap_or(commit);
    match asked {
        None => history.releases().rfind(here).ok_or_else(|| {
            Problem::new(
                format!("{short} carries no tag of a release, such as {}", config.tag.tag(Release::new(0, 4, 5))),
                "name the tag, `--rev TAG`; or say what else this is: `--mode nightly`, `test`, `manual` or `build-only`",
            )
        }),
        Some(BuildVersion { release, development: None }) if here(&release) => Ok(release),
        Some(version) => Err(Problem::new(
            format!("{short} is not tagged as {version}"),
            "a release is what its tag says: leave out `--version`, or build by hand with `--mode manual`",
        )),
    }
}
