//! Parameter Store keeps what CloudFormation puts there in plain text.

use crate::analysis::secrets::{between_holes, credential, deployed};
use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for parameter in cx.resources("AWS::SSM::Parameter") {
        let names = cx.resolver.property(parameter, &["Name"]);
        let name = names.iter().find_map(|c| c.present()).map(|value| Text::of(&value).pattern());
        let name = name
            .as_deref()
            .and_then(|name| name.trim_end_matches('*').rsplit(['/', '.']).find(|part| !part.is_empty()));
        for case in cx.resolver.property(parameter, &["Value"]) {
            let Some(value) = case.present() else { continue };
            let text = Text::of(&value);
            let found = match text.known() {
                Some(known) => deployed(name, &known).or_else(|| credential(Some(parameter.id), &known)),
                None => between_holes(&text),
            };
            let Some(found) = found else { continue };
            let spot = Spot::of(&case);
            let message = format!("parameter holds a credential ({}) in plain text", found.kind);
            out.report(Hit::new(spot).of(parameter).under(&case.under).message(message).label("a credential"));
        }
    }
}
