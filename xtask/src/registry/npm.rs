//! An npm registry, as npm's own configuration names it.

use super::credentials::Credentials;
use super::environment::{Environment, User, read};
use super::failure::Failure;
use super::foreign::foreign;
use super::http::{Http, Request};
use super::npmrc::Npmrc;
use super::origin::Origin;
use super::place::Place;
use super::whom::Whom;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::registry::Registry;
use release_core::registry::npm::Document;

/// The form for installers, else the full one.
const ACCEPT: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";

/// The full form, which alone has times and commits.
const FULL: &str = "application/json";

/// The content types that may come.
const KINDS: [&str; 2] = ["application/vnd.npm.install-v1+json", "application/json"];

/// An `.npmrc` of the tree: what it is called, and its text.
pub(crate) struct Settings<'a> {
    /// Its path in the tree.
    pub(crate) path: &'a Utf8Path,
    /// Its text.
    pub(crate) text: &'a str,
}

/// Chooses the registry of the command line; else the one that npm would ask for a package: of its scope, else of all, in the
/// environment, in the user's `.npmrc`, in the global one where the environment names it, in the tree's (the nearest
/// first); else the one that the lockfile's entry, at this path, was fetched from.
pub(crate) fn choose(
    name: &str,
    user: &User,
    project: &[Settings<'_>],
    resolved: Option<(&Utf8Path, &str)>,
) -> Result<Whom, String> {
    let settings = settings(&user.environment, project);
    // npm has no credentials in this URL; they would be shown by every tool.
    let registry = |url: &str, origin| {
        Whom::new(Registry::Npm, url.trim(), origin, &|place, _, _| Credentials::npm(&settings, place))
    };
    if let Some((flag, url)) = &user.npm_registry {
        return registry(url, Origin::CommandLine(flag));
    }
    let scope = name.split_once('/').map(|(scope, _)| scope).filter(|scope| scope.starts_with('@'));
    let keys = scope.map(|scope| format!("{scope}:registry")).into_iter().chain(["registry".to_owned()]);
    for key in keys {
        let found = settings.iter().find_map(|npmrc| npmrc.get(&key).map(|url| (url, &npmrc.origin)));
        if let Some((url, origin)) = found {
            return registry(url, origin.clone());
        }
    }
    match resolved.and_then(|(path, url)| Some((path, base(url, name)?))) {
        Some((path, url)) => registry(url, Origin::Tree(path.to_string())),
        None => Err(format!(
            "it is not known which registry to ask for {}: name one with `--npm-registry URL`, or set `registry` in \
             your own ~/.npmrc",
            foreign(name)
        )),
    }
}

impl Whom {
    /// Returns the document of a package, in full where that is asked for; `None` where the registry does not know it.
    pub(crate) fn document(&self, http: &Http, name: &str, in_full: bool) -> Result<Option<Document>, Failure> {
        let is_name = |name: &str| {
            !name.is_empty()
                && !name.starts_with(['.', '_'])
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
        };
        let parts = name.strip_prefix('@').and_then(|name| name.split_once('/'));
        let is_known = parts.map_or_else(|| is_name(name), |(scope, name)| is_name(scope) && is_name(name));
        if !is_known {
            let what = format!("no question for {}, which is not the name of a package", foreign(name));
            return Err(Failure::malformed(&self.address, &what));
        }
        let place = self.place.with(&format!("/{}", name.replace('/', "%2f")));
        let accept = if in_full { FULL } else { ACCEPT };
        let request = Request { accept, kinds: &KINDS, ..self.request(place, &self.address) };
        let Some(answer) = http.get(&request)? else { return Ok(None) };
        let document = Document::parse(&answer.bytes, name);
        document.map(Some).map_err(|error| {
            let what = format!("what is no document of {name}: {}", foreign(&error.reason));
            Failure::malformed(&self.address, &what)
        })
    }
}

/// All settings, those that win first: the user's, then the tree's.
fn settings(environment: &Environment, project: &[Settings<'_>]) -> Vec<Npmrc> {
    let mut settings = vec![Npmrc::of(environment)];
    let file = |key: &str| settings[0].get(key).map(Utf8PathBuf::from);
    let user = file("userconfig").or_else(|| environment.at_home(".npmrc"));
    let outside = [user, file("globalconfig")];
    for path in outside.into_iter().flatten() {
        settings.extend(read(&path).map(|text| Npmrc::of_user(path.as_str(), &text, environment)));
    }
    settings.extend(project.iter().map(|npmrc| Npmrc::of_tree(npmrc.path.as_str(), npmrc.text)));
    settings
}

/// The hosts, with their ports, that an `.npmrc` names as registries.
pub(crate) fn registries(text: &str) -> Vec<String> {
    Npmrc::of_tree("", text).registries().filter_map(|url| Some(Place::parse(url)?.0.authority())).collect()
}

/// The registry that `<base>/<name>/-/<file>.tgz` was fetched from.
fn base<'a>(resolved: &'a str, name: &str) -> Option<&'a str> {
    let (path, _) = resolved.rsplit_once("/-/")?;
    let path = path.strip_suffix(name).or_else(|| path.strip_suffix(&name.replace('/', "%2f")))?;
    path.strip_suffix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = "registry=https://project.example/npm/\n//project.example/npm/:_authToken=${TOKEN}";

    fn chosen(name: &str, variables: &[(&str, &str)], project: &[&str], resolved: Option<&str>) -> String {
        chosen_by(&User { environment: Environment::of(variables), ..User::default() }, name, project, resolved)
    }

    fn chosen_by(user: &User, name: &str, project: &[&str], resolved: Option<&str>) -> String {
        let resolved = resolved.map(|url| (Utf8Path::new("ui/package-lock.json"), url));
        let project: Vec<_> = project.iter().map(|text| Settings { path: Utf8Path::new("ui/.npmrc"), text }).collect();
        match choose(name, user, &project, resolved) {
            Ok(registry) => format!("{} of {}", registry.address, registry.origin),
            Err(reason) => reason,
        }
    }

    #[test]
    fn the_registry_is_the_one_that_npm_would_ask() {
        let directory = tempfile::tempdir().unwrap();
        let user = directory.path().join("npmrc").to_str().unwrap().to_owned();
        std::fs::write(&user, "registry=https://user.example\n@meadow:registry=https://scope.example/x").unwrap();
        let (user, variable) =
            (("NPM_CONFIG_USERCONFIG", user.as_str()), ("NPM_Config_Registry", "https://env.example"));
        let resolved = Some("https://lock.example/npm/meadow-client/-/meadow-client-0.4.4.tgz");
        for (name, variables, project, resolved, wanted) in [
            (
                "meadow-client",
                &[variable, user][..],
                &[PROJECT][..],
                None,
                "https://env.example of the environment (npm_config_*)",
            ),
            ("meadow-client", &[], &["", PROJECT], None, "https://project.example/npm of ui/.npmrc"),
            ("meadow-client", &[], &[], resolved, "https://lock.example/npm of ui/package-lock.json"),
            (
                "meadow",
                &[],
                &[],
                resolved,
                "it is not known which registry to ask for `meadow`: name one with `--npm-registry URL`, or set `registry` in your own ~/.npmrc",
            ),
            (
                "@meadow/client",
                &[],
                &[],
                Some("http://l.example/@meadow/client/-/client-1.tgz"),
                "http://l.example of ui/package-lock.json",
            ),
            (
                "@meadow/client",
                &[],
                &[],
                Some("http://l.example/@meadow%2fclient/-/client-1.tgz"),
                "http://l.example of ui/package-lock.json",
            ),
            (
                "x",
                &[],
                &["registry=ftp://a"],
                None,
                "the registry that ui/.npmrc names is no address of the web (http or https)",
            ),
        ] {
            assert_eq!(chosen(name, variables, project, resolved), wanted, "{name} {wanted}");
        }
        let said = chosen("@meadow/client", &[variable, user], &[PROJECT], None);
        assert!(said.starts_with("https://scope.example/x of /"), "{said}");
        // The user's files come before the tree's, and a scope's registry before that of all, whoever names them.
        for project in [&[][..], &[PROJECT]] {
            let said = chosen("x", &[user], project, None);
            assert!(said.starts_with("https://user.example of /"), "{said}");
        }
        let scope = "@plain:registry=https://plain.example";
        assert_eq!(chosen("@plain/x", &[user], &[scope], None), "https://plain.example of ui/.npmrc");
        let flag = User {
            environment: Environment::of(&[variable, user]),
            npm_registry: Some(("--npm-registry", "https://flag.example/".to_owned())),
            ..User::default()
        };
        for name in ["x", "@meadow/client"] {
            assert_eq!(chosen_by(&flag, name, &[PROJECT], None), "https://flag.example of --npm-registry");
        }
    }
}
