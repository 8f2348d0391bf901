//! The events that run functions: one file for one family, in the order in which the framework takes them.

use super::http_api;
use super::rest;
use super::service::Service;
use super::stack::Stack;
use super::websocket;

mod alexa;
mod brokers;
mod cloud_front;
mod cloud_watch;
mod cognito;
mod event_bridge;
mod iot;
mod load_balancer;
mod queues;
mod s3;
mod schedule;
mod sns;
mod streams;

/// Makes what every event needs. The order decides what stands where in the shared role.
pub(super) fn all<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    schedule::events(service, stack);
    s3::events(service, stack);
    rest::events(service, stack);
    websocket::events(service, stack);
    sns::events(service, stack);
    streams::events(service, stack);
    brokers::events(service, stack);
    load_balancer::events(service, stack);
    alexa::events(service, stack);
    iot::events(service, stack);
    cloud_watch::events(service, stack);
    cognito::events(service, stack);
    event_bridge::events(service, stack);
    queues::events(service, stack);
    cloud_front::events(service, stack);
    http_api::events(service, stack);
}
