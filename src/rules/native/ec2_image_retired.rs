//! Machines with an operating system whose support has ended, by the day of the scan.

use crate::analysis::knowledge::images::{self, System};
use crate::analysis::walk::at_path;
use crate::resolve::{Hole, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Value;

/// Where the image of a machine is named, by type.
const PLACES: [(&str, &str); 14] = [
    ("AWS::EC2::Instance", "ImageId"),
    ("AWS::AutoScaling::LaunchConfiguration", "ImageId"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.ImageId"),
    ("AWS::Cloud9::EnvironmentEC2", "ImageId"),
    ("AWS::EKS::Nodegroup", "AmiType"),
    ("AWS::EC2::SpotFleet", "SpotFleetRequestConfigData.LaunchSpecifications[].ImageId"),
    ("AWS::EC2::EC2Fleet", "LaunchTemplateConfigs[].Overrides[].ImageId"),
    ("AWS::AutoScaling::AutoScalingGroup", "MixedInstancesPolicy.LaunchTemplate.Overrides[].ImageId"),
    ("AWS::Batch::ComputeEnvironment", "ComputeResources.Ec2Configuration[].ImageType"),
    ("AWS::Batch::ComputeEnvironment", "ComputeResources.Ec2Configuration[].ImageIdOverride"),
    ("AWS::GameLift::Build", "OperatingSystem"),
    ("AWS::ImageBuilder::ImageRecipe", "ParentImage"),
    ("AWS::Lightsail::Instance", "BlueprintId"),
    ("AWS::WorkspacesInstances::WorkspaceInstance", "ManagedInstance.ImageId"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let ended = |value: &Value<'a>| {
        let text = Text::of(value);
        let system = match text.only_hole() {
            Some(Hole::Dynamic { key, .. }) => images::system(key),
            // A region or a version that is not known leaves the system certain.
            _ => images::system(&text.pattern()),
        };
        system.filter(|system| system.ended(cx.today))
    };
    // CloudFormation looks the image up itself.
    for parameter in cx.template.parameters.iter().filter(|p| p.kind.starts_with("AWS::SSM::Parameter::Value")) {
        let Some(default) = parameter.default else { continue };
        if let Some(system) = ended(&default) {
            out.report(told(Hit::new(Spot::at(default)), system));
        }
    }
    for (kind, path) in PLACES {
        for resource in cx.resources(kind) {
            for case in at_path(cx.resolver, resource, path) {
                let Some(value) = case.present() else { continue };
                if let Some(system) = ended(&value) {
                    out.report(told(Hit::new(Spot::at(value)).of(resource).under(&case.under), system));
                }
            }
        }
    }
}

fn told(hit: Hit<'_>, system: System) -> Hit<'_> {
    let image = hit.spot.value.map(|value| Text::of(&value).pattern()).unwrap_or_default();
    // What joins a cluster needs more than a system.
    let instead = SUCCESSORS.iter().find(|(part, _)| image.contains(part));
    let hit = match instead {
        Some((_, instead)) => hit.help(*instead),
        None => hit,
    };
    hit.message(format!("{} has had no security fixes since {}", system.name, system.end)).label("no longer patched")
}

/// What takes the place of images that are made for one purpose, by a part of their names; the first that fits.
const SUCCESSORS: &[(&str, &str)] = &[
    (
        "/aws/service/eks/",
        "Choose `/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/x86_64/standard/recommended/image_id`, with the cluster's version in it.",
    ),
    ("/aws/service/ecs/", "Choose `/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id`."),
    ("AL2_ARM_64", "Set `AmiType: AL2023_ARM_64_STANDARD`."),
    ("AL2_x86_64_GPU", "Set `AmiType: AL2023_x86_64_NVIDIA`."),
    ("AL2_x86_64", "Set `AmiType: AL2023_x86_64_STANDARD`."),
    ("ECS_AL2_NVIDIA", "Set `ImageType: ECS_AL2023_NVIDIA`."),
    ("ECS_AL2", "Set `ImageType: ECS_AL2023`."),
    ("EKS_AL2_NVIDIA", "Set `ImageType: EKS_AL2023_NVIDIA`."),
    ("EKS_AL2", "Set `ImageType: EKS_AL2023`."),
    ("AMAZON_LINUX", "Set `OperatingSystem: AMAZON_LINUX_2023`."),
    ("WINDOWS_2012", "Set `OperatingSystem: WINDOWS_2022`."),
    ("amazon_linux", "Set `BlueprintId: amazon_linux_2023`."),
    (":image/amazon-linux-2-", "Name `image/amazon-linux-2023-x86/x.x.x`, or its sibling for ARM."),
];
