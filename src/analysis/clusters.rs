//! Clusters of databases, and the instances of a template that answer for them.

use super::functions::Facts;
use crate::resolve::{Case, Known, Text, Truth, Under};
use crate::template::Resource;

/// The clusters of a type that have one instance, with it and in which case: the others stand under conditions, or there are none.
/// A cluster without any is left out, and one that may have more than can be seen.
#[must_use]
pub fn with_one_instance<'t, 'a>(
    facts: &Facts<'_, 't, 'a>,
    clusters: &str,
    instances: &str,
) -> Vec<(&'t Resource<'a>, &'t Resource<'a>, Under)> {
    let template = facts.template;
    let mut all = Vec::new();
    let own_name = |cluster: &'t Resource<'a>| {
        let names = facts.resolver.property(cluster, &["DBClusterIdentifier"]);
        names.iter().find_map(|name| Some((Text::of(&name.present()?).identity()?, cluster.id)))
    };
    let named: Vec<_> = template.resources.iter().filter(|r| r.kind == clusters).filter_map(own_name).collect();
    let members: Vec<_> = template
        .resources
        .iter()
        .filter(|resource| resource.kind == instances)
        .filter_map(|instance| Some((instance, facts.resolver.under_of(instance)?, belongs(facts, instance, &named))))
        .collect();
    // One that may be of any cluster leaves none alone.
    if members.is_empty() || members.iter().any(|(_, _, whose)| matches!(whose, Whose::Unknown)) {
        return all;
    }
    let grown = grown(facts);
    for cluster in template.resources.iter().filter(|resource| resource.kind == clusters) {
        let Some(under) = facts.resolver.under_of(cluster) else { continue };
        let own: Vec<_> = members
            .iter()
            .filter(|(_, _, whose)| matches!(whose, Whose::Cluster(id) if *id == cluster.id))
            .map(|(instance, there, _)| (*instance, there))
            .collect();
        if grown.iter().any(|there| under.implies(there)) {
            continue;
        }
        for (at, (only, there)) in own.iter().enumerate() {
            let Some(here) = facts.resolver.both(&under, there) else { continue };
            let others = own.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, (_, there))| *there);
            let alone = here.beyond(others.chain(&grown)).unwrap_or_default();
            all.extend(alone.into_iter().map(|alone| (cluster, *only, alone)));
        }
    }
    all
}

/// Whose an instance is.
enum Whose<'a> {
    /// That of a cluster of the template, by its logical id.
    Cluster(&'a str),
    /// It stands by itself.
    Nobody,
    /// A name says it only of a cluster that is not named here.
    Unknown,
}

fn belongs<'a>(facts: &Facts<'_, '_, 'a>, instance: &Resource<'a>, named: &[(String, &'a str)]) -> Whose<'a> {
    let cases = facts.resolver.property(instance, &["DBClusterIdentifier"]);
    match cases.as_slice() {
        [] | [Case { value: Known::Absent, .. }] => Whose::Nobody,
        [case] => {
            let Some(value) = case.present() else { return Whose::Unknown };
            let called = || {
                let name = Text::of(&value).identity()?;
                named.iter().find(|(own, _)| own.eq_ignore_ascii_case(&name)).map(|(_, id)| *id)
            };
            let id = facts.resolver.target(&value).map(|cluster| cluster.id).or_else(called);
            id.map_or(Whose::Unknown, Whose::Cluster)
        }
        [_, _, ..] => Whose::Unknown,
    }
}

/// The cases in which the number of replicas of some cluster follows its load.
fn grown(facts: &Facts<'_, '_, '_>) -> Vec<Under> {
    let targets = facts
        .template
        .resources
        .iter()
        .filter(|resource| resource.kind == "AWS::ApplicationAutoScaling::ScalableTarget");
    let replicas = |dimension: &Text<'_>| {
        dimension.is("rds:cluster:ReadReplicaCount") != Truth::No
            || dimension.is("neptune:cluster:ReadReplicaCount") != Truth::No
    };
    targets
        .flat_map(|target| facts.resolver.property(target, &["ScalableDimension"]))
        .filter(|case| case.present().is_none_or(|dimension| replicas(&Text::of(&dimension))))
        .map(|case| case.under)
        .collect()
}
