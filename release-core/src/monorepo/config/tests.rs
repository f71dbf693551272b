use super::*;
use crate::problem::Problem;
use crate::text::SourceText;
use camino::Utf8Path;
use expect_test::expect;

fn parse(text: &str) -> Result<Config, Vec<Problem>> {
    Config::parse(Utf8Path::new(FILE_NAME), &SourceText::new(text))
}

#[test]
fn an_empty_file_is_the_default() {
    assert_eq!(parse(""), Ok(Config::default()));
}

#[test]
fn everything_can_be_said() {
    let config = parse(
        r#"
            [release]
            tag = "release/{version}"
            branch = "stable-{major}.{minor}"
            main = "trunk"
            maintained-lines = 3
            dev-tag = true
            clients-first = true
            index = "https://index.example/simple"
            [main]
            floors = true
            merge-back = true
            ui = false
            [[package]]
            path = "./pyproject.toml"
            [[client]]
            name = "Meadow_Client"
            registry = ["pypi", "npm"]
            pin = { release = "~=", candidate = "keep", main = ">=" }
            [[ui]]
            path = "ui/"
            client = "meadow-client"
            range = "~"
            [[artifact]]
            kind = "oci"
            name = "meadow/server"
            [forge]
            kind = "github"
            repository = "meadow/meadow"
            publish-workflow = "publish.yml"
            proposal = "commit"
            labels = ["release"]
            expected-failures = [{ check = "smoke", until = "published", reason = "the client is not there yet" }]
            [rules]
        pin-operator = "warn"
        [[ignore]]
        rule = "pin-operator"
        path = "src/api/"
        reason = "not ours"
        [policy.major]
            testing-days = [10, 20]
            candidates = 3
            [policy.minor]
            testing-days = 14
            "#,
    )
    .unwrap();
    assert_eq!((config.main.as_str(), config.maintained_lines), ("trunk", 3));
    assert_eq!((config.dev_tag, config.main_floors, config.main_ui), (Some(true), true, false));
    assert_eq!((config.clients_first, config.merge_back), (true, true));
    assert_eq!(config.index.as_deref(), Some("https://index.example/simple"));
    assert_eq!(config.packages, ["pyproject.toml"]);
    assert_eq!(config.clients[0].registries, [Registry::Pypi, Registry::Npm]);
    assert_eq!((config.rules[0].rule.as_str(), config.rules[0].level.value.as_str()), ("pin-operator", "warn"));
    assert_eq!(config.ignores[0].reason.as_ref().unwrap().value, "not ours");
    assert_eq!(config.uis[0].range, "~");
    assert_eq!(config.clients[0].name, "meadow-client");
    assert_eq!(config.clients[0].pin.release, PinForm::Operator(Operator::Compatible));
    assert_eq!(config.clients[0].pin.candidate, PinForm::Keep);
    assert_eq!(config.uis[0].client.as_deref(), Some("meadow-client"));
    assert_eq!(config.artifacts[0].name, "meadow/server");
    let failure = ExpectedFailure { check: "smoke".to_owned(), reason: "the client is not there yet".to_owned() };
    let forge = ForgeConfig {
        repository: Some("meadow/meadow".to_owned()),
        publish_workflow: Some("publish.yml".to_owned()),
        commits: true,
        labels: vec!["release".to_owned()],
        expected_failures: vec![failure],
    };
    assert_eq!(config.forge, forge);
    assert_eq!((config.major.testing_days, config.major.candidates), ((10, 20), 3));
    assert_eq!((config.minor.testing_days, config.minor.candidates), ((14, 14), 1));
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_place() {
    let text = r#"
relaese = 1
[release]
tag = "v"
maintained_lines = 2
main = ["main"]
index = "index.example/simple"
[[client]]
pin = { release = "=", candidat = "==" }
[[artifact]]
kind = "pipy"
name = "x"
[policy.minor]
testing-days = [3, 1]
[forge]
kind = "gitlab"
repository = "meadow/../other"
publish-workflow = ".github/workflows/publish.yml"
labels = ["release", 1]
url = "https://forge.example"
[[forge.expected-failures]]
check = "smoke"
until = "ever"
"#;
    let source = SourceText::new(text);
    let messages: Vec<String> = parse(text)
        .unwrap_err()
        .iter()
        .map(|problem| {
            let place = source.location(problem.labels[0].span.start);
            format!("{}:{}: {} ({})", place.line, place.column, problem.message, problem.help)
        })
        .collect();
    expect![[r#"
        2:1: release.toml has no key `relaese` (did you mean `release`?)
        5:1: [release] has no key `maintained_lines` (did you mean `maintained-lines`?)
        4:7: the tag pattern `v` has no `{version}` (see docs/configuration.md)
        6:8: `main` is array, not a string (write a string)
        7:9: `index` is not a URL (write the URL of a simple index, `https://...`)
        9:24: [client.pin] has no key `candidat` (did you mean `candidate`?)
        9:19: `=` is not a way to pin a client (choose one of `==`, `~=`, `>=`, `>=,<`, `none`, `keep`)
        9:7: [[client]] lacks `name` (add `name = "..."`)
        11:8: `pipy` is not a kind of artifact (did you mean `pypi`?)
        20:1: [forge] has no key `url` (known are `kind`, `repository`, `publish-workflow`, `proposal`, `labels`, `expected-failures`)
        16:8: `gitlab` is not a kind of forge (did you mean `github`?)
        19:10: `labels` is array, not a list of strings (write a list of strings)
        17:14: `meadow/../other` is no repository, as `owner/name` (see docs/configuration.md)
        18:20: `.github/workflows/publish.yml` is no file of a workflow, as `publish.yml`, without its folder (see docs/configuration.md)
        22:9: [[forge.expected-failures]] lacks `reason` (add `reason = "..."`)
        23:9: `ever` is not a moment until which a check may fail (known are `published`)
        14:16: `testing-days` is array, not a number of days, or `[least, most]` (write a number of days, or `[least, most]`)"#]]
        .assert_eq(&messages.join("\n"));
}
