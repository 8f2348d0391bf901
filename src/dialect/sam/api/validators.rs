//! What API Gateway checks of a request before it calls: `RequestModel` of an event.

use super::super::make::Make;
use super::super::read::{field, truthy};
use super::definition::Definition;
use super::tree::Part;
use crate::template::Value;

/// Names the validator of a method that an event adds, and declares it.
pub(super) fn of_method<'a>(make: Make<'a>, definition: &mut Definition<'a>, place: (&str, &str), model: Value<'a>) {
    let make = make.because(model.origin);
    let wanted = ["ValidateBody", "ValidateParameters"].map(|key| field(model, key));
    if wanted.iter().all(Option::is_none) {
        return;
    }
    let [body, parameters] = wanted.map(|v| v.is_some_and(truthy));
    let name = match (body, parameters) {
        (true, true) => "body-and-params",
        (true, false) => "body-only",
        (false, true) => "params-only",
        (false, false) => "no-validation",
    };
    for method in definition.method_mut(place.0, place.1) {
        method.set("x-amazon-apigateway-request-validator", make.text(name));
    }
    let checks =
        make.map(&[("validateRequestBody", make.bool(body)), ("validateRequestParameters", make.bool(parameters))]);
    for validators in definition.root().make("x-amazon-apigateway-request-validators", make.origin).maps_mut() {
        validators.put(name, make.origin, Part::Leaf(checks));
    }
}
