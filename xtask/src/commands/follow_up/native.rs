//! Lockfiles by edits: what the registries have of a client, as the lockfile is to have it.

use super::branch::{Branch, Job, LockRef};
use crate::registry::{Answered, Failure, Found, Http, Question, Whom, shown};
use release_core::lockfile::NotNative;
use release_core::lockfile::package_lock;
use release_core::lockfile::uv_lock::relock::{Locked, NewFile, Verdict, relock, runs_everywhere, same_requirements};
use release_core::lockfile::uv_lock::{FileKind, LockedPackage};
use release_core::monorepo::Ui;
use release_core::plan::relock::{Need, NpmFile, RangeFile, UvFile, Wanted, edited};
use release_core::plan::{PlannedFile, PlannedSite};
use release_core::registry::Registry;
use release_core::registry::address::{Spelling, join};
use release_core::registry::metadata::CoreMetadata;
use release_core::registry::npm::{Document, Manifest};
use release_core::registry::simple::{File, Page};
use release_core::version::Version;

/// The files of a job that change, and the places in them.
pub(super) type Edited = (Vec<PlannedFile>, Vec<PlannedSite>);

/// The reason why there are no edits.
pub(super) enum Unedited {
    /// Only the lockfile's own tool can write it.
    ByTool(NotNative),
    /// A registry did not answer.
    Unknown(Failure),
}

impl From<NotNative> for Unedited {
    fn from(reason: NotNative) -> Self {
        Self::ByTool(reason)
    }
}

impl From<Failure> for Unedited {
    fn from(failure: Failure) -> Self {
        Self::Unknown(failure)
    }
}

/// Edits a job's files.
pub(super) fn edit(http: Option<&Http>, answers: &[Answered], branch: &Branch, job: &Job) -> Result<Edited, Unedited> {
    match job.lock {
        LockRef::Uv(index) => edit_uv(http, answers, branch, &branch.lockfiles.uv[index], job),
        LockRef::Npm(index) => Ok(edit_npm(answers, &branch.lockfiles.npm[index], job)?),
        LockRef::Range(index) => Ok(edit_range(answers, &branch.lockfiles.ranges[index], job)?),
    }
}

fn edit_npm(answers: &[Answered], file: &NpmFile, job: &Job) -> Result<Edited, NotNative> {
    let Some((wanted, _)) = job.wanted.first() else { return Ok((Vec::new(), Vec::new())) };
    let Ui { key, package: name, .. } = &file.ui;
    if !file.member.is_empty() {
        return Err(NotNative::new(format!("{} is a workspace of the project with that lockfile", file.ui.path)));
    }
    let manifest = npm_document(answers, name).and_then(|document| document.version(&wanted.version));
    let version = manifest.map_or_else(|| Registry::Npm.spelling(&wanted.version), |manifest| manifest.version.clone());
    let range = file.range(&version);
    let target = package_lock::Wanted { client: key, package: name, version: &version, range: &range };
    let resolved = match package_lock::is_without_addresses(&file.lock) {
        true => manifest.map(|_| String::new()),
        false => manifest.map(|manifest| resolved(answers, file, manifest)).transpose()?,
    };
    let published = manifest.zip(resolved.as_deref());
    let (package, lock) = ((&file.package_source, &file.package), (&file.source, &file.lock));
    let edits = package_lock::relock(package, lock, &target, published)?;
    let (mut files, mut sites) = edited(&file.package_path, &file.package_source, key, edits.package_json)?;
    let (lock_files, lock_sites) = edited(&file.path, &file.source, key, edits.lock)?;
    files.extend(lock_files);
    sites.extend(lock_sites);
    Ok((files, sites))
}

fn edit_range(answers: &[Answered], file: &RangeFile, job: &Job) -> Result<Edited, NotNative> {
    let Some((wanted, _)) = job.wanted.first() else { return Ok((Vec::new(), Vec::new())) };
    let manifest = npm_document(answers, &file.ui.package).and_then(|document| document.version(&wanted.version));
    let version = manifest.map_or_else(|| Registry::Npm.spelling(&wanted.version), |manifest| manifest.version.clone());
    edited(&file.package_path, &file.package_source, &file.ui.key, file.edits(&version))
}

/// The address of the archive, as the lockfile spells addresses of this registry.
fn resolved(answers: &[Answered], file: &NpmFile, manifest: &Manifest) -> Result<String, NotNative> {
    let client = &file.ui.package;
    let none = || NotNative::new(format!("the registry has no archive of {client} {}", manifest.version));
    let served = manifest.tarball.as_deref().ok_or_else(none)?;
    let (locked, known) = known_addresses(answers, file);
    let spelling = match (locked, known) {
        (Some(locked), Some(known)) => Spelling::learn(std::iter::once((locked, known))),
        // The version that is locked is gone from the registry: the lockfile's own archive has to lie in the same place.
        (Some(locked), None) if same_folder(locked, served) => return Ok(served.to_owned()),
        _ => None,
    };
    spelling.and_then(|spelling| spelling.locked(served)).ok_or_else(|| {
        NotNative::new(format!("the registry has {client} at another kind of address than the lockfile"))
    })
}

/// Returns the address of the locked client, and the one at which the registry serves it.
pub(super) fn known_addresses<'a>(answers: &'a [Answered], file: &'a NpmFile) -> (Option<&'a str>, Option<&'a str>) {
    let entry = file.lock.entry_of(&file.member, &file.ui.key);
    let text = |field: &'a Option<package_lock::JsonString>| field.as_ref().map(|field| field.value.as_str());
    let (locked, version) = entry.map(|entry| (text(&entry.resolved), text(&entry.version))).unwrap_or_default();
    let manifest = version.and_then(|version| npm_document(answers, &file.ui.package)?.versions.get(version));
    (locked, manifest.and_then(|manifest| manifest.tarball.as_deref()))
}

fn same_folder(one: &str, other: &str) -> bool {
    one.rsplit_once('/').map(|(folder, _)| folder) == other.rsplit_once('/').map(|(folder, _)| folder)
}

fn edit_uv(
    http: Option<&Http>,
    answers: &[Answered],
    branch: &Branch,
    file: &UvFile,
    job: &Job,
) -> Result<Edited, Unedited> {
    let mut locked = Vec::new();
    for (wanted, need) in &job.wanted {
        if let Need::Tool(reason) = need {
            return Err(reason.clone().into());
        }
        let files = match http.filter(|_| job.asked().any(|asked| asked == wanted)) {
            Some(http) => Some(new_files(http, answers, branch, file, wanted)?),
            None => None,
        };
        locked.push(Locked { client: &wanted.client, version: &wanted.version, files });
    }
    let names: Vec<&str> = job.wanted.iter().map(|(wanted, _)| wanted.client.as_str()).collect();
    let edits = relock(&file.source, &file.lock, &file.workspace(&branch.monorepo), &locked)?;
    Ok(edited(&file.path, &file.source, &names.join(", "), edits)?)
}

/// The files of a client's version, once it is certain that nothing else changes with them.
fn new_files(
    http: &Http,
    answers: &[Answered],
    branch: &Branch,
    file: &UvFile,
    wanted: &Wanted,
) -> Result<Vec<NewFile>, Unedited> {
    let Wanted { client, version } = wanted;
    let no = |reason: String| Err(NotNative::new(reason).into());
    let (Some(entry), Some((index, page, base))) = (file.entry(client), page(answers, client, version)) else {
        return no(format!("{} has no entry of {client} from an index", file.path));
    };
    if let Some(reason) = from_elsewhere(branch, file, entry, client) {
        return no(reason);
    }
    runs_everywhere(&file.lock, &file.workspace(&branch.monorepo), client, page)?;
    let metadata = |version: &Version| -> Result<Option<CoreMetadata>, Failure> {
        let wheel = page.of(version).find(|file| file.kind == FileKind::Wheel);
        let Some(wheel) = wheel else { return Ok(None) };
        let bytes = index.metadata(http, wheel, base)?;
        Ok(CoreMetadata::parse(&bytes).ok())
    };
    let Some(new) = metadata(version)? else {
        return no(format!("{client} {version} has no metadata that can be read"));
    };
    let mut verdict = same_requirements(&file.lock, entry, &new, None);
    if verdict == Verdict::NeedsOld {
        let locked = entry.version.as_ref().and_then(|version| Version::parse(&version.value).ok());
        let old = locked.map(|locked| metadata(&locked)).transpose()?.flatten();
        let Some(old) = old else {
            return no(format!(
                "what {client} {version} needs depends on markers, and the locked version is not there to compare with"
            ));
        };
        verdict = same_requirements(&file.lock, entry, &new, Some(&old));
    }
    match verdict {
        Verdict::Same => Ok(spelled(entry, page, base, index, client, version)?),
        Verdict::Different(reason) => no(reason),
        Verdict::NeedsOld => {
            no(format!("it is not known whether {client} {version} needs what the locked version needs"))
        }
    }
}

/// The reason why an entry may have to change its source: it comes from another index than all others, and no setting of uv's says so.
fn from_elsewhere(branch: &Branch, file: &UvFile, entry: &LockedPackage, client: &str) -> Option<String> {
    let own = entry.source.as_ref().map(|source| source.location.value.trim_end_matches('/'))?;
    let main = file.lock.main_registry()?;
    let mut manifests = branch.monorepo.manifests.values();
    let is_set = manifests.any(|manifest| manifest.read.uv.sources.iter().any(|source| source.package == client));
    let [from, most] = [own, main].map(shown);
    (own != main && !is_set).then(|| format!("{} has {client} from {from}, and most others from {most}", file.path))
}

/// The files as the lockfile is to have them: their addresses as it spells those of this index.
fn spelled(
    entry: &LockedPackage,
    page: &Page,
    base: &str,
    index: &Whom,
    client: &str,
    version: &Version,
) -> Result<Vec<NewFile>, NotNative> {
    let served = |file: &File| join(base, &file.url);
    let pairs: Vec<(String, String)> = entry
        .files
        .iter()
        .filter_map(|locked| {
            let known = page.files.iter().find(|file| file.name == locked.name)?;
            Some((locked.url.clone()?, served(known)?))
        })
        .collect();
    let spelling = Spelling::learn(pairs.iter().map(|(locked, served)| (locked.as_str(), served.as_str())));
    let is_own =
        entry.source.as_ref().is_some_and(|source| source.location.value.trim_end_matches('/') == index.address);
    let address = |file: &File| {
        let served = served(file)?;
        match &spelling {
            Some(spelling) => spelling.locked(&served),
            // The locked files are gone; what the lockfile's own index serves now is spelled as it is.
            None => (pairs.is_empty() && is_own).then_some(served),
        }
    };
    let other = || NotNative::new(format!("{} has {client} at another kind of address than uv.lock", index.address));
    let unhashed = || NotNative::new(format!("{} does not say the hash of {client} {version}", index.address));
    let new = |file: &File| {
        Ok(NewFile {
            kind: file.kind,
            url: address(file).ok_or_else(other)?,
            sha256: file.sha256.clone().ok_or_else(unhashed)?,
            size: file.size,
            upload_time: file.upload_time.clone(),
        })
    };
    page.of(version).map(new).collect()
}

/// The registry that was asked for a client, and its document.
fn found<'a>(
    answers: &'a [Answered],
    registry: Registry,
    client: &str,
    version: Option<&Version>,
) -> Option<(&'a Whom, &'a Found)> {
    let is_meant = |Question { name, version: asked, whom, .. }: &Question| {
        name == client && whom.registry == registry && version.is_none_or(|version| asked.as_ref() == Some(version))
    };
    let answered = answers.iter().find(|answered| is_meant(&answered.question))?;
    Some((&answered.question.whom, answered.found().ok()??))
}

/// The index that was asked for a client, the page that it gave, and what that page's addresses are relative to.
fn page<'a>(answers: &'a [Answered], client: &str, version: &Version) -> Option<(&'a Whom, &'a Page, &'a str)> {
    match found(answers, Registry::Pypi, client, Some(version))? {
        (index, Found::Page(page, base)) => Some((index, page, base)),
        _ => None,
    }
}

fn npm_document<'a>(answers: &'a [Answered], client: &str) -> Option<&'a Document> {
    found(answers, Registry::Npm, client, None)?.1.document()
}
