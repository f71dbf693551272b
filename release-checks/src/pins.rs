//! The pins that rules judge: requirements on clients, and on packages of this monorepo other than the one that asks.

use crate::context::{Context, Role};
use crate::fix::{Applicability, Fix};
use release_core::manifest::requirement::Requirement;
use release_core::monorepo::{Manifest, PinForm, Site, SiteKind, sites};
use release_core::pins::policy::{Missing, reform};
use release_core::pins::tree;
use release_core::text::TextEdit;
use release_core::version::{Operand, Operator, Release, SpecifierSet, Version};
use std::collections::BTreeMap;

/// A pin.
#[derive(Clone, Debug)]
pub(crate) struct Pin<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) manifest: &'a Manifest,
    /// The version specifiers; `None` where they cannot be read.
    pub(crate) requirement: Option<&'a Requirement>,
}

/// Every pin, by file and place. On main, uv's tables of constraints are not among them: they bound what is tried, and do
/// not say what is wanted. A package that asks for itself, for the sake of its extras, pins nothing.
pub(crate) fn pins(context: &Context) -> impl Iterator<Item = Pin<'_>> {
    let is_main = context.is_main();
    sites(&context.monorepo).into_iter().filter_map(move |site| {
        let declared = site.declared?;
        let own = context.monorepo.package_at(site.path).map(|package| package.canonical.as_str());
        if own == Some(site.subject.as_str()) || (is_main && site.table.starts_with("tool.uv.")) {
            return None;
        }
        let manifest = context.monorepo.manifests.get(site.path)?;
        Some(Pin { requirement: declared.requirement.as_ref().ok(), manifest, site })
    })
}

/// Pins of one package under one environment marker, once for each list.
pub(crate) fn groups(context: &Context) -> impl Iterator<Item = Vec<Pin<'_>>> {
    let mut groups: BTreeMap<(String, String), Vec<Pin<'_>>> = BTreeMap::new();
    for pin in pins(context).filter(|pin| pin.specifier().is_some()) {
        let group = groups.entry((pin.site.subject.clone(), pin.marker().to_owned())).or_default();
        let is_again =
            group.last().is_some_and(|last| (last.site.path, &last.site.table) == (pin.site.path, &pin.site.table));
        if !is_again {
            group.push(pin);
        }
    }
    groups.into_values()
}

/// Tells if pins of one package ask for different versions.
pub(crate) fn disagree(group: &[Pin<'_>]) -> bool {
    group.windows(2).any(|pair| pair[0].specifier() != pair[1].specifier())
}

/// The release that a tree is: by its version, or, when that is a development version, by its tag.
pub(crate) fn release(context: &Context) -> Option<Release> {
    let tagged = || context.here.iter().copied().max().filter(|_| !context.is_edited_since_tag());
    context.release().or_else(tagged)
}

/// The version that pins of a line move to.
pub(crate) fn target(context: &Context) -> Option<Version> {
    context.line().and_then(|_| Version::parse(&release(context)?.to_string()).ok())
}

impl Pin<'_> {
    /// Tells if a client is pinned, and not a sibling.
    pub(crate) fn is_client(&self) -> bool {
        self.site.kind == SiteKind::ClientPin
    }

    /// The name, as it is spelled.
    pub(crate) fn name(&self) -> &str {
        self.requirement.map_or(self.site.subject.as_str(), |requirement| &requirement.name.text)
    }

    /// The form that the branch wants; on a branch that is not known, that of a release branch.
    pub(crate) fn form(&self, context: &Context) -> PinForm {
        let is_candidate = release(context).is_some_and(Release::is_candidate);
        let role = match context.branch.as_ref().map(|branch| branch.role) {
            Ok(Role::Main) => tree::Role::Main,
            _ if is_candidate => tree::Role::Candidate,
            _ => tree::Role::Release,
        };
        tree::form_at(&context.monorepo, role, &self.site)
    }

    pub(crate) fn specifier(&self) -> Option<&SpecifierSet> {
        self.requirement?.specifier()
    }

    /// The environment marker, as it is written.
    pub(crate) fn marker(&self) -> &str {
        let span = self.requirement.and_then(|requirement| requirement.marker.clone());
        span.and_then(|span| self.site.text.value.get(span)).unwrap_or_default()
    }

    /// The versions that it begins with or is fixed to.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &Version> {
        let clauses = self.specifier().map_or(&[][..], |specifier| &specifier.clauses);
        clauses.iter().filter_map(|clause| match (&clause.operator, &clause.operand) {
            (Operator::Equal | Operator::Compatible | Operator::GreaterEqual, Operand::Version(version)) => {
                Some(version)
            }
            _ => None,
        })
    }

    /// The edit that pins it to a version, where the branch says how and it has a specifier.
    pub(crate) fn to(&self, context: &Context, version: &Version) -> Option<Fix> {
        self.edit(self.form(context), version, Missing::Refuse)
    }

    /// The edit that gives it a specifier, where it has none.
    pub(crate) fn with_specifier(&self, context: &Context, version: &Version) -> Option<Fix> {
        self.requirement.filter(|requirement| !requirement.is_constrained())?;
        self.edit(self.form(context), version, Missing::Add)
    }

    /// The edit that takes its specifier away.
    pub(crate) fn without_specifier(&self) -> Option<Fix> {
        self.edit(PinForm::Unpinned, &Version::new(0, 0, 0), Missing::Refuse)
    }

    fn edit(&self, form: PinForm, version: &Version, missing: Missing) -> Option<Fix> {
        let edit = reform(&self.site.text.value, self.requirement?, form, version, missing).ok()??;
        let span = self.site.text.source_span(&self.manifest.source, edit.span)?;
        Some(Fix::new(Applicability::Unsafe, self.site.path, TextEdit { span, ..edit }))
    }
}
