//! Events of functions: what invokes them, what that needs, and what may do it.

use super::expansion::{ApiEvent, Expansion, given};
use super::make::Make;
use super::policies::Policies;
use crate::template::{Entry, Kind, Map, Origin, Resource, Value};

/// An event of a function.
#[derive(Clone, Copy)]
pub(super) struct Event<'a> {
    /// The function.
    pub(super) function: Resource<'a>,
    /// The logical id of what the event makes: the function's and the event's.
    pub(super) id: &'a str,
    /// The place of the event's id.
    pub(super) origin: Origin<'a>,
    /// `Properties`; an empty map when missing.
    pub(super) properties: Value<'a>,
    /// The function's name or its alias's ARN.
    pub(super) name: Value<'a>,
    /// The function's ARN, or its alias's.
    pub(super) arn: Value<'a>,
}

/// Expands the events of a function; `role` is what SAM's own role for it holds.
pub(super) fn expand<'a>(
    expansion: &mut Expansion<'a>,
    function: &Resource<'a>,
    name: Value<'a>,
    arn: Value<'a>,
    mut role: Option<&mut Policies<'a>>,
) {
    let events = function.property("Events").and_then(|e| e.value.as_map()).unwrap_or(Map::EMPTY);
    let _ = (&mut role, name, arn, events, expansion);
}
