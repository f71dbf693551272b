//! The things that a forge says of who asks and of its rules, and the kinds of verdict on them.

use super::super::world::Fact;
use serde::Serialize;

/// The things that a forge says of who asks, and of what its rules protect.
#[derive(Clone, Debug)]
pub struct Powers {
    /// The kind of token.
    pub token: TokenKind,
    /// `true` if the account behind the token may push.
    pub may_push: Fact<bool>,
    /// The scopes of a classic token; `None` if the forge names none.
    pub scopes: Option<Vec<String>>,
    /// The branch of the line.
    pub line: BranchRules,
    /// The branch on which edits are proposed.
    pub proposal: BranchRules,
    /// The tag of the release.
    pub tag: String,
    /// The rulesets for tags, as far as who asks may not bypass them.
    pub tags: Fact<Vec<TagRuleset>>,
    /// `true` if published releases can never change.
    pub is_immutable: Fact<bool>,
    /// `true` if the commit that is to be tagged has other workflows than the default branch.
    pub changes_workflows: Fact<bool>,
}

/// A kind of token, as its beginning and its source tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// There is none.
    Missing,
    /// The token that a workflow is given.
    Workflow,
    /// A token of an app, which may be that of a workflow.
    App,
    /// A token of a person with scopes.
    Classic,
    /// A token of a person with rights for single repositories, which the forge does not tell.
    FineGrained,
    /// Any other.
    Unknown,
}

/// The rules for a branch.
#[derive(Clone, Debug)]
pub struct BranchRules {
    /// The branch.
    pub name: String,
    /// `true` if it is there, `false` if it is still to be cut.
    pub is_there: Fact<bool>,
    /// The rules that are in force and that who asks may not bypass.
    pub rules: Fact<Vec<Rule>>,
    /// `true` if the older kind of protection is on; for a branch that is not there it cannot be asked.
    pub is_protected: Fact<bool>,
}

/// A rule, by its name on the forge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its type, such as `required_signatures`.
    pub kind: String,
    /// The operator and pattern of a rule for names.
    pub pattern: Option<Pattern>,
    /// `true` if it is not in force when a branch is made.
    pub spares_creation: bool,
}

/// A pattern of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// `starts_with`, `ends_with`, `contains` or `regex`.
    pub operator: String,
    /// The text or expression.
    pub text: String,
    /// `true` if names must not be like it.
    pub is_negated: bool,
}

/// A ruleset for tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRuleset {
    /// Its name.
    pub name: String,
    /// The references that it is for, as patterns.
    pub include: Vec<String>,
    /// Those that it is not for.
    pub exclude: Vec<String>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// The verdict on an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing that was asked refuses it.
    Can,
    /// The forge will refuse it.
    Cannot,
    /// It could not be asked, or the forge does not tell.
    NotKnown,
}

/// A reason against an act, with how certain it is.
pub(super) type Reason = (Verdict, String);
