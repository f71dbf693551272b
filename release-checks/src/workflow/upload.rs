//! Uploads of a step, by an action or by a command.

use super::program::{begins, program};
use release_core::manifest::workflow::{Command, Job, Step, Workflow};
use release_core::text::Span;

/// The kind of place that an upload goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Index,
    Npm,
    Images,
    Release,
}

/// Something that leaves for others to install.
#[derive(Clone, Debug)]
pub(crate) struct Upload<'a> {
    pub(crate) target: Target,
    /// The words for what does it: `twine upload`.
    pub(crate) what: &'a str,
    pub(crate) span: Span,
    /// The command that does it, by its place in the step's; `None` for an action.
    pub(crate) command: Option<usize>,
    /// Tells if it goes to an index for tests.
    pub(crate) is_test: bool,
}

/// Returns the uploads of a step.
pub(crate) fn uploads<'a>(workflow: &Workflow, job: &Job, step: &'a Step) -> Vec<Upload<'a>> {
    let mut found: Vec<Upload<'_>> = action(step).into_iter().collect();
    found.extend(step.script.commands.iter().enumerate().filter_map(|(at, command)| {
        let (target, what) = uploaded_by(command)?;
        let is_test = command.words.iter().chain(&command.assigned).any(|word| is_for_tests(&word.text));
        Some(Upload { target, what, span: command.span(), command: Some(at), is_test })
    }));
    if !found.is_empty() && goes_to_tests(workflow, job, step) {
        found.iter_mut().for_each(|upload| upload.is_test = true);
    }
    found
}

/// Tells if variables name an index for tests.
fn goes_to_tests(workflow: &Workflow, job: &Job, step: &Step) -> bool {
    const ADDRESSES: [&str; 7] = [
        "TWINE_REPOSITORY",
        "TWINE_REPOSITORY_URL",
        "UV_PUBLISH_URL",
        "UV_PUBLISH_INDEX",
        "HATCH_INDEX_REPO",
        "FLIT_INDEX_URL",
        "NPM_CONFIG_REGISTRY",
    ];
    let mut variables = [&workflow.env, &job.env, &step.env].into_iter().flatten();
    variables.any(|entry| {
        ADDRESSES.iter().any(|name| entry.key.value.eq_ignore_ascii_case(name)) && is_for_tests(&entry.value.value)
    })
}

/// The upload of an action.
fn action(step: &Step) -> Option<Upload<'_>> {
    let (uses, what) = (step.uses.as_ref()?, step.action()?);
    let input = |name: &str| step.input(name).map(|entry| entry.value.value.as_str());
    let says = |name: &str, no: &str| input(name).is_some_and(|value| value != no);
    let target = match what.to_ascii_lowercase().as_str() {
        "pypa/gh-action-pypi-publish" => Target::Index,
        "pyo3/maturin-action" if matches!(input("command"), Some("upload" | "publish")) => Target::Index,
        "js-devtools/npm-publish" if !says("dry-run", "false") => Target::Npm,
        "docker/build-push-action" | "docker/bake-action" | "depot/build-push-action"
            if says("push", "false") || input("outputs").is_some_and(exports) =>
        {
            Target::Images
        }
        "redhat-actions/push-to-registry" => Target::Images,
        "softprops/action-gh-release" | "ncipollo/release-action" | "svenstaro/upload-release-action" => {
            Target::Release
        }
        _ => return None,
    };
    let is_test = ["repository-url", "repository_url", "registry"].iter().filter_map(|name| input(name));
    let is_test = is_test.into_iter().any(is_for_tests);
    Some(Upload { target, what, span: uses.span.clone(), command: None, is_test })
}

/// Returns the target of a command's upload, and the words for the command.
fn uploaded_by(command: &Command) -> Option<(Target, &'static str)> {
    const UPLOADS: [(&str, Target); 27] = [
        ("twine upload", Target::Index),
        ("uv publish", Target::Index),
        ("poetry publish", Target::Index),
        ("hatch publish", Target::Index),
        ("flit publish", Target::Index),
        ("pdm publish", Target::Index),
        ("rye publish", Target::Index),
        ("maturin publish", Target::Index),
        ("maturin upload", Target::Index),
        ("npm publish", Target::Npm),
        ("pnpm publish", Target::Npm),
        ("yarn publish", Target::Npm),
        ("yarn npm publish", Target::Npm),
        ("bun publish", Target::Npm),
        ("lerna publish", Target::Npm),
        ("changeset publish", Target::Npm),
        ("docker push", Target::Images),
        ("docker image push", Target::Images),
        ("docker manifest push", Target::Images),
        ("docker compose push", Target::Images),
        ("docker buildx imagetools create", Target::Images),
        ("podman push", Target::Images),
        ("buildah push", Target::Images),
        ("skopeo copy", Target::Images),
        ("crane tag", Target::Images),
        ("gh release create", Target::Release),
        ("gh release upload", Target::Release),
    ];
    let words = program(command);
    let found = UPLOADS.iter().find(|(wanted, _)| begins(words, wanted));
    let is_each = begins(words, "yarn workspaces foreach")
        && words.windows(2).any(|pair| pair[0].text == "npm" && pair[1].text == "publish");
    let each = || is_each.then_some((Target::Npm, "yarn npm publish"));
    let builds = || {
        const BUILDS: [&str; 3] = ["docker buildx build", "docker buildx bake", "docker build"];
        BUILDS.iter().any(|build| begins(words, build))
    };
    let pushes = || command.has_option("--push") || command.words.iter().any(|word| exports(&word.text));
    let built = || (builds() && pushes()).then_some((Target::Images, "docker build --push"));
    let (target, what) = found.map(|(what, target)| (*target, *what)).or_else(each).or_else(built)?;
    let is_tried = ["--dry-run", "--help", "--version", "-h"].iter().any(|option| command.has_option(option));
    (!is_tried).then_some((target, what))
}

/// Tells if the output of a build is a registry.
fn exports(output: &str) -> bool {
    output.contains("type=registry") || output.contains("push=true")
}

/// Tells if an address or a name is that of an index for tests, or of a registry on this machine.
fn is_for_tests(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let is_here = ["localhost:", "localhost/", "127.0.0.1:"].iter().any(|host| text.starts_with(host));
    let words = ["testpypi", "test.pypi", "test-pypi", "://localhost", "://127.0.0.1"];
    is_here || words.iter().any(|word| text.contains(word))
}
