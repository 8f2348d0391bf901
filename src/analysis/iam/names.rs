//! What roles, policies and functions of the template are called in the resources of a policy.

use super::actions::Action;
use super::grant::Part;
use super::wildcard::Glob;
use crate::resolve::{Hole, Text, Truth, Under};

/// Something that a policy may name.
#[derive(Debug, Clone)]
pub struct Name<'a> {
    /// Its service, by its prefix: `iam`.
    service: &'static str,
    /// Its sort, in the words of the reference of actions: `role`, `policy`.
    sort: &'static str,
    /// The resource of the template that it is, by logical id.
    id: Option<&'a str>,
    /// The last part of its ARN, case by case: `role/app`.
    called: Vec<(Glob<'a>, Under)>,
}

impl<'a> Name<'a> {
    /// Something of a service and a sort, and the resource of the template that it is.
    #[must_use]
    pub const fn new(service: &'static str, sort: &'static str, id: Option<&'a str>) -> Self {
        Self { service, sort, id, called: Vec::new() }
    }

    /// Says what the last part of its ARN is in some cases.
    pub fn call(&mut self, name: &Text<'a>, under: &Under) {
        self.called.push((Glob::text(name), under.clone()));
    }

    /// Whether an action is done to its sort.
    pub(super) fn fits(&self, action: &Action) -> bool {
        // The roles of STS are those of IAM.
        let served = action.service.prefix == self.service || (action.service.prefix == "sts" && self.service == "iam");
        served && action.resources().any(|kind| kind.name == self.sort)
    }

    /// Whether a resource of a policy means it, case by case.
    pub(super) fn meant_by(&self, part: &Part<'a>) -> impl Iterator<Item = (Truth, Under)> {
        // `!GetAtt Role.Arn` is how a policy beside the role names it; the `Ref` of a managed policy is its ARN.
        let referred = part.text.only_hole().map(|hole| match hole {
            Hole::Attribute(id, "Arn" | "PolicyArn") => Truth::from(self.id == Some(id)),
            Hole::Resource(id) => Truth::from(self.id == Some(id) && self.sort == "policy"),
            Hole::Attribute(..) => Truth::No,
            Hole::Pseudo(_)
            | Hole::Parameter { .. }
            | Hole::Import(_)
            | Hole::Dynamic { .. }
            | Hole::External(_)
            | Hole::Other => Truth::Maybe,
        });
        let whole = referred.map(|truth| (truth, Under::always()));
        let names = |glob: &Glob<'a>| {
            let Some(arn) = part.arn() else {
                // What begins with something unknown may be any ARN.
                return if part.text.known().is_none() { Truth::Maybe } else { Truth::No };
            };
            arn.service.covers(&Glob::plain(self.service)).and(arn.resource.covers(glob))
        };
        let called: Vec<_> =
            self.called.iter().filter(|_| whole.is_none()).map(|(g, under)| (names(g), under.clone())).collect();
        whole.into_iter().chain(called)
    }
}
