//! A simulation of the versions that users can install while a release is published, one artifact after the other.
//!
//! The model: some versions can be installed before the release; each step publishes one package of the release. A
//! package, or an extra of it, can be installed if each of its first-party requirements is met by a published version
//! that can be installed itself. Requirements on third parties count as met. Pre-releases count for Python:
//! installers take them if there is no other version. npm takes them only if a range names one.
//!
//! Packages that the tree itself installs, its UIs, count as published from the beginning.

use crate::manifest::requirement::Constraint;
use crate::registry::{ArtifactKind, Registry};
use crate::version::npm::Range;
use crate::version::{Release, Version};
use std::collections::{BTreeMap, BTreeSet};

/// A package that the release publishes.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Its name on the registry; on a Python index the normalised one.
    pub name: String,
    /// The destination.
    pub kind: ArtifactKind,
    /// The version that is published.
    pub version: Version,
    /// `true` for a UI of the tree, named by its folder: it is installed before the first step and is not a step
    /// itself.
    pub is_out: bool,
    /// Its requirements: without extras first, then with each extra.
    pub installs: Vec<Install>,
}

/// A way to install a package.
#[derive(Clone, Debug)]
pub struct Install {
    /// The extra, or `None` for the package alone.
    pub extra: Option<String>,
    /// The first-party requirements of this install. Those of the package alone also apply to its extras, and need
    /// not be repeated.
    pub wants: Vec<Want>,
}

/// A first-party requirement.
#[derive(Clone, Debug)]
pub struct Want {
    /// The name of the required package, as in [`Publication`].
    pub name: String,
    /// The requested extras, by normalised name. An extra that the package does not have adds no requirement, as in
    /// pip.
    pub extras: Vec<String>,
    /// The versions that meet the requirement.
    pub versions: Versions,
}

/// The versions that meet a requirement, with their registry.
#[derive(Clone, Debug)]
pub enum Versions {
    /// Versions of a Python index. A requirement by URL counts as met.
    Python(Constraint),
    /// Versions of an npm registry: the requirement as written, and its range. A requirement that is not a range (a
    /// tag, a folder) counts as met.
    Npm(String, Option<Range>),
}

/// The versions that are published before a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// On the Python index, by normalised name.
    pub python: BTreeMap<String, Vec<Version>>,
    /// On the npm registry, by name.
    pub npm: BTreeMap<String, Vec<semver::Version>>,
}

/// The published versions, and those that the release adds.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The versions that were published before.
    pub before: Before,
    /// The packages that the release publishes.
    pub publications: Vec<Publication>,
}

/// An install that fails: the indexes of its publication, of the install, and of the first requirement that is not
/// met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The index of the publication.
    pub publication: usize,
    /// The index of the install in its publication.
    pub install: usize,
    /// The index of the requirement in its install, or `None` if the install fails because the package alone does.
    pub want: Option<usize>,
}

/// The steps between which a published package cannot be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first step after which an install fails, counted from 1.
    pub opens: usize,
    /// The step that fixes the last failing install, or `None` if no step does.
    pub closes: Option<usize>,
}

/// The reason for which every order has a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// Each of these publications waits for the next, and the last for the first.
    Cycle(Vec<usize>),
    /// This install fails even when everything is published.
    Never(Failure),
    /// This install of the tree itself fails before the first step, and only several steps fix it.
    Already(Failure),
}

impl Want {
    /// Returns the registry of the requirement.
    pub fn registry(&self) -> Registry {
        match self.versions {
            Versions::Python(_) => Registry::Pypi,
            Versions::Npm(..) => Registry::Npm,
        }
    }

    fn is_for(&self, publication: &Publication) -> bool {
        publication.name == self.name && publication.kind == self.registry().into()
    }

    fn admits(&self, version: &Version) -> bool {
        match &self.versions {
            Versions::Python(Constraint::Any | Constraint::Url(_)) | Versions::Npm(_, None) => true,
            Versions::Python(Constraint::Specifier(set)) => set.contains(version),
            Versions::Npm(_, Some(range)) => {
                Release::parse(&version.to_string()).is_ok_and(|release| range.contains(&release.npm()))
            }
        }
    }

    /// Returns `true` if a version from before the release meets the requirement, or if it is for something that
    /// releases do not publish: a URL, a tag, a folder.
    fn is_met_before(&self, before: &Before) -> bool {
        match &self.versions {
            Versions::Python(Constraint::Url(_)) | Versions::Npm(_, None) => true,
            Versions::Python(_) => {
                before.python.get(&self.name).is_some_and(|all| all.iter().any(|version| self.admits(version)))
            }
            Versions::Npm(_, Some(range)) => {
                before.npm.get(&self.name).is_some_and(|all| all.iter().any(|version| range.contains(version)))
            }
        }
    }
}

impl World {
    /// Returns the installs that fail when these publications are published.
    pub fn failures(&self, published: &BTreeSet<usize>) -> Vec<Failure> {
        let is_out = |at: &usize| self.publications[*at].is_out;
        let published: BTreeSet<usize> =
            (0..self.publications.len()).filter(is_out).chain(published.iter().copied()).collect();
        // Start with the largest set of installs that could work and reduce it to those that do: requirements may
        // form circles, and then all of them are met at once.
        let mut failures: BTreeMap<(usize, usize), Failure> = BTreeMap::new();
        loop {
            let works = |key: (usize, usize)| !failures.contains_key(&key);
            let found: Vec<Failure> = self
                .installs(&published)
                .filter(|key| works(*key))
                .filter_map(|key| self.failure(key, &published, &works))
                .collect();
            if found.is_empty() {
                return failures.into_values().collect();
            }
            failures.extend(found.into_iter().map(|failure| ((failure.publication, failure.install), failure)));
        }
    }

    /// Returns the installs that fail after each step of an order.
    pub fn steps(&self, order: &[usize]) -> Vec<Vec<Failure>> {
        (1..=order.len()).map(|step| self.failures(&order[..step].iter().copied().collect())).collect()
    }

    /// Returns an order without a window: the given order, except that a publication waits for its requirements.
    ///
    /// A working install stays working, no matter what else is published, so any publication that is ready may come
    /// next. If this finds no order, there is none.
    ///
    /// # Errors
    /// If there is no such order; the error is the reason.
    pub fn safe_order(&self, order: &[usize]) -> Result<Vec<usize>, Stuck> {
        let (mut safe, mut published) = (Vec::new(), BTreeSet::new());
        let mut left: Vec<usize> = order.to_vec();
        while !left.is_empty() {
            let with = |publication: usize| published.iter().copied().chain([publication]).collect();
            let Some(at) = left.iter().position(|next| self.failures(&with(*next)).is_empty()) else {
                return Err(self.stuck(&published, &left));
            };
            let next = left.remove(at);
            published.insert(next);
            safe.push(next);
        }
        Ok(safe)
    }

    fn stuck(&self, published: &BTreeSet<usize>, left: &[usize]) -> Stuck {
        let all: BTreeSet<usize> = published.iter().chain(left).copied().collect();
        if let Some(failure) = self.failures(&all).into_iter().find(|failure| failure.want.is_some()) {
            return Stuck::Never(failure);
        }
        let already = self.failures(published).into_iter().find(|failure| failure.want.is_some());
        if let Some(failure) = already {
            return Stuck::Already(failure);
        }
        // Everything works in the end, so each of those left waits for another of them, and following these leads to
        // a circle.
        let mut path: Vec<usize> = left.first().copied().into_iter().collect();
        while let Some(next) = path.last().and_then(|last| self.awaited(*last, published, left)) {
            if let Some(start) = path.iter().position(|seen| *seen == next) {
                path.drain(..start);
                break;
            }
            path.push(next);
        }
        Stuck::Cycle(path)
    }

    /// Returns the publication among those left that this one waits for.
    fn awaited(&self, publication: usize, published: &BTreeSet<usize>, left: &[usize]) -> Option<usize> {
        let with = published.iter().copied().chain([publication]).collect();
        let wants = self.failures(&with).into_iter().filter_map(|failure| self.want(failure));
        wants
            .filter_map(|want| left.iter().copied().find(|other| want.is_for(&self.publications[*other])))
            .find(|other| *other != publication)
    }

    /// Returns the requirement that is not met.
    pub fn want(&self, failure: Failure) -> Option<&Want> {
        self.publications.get(failure.publication)?.installs.get(failure.install)?.wants.get(failure.want?)
    }

    fn installs(&self, published: &BTreeSet<usize>) -> impl Iterator<Item = (usize, usize)> {
        let count = |publication: usize| self.publications.get(publication).map_or(0, |one| one.installs.len());
        published.iter().flat_map(move |publication| (0..count(*publication)).map(|install| (*publication, install)))
    }

    fn failure(
        &self,
        (publication, install): (usize, usize),
        published: &BTreeSet<usize>,
        works: &impl Fn((usize, usize)) -> bool,
    ) -> Option<Failure> {
        let one = &self.publications[publication].installs[install];
        let unmet = one.wants.iter().position(|want| !self.is_met(want, published, works));
        let alone = || one.extra.is_some() && !works((publication, 0));
        (unmet.is_some() || alone()).then_some(Failure { publication, install, want: unmet })
    }

    fn is_met(&self, want: &Want, published: &BTreeSet<usize>, works: &impl Fn((usize, usize)) -> bool) -> bool {
        let is_installed = |install: &Install| match &install.extra {
            None => true,
            Some(extra) => want.extras.contains(extra),
        };
        want.is_met_before(&self.before)
            || published.iter().any(|at| {
                let other = &self.publications[*at];
                let mut installs = other.installs.iter().enumerate();
                want.is_for(other)
                    && want.admits(&other.version)
                    && installs.all(|(install, one)| !is_installed(one) || works((*at, install)))
            })
    }

    /// Returns all required packages, by registry and name.
    pub fn wanted(&self) -> BTreeSet<(Registry, &str)> {
        let installs = self.publications.iter().flat_map(|publication| &publication.installs);
        installs.flat_map(|install| &install.wants).map(|want| (want.registry(), want.name.as_str())).collect()
    }
}

/// Returns the window of an order, if there is one.
pub fn window(steps: &[Vec<Failure>]) -> Option<Window> {
    let opens = steps.iter().position(|failures| !failures.is_empty())? + 1;
    let last = steps.iter().rposition(|failures| !failures.is_empty())? + 1;
    Some(Window { opens, closes: (last < steps.len()).then_some(last + 1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::requirement::Requirement;
    use proptest::prelude::*;

    fn want(text: &str) -> Want {
        let requirement = Requirement::parse(text).unwrap();
        Want {
            name: requirement.name.canonical(),
            extras: requirement.extras.iter().map(crate::manifest::requirement::Name::canonical).collect(),
            versions: Versions::Python(requirement.constraint),
        }
    }

    /// Reads `name: want want | extra: want`, with `!` before a publication that is published from the beginning.
    fn world(before: &[(&str, &str)], publications: &[&str]) -> World {
        let version = |text: &str| Version::parse(text).unwrap();
        let install = |extra: Option<&str>, wants: &str| Install {
            extra: extra.map(str::to_owned),
            wants: wants.split_whitespace().map(want).collect(),
        };
        let publication = |text: &&str| {
            let (name, rest) = text.split_once(':').unwrap();
            let mut parts = rest.split('|');
            let mut installs = vec![install(None, parts.next().unwrap())];
            for part in parts {
                let (extra, wants) = part.split_once(':').unwrap();
                installs.push(install(Some(extra.trim()), wants));
            }
            let (name, is_out) = name.strip_prefix('!').map_or((name, false), |name| (name, true));
            Publication {
                name: name.to_owned(),
                kind: Registry::Pypi.into(),
                version: version("0.4.5"),
                is_out,
                installs,
            }
        };
        let mut world = World { publications: publications.iter().map(publication).collect(), ..World::default() };
        for (name, text) in before {
            world.before.python.entry((*name).to_owned()).or_default().push(version(text));
        }
        world
    }

    #[test]
    fn the_window_lasts_from_the_pin_to_the_client() {
        let before = [("meadow", "0.4.4"), ("meadow-api", "0.4.4"), ("meadow-client", "0.4.4")];
        for (pin, window_is) in [
            ("==0.4.5", Some(Window { opens: 1, closes: Some(3) })),
            (">=0.4.5,<0.5", Some(Window { opens: 1, closes: Some(3) })),
            (">=0.4.4", None),
            ("", None),
            ("==0.4.6", Some(Window { opens: 1, closes: None })),
        ] {
            let publication = format!("meadow: | client: meadow-client{pin}");
            let world = world(&before, &[&publication, "meadow-api:", "meadow-client:"]);
            assert_eq!(window(&world.steps(&[0, 1, 2])), window_is, "{pin}");
            let safe = match (pin, window_is) {
                ("==0.4.6", _) => Err(Stuck::Never(Failure { publication: 0, install: 1, want: Some(0) })),
                (_, Some(_)) => Ok(vec![1, 2, 0]),
                (_, None) => Ok(vec![0, 1, 2]),
            };
            assert_eq!(world.safe_order(&[0, 1, 2]), safe, "{pin}");
        }
    }

    #[test]
    fn packages_that_wait_for_each_other_are_a_cycle() {
        let world = world(&[], &["a:", "b: c==0.4.5", "c: a d==0.4.5", "d: | x: b==0.4.5"]);
        assert_eq!(world.safe_order(&[0, 1, 2, 3]), Err(Stuck::Cycle(vec![1, 2, 3])));
        assert!(world.failures(&(0..4).collect()).is_empty());
    }

    #[test]
    fn an_extra_fails_where_the_package_alone_does_and_not_the_other_way_round() {
        let world = world(&[], &["a: b==0.4.5 | x:", "b: | y: c==0.4.5", "c:", "d: b[y]", "e: b[z] e[x] | x:"]);
        let failed = |published: &[usize]| {
            let failures = world.failures(&published.iter().copied().collect());
            failures.iter().map(|failure| (failure.publication, failure.install)).collect::<Vec<_>>()
        };
        assert_eq!(failed(&[0]), [(0, 0), (0, 1)]);
        assert_eq!(failed(&[0, 1]), [(1, 1)]);
        assert_eq!(failed(&[1, 3]), [(1, 1), (3, 0)]);
        assert_eq!(failed(&[0, 1, 2, 3, 4]), []);
    }

    #[test]
    fn what_the_tree_installs_is_out_before_the_first_step() {
        let one = world(&[], &["a:", "b:", "!ui: b==0.4.5"]);
        assert_eq!(window(&one.steps(&[0, 1])), Some(Window { opens: 1, closes: Some(2) }));
        assert_eq!(one.safe_order(&[0, 1]), Ok(vec![1, 0]));
        let both = world(&[], &["a:", "b:", "!ui: a==0.4.5 b==0.4.5"]);
        let failure = Failure { publication: 2, install: 0, want: Some(0) };
        assert_eq!(both.safe_order(&[0, 1]), Err(Stuck::Already(failure)));
    }

    #[test]
    fn the_registries_do_not_answer_for_each_other() {
        let range = |text: &str| Versions::Npm(text.to_owned(), Range::parse(text).ok());
        for (wanted, before, fails) in [
            ("^0.4.5", "0.4.4", vec![true, false]),
            ("^0.4.4", "0.4.4", vec![false, false]),
            ("^0.4.4", "0.4.5-rc.1", vec![true, false]),
            ("latest", "0.4.4", vec![false, false]),
            ("^0.5.0", "0.4.4", vec![true, true]),
        ] {
            let mut world = world(&[("a", "0.4.4")], &["a:", "a:", "!src/ui:"]);
            world.publications[1].kind = Registry::Npm.into();
            world.before.npm.insert("a".to_owned(), vec![semver::Version::parse(before).unwrap()]);
            let want = Want { name: "a".to_owned(), extras: Vec::new(), versions: range(wanted) };
            world.publications[2].installs[0].wants.push(want);
            let failed: Vec<bool> = world.steps(&[0, 1]).iter().map(|failures| !failures.is_empty()).collect();
            assert_eq!(failed, fails, "{wanted} {before}");
            assert_eq!(world.wanted(), BTreeSet::from([(Registry::Npm, "a")]));
        }
    }

    /// Returns `true` if each install of these publications works, by trying every set of installs that could.
    fn by_force(world: &World, published: &[usize]) -> bool {
        let outs = (0..world.publications.len()).filter(|at| world.publications[*at].is_out);
        let published: Vec<usize> = published.iter().copied().chain(outs).collect();
        let installs: Vec<(usize, usize)> = published
            .iter()
            .flat_map(|at| (0..world.publications[*at].installs.len()).map(|install| (*at, install)))
            .collect();
        let supports = |set: &[(usize, usize)], (at, install): (usize, usize)| {
            let one = &world.publications[at];
            (install == 0 || set.contains(&(at, 0)))
                && one.installs[install].wants.iter().all(|want| {
                    let admits = |version: &Version| match &want.versions {
                        Versions::Python(Constraint::Specifier(set)) => set.contains(version),
                        _ => true,
                    };
                    let old = world.before.python.get(&want.name).is_some_and(|all| all.iter().any(admits));
                    old || published.iter().any(|other| {
                        let new = &world.publications[*other];
                        let needed = (0..new.installs.len()).filter(|index| {
                            new.installs[*index].extra.as_ref().is_none_or(|extra| want.extras.contains(extra))
                        });
                        new.name == want.name
                            && admits(&new.version)
                            && needed.into_iter().all(|index| set.contains(&(*other, index)))
                    })
                })
        };
        let closed = |mask: usize| {
            let set: Vec<_> = (0..installs.len()).filter(|bit| mask >> bit & 1 == 1).map(|bit| installs[bit]).collect();
            set.iter().all(|one| supports(&set, *one)).then_some(mask)
        };
        let reached = (0..1usize << installs.len()).filter_map(closed).fold(0, |all, mask| all | mask);
        reached.count_ones() as usize == installs.len()
    }

    fn orders(left: &[usize]) -> Vec<Vec<usize>> {
        if left.is_empty() {
            return vec![Vec::new()];
        }
        let first = |at: usize| {
            let rest: Vec<usize> = left.iter().copied().filter(|other| *other != left[at]).collect();
            orders(&rest).into_iter().map(move |rest| [vec![left[at]], rest].concat())
        };
        (0..left.len()).flat_map(first).collect()
    }

    fn publications() -> impl Strategy<Value = Vec<String>> {
        let want = "[a-d](\\[x\\])?(==0\\.4\\.5|>=0\\.4\\.5,<0\\.5|>=0\\.4\\.4|==0\\.4\\.4)?";
        let wants = || prop::collection::vec(want, 0..3).prop_map(|wants| wants.join(" "));
        prop::collection::vec((wants(), prop::option::of(wants())), 1..5).prop_map(|all| {
            let one = |(index, (alone, extra)): (usize, (String, Option<String>))| {
                let extra = extra.map(|extra| format!(" | x: {extra}")).unwrap_or_default();
                format!("{}: {alone}{extra}", ["a", "b", "c", "d"][index])
            };
            all.into_iter().enumerate().map(one).collect()
        })
    }

    proptest! {
        #[test]
        fn a_window_is_seen_exactly_where_force_sees_one(
            publications in publications(),
            tree in prop::option::of("!ui: [a-d](==0\\.4\\.5)? [a-d](==0\\.4\\.5)?"),
            old in prop::collection::vec(prop::sample::select(&["a", "b", "c", "d"][..]), 0..3),
        ) {
            let before: Vec<(&str, &str)> = old.iter().map(|name| (*name, "0.4.4")).collect();
            let all_of_it: Vec<&str> = publications.iter().chain(&tree).map(String::as_str).collect();
            let world = world(&before, &all_of_it);
            let given: Vec<usize> = (0..publications.len()).collect();
            let is_open = |order: &[usize]| (1..=order.len()).any(|step| !by_force(&world, &order[..step]));
            let all = orders(&given);
            for order in &all {
                prop_assert_eq!(window(&world.steps(order)).is_some(), is_open(order), "{:?}", order);
            }
            match world.safe_order(&given) {
                Ok(safe) => {
                    prop_assert_eq!(safe.len(), given.len());
                    prop_assert!(!is_open(&safe));
                }
                Err(stuck) => {
                    prop_assert!(all.iter().all(|order| is_open(order)));
                    prop_assert_eq!(matches!(stuck, Stuck::Never(_)), !by_force(&world, &given));
                    if let Stuck::Cycle(cycle) = stuck {
                        prop_assert!(cycle.len() > 1);
                    }
                }
            }
        }
    }
}
