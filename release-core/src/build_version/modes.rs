//! The table of the ways to build, with the result of each for every kind of version.

use super::name::BuildVersion;
use crate::history::History;
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::version::{Line, Release, npm};

/// The reason for a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A release was published, and its tag carries the version.
    Release,
    /// A nightly, from the development branch.
    Nightly,
    /// A test of the publishing.
    Test,
    /// A build started by hand, to be published.
    Manual,
    /// A build that shows only that the commit builds.
    BuildOnly,
}

/// The kind of a version.
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
    /// The index that people install from.
    Pypi,
    /// The index for tests.
    TestPypi,
}

/// The dist-tag of a version on npm. A version without one is not published there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NpmTag {
    /// `latest` for the highest line, else the name of the line's branch.
    OfLine,
    /// `next`.
    Next,
}

/// A tag of a container image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerTag {
    /// The version.
    Version,
    /// `latest`, only for the highest line.
    Latest,
    /// `nightly`.
    Nightly,
}

/// The result of one way to build, for one kind of version.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The reason for the build.
    pub mode: Mode,
    /// The kind of the version.
    pub kind: Kind,
    /// The index that the Python packages go to, or `None` if they are not published.
    pub index: Option<Index>,
    /// The dist-tag on npm, or `None` if nothing is published there.
    pub npm: Option<NpmTag>,
    /// The tags of the container images; empty if none is published.
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

/// Every combination that is allowed. Any other, such as a development version that is published by hand, is refused.
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
    /// Returns the mode's name on the command line.
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
    /// Returns the index's name in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::TestPypi => "test-pypi",
        }
    }
}

impl BuildVersion {
    /// Returns the kind of the version.
    pub const fn kind(&self) -> Kind {
        match (self.development, self.release.is_candidate()) {
            (Some(_), _) => Kind::Development,
            (None, true) => Kind::Candidate,
            (None, false) => Kind::Final,
        }
    }
}

/// The name of a build, and the places it is published to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The reason for the build.
    pub mode: Mode,
    /// The version of the build.
    pub version: BuildVersion,
    /// The index that the Python packages go to, or `None` if they are not published.
    pub index: Option<Index>,
    /// The dist-tag on npm, or `None` if nothing is published there.
    pub npm_tag: Option<String>,
    /// The tags of container images.
    pub container_tags: Vec<String>,
}

impl Build {
    /// Returns `true` if anything is published.
    pub const fn publishes(&self) -> bool {
        self.index.is_some()
    }
}

/// Returns the build of a version in a mode.
///
/// # Errors
/// If the table has no such combination.
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

/// Returns npm's dist-tag of a line that is not the highest: the name of its branch, or a name that npm accepts. npm
/// refuses names that could be ranges, such as `0.4.x` (npm's manual, `npm dist-tag`).
pub fn line_tag(config: &Config, line: Line) -> String {
    let branch = config.branch.branch(line).replace(|c: char| !c.is_ascii_alphanumeric() && !".-_".contains(c), "-");
    if npm::Range::parse(&branch).is_ok() { format!("release-{branch}") } else { branch }
}

/// Returns the release that a commit is tagged with: the requested one, else the highest one on the commit.
///
/// # Errors
/// If the commit carries no tag of a release, or not the requested one.
pub fn tagged(
    history: &History,
    config: &Config,
    commit: &str,
    requested: Option<BuildVersion>,
) -> Result<Release, Problem> {
    let is_on_commit = |release: &Release| history.commit(*release) == Some(commit);
    let short = commit.get(..9).unwrap_or(commit);
    match requested {
        None => history.releases().rfind(is_on_commit).ok_or_else(|| {
            Problem::new(
                format!("{short} carries no tag of a release, such as {}", config.tag.tag(Release::new(0, 4, 5))),
                "name the tag with `--rev TAG`, or choose another mode: `--mode nightly`, `test`, `manual` or `build-only`",
            )
        }),
        Some(BuildVersion { release, development: None }) if is_on_commit(&release) => Ok(release),
        Some(version) => Err(Problem::new(
            format!("{short} is not tagged as {version}"),
            "a release takes its version from its tag: leave out `--version`, or build by hand with `--mode manual`",
        )),
    }
}
