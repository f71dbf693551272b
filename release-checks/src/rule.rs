//! What a rule is.

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::level::Level;

/// A rule: its name, its weight, its documentation and its check.
pub struct Rule {
    /// Kebab-case, the family first.
    pub name: &'static str,
    /// Its weight, where nobody sets another.
    pub level: Level,
    /// The source of the rule's file, whose `//!` comment is its documentation.
    pub source: &'static str,
    /// Finds what is wrong.
    pub check: fn(&Context, &mut Report),
}

/// A rule that earlier versions of this tool had.
#[derive(Debug)]
pub struct Removed {
    /// Its name.
    pub name: &'static str,
    /// The programs that look for the same.
    pub instead: &'static str,
}

/// The rules that earlier versions had. A setting that names one is told where it went.
pub const REMOVED: &[Removed] = &[Removed {
    name: "workflow-script-injection",
    instead: "zizmor and actionlint look for text of others in the scripts of workflows",
}];

/// Returns the rule of a name that earlier versions had.
pub fn removed(name: &str) -> Option<&'static Removed> {
    REMOVED.iter().find(|rule| rule.name == name)
}

impl Removed {
    /// Says where the rule went.
    pub fn message(&self) -> String {
        format!("`{}` is no longer a rule of this tool: {}", self.name, self.instead)
    }
}

/// What a check reports.
#[derive(Debug, Default)]
pub struct Report {
    /// What it found.
    pub findings: Vec<Finding>,
    /// Why it could not tell, or not everything.
    pub skipped: Option<String>,
    /// The reasons of which `skipped` is made, where there may be several; each with the packages that it is about.
    reasons: Vec<(String, Vec<String>)>,
}

impl Report {
    /// Notes a finding.
    pub fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Notes one more reason why the rule cannot tell everything.
    pub fn skip_too(&mut self, reason: impl Into<String>) {
        self.also((reason.into(), Vec::new()));
    }

    /// Notes that nothing is known of a package, and why. Packages of one reason are named together.
    pub fn not_told(&mut self, name: &str, reason: &str) {
        match self.reasons.iter_mut().find(|(known, names)| known == reason && !names.is_empty()) {
            Some((_, names)) if names.iter().any(|known| known == name) => {}
            Some((_, names)) => {
                names.push(name.to_owned());
                self.skipped = Some(self.told());
            }
            None => self.also((reason.to_owned(), vec![name.to_owned()])),
        }
    }

    fn also(&mut self, reason: (String, Vec<String>)) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
            self.skipped = Some(self.told());
        }
    }

    fn told(&self) -> String {
        let reason = |(reason, names): &(String, Vec<String>)| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            if names.is_empty() { reason.clone() } else { format!("could not ask for {}: {reason}", names.join(", ")) }
        };
        self.reasons.iter().map(reason).collect::<Vec<_>>().join("; ")
    }

    /// Notes why the rule cannot tell.
    pub fn skip(&mut self, reason: impl Into<String>) {
        self.skipped = Some(reason.into());
    }
}

impl Rule {
    /// The family: what stands before the rule's own words, such as `uv-lock`.
    pub fn family(&self) -> &'static str {
        const FAMILIES: [&str; 10] =
            ["scm", "version", "pin", "uv-lock", "npm", "branch", "tag", "policy", "config", "workflow"];
        FAMILIES.iter().find(|family| self.name.starts_with(**family)).copied().unwrap_or("")
    }

    /// The documentation, as Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
    }

    /// The first sentence of the documentation: what the rule is about.
    pub fn summary(&self) -> String {
        self.documentation()
            .lines()
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .unwrap_or_default()
            .to_owned()
    }
}
