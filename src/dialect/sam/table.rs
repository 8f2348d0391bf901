//! `AWS::Serverless::SimpleTable`: a DynamoDB table with one key.

use super::expansion::Expansion;
use super::read::{field, text};
use crate::template::{Resource, Value};

/// Expands a table.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, table: &Resource<'a>) {
    let make = x.cause(table, "this table", table.key);
    let given = |key: &str| field(table.properties, key);
    let key = given("PrimaryKey");
    let at = key.map_or(make, |k| make.because(k.origin));
    let name = key.and_then(|k| field(k, "Name")).unwrap_or_else(|| at.text("id"));
    let kind = match key.and_then(|k| text(k, "Type")) {
        Some("Number" | "number") => at.text("N"),
        Some("Binary" | "binary") => at.text("B"),
        Some(_) | None => at.text("S"),
    };
    let one = |fields: &[(&'a str, Value<'a>)]| at.list(&[at.map(fields)]);
    let throughput = given("ProvisionedThroughput");
    let tags = given("Tags").map(|t| make.because(t.origin).pairs(Some(t), None));
    let properties = make.some(&[
        ("TableName", given("TableName")),
        ("AttributeDefinitions", Some(one(&[("AttributeName", name), ("AttributeType", kind)]))),
        ("KeySchema", Some(one(&[("AttributeName", name), ("KeyType", at.text("HASH"))]))),
        ("ProvisionedThroughput", throughput),
        ("BillingMode", throughput.is_none().then(|| make.text("PAY_PER_REQUEST"))),
        ("SSESpecification", given("SSESpecification")),
        ("PointInTimeRecoverySpecification", given("PointInTimeRecoverySpecification")),
        ("Tags", tags),
    ]);
    x.become_kind(table, "AWS::DynamoDB::Table", properties);
}
