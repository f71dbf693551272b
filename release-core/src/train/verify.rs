//! The standing of the artifacts of a release, judged by the documents that registries have of them.

use super::world::{Artifact, Standing, Why};
use crate::registry::npm::{Document, Manifest};
use crate::registry::simple::{self, Page};
use crate::registry::{ArtifactKind, Registry};
use crate::version::{Release, Version};

/// A release whose artifacts are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// The release.
    pub release: Release,
    /// The highest final of all lines that is tagged.
    pub highest: Option<Release>,
    /// The command that publishes what is missing, or shows why it is not published.
    pub publish: String,
}

/// The place of an artifact: its kind, its name and the address that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The kind of registry.
    pub kind: ArtifactKind,
    /// The name on the registry.
    pub name: &'a str,
    /// The address, without credentials; empty if none was asked.
    pub place: &'a str,
}

/// The judgement of a release as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is there.
    There,
    /// Something could not be asked.
    Unknown,
    /// Something was withdrawn.
    Yanked,
    /// Something has other bytes in another place.
    OtherBytes,
    /// Nothing is there.
    Absent,
    /// Something is there, and something is not, or not as it has to be.
    Lagging,
}

impl Released {
    /// Returns `true` if moving names such as `latest` have to point to it.
    pub fn leads(&self) -> bool {
        !self.release.is_candidate() && self.highest.is_none_or(|highest| highest <= self.release)
    }

    /// Judges an artifact by the page of an index, of which `None` is one that the index does not have.
    pub fn python(&self, asked: Asked<'_>, page: Option<&Page>) -> Artifact {
        let version = Version::from(self.release);
        let standing = page.map_or(simple::Standing::Absent, |page| page.standing(&version));
        let notes = page.into_iter().flat_map(|page| page.of(&version)).map(file_note).collect();
        let (standing, next) = match standing {
            simple::Standing::Published => (Standing::There, String::new()),
            simple::Standing::Absent => (Standing::Missing, self.publish.clone()),
            simple::Standing::Incomplete(lacks) => (Standing::Partial(vec![lacks.to_owned()]), self.publish.clone()),
            simple::Standing::Yanked(reason) => {
                let next = format!("take the yank of {} {version} back on the index if it was a mistake", asked.name);
                (Standing::Yanked(reason), next)
            }
        };
        self.artifact(asked, standing, notes, next)
    }

    /// Judges an artifact by the full document of an npm registry, of which `None` is one that it does not have.
    pub fn npm(&self, asked: Asked<'_>, document: Option<&Document>) -> Artifact {
        let version = Version::from(self.release);
        let Some(manifest) = document.and_then(|document| document.version(&version)) else {
            let spelled = Registry::Npm.spelling(&version);
            if document.is_some_and(|document| document.published.contains(&spelled)) {
                let reason = "it was unpublished, and npm lets no version be published twice".to_owned();
                let next = format!("npm view {} time --json", asked.name);
                return self.artifact(asked, Standing::Yanked(reason), Vec::new(), next);
            }
            // A registry shows what is staged only to those who may publish it.
            let note = format!("if it waits for approval, `npm stage list {}` shows it to its owners", asked.name);
            return self.artifact(asked, Standing::Missing, vec![note], self.publish.clone());
        };
        let latest = document.and_then(|document| document.tags.get("latest")).map(String::as_str);
        let mut notes = manifest_notes(manifest);
        notes.extend(latest.map(|latest| format!("`latest` points to {latest}")));
        let (standing, next) = match self.latest(&manifest.version, latest) {
            None => (Standing::There, String::new()),
            Some(wanted) => {
                let points =
                    latest.map_or_else(|| "`latest` is not set".to_owned(), |at| format!("`latest` points to {at}"));
                (Standing::WrongTag(points), format!("npm dist-tag add {}@{wanted} latest", asked.name))
            }
        };
        self.artifact(asked, standing, notes, next)
    }

    /// Judges an artifact that could not be asked for.
    pub fn unknown(&self, asked: Asked<'_>, why: Why) -> Artifact {
        let next = format!("cargo xtask release verify {}", self.release);
        self.artifact(asked, Standing::Unknown(why), Vec::new(), next)
    }

    /// Returns the version that `latest` has to point to, or `None` if it points where it may.
    fn latest(&self, own: &str, latest: Option<&str>) -> Option<String> {
        if self.leads() {
            // A higher final that this clone has no tag of is not moved back.
            let points_above = latest.and_then(|latest| Release::parse(latest).ok());
            let is_above = points_above.is_some_and(|latest| latest > self.release && !latest.is_candidate());
            return (latest != Some(own) && !is_above).then(|| own.to_owned());
        }
        // Of a line that does not lead, and of a candidate, it is wrong only to be `latest` itself.
        let highest = self.highest.filter(|_| latest == Some(own))?;
        Some(highest.npm().to_string())
    }

    fn artifact(&self, asked: Asked<'_>, standing: Standing, notes: Vec<String>, next: String) -> Artifact {
        let version = asked.kind.registry().unwrap_or(Registry::Pypi).spelling(&self.release.into());
        let Asked { kind, name, place } = asked;
        Artifact { kind, name: name.to_owned(), version, place: place.to_owned(), standing, notes, next }
    }
}

/// Returns the observations about a file of an index.
fn file_note(file: &simple::File) -> String {
    let size = file.size.map_or_else(|| "unknown size".to_owned(), |size| format!("{size} bytes"));
    let digest = file.digest.as_ref().map_or_else(|| "no sha256".to_owned(), |digest| format!("sha256:{digest}"));
    let attested = if file.provenance.is_some() { "an attestation, not verified" } else { "no attestation" };
    format!("{}: {size}, {digest}, {attested}", file.name)
}

/// Returns the observations about a version of an npm package.
fn manifest_notes(manifest: &Manifest) -> Vec<String> {
    let bytes = manifest.integrity.as_ref().or(manifest.shasum.as_ref());
    let attested = if manifest.attestations.is_some() { "an attestation, not verified" } else { "no attestation" };
    let commit = manifest.git_head.as_ref().map(|commit| format!("published from commit {commit}"));
    let deprecated = manifest.noted.get("deprecated").and_then(|reason| reason.as_str());
    let deprecated = deprecated.map(|reason| format!("deprecated: {reason}"));
    let digest = format!("{}, {attested}", bytes.map_or("no hash", String::as_str));
    [Some(digest), commit, deprecated].into_iter().flatten().collect()
}

/// Returns the judgement of all artifacts together. What could not be asked comes first: it may hide anything.
pub fn verdict(artifacts: &[Artifact]) -> Verdict {
    let any = |is_meant: fn(&Standing) -> bool| artifacts.iter().any(|artifact| is_meant(&artifact.standing));
    if any(|standing| matches!(standing, Standing::Unknown(_))) {
        return Verdict::Unknown;
    }
    if any(|standing| matches!(standing, Standing::Yanked(_))) {
        return Verdict::Yanked;
    }
    if any(|standing| matches!(standing, Standing::OtherBytes(_))) {
        return Verdict::OtherBytes;
    }
    let is_missing = |standing: &Standing| *standing == Standing::Missing;
    match artifacts.iter().filter(|artifact| is_missing(&artifact.standing)).count() {
        0 if !any(|standing| *standing != Standing::There) => Verdict::There,
        missing if missing == artifacts.len() => Verdict::Absent,
        _ => Verdict::Lagging,
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::Code;
    use super::*;
    use serde_json::json;

    fn released(release: &str, highest: Option<&str>) -> Released {
        let read = |text: &str| Release::parse(text).unwrap();
        Released { release: read(release), highest: highest.map(read), publish: "publish".to_owned() }
    }

    fn asked(registry: Registry) -> Asked<'static> {
        Asked { kind: registry.into(), name: "meadow", place: "https://r.example" }
    }

    /// Standing and next step of an npm version where these are published and tagged.
    fn npm(release: &str, highest: Option<&str>, latest: &str) -> (Standing, String) {
        let text = json!({
            "name": "meadow", "dist-tags": { "latest": latest },
            "versions": { "0.4.5": {}, "0.5.0": {}, "0.6.0-rc.1": {} }, "time": { "created": "x", "0.4.4": "x" },
        });
        let document = Document::parse(text.to_string().as_bytes(), "meadow").unwrap();
        let artifact = released(release, highest).npm(asked(Registry::Npm), Some(&document));
        (artifact.standing, artifact.next)
    }

    #[test]
    fn latest_follows_the_highest_line_only_and_no_candidate() {
        let wrong = |at: &str| Standing::WrongTag(format!("`latest` points to {at}"));
        let there = (Standing::There, String::new());
        let add = |version: &str| format!("npm dist-tag add meadow@{version} latest");
        for (release, highest, latest, expected) in [
            ("0.5.0", Some("0.5.0"), "0.5.0", there.clone()),
            ("0.5.0", None, "0.5.0", there.clone()),
            ("0.5.0", Some("0.5.0"), "0.4.5", (wrong("0.4.5"), add("0.5.0"))),
            ("0.5.0", Some("0.4.5"), "0.4.5", (wrong("0.4.5"), add("0.5.0"))),
            ("0.4.5", Some("0.4.5"), "0.5.0", there.clone()),
            ("0.4.5", Some("0.5.0"), "0.5.0", there.clone()),
            ("0.4.5", Some("0.5.0"), "0.4.5", (wrong("0.4.5"), add("0.5.0"))),
            ("0.6.0rc1", Some("0.5.0"), "0.5.0", there.clone()),
            ("0.6.0rc1", Some("0.5.0"), "0.6.0-rc.1", (wrong("0.6.0-rc.1"), add("0.5.0"))),
            // The first publication of all sets `latest`, whatever it is.
            ("0.6.0rc1", None, "0.6.0-rc.1", there),
        ] {
            assert_eq!(npm(release, highest, latest), expected, "{release} {highest:?} {latest}");
        }
    }

    #[test]
    fn a_version_that_npm_had_once_is_withdrawn_and_one_that_it_never_had_is_missing() {
        assert!(matches!(npm("0.4.4", Some("0.5.0"), "0.5.0").0, Standing::Yanked(_)));
        assert_eq!(npm("0.4.3", Some("0.5.0"), "0.5.0"), (Standing::Missing, "publish".to_owned()));
        let artifact = released("0.4.3", None).npm(asked(Registry::Npm), None);
        assert_eq!(artifact.standing, Standing::Missing);
        assert_eq!(artifact.notes, ["if it waits for approval, `npm stage list meadow` shows it to its owners"]);
    }

    #[test]
    fn files_of_an_index_are_noted_with_their_bytes_and_attestations() {
        let file = |name: &str, more: serde_json::Value| {
            let mut file = json!({ "filename": name, "url": "u" });
            more.as_object().unwrap().iter().for_each(|(key, value)| file[key] = value.clone());
            file
        };
        let attested =
            json!({ "size": 12, "hashes": { "sha256": "ab".repeat(32) }, "provenance": "https://p.example" });
        let wheel = file("meadow-0.4.5-py3-none-any.whl", attested);
        let sdist = file("meadow-0.4.5.tar.gz", json!({}));
        let judge = |files: serde_json::Value| {
            let page = json!({ "meta": { "api-version": "1.3" }, "name": "meadow", "files": files });
            let page = Page::parse(page.to_string().as_bytes(), "meadow").unwrap();
            released("0.4.5", None).python(asked(Registry::Pypi), Some(&page))
        };
        let whole = judge(json!([wheel, sdist]));
        assert_eq!((whole.standing, whole.next.as_str()), (Standing::There, ""));
        let digest = "ab".repeat(32);
        assert_eq!(
            whole.notes,
            [
                format!("meadow-0.4.5-py3-none-any.whl: 12 bytes, sha256:{digest}, an attestation, not verified"),
                "meadow-0.4.5.tar.gz: unknown size, no sha256, no attestation".to_owned(),
            ]
        );
        let lacks = judge(json!([wheel]));
        assert_eq!(lacks.standing, Standing::Partial(vec!["the source distribution".to_owned()]));
        let yanked = judge(json!([file("meadow-0.4.5.tar.gz", json!({ "yanked": "broken" }))]));
        assert_eq!(yanked.standing, Standing::Yanked("broken".to_owned()));
        assert_eq!(judge(json!([])).standing, Standing::Missing);
    }

    #[test]
    fn the_verdict_is_that_of_the_worst_and_what_could_not_be_asked_hides_it() {
        use Standing::{Missing, OtherBytes, Partial, There, WrongTag, Yanked};
        let row = |standing: &Standing| {
            let released = released("0.4.5", None);
            released.artifact(asked(Registry::Pypi), standing.clone(), Vec::new(), String::new())
        };
        let unknown = Standing::Unknown(Why::new(Code::Offline, "not asked"));
        let (yanked, other, tag) = (Yanked(String::new()), OtherBytes(String::new()), WrongTag(String::new()));
        for (standings, expected) in [
            (vec![There, There], Verdict::There),
            (vec![Missing, Missing], Verdict::Absent),
            (vec![There, Missing], Verdict::Lagging),
            (vec![Missing, tag.clone()], Verdict::Lagging),
            (vec![There, tag], Verdict::Lagging),
            (vec![There, Standing::Staged], Verdict::Lagging),
            (vec![Partial(Vec::new())], Verdict::Lagging),
            (vec![Missing, other.clone()], Verdict::OtherBytes),
            (vec![other, yanked.clone(), Missing], Verdict::Yanked),
            (vec![There, yanked, unknown.clone()], Verdict::Unknown),
            (vec![Missing, unknown], Verdict::Unknown),
        ] {
            let artifacts: Vec<Artifact> = standings.iter().map(row).collect();
            assert_eq!(verdict(&artifacts), expected, "{standings:?}");
        }
    }
}
