//! Names of roles where a path makes the name too little.

use super::{Context, Rule, Sink};
use crate::resolve::{Hole, Text};
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for project in cx.resources("AWS::CodeBuild::Project") {
        for case in cx.resolver.property(project, &["ServiceRole"]) {
            let Some(value) = case.present() else { continue };
            let Some(Hole::Resource(id)) = Text::of(&value).only_hole() else { continue };
            let Some(role) = cx.resolver.resource(id).filter(|r| r.kind == "AWS::IAM::Role") else { continue };
            for path in cx.resolver.property(role, &["Path"]) {
                let known = path.present().and_then(|p| Text::of(&p).known());
                let (Some(known), Some(under)) = (known, case.under.and(&path.under)) else { continue };
                if known != "/" {
                    let hit = Hit::new(Spot::of(&case)).of(project).under(&under);
                    out.report(hit.message(format!(
                        "`!Ref {id}` is the role's name, which is not found since its path is `{known}`"
                    )));
                }
            }
        }
    }
}
