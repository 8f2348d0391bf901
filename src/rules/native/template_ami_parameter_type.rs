//! Parameters for images that take any text.

use crate::analysis::walk::{self, Read};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for resource in &cx.template.resources {
        let value = match resource.kind {
            "AWS::EC2::Instance" | "AWS::AutoScaling::LaunchConfiguration" => resource.properties.at(&["ImageId"]),
            "AWS::EC2::LaunchTemplate" => resource.properties.at(&["LaunchTemplateData", "ImageId"]),
            "AWS::EC2::SpotFleet" => resource.properties.at(&["SpotFleetRequestConfigData", "LaunchSpecifications"]),
            _ => None,
        };
        let Some(value) = value else { continue };
        walk::reads(&value, &mut |read, origin| {
            let Read::Ref(name) = read else { return };
            let Some(parameter) = cx.template.parameter(name) else { return };
            if parameter.kind == "String"
                && (resource.kind != "AWS::EC2::SpotFleet" || parameter.name.contains("Image"))
            {
                let message = format!("parameter `{name}` is an image, and takes any text");
                let hit = Hit::new(Spot::missing(parameter.key)).message(message);
                out.report(hit.related(origin, "used as the image here").help("Set `Type: AWS::EC2::Image::Id`"));
            }
        });
    }
}
