//! `alexaSkill` and `alexaSmartHome`: who speaks to a function.

use super::super::read;
use super::super::service::Service;
use super::super::stack::Stack;

/// Makes the permissions of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for (kind, tail, principal) in [
        ("alexaSkill", "LambdaPermissionAlexaSkill", "alexa-appkit.amazon.com"),
        ("alexaSmartHome", "LambdaPermissionAlexaSmartHome", "alexa-connectedhome.amazon.com"),
    ] {
        for function in &service.functions {
            for (number, event) in function.events.iter().filter(|e| e.kind == kind).enumerate() {
                let cause = function.event_cause(service.build, "permission", event);
                let make = service.make(cause.origin);
                let id = function.owned(service.build, &format!("{tail}{}", number + 1));
                stack.permit(id, cause, function, principal, None);
                let Some(draft) = stack.draft(id) else { continue };
                let app = match event.value.as_map() {
                    Some(_) => read::get(event.value, "appId"),
                    // Before version 3 the bare word was an event, for any skill.
                    None => Some(event.value).filter(|v| v.as_text() != Some(kind)),
                };
                if let Some(app) = app {
                    draft.put("EventSourceToken", app);
                }
                if let Some(off) = read::get(event.value, "enabled").filter(|e| e.as_bool() == Some(false)) {
                    draft.put("Action", make.at(off.origin).text("lambda:DisableInvokeFunction"));
                }
            }
        }
    }
}
