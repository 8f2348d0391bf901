//! Machines with an operating system whose support has ended, by the day of the scan.

use crate::analysis::knowledge::images::{self, System};
use crate::resolve::{Case, Hole, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Value;

/// Where the image of a machine is named: type, property, and the name in the items when that is a list.
const PLACES: [(&str, &[&str], Option<&str>); 8] = [
    ("AWS::EC2::Instance", &["ImageId"], None),
    ("AWS::AutoScaling::LaunchConfiguration", &["ImageId"], None),
    ("AWS::EC2::LaunchTemplate", &["LaunchTemplateData", "ImageId"], None),
    ("AWS::Cloud9::EnvironmentEC2", &["ImageId"], None),
    ("AWS::EKS::Nodegroup", &["AmiType"], None),
    ("AWS::EC2::SpotFleet", &["SpotFleetRequestConfigData", "LaunchSpecifications"], Some("ImageId")),
    ("AWS::Batch::ComputeEnvironment", &["ComputeResources", "Ec2Configuration"], Some("ImageType")),
    ("AWS::Batch::ComputeEnvironment", &["ComputeResources", "Ec2Configuration"], Some("ImageIdOverride")),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let ended = |value: &Value<'a>| {
        let text = Text::of(value);
        let system = match text.only_hole() {
            Some(Hole::Dynamic { key, .. }) => images::system(key),
            _ => text.known().and_then(|name| images::system(&name)),
        };
        system.filter(|system| system.ended(cx.today))
    };
    // CloudFormation looks the image up itself.
    for parameter in cx.template.parameters.iter().filter(|p| p.kind.starts_with("AWS::SSM::Parameter::Value")) {
        let Some(default) = parameter.default else { continue };
        if let Some(system) = ended(&default) {
            out.report(told(Hit::new(Spot { origin: default.origin, value: Some(default), item: None }), system));
        }
    }
    for (kind, path, inner) in PLACES {
        for resource in cx.resources(kind) {
            let cases = cx.resolver.property(resource, path).into_iter();
            let named: Vec<Case<'a>> = match inner {
                None => cases.collect(),
                Some(inner) => {
                    let lists = cases.filter_map(|list| Some(cx.resolver.items(&list.present()?, &list.under)));
                    let items = lists.flatten().filter_map(|item| Some(cx.resolver.get(&item.present()?, inner, &item.under)));
                    items.flatten().collect()
                }
            };
            for case in named {
                let Some(value) = case.present() else { continue };
                if let Some(system) = ended(&value) {
                    out.report(told(Hit::new(Spot::at(value)).of(resource).under(&case.under), system));
                }
            }
        }
    }
}

fn told(hit: Hit<'_>, system: System) -> Hit<'_> {
    hit.message(format!("{} gets no security fixes since {}", system.name, system.end)).label("no longer patched")
}
