//! A property made for a secret whose value is readable.

use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot, declarative};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (resource, path, case) in cx.secret_properties() {
        let Some(value) = case.present() else { continue };
        let text = Text::of(&value);
        let nothing =
            value.as_map().is_some() || value.as_list().is_some() || text.known().is_some_and(|t| t.len() < 2);
        if nothing || !declarative::plaintext(&text, case.parameter, cx.template).yes() {
            continue;
        }
        let last = path.rsplit('.').next().unwrap_or(path).trim_end_matches("[]");
        let spot = Spot::of(&case);
        let message = format!("`{last}` of `{}` is a secret in plain text", resource.written_id);
        out.report(
            Hit::new(spot)
                .of(resource)
                .under(&case.under)
                .message(message)
                .label("readable by whoever reads the template or the stack"),
        );
    }
}
