//! The question to a registry, and its answer: one question and one answer for every kind of registry.

use super::at_once::at_once;
use super::failure::Failure;
use super::http::Http;
use super::whom::Whom;
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

/// The answer of a registry: the document of a package, `None` where the registry does not know it, or the reason why it could
/// not be asked, which says nothing about the package.
pub(crate) type Answer = Result<Option<Found>, Failure>;

/// The document of a package in a registry.
pub(crate) enum Found {
    /// The page of an index, and the address that its files are relative to.
    Page(Page, String),
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
        names.entry((&whom.address, whom.named_by())).or_default().push(name);
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
        (whom.registry, &whom.address, &whom.origin) == (others.registry, &others.address, &others.origin)
            && (&self.name, &self.version) == (&other.name, &other.version)
    }

    /// The version as the registry spells it; empty where none is meant.
    pub(crate) fn spelled_version(&self) -> String {
        self.version.as_ref().map(|version| self.whom.registry.spelling(version)).unwrap_or_default()
    }

    fn ask(&self, http: &Http) -> Answer {
        Ok(match self.whom.registry {
            Registry::Pypi => self.whom.page(http, &self.name)?.map(|(page, base)| Found::Page(page, base)),
            Registry::Npm => self.whom.document(http, &self.name)?.map(Found::Document),
        })
    }
}

impl Found {
    /// The page of an index.
    pub(crate) fn page(&self) -> Option<&Page> {
        match self {
            Self::Page(page, _) => Some(page),
            Self::Document(_) => None,
        }
    }

    /// The document of an npm registry.
    pub(crate) fn document(&self) -> Option<&Document> {
        match self {
            Self::Document(document) => Some(document),
            Self::Page(..) => None,
        }
    }
}

impl Answered {
    /// Returns the document of the package, if there is one.
    ///
    /// # Errors
    /// The reason why that is not known.
    pub(crate) fn found(&self) -> Result<Option<&Found>, &Failure> {
        self.answer.as_ref().map(Option::as_ref)
    }

    /// Returns the standing of the question's version in the registry.
    ///
    /// # Errors
    /// The reason why that is not known.
    pub(crate) fn standing(&self) -> Result<Standing, &Failure> {
        let Some(found) = self.found()? else { return Ok(Standing::Absent) };
        let Some(version) = &self.question.version else { return Ok(Standing::Published) };
        Ok(match found {
            Found::Page(page, _) => page.standing(version),
            Found::Document(document) => document.version(version).map_or(Standing::Absent, |_| Standing::Published),
        })
    }

    /// Tells whether asking again may give another answer.
    pub(crate) fn may_change(&self) -> bool {
        match self.standing() {
            Ok(Standing::Published | Standing::Absent | Standing::Incomplete(_)) => true,
            Ok(Standing::Yanked(_)) => false,
            Err(failure) => failure.is_transient,
        }
    }

    /// Returns the words for what is missing; `None` where the version is published.
    pub(crate) fn missing(&self) -> Option<String> {
        let Question { name, whom, .. } = &self.question;
        let (version, place) = (self.question.spelled_version(), format!("{} ({})", whom.registry, whom.address));
        Some(match self.standing() {
            Ok(Standing::Published) => return None,
            Ok(Standing::Absent) => format!("{name} {version} is not on {place}"),
            Ok(Standing::Incomplete(what)) => {
                format!("{name} {version} is on {place} without {what}, which may be on its way")
            }
            Ok(Standing::Yanked(reason)) if reason.is_empty() => format!("{name} {version} is yanked on {place}"),
            Ok(Standing::Yanked(reason)) => {
                let reason: String = reason.chars().filter(|c| !c.is_control()).take(200).collect();
                format!("{name} {version} is yanked on {place}: {reason}")
            }
            Err(failure) => failure.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Settings, User, npm, python};
    use camino::Utf8Path;
    use release_core::train::world::Code;

    fn whom(registry: Registry) -> Whom {
        let user = User { index: Some(("--index", "https://i.example/simple".to_owned())), ..User::default() };
        let npmrc = Settings { path: Utf8Path::new(".npmrc"), text: "registry=https://n.example" };
        match registry {
            Registry::Pypi => python::choose(&user, None, None).unwrap(),
            Registry::Npm => npm::choose("a", &user, &[npmrc], None).unwrap(),
        }
    }

    fn question(registry: Registry, version: Option<&str>) -> Question {
        let version = version.map(|version| Version::parse(version).unwrap());
        Question { name: "a".to_owned(), version, whom: whom(registry) }
    }

    fn page(files: &str) -> Answer {
        let text = format!(r#"{{"meta": {{"api-version": "1.1"}}, "name": "a", "files": [{files}]}}"#);
        Ok(Some(Found::Page(Page::parse(text.as_bytes(), "a").unwrap(), String::new())))
    }

    fn document() -> Answer {
        let text = br#"{"name": "a", "versions": {"0.5.0-rc.1": {"name": "a", "version": "0.5.0-rc.1"}}}"#;
        Ok(Some(Found::Document(Document::parse(text, "a").unwrap())))
    }

    #[test]
    fn what_is_missing_is_said_of_every_registry_in_its_own_spelling() {
        use Registry::{Npm, Pypi};
        let file = |name: &str, yanked: &str| format!(r#"{{"filename": "{name}", "url": "u", "yanked": {yanked}}}"#);
        let wheel = file("a-0.5.0rc1-py3-none-any.whl", "false");
        let both = format!("{wheel}, {}", file("a-0.5.0rc1.tar.gz", "false"));
        let yanked = file("a-0.5.0rc1-py3-none-any.whl", r#""broken\u001b[1m""#);
        let cut_off = || Err(Failure::transient(Code::CutOff, "the answer of i.example ends too early".to_owned()));
        let wrong = || Err(Failure::malformed("i.example", "what is no page"));
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
            (Npm, None, Ok(None), Some("a  is not on npm (https://n.example)"), true),
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
