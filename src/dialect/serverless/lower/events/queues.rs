//! `sqs`: queues that functions read.

use super::super::naming;
use super::super::read;
use super::super::service::Service;
use super::super::stack::{Draft, Feature, Grant, Stack};
use super::streams::{filters, waits};

/// Makes the mappings of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let build = service.build;
    for (at, function, event) in service.events("sqs") {
        let cause = function.event_cause(build, "event source mapping", event);
        let make = service.make(cause.origin);
        let field = |key: &str| read::get(event.value, key);
        let arn = field("arn").unwrap_or(event.value);
        let name = read::plain(build, arn);
        let name = naming::alnum(name.rsplit(':').next().unwrap_or(name));
        stack.merge(
            Draft::new(
                function.owned(build, &format!("EventSourceMappingSQS{name}")),
                "AWS::Lambda::EventSourceMapping",
                cause,
            )
            .set("BatchSize", read::given(event.value, "batchSize").unwrap_or_else(|| make.number(10)))
            .maybe("MaximumBatchingWindowInSeconds", field("maximumBatchingWindow"))
            .set("EventSourceArn", arn)
            .set("FunctionName", function.target(make))
            .set("Enabled", field("enabled").unwrap_or_else(|| make.bool(true)))
            .maybe("FunctionResponseTypes", field("functionResponseType").map(|t| make.at(t.origin).list(&[t])))
            .maybe("FilterCriteria", filters(service, event))
            .maybe(
                "ScalingConfig",
                field("maximumConcurrency").map(|n| make.at(n.origin).map(&[("MaximumConcurrency", n)])),
            )
            .after(&waits(service, make, function)),
        );
        stack.grants.push(Grant { function: at, feature: Feature::Queue, value: arn, guard: event.guard });
    }
}
