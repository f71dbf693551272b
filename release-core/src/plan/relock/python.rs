//! Lockfiles for Python that another tool than uv writes: they are compared, and left to that tool.

use super::ranges::OtherLock;
use crate::manifest::loose::{Kind, requirements};
use crate::monorepo::Monorepo;
use crate::problem::Problem;
use crate::text::{SourceText, quoted};
use crate::version::Version;
use camino::{Utf8Path, Utf8PathBuf};

/// The names of the lockfiles, each with the command that brings one package to its newest version that the manifest allows.
const TOOLS: [(&str, &str); 3] = [
    ("poetry.lock", "poetry update --lock"),
    ("pdm.lock", "pdm update --no-sync"),
    ("Pipfile.lock", "pipenv upgrade --lock-only"),
];

/// Their names.
pub const PYTHON_LOCKS: [&str; 3] = [TOOLS[0].0, TOOLS[1].0, TOOLS[2].0];

/// Returns a problem for each of these lockfiles that locks another version of a client than the wanted one. Only those of
/// released manifests, and of the root, count.
pub fn left_to_python<'a>(
    monorepo: &Monorepo,
    texts: impl Iterator<Item = (&'a Utf8PathBuf, &'a SourceText)>,
    wanted: &[(&str, &Version)],
) -> Vec<(Problem, OtherLock)> {
    let mut found = Vec::new();
    for (path, text) in texts {
        let tool = TOOLS.iter().find(|(name, _)| path.file_name() == Some(name));
        let folder = path.parent().unwrap_or(Utf8Path::new(""));
        let is_ours = folder == "" || monorepo.manifests.contains_key(&folder.join("pyproject.toml"));
        let Some((_, command)) = tool.filter(|_| is_ours) else { continue };
        for (client, version) in wanted {
            let locked = requirements(text.as_str(), Kind::Lock, &|name| name == *client);
            for one in locked.into_iter().filter(|one| !one.specifier.contains(version)) {
                let command = format!("{command} {client}");
                let command = match folder.as_str() {
                    "" => command,
                    folder => format!("cd {} && {command}", quoted(folder)),
                };
                let problem = Problem::new(
                    format!("{path} locks {client}{} and not {version}, and another tool writes it", one.specifier),
                    format!("write it with `{command}`, and commit it"),
                );
                let problem = problem.at(path, one.span, "of another release");
                found.push((problem, OtherLock::of_python(path.clone(), command)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monorepo::tests::discovered;

    #[test]
    fn a_lockfile_of_another_tool_is_left_with_its_command_until_it_has_the_client() {
        let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\ndependencies = ['meadow-client==0.4.5']\n";
        let monorepo = discovered(
            &[("pyproject.toml", manifest), ("src/a b/pyproject.toml", &manifest.replace("'meadow'", "'meadow-b'"))],
            "",
            "v0.4.5",
        )
        .unwrap();
        let version = Version::parse("0.4.5").unwrap();
        let wanted = [("meadow-client", &version)];
        let toml = |version: &str| format!("[[package]]\nname = \"meadow-client\"\nversion = \"{version}\"\n");
        let pipfile = "{\"default\": {\n\"meadow-client\": {\n\"version\": \"==0.4.4\"\n}}}";
        for (path, text, expected) in [
            ("poetry.lock", toml("0.4.4"), "poetry update --lock meadow-client"),
            ("poetry.lock", toml("0.4.5"), ""),
            ("src/a b/pdm.lock", toml("0.4.4"), "cd 'src/a b' && pdm update --no-sync meadow-client"),
            ("Pipfile.lock", pipfile.to_owned(), "pipenv upgrade --lock-only meadow-client"),
            ("examples/poetry.lock", toml("0.4.4"), ""),
            ("uv.lock", toml("0.4.4"), ""),
        ] {
            let (path, text) = (Utf8PathBuf::from(path), SourceText::new(text));
            let found = left_to_python(&monorepo, [(&path, &text)].into_iter(), &wanted);
            let commands: Vec<&str> = found.iter().map(|(_, lock)| lock.command.as_str()).collect();
            assert_eq!(commands.join("; "), expected, "{path}");
        }
    }
}
