//! A rule outwards whose two ports differ allows more than one service.

use crate::rules::{Context, Rule, Sink};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    super::sg_ingress_port_range::ranges("SecurityGroupEgress", cx, out);
}
