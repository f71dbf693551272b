//! The question to a registry, and its answer: one question and one answer for every kind of registry.

use super::at_once;
use super::failure::Failure;
use super::http::Http;
use super::npm::NpmRegistry;
use super::origin::Origin;
use super::python::Index;
use release_core::registry::Registry;
use release_core::registry::npm::Document;
use release_core::registry::simple::{Page, Standing};
use release_core::version::Version;
use std::collections::BTreeMap;

/// A question to a registry.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The package, by its name on the registry.
    pub(crate) name: String,
    /// The version that is meant; `None` asks for the package as a whole.
    pub(crate) version: Option<Version>,
    pub(crate) whom: Whom,
}

/// A registry at its address.
#[derive(Clone, Debug)]
pub(crate) enum Whom {
    Index(Index),
    Npm(NpmRegistry),
}

/// The answer of a registry.
pub(crate) enum Answer {
    Found(Found),
    /// The registry does not know the package.
    Absent,
    /// It could not be asked, which says nothing about the package.
    Unknown(Failure),
}

/// The document of a package in a registry.
pub(crate) enum Found {
    /// The page of an index, and the address that its files are relative to.
    Page {
        page: Page,
        base: String,
    },
    Document(Document),
}

/// A question with its answer.
pub(crate) struct Answered {
    pub(crate) question: Question,
    pub(crate) answer: Answer,
}

/// Asks all questions side by side, and gives the answers in their order.
pub(crate) fn ask_all(http: &Http, questions: &[Question]) -> Vec<Answered> {
    let answers = at_once(questions, |question| question.ask(http));
    let answered = |(question, answer): (&Question, Answer)| Answered { question: question.clone(), answer };
    questions.iter().zip(answers).map(answered).collect()
}

/// Sentences that say who is asked, chosen by whom, and for what.
pub(crate) fn who_is_asked(questions: &[Question]) -> Vec<String> {
    let mut names: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for Question { name, whom, .. } in questions {
        names.entry((whom.address(), whom.named_by())).or_default().push(name);
    }
    let sentence = |((address, named_by), names): (_, Vec<&str>)| {
        format!("asking {address}, named by {named_by}, for {}", names.join(", "))
    };
    names.into_iter().map(sentence).collect()
}

impl Question {
    /// Tells whether another question is the same: about the same version, to the same address, chosen by the same origin.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let (whom, others) = (&self.whom, &other.whom);
        (whom.registry(), whom.address(), whom.origin()) == (others.registry(), others.address(), others.origin())
            && (&self.name, &self.version) == (&other.name, &other.version)
    }

    /// The version as the registry spells it; empty where none is meant.
    pub(crate) fn spelled_version(&self) -> String {
        self.version.as_ref().map(|version| self.whom.registry().spelling(version)).unwrap_or_default()
    }

    fn ask(&self, http: &Http) -> Answer {
        let found = match &self.whom {
            Whom::Index(index) => {
                let page = index.page(http, &self.name);
                page.map(|found| found.map(|(page, base)| Found::Page { page, base }))
            }
            Whom::Npm(registry) => registry.document(http, &self.name).map(|found| found.map(Found::Document)),
        };
        match found {
            Ok(Some(found)) => Answer::Found(found),
            Ok(None) => Answer::Absent,
            Err(failure) => Answer::Unknown(failure),
        }
    }
}

impl Whom {
    pub(crate) fn registry(&self) -> Registry {
        match self {
            Self::Index(_) => Registry::Pypi,
            Self::Npm(_) => Registry::Npm,
        }
    }

    /// The address, without credentials.
    pub(crate) fn address(&self) -> &str {
        match self {
            Self::Index(index) => index.shown(),
            Self::Npm(registry) => registry.shown(),
        }
    }

    /// Who chose it.
    pub(crate) fn origin(&self) -> &Origin {
        match self {
            Self::Index(index) => &index.origin,
            Self::Npm(registry) => &registry.origin,
        }
    }

    /// The same in words, with what it means for who asks.
    pub(crate) fn named_by(&self) -> String {
        match self {
            Self::Index(index) => index.named_by(),
            Self::Npm(registry) => registry.named_by(),
        }
    }
}

impl Found {
    /// The page of an index.
    pub(crate) fn page(&self) -> Option<&Page> {
        match self {
            Self::Page { page, .. } => Some(page),
            Self::Document(_) => None,
        }
    }

    /// The document of an npm registry.
    pub(crate) fn document(&self) -> Option<&Document> {
        match self {
            Self::Document(document) => Some(document),
            Self::Page { .. } => None,
        }
    }
}

impl Answer {
    /// Returns the document of the package, if there is one.
    ///
    /// # Errors
    /// The reason why that is not known.
    pub(crate) fn known(&self) -> Result<Option<&Found>, &Failure> {
        match self {
            Self::Found(found) => Ok(Some(found)),
            Self::Absent => Ok(None),
            Self::Unknown(failure) => Err(failure),
        }
    }
}

impl Answered {
    /// Returns the standing of the question's version in the registry.
    ///
    /// # Errors
    /// The reason why that is not known.
    pub(crate) fn standing(&self) -> Result<Standing, &Failure> {
        let Some(found) = self.answer.known()? else { return Ok(Standing::Absent) };
        let Some(version) = &self.question.version else { return Ok(Standing::Published) };
        Ok(match found {
            Found::Page { page, .. } => page.standing(version),
            Found::Document(document) => document.version(version).map_or(Standing::Absent, |_| Standing::Published),
        })
    }

    /// Tells whether asking again may give another answer.
    pub(crate) fn may_change(&self) -> bool {
        match self.standing() {
            Ok(Standing::Published | Standing::Absent | Standing::Incomplete(_)) => true,
            Ok(Standing::Yanked(_)) => false,
            Err(failure) => failure.is_transient(),
        }
    }

    /// Returns the words for what is missing; `None` where the version is published.
    pub(crate) fn missing(&self) -> Option<String> {
        let Question { name, whom, .. } = &self.question;
        let (version, registry, address) = (self.question.spelled_version(), whom.registry(), whom.address());
        match self.standing() {
            Ok(Standing::Published) => None,
            Ok(Standing::Absent) => Some(format!("{name} {version} is not on {registry} ({address})")),
            Ok(Standing::Incomplete(what)) => {
                Some(format!("{name} {version} is on {registry} ({address}) without {what}, which may be on its way"))
            }
            Ok(Standing::Yanked(reason)) if reason.is_empty() => {
                Some(format!("{name} {version} is yanked on {registry} ({address})"))
            }
            Ok(Standing::Yanked(reason)) => {
                let reason: String = reason.chars().filter(|c| !c.is_control()).take(200).collect();
                Some(format!("{name} {version} is yanked on {registry} ({address}): {reason}"))
            }
            Err(failure) => Some(failure.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::failure::Kind;
    use crate::registry::{Settings, User};
    use camino::Utf8Path;

    fn whom(registry: Registry) -> Whom {
        let user = User { index: Some(("--index", "https://i.example/simple".to_owned())), ..User::default() };
        let npmrc = Settings { path: Utf8Path::new(".npmrc"), text: "registry=https://n.example" };
        match registry {
            Registry::Pypi => Whom::Index(Index::choose(&user, None, None).unwrap()),
            Registry::Npm => Whom::Npm(NpmRegistry::choose("a", &user, &[npmrc], None).unwrap()),
        }
    }

    fn question(registry: Registry, version: Option<&str>) -> Question {
        let version = version.map(|version| Version::parse(version).unwrap());
        Question { name: "a".to_owned(), version, whom: whom(registry) }
    }

    fn page(files: &str) -> Answer {
        let text = format!(r#"{{"meta": {{"api-version": "1.1"}}, "name": "a", "files": [{files}]}}"#);
        Answer::Found(Found::Page { page: Page::parse(text.as_bytes(), "a").unwrap(), base: String::new() })
    }

    fn document() -> Answer {
        let text = br#"{"name": "a", "versions": {"0.5.0-rc.1": {"name": "a", "version": "0.5.0-rc.1"}}}"#;
        Answer::Found(Found::Document(Document::parse(text, "a").unwrap()))
    }

    #[test]
    fn what_is_missing_is_said_of_every_registry_in_its_own_spelling() {
        use Registry::{Npm, Pypi};
        let file = |name: &str, yanked: &str| format!(r#"{{"filename": "{name}", "url": "u", "yanked": {yanked}}}"#);
        let wheel = file("a-0.5.0rc1-py3-none-any.whl", "false");
        let both = format!("{wheel}, {}", file("a-0.5.0rc1.tar.gz", "false"));
        let yanked = file("a-0.5.0rc1-py3-none-any.whl", r#""broken\u001b[1m""#);
        let cut_off = || Answer::Unknown(Failure::new("i.example", Kind::CutOff));
        let wrong = || Answer::Unknown(Failure::malformed("i.example", "what is no page"));
        let candidate = Some("0.5.0rc1");
        for (registry, version, answer, missing, may_change) in [
            (Pypi, candidate, page(&both), None, true),
            (
                Pypi,
                candidate,
                page(&wheel),
                Some(
                    "a 0.5.0rc1 is on pypi (https://i.example/simple) without the source distribution, which may be on its way",
                ),
                true,
            ),
            (
                Pypi,
                candidate,
                page(&yanked),
                Some("a 0.5.0rc1 is yanked on pypi (https://i.example/simple): broken[1m"),
                false,
            ),
            (Pypi, Some("0.5.0"), page(&both), Some("a 0.5.0 is not on pypi (https://i.example/simple)"), true),
            (Pypi, None, page(""), None, true),
            (Npm, candidate, document(), None, true),
            (Npm, Some("0.5.0rc2"), document(), Some("a 0.5.0-rc.2 is not on npm (https://n.example)"), true),
            (Npm, None, Answer::Absent, Some("a  is not on npm (https://n.example)"), true),
            (Npm, candidate, cut_off(), Some("the answer of i.example ends too early"), true),
            (Pypi, candidate, wrong(), Some("i.example answers what is no page"), false),
        ] {
            let answered = Answered { question: question(registry, version), answer };
            assert_eq!(
                (answered.missing().as_deref(), answered.may_change()),
                (missing, may_change),
                "{registry} {version:?}"
            );
        }
    }

    #[test]
    fn who_is_asked_is_said_once_for_all_packages_and_a_question_is_the_same_only_for_the_same_version() {
        let questions = [
            question(Registry::Npm, None),
            question(Registry::Pypi, Some("0.4.5")),
            question(Registry::Pypi, Some("0.4.6")),
        ];
        assert_eq!(
            who_is_asked(&questions),
            [
                "asking https://i.example/simple, named by --index, for a, a",
                "asking https://n.example, named by .npmrc (the tree's choice, asked without credentials), for a"
            ]
        );
        let same: Vec<bool> = questions.iter().map(|other| questions[1].is_same(other)).collect();
        assert_eq!(same, [false, true, false]);
    }
}
