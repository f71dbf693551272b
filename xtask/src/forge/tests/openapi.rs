//! Requests and documents against GitHub's published description of its API, which npm has as a package.

use super::forge::{Forge, TOKEN, account};
use super::loopback::{Answer, Fault, Request};
use super::{COMMIT, TAG, asked, busy, client, facts, http};
use camino::Utf8PathBuf;
use release_core::train::world::Code;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

const PACKAGE: &str = "@octokit/openapi@23.0.2";

/// Statuses that every path has, as the description's own text says, though few paths list them.
const GENERAL: [u16; 4] = [401, 403, 404, 429];

/// The description; where npm or its registry is not to be had, the test says so and is skipped.
fn description() -> Option<Description> {
    let target = Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/openapi");
    let file = target.join("node_modules/@octokit/openapi/generated/api.github.com.json");
    if !file.exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", target.as_str(), PACKAGE]);
        if !npm.output().is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: npm cannot fetch {PACKAGE}, which describes the forge's API");
            return None;
        }
    }
    let text = std::fs::read(file).expect("the package has the description");
    Some(Description { document: serde_json::from_slice(&text).expect("JSON") })
}

struct Description {
    document: Value,
}

impl Description {
    /// Follows references.
    fn whole<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(path) = value.get("$ref").and_then(Value::as_str) {
            value = self.document.pointer(path.trim_start_matches('#')).expect("a reference leads somewhere");
        }
        value
    }

    /// The operation of a request: of several paths that fit, the one with the most words of its own.
    fn operation(&self, request: &Request) -> &Value {
        let path = request.target.split('?').next().unwrap_or_default();
        let fits = |template: &str| {
            let (mut wanted, mut parts) = (template.split('/').peekable(), path.split('/'));
            let mut own = 0;
            while let Some(word) = wanted.next() {
                let part = parts.next()?;
                match word.starts_with('{') {
                    // A reference may have slashes.
                    true if wanted.peek().is_none() => return Some(own),
                    true => {}
                    false if word == part => own += 1,
                    false => return None,
                }
            }
            parts.next().is_none().then_some(own)
        };
        let paths = self.document["paths"].as_object().expect("paths");
        let best = paths
            .iter()
            .filter_map(|(template, operations)| Some((fits(template)?, operations)))
            .max_by_key(|(own, _)| *own);
        let operations = best.unwrap_or_else(|| panic!("there is no path {path}")).1;
        let method = request.method.to_lowercase();
        operations.get(&method).unwrap_or_else(|| panic!("{path} has no {method}"))
    }

    /// Everything that is wrong with a request and its answer.
    fn faults(&self, request: &Request, answer: &Answer) -> Vec<String> {
        let operation = self.operation(request);
        let parameters: Vec<&Value> =
            operation["parameters"].as_array().into_iter().flatten().map(|one| self.whole(one)).collect();
        let mut faults = Vec::new();
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in query.split('&').filter_map(|part| part.split_once('=')) {
            let known = parameters.iter().find(|known| known["in"] == "query" && known["name"] == name);
            match known.map(|known| self.whole(&known["schema"])) {
                None => faults.push(format!("no parameter {name}")),
                Some(schema) => {
                    let value = match schema["type"].as_str() {
                        Some("integer") => value.parse::<u64>().map_or(json!(value), Value::from),
                        Some("boolean") => value.parse::<bool>().map_or(json!(value), Value::from),
                        _ => json!(value),
                    };
                    self.compare(&value, schema, name, &mut faults);
                }
            }
        }
        if answer.status == 304 {
            faults.extend((!answer.body.is_empty()).then(|| "a body in 304".to_owned()));
            return faults;
        }
        let documented = operation["responses"].get(answer.status.to_string());
        let error = &self.document["components"]["schemas"]["basic-error"];
        let schema = match documented {
            Some(response) => &self.whole(response)["content"]["application/json"]["schema"],
            None if GENERAL.contains(&answer.status) => error,
            None => {
                faults.push(format!("{} is not documented", answer.status));
                return faults;
            }
        };
        match serde_json::from_slice(&answer.body) {
            Ok(body) => self.compare(&body, schema, "", &mut faults),
            Err(error) => faults.push(error.to_string()),
        }
        faults
    }

    /// Compares a value with a schema of the description, as far as it uses words for them; formats are words for people.
    fn compare(&self, value: &Value, schema: &Value, at: &str, faults: &mut Vec<String>) {
        let schema = self.whole(schema);
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        let all = schema["allOf"].as_array().into_iter().flatten();
        all.for_each(|part| self.compare(value, part, at, faults));
        for key in ["oneOf", "anyOf"] {
            let Some(parts) = schema[key].as_array() else { continue };
            let fits = |part: &&Value| {
                let mut faults = Vec::new();
                self.compare(value, part, at, &mut faults);
                faults.is_empty()
            };
            if !parts.iter().any(|part| fits(&part)) {
                faults.push(format!("{at}: {value} is none of {key}"));
            }
        }
        let is_kind = match schema["type"].as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_u64() || value.is_i64(),
            Some("number") => value.is_number(),
            _ => true,
        };
        let is_listed = schema["enum"].as_array().is_none_or(|known| known.contains(value));
        if !is_kind || !is_listed {
            faults.push(format!("{at}: {value} is no {} {}", schema["type"], schema["enum"]));
            return;
        }
        if let Some(longest) = schema["maxLength"].as_u64() {
            faults.extend(
                (value.as_str().map_or(0, str::len) as u64 > longest).then(|| format!("{at}: {value} is too long")),
            );
        }
        for item in value.as_array().into_iter().flatten() {
            self.compare(item, &schema["items"], &format!("{at}[]"), faults);
        }
        let Some(object) = value.as_object() else { return };
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            faults.extend((!object.contains_key(name)).then(|| format!("{at}.{name} is not there")));
        }
        for (name, value) in object {
            match schema["properties"].get(name) {
                Some(schema) => self.compare(value, schema, &format!("{at}.{name}"), faults),
                None if schema["additionalProperties"] == false => faults.push(format!("{at}.{name} is not known")),
                None => {}
            }
        }
    }
}

#[test]
fn every_request_and_every_document_is_as_the_published_description_says() {
    let Some(description) = description() else { return };
    let http = http(&[]);
    let hidden = busy();
    hidden.change(|state| state.is_hidden = true);
    let listless = busy();
    listless.change(|state| state.hides_collaborators = true);
    let published = busy();
    published.change(|state| {
        state.releases.clear();
        state.release(TAG, false, &[]);
        state.tags.insert(TAG.to_owned(), ("commit", COMMIT.to_owned(), COMMIT.to_owned()));
        for _ in 0..150 {
            state.pull("prepare-v0.4.5", COMMIT, 2, &account("eve", "User"));
        }
    });
    let mut seen = BTreeSet::new();
    for forge in [busy(), Forge::new(), hidden, listless, published] {
        let client = client(&http, &forge, Some(TOKEN));
        let _ = (asked(&client), asked(&client));
        for (request, answer) in forge.log() {
            let faults = description.faults(&request, &answer);
            assert!(faults.is_empty(), "{} {}: {faults:#?}", request.method, request.target);
            seen.insert((description.operation(&request)["operationId"].to_string(), answer.status));
        }
    }
    let ruled = super::probe::ruled();
    super::probe::asked(&ruled).unwrap();
    for (request, answer) in ruled.log() {
        let faults = description.faults(&request, &answer);
        assert!(faults.is_empty(), "{} {}: {faults:#?}", request.method, request.target);
    }
    assert!(seen.len() > 30, "{seen:#?}");
}

#[test]
fn a_request_or_document_that_is_not_described_is_found() {
    let Some(description) = description() else { return };
    let http = http(&[]);
    let forge = busy();
    let _ = asked(&client(&http, &forge, Some(TOKEN)));
    let (request, answer) =
        forge.log().into_iter().find(|(request, _)| request.target.ends_with("/releases/latest")).unwrap();
    let wrong = |target: &str, status: u16, body: Value| {
        let request = Request { target: format!("/repos/meadow/meadow{target}"), ..request.clone() };
        let answer = Answer { status, body: body.to_string().into_bytes(), ..answer.clone() };
        description.faults(&request, &answer).join("; ")
    };
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let but = |key: &str, value: Value| {
        let mut body = body.clone();
        body[key] = value;
        body
    };
    assert_eq!(wrong("/releases/latest", 200, body.clone()), "");
    assert_eq!(wrong("/releases/latest?page=2", 200, body.clone()), "no parameter page");
    assert_eq!(wrong("/releases/latest", 418, body.clone()), "418 is not documented");
    assert_eq!(wrong("/releases/latest", 200, but("id", json!("x"))), r#".id: "x" is no "integer" null"#);
    assert!(wrong("/releases/latest", 200, json!({})).contains(".tag_name is not there"));
    assert!(wrong("/pulls?state=any", 200, json!([])).starts_with(r#"state: "any" is no "string""#));
}

#[test]
fn every_documented_refusal_is_one_of_what_is_not_known() {
    let Some(description) = description() else { return };
    let (http, mut cases) = (http(&[]), 0);
    let forge = busy();
    let _ = asked(&client(&http, &forge, Some(TOKEN)));
    for (request, _) in forge.log() {
        let responses = description.operation(&request)["responses"].as_object().unwrap();
        for status in responses
            .keys()
            .filter_map(|status| status.parse::<u16>().ok())
            .filter(|status| *status >= 400 && *status != 404)
        {
            let forge = busy();
            forge.server.fault(request.target.split('?').next().unwrap(), Fault::Status(status));
            let found = asked(&client(&http, &forge, Some(TOKEN))).unwrap();
            cases += 1;
            for (name, code, is_there) in facts(&found) {
                assert!(code.is_some() || is_there, "{status} of {}: {name} is missing", request.target);
                assert_ne!(code, Some(Code::NoRepository));
            }
        }
    }
    assert!(cases > 7, "{cases}");
}
