//! Reading of `release.toml`, with all its errors.

use super::forge::{self, ExpectedFailure, ForgeConfig};
use super::shape::{self, ARTIFACTS, FORGES, PINS, PROPOSALS, RANGES, REGISTRIES, SPELLINGS, UNTIL};
use super::{
    Artifact, BranchPattern, ClientConfig, Config, IgnoreSetting, PinForm, PinPolicy, RuleSetting, Spelling,
    StampConfig, StreamPolicy, TagPattern, UiConfig,
};
use crate::manifest::requirement::canonical_name;
use crate::manifest::{TomlString, toml};
use crate::problem::Problem;
use crate::registry::{ArtifactKind, Registry};
use crate::text::{SourceText, Span};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use toml_edit::{Item, TableLike};

impl Config {
    /// Reads a `release.toml`; errors name it `path`.
    ///
    /// # Errors
    /// All its errors, each with its place.
    pub fn parse(path: &Utf8Path, source: &SourceText) -> Result<Self, Vec<Problem>> {
        let document = toml::parse(source).map_err(|error| {
            vec![Problem::unparsed(path, "is not TOML", "correct the syntax", (error.span, error.message))]
        })?;
        let mut reader = Reader { path, problems: Vec::new() };
        let config = reader.config(document.as_table());
        if reader.problems.is_empty() { Ok(config) } else { Err(reader.problems) }
    }
}

/// Walks the document, fills in the settings and collects the errors.
struct Reader<'a> {
    path: &'a Utf8Path,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn config(&mut self, root: &dyn TableLike) -> Config {
        let mut config = Config::default();
        self.check_keys(root, "");
        if let Some(table) = self.table(root, "release") {
            self.check_keys(table, "release");
            if let Some(text) = self.string(table, "tag") {
                config.tag = self.valid(&text, TagPattern::parse(&text.value)).unwrap_or(config.tag);
            }
            if let Some(text) = self.string(table, "branch") {
                config.branch = self.valid(&text, BranchPattern::parse(&text.value)).unwrap_or(config.branch);
            }
            if let Some(text) = self.string(table, "main") {
                config.main = text.value;
            }
            if let Some(count) = self.count(table, "maintained-lines") {
                config.maintained_lines = count as usize;
            }
            config.dev_tag = table.contains_key("dev-tag").then(|| self.flag(table, "dev-tag"));
            config.index = self.url(table, "index");
            config.clients_first = self.flag(table, "clients-first");
        }
        if let Some(table) = self.table(root, "main") {
            self.check_keys(table, "main");
            config.main_floors = self.flag(table, "floors");
            config.main_ui = self.flag(table, "ui");
            config.merge_back = self.flag(table, "merge-back");
        }
        config.packages =
            self.each(root, "package", |reader, table| Some(plain(&reader.required(table, "package", "path")?.value)));
        config.clients = self.each(root, "client", Self::client);
        config.uis = self.each(root, "ui", Self::ui);
        config.artifacts = self.each(root, "artifact", Self::artifact);
        if let Some(table) = self.table(root, "rules") {
            for (rule, _) in table.iter() {
                let span = table.get_key_value(rule).and_then(|(key, _)| key.span()).unwrap_or(0..0);
                let level = self.string(table, rule);
                config.rules.extend(level.map(|level| RuleSetting { rule: rule.to_owned(), span, level }));
            }
        }
        config.ignores = self.each(root, "ignore", |reader, table| {
            let (path, reason) = (reader.string(table, "path"), reader.string(table, "reason"));
            Some(IgnoreSetting { rule: reader.required(table, "ignore", "rule")?, path, reason })
        });
        config.stamps = self.each(root, "stamp", Self::stamp);
        config.forge = self.table(root, "forge").map(|table| self.forge(table)).unwrap_or_default();
        if let Some(table) = self.table(root, "policy") {
            self.check_keys(table, "policy");
            config.patch = self.stream_policy(table, "patch", config.patch);
            config.minor = self.stream_policy(table, "minor", config.minor);
            config.major = self.stream_policy(table, "major", config.major);
        }
        config
    }

    /// Reads the tables of an array.
    fn each<T>(
        &mut self,
        root: &dyn TableLike,
        name: &str,
        mut read: impl FnMut(&mut Self, &dyn TableLike) -> Option<T>,
    ) -> Vec<T> {
        let tables = self.tables(root, name).into_iter();
        let one = |table| {
            self.check_keys(table, name);
            read(self, table)
        };
        tables.filter_map(one).collect()
    }

    fn artifact(&mut self, table: &dyn TableLike) -> Option<Artifact> {
        let kind = self.required(table, "artifact", "kind");
        if let Some(kind) = &kind {
            self.one_of(kind, "a kind of artifact", ARTIFACTS);
        }
        let name = self.required(table, "artifact", "name");
        Some(Artifact { kind: ArtifactKind::named(&kind?.value)?, name: name?.value })
    }

    fn stamp(&mut self, table: &dyn TableLike) -> Option<StampConfig> {
        let path = self.required(table, "stamp", "path");
        let pattern = self.required(table, "stamp", "pattern");
        let count = self.count(table, "count").map_or(1, |count| count as usize);
        let spelling = self.string(table, "spelling");
        if let Some(text) = &spelling {
            self.one_of(text, "a spelling", SPELLINGS);
        }
        let spelling = spelling.and_then(|text| match text.value.as_str() {
            "npm" => Some(Spelling::Npm),
            "pep440" => Some(Spelling::Pep440),
            _ => None,
        });
        let (path, pattern) = (path?, pattern?);
        let parts = match pattern.value.split_once("{version}") {
            Some((before, after)) if !before.is_empty() && !after.contains("{version}") => Ok((before, after)),
            Some(("", _)) => Err("text must stand before `{version}`, or anything would be found".to_owned()),
            _ => Err(format!("the pattern `{}` needs `{{version}}` once", pattern.value)),
        };
        let (before, after) = self.valid(&pattern, parts.map(|(a, b)| (a.to_owned(), b.to_owned())))?;
        Some(StampConfig { path: plain(&path.value), before, after, count, spelling })
    }

    fn forge(&mut self, table: &dyn TableLike) -> ForgeConfig {
        self.check_keys(table, "forge");
        if let Some(kind) = self.string(table, "kind") {
            self.one_of(&kind, "a kind of forge", FORGES);
        }
        let proposal = self.string(table, "proposal");
        if let Some(proposal) = &proposal {
            self.one_of(proposal, "a way to propose edits", PROPOSALS);
        }
        let labels = table.get("labels").map(|item| match toml::strings(item) {
            labels if item.as_array().is_some_and(|array| array.len() == labels.len()) => labels,
            _ => self.expected("labels", item, "a list of strings").unwrap_or_default(),
        });
        let (repository, workflow) = (self.string(table, "repository"), self.string(table, "publish-workflow"));
        let failures = self.tables(table, "expected-failures");
        ForgeConfig {
            repository: repository.and_then(|text| self.valid(&text, forge::repository(&text.value))),
            publish_workflow: workflow.and_then(|text| self.valid(&text, forge::workflow(&text.value))),
            commits: proposal.is_some_and(|text| text.value == "commit"),
            labels: labels.unwrap_or_default().into_iter().map(|label| label.value).collect(),
            expected_failures: failures.into_iter().filter_map(|table| self.expected_failure(table)).collect(),
        }
    }

    fn expected_failure(&mut self, table: &dyn TableLike) -> Option<ExpectedFailure> {
        let name = "forge.expected-failures";
        self.check_keys(table, name);
        let [check, until, reason] = ["check", "until", "reason"].map(|key| self.required(table, name, key));
        if let Some(until) = &until {
            self.one_of(until, "a moment until which a check may fail", UNTIL);
        }
        until?;
        Some(ExpectedFailure { check: check?.value, reason: reason?.value })
    }

    fn client(&mut self, table: &dyn TableLike) -> Option<ClientConfig> {
        let pin = self.table(table, "pin").map_or_else(PinPolicy::default, |table| self.pin_policy(table));
        let mut registries = vec![Registry::Pypi];
        if let Some(item) = table.get("registry") {
            let named = toml::strings(item);
            for registry in &named {
                self.one_of(registry, "a registry of clients", REGISTRIES);
            }
            registries = named.iter().filter_map(|name| ArtifactKind::named(&name.value)?.registry()).collect();
            if named.is_empty() {
                self.expected::<()>("registry", item, "a list of registries");
            }
        }
        let name = self.required(table, "client", "name")?;
        Some(ClientConfig { name: canonical_name(&name.value), registries, pin })
    }

    fn ui(&mut self, table: &dyn TableLike) -> Option<UiConfig> {
        let client = self.string(table, "client").map(|text| text.value);
        let range = self.string(table, "range");
        if let Some(range) = &range {
            self.one_of(range, "a prefix of the version in a range", RANGES);
        }
        let path = plain(&self.required(table, "ui", "path")?.value);
        Some(UiConfig { path, client, range: range.map_or_else(|| RANGES[0].to_owned(), |range| range.value) })
    }

    fn pin_policy(&mut self, table: &dyn TableLike) -> PinPolicy {
        let mut policy = PinPolicy::default();
        self.check_keys(table, "client.pin");
        for (key, form) in
            [("release", &mut policy.release), ("candidate", &mut policy.candidate), ("main", &mut policy.main)]
        {
            let Some(text) = self.string(table, key) else { continue };
            match PinForm::parse(&text.value) {
                Some(known) => *form = known,
                None => {
                    let known: Vec<String> = PINS.iter().map(|form| format!("`{form}`")).collect();
                    let message = format!("`{}` is not a way to pin a client", text.value);
                    self.problem(message, text.span, &format!("choose one of {}", known.join(", ")));
                }
            }
        }
        policy
    }

    fn stream_policy(&mut self, policies: &dyn TableLike, name: &str, default: StreamPolicy) -> StreamPolicy {
        let Some(table) = self.table(policies, name) else { return default };
        self.check_keys(table, &format!("policy.{name}"));
        StreamPolicy {
            testing_days: self.count_or_range(table, "testing-days").unwrap_or(default.testing_days),
            candidates: self.count(table, "candidates").unwrap_or(default.candidates),
            is_set: true,
        }
    }

    fn url(&mut self, table: &dyn TableLike, key: &str) -> Option<String> {
        let text = self.string(table, key)?;
        let is_url = |scheme: &&str| text.value.strip_prefix(*scheme).is_some_and(|rest| !rest.is_empty());
        if ["https://", "http://"].iter().any(is_url) {
            return Some(text.value);
        }
        // The value is not repeated, because it may contain a password.
        self.problem(format!("`{key}` is not a URL"), text.span, "write the URL of a simple index, `https://...`");
        None
    }

    fn problem(&mut self, message: String, span: Span, help: &str) {
        self.problems.push(Problem::new(message, help).at(self.path, span, ""));
    }

    fn check_keys(&mut self, table: &dyn TableLike, name: &str) {
        let known = if matches!(name, "" | "policy") { shape::tables(name) } else { shape::keys(name) };
        for (key, item) in table.iter() {
            if !known.contains(&key) {
                let span =
                    table.get_key_value(key).and_then(|(key, _)| key.span()).or_else(|| item.span()).unwrap_or(0..0);
                let table = if name.is_empty() { "release.toml".to_owned() } else { format!("[{name}]") };
                self.problem(format!("{table} has no key `{key}`"), span, &choice(key, &known));
            }
        }
    }

    fn expected<T>(&mut self, key: &str, item: &Item, what: &str) -> Option<T> {
        let message = format!("`{key}` is {}, not {what}", item.type_name());
        self.problem(message, item.span().unwrap_or(0..0), &format!("write {what}"));
        None
    }

    fn table<'t>(&mut self, table: &'t dyn TableLike, key: &str) -> Option<&'t dyn TableLike> {
        let item = table.get(key)?;
        item.as_table_like().or_else(|| self.expected(key, item, "a table"))
    }

    fn tables<'t>(&mut self, table: &'t dyn TableLike, key: &str) -> Vec<&'t dyn TableLike> {
        let Some(item) = table.get(key) else { return Vec::new() };
        if let Some(tables) = item.as_array_of_tables() {
            return tables.iter().map(|table| table as &dyn TableLike).collect();
        }
        let inline = |value: &'t toml_edit::Value| value.as_inline_table().map(|table| table as &dyn TableLike);
        let all: Option<Vec<_>> = item.as_array().and_then(|array| array.iter().map(inline).collect());
        all.or_else(|| self.expected(key, item, &format!("an array of tables: `[[{key}]]`"))).unwrap_or_default()
    }

    fn string(&mut self, table: &dyn TableLike, key: &str) -> Option<TomlString> {
        let item = table.get(key)?;
        toml::string(item).or_else(|| self.expected(key, item, "a string"))
    }

    fn required(&mut self, table: &dyn TableLike, name: &str, key: &str) -> Option<TomlString> {
        if !table.contains_key(key) {
            let span = table.iter().next().and_then(|(_, item)| item.span()).unwrap_or(0..0);
            self.problem(format!("[[{name}]] lacks `{key}`"), span, &format!("add `{key} = \"...\"`"));
        }
        self.string(table, key)
    }

    fn count(&mut self, table: &dyn TableLike, key: &str) -> Option<u32> {
        let item = table.get(key)?;
        let count = item.as_integer().and_then(|count| u32::try_from(count).ok());
        count.or_else(|| self.expected(key, item, "a whole number from 0"))
    }

    fn flag(&mut self, table: &dyn TableLike, key: &str) -> bool {
        let Some(item) = table.get(key) else { return false };
        item.as_bool().or_else(|| self.expected(key, item, "`true` or `false`")).unwrap_or(false)
    }

    fn one_of(&mut self, text: &TomlString, what: &str, known: &[&str]) {
        if !known.contains(&text.value.as_str()) {
            self.problem(format!("`{}` is not {what}", text.value), text.span.clone(), &choice(&text.value, known));
        }
    }

    fn count_or_range(&mut self, table: &dyn TableLike, key: &str) -> Option<(u32, u32)> {
        let item = table.get(key)?;
        let Some(array) = item.as_array() else { return self.count(table, key).map(|days| (days, days)) };
        let days: Vec<u32> = array.iter().filter_map(|day| u32::try_from(day.as_integer()?).ok()).collect();
        match days[..] {
            [least, most] if array.len() == 2 && least <= most => Some((least, most)),
            _ => self.expected(key, item, "a number of days, or `[least, most]`"),
        }
    }

    fn valid<T>(&mut self, text: &TomlString, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|message| self.problem(message, text.span.clone(), "see docs/configuration.md")).ok()
    }
}

/// Returns a path as git lists it: without `./` and without a slash at its end.
fn plain(path: &str) -> Utf8PathBuf {
    Utf8Path::new(path).components().filter(|part| *part != Utf8Component::CurDir).collect()
}

/// Returns the help for a word that is not one of the known ones.
fn choice(word: &str, known: &[&str]) -> String {
    let nearest = crate::text::nearest(word, known.iter().map(|name| (*name, *name)));
    match nearest {
        Some((distance, name)) if distance * 2 <= word.len() => format!("did you mean `{name}`?"),
        _ => format!("known are {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}
