//! Services of several stages, and what they come to.

use super::{Service, show};
use crate::dialect::Options;
use crate::template::Intrinsic;

/// Without a stage given, what differs between the stages of the file hangs on conditions.
#[test]
fn stages_become_conditions() {
    let text = "service: shop\nprovider:\n  name: aws\n  stage: ${opt:stage, 'dev'}\n  environment:\n    LEVEL: ${self:custom.level.${self:provider.stage}}\n    FIX: same\ncustom:\n  level: {dev: debug, prod: warn, staging: warn}\n  name: x-${sls:stage}\n";
    let service = Service::of(text);
    assert_eq!(service.config.stages, ["dev", "prod", "staging"]);
    assert_eq!(service.config.stage, "dev");
    assert_eq!(service.show("provider.environment.LEVEL"), "If(stage is dev, 'debug', 'warn')");
    assert_eq!(service.show("provider.environment.FIX"), "'same'");
    assert_eq!(service.show("custom.name"), "If(stage is dev, 'x-dev', If(stage is prod, 'x-prod', 'x-staging'))");
    assert_eq!(service.config.parameters.len(), 1);
    assert_eq!(service.config.parameters[0].name, "opt:stage");
    assert_eq!(service.config.parameters[0].allowed.len(), 3);
    let names: Vec<_> = service.config.conditions.iter().map(|c| c.key).collect();
    assert_eq!(names, ["stage is dev", "stage is prod"]);
    assert_eq!(show(service.config.conditions[1].value), "Equals(Ref(opt:stage), 'prod')");
    let told = service.value("provider.environment.LEVEL");
    let Some(Intrinsic::If(_, debug, _)) = told.as_intrinsic() else { panic!("{told:?}") };
    assert_eq!(service.slice(debug.origin.span), "debug");
}

/// A stage that the user names leaves no condition.
#[test]
fn a_named_stage_is_the_only_one() {
    let text = "service: shop\nprovider:\n  name: aws\n  stage: ${opt:stage, 'dev'}\ncustom:\n  level: {dev: debug, prod: warn}\n  is: ${self:custom.level.${sls:stage}}\n  opt: ${opt:stage, 'x'}\n";
    let service = Service::staged(text, "prod");
    assert_eq!(service.config.stages, ["prod"]);
    assert_eq!(service.show("custom.is"), "'warn'");
    assert_eq!(service.show("custom.opt"), "'prod'");
    assert!(service.config.conditions.is_empty() && service.config.parameters.is_empty());
}

/// The names that further names are made of are those of the default stage.
#[test]
fn names_are_those_of_the_default_stage() {
    let text = "service: shop-${self:custom.team.${sls:stage}}\nprovider: {name: aws}\nfunctions:\n  f: {handler: x, name: '${sls:stage}-f', timeout: '${self:custom.t.${sls:stage}}'}\ncustom:\n  team: {dev: a, prod: b, qa: a}\n  t: {prod: 1, dev: 2, qa: 2}\n";
    let service = Service::of(text);
    assert_eq!(service.config.stages, ["dev", "prod", "qa"]);
    assert_eq!((service.show("service"), service.show("functions.f.name")), ("'shop-a'".into(), "'dev-f'".into()));
    assert_eq!(service.show("functions.f.timeout"), "If(stage is prod, 1, 2)");
}

/// A deployment without options knows one stage, and takes the fallbacks of what is not given.
#[test]
fn one_stage_leaves_no_cases() {
    let text = "service: shop\nprovider:\n  name: aws\n  stage: ${opt:stage, 'dev'}\nparams:\n  prod: {a: 1}\n  dev: {a: 2}\ncustom:\n  a: ${param:a}\n  b: ${opt:stage, 'other'}\n  c: ${self:custom.m.${sls:stage}}\n  m: {dev: x, prod: y}\n";
    let service = Service::with(text, &[], Options { one_stage: true, ..Options::default() });
    assert_eq!(service.config.stages, ["dev"]);
    let all = ["a", "b", "c"].map(|key| service.show(&format!("custom.{key}")));
    assert_eq!(all, ["2", "'other'", "'x'"]);
    assert!(service.config.conditions.is_empty() && service.config.parameters.is_empty());
}

/// A map chosen by stage is merged key by key, so that its shape stays visible.
#[test]
fn maps_of_stages_keep_their_shape() {
    let text = "service: shop\nprovider:\n  name: aws\n  environment: ${file(env.yml):${sls:stage}}\n";
    let service = Service::files(text, &[("env.yml", "dev: {A: 1, B: x}\nprod: {A: 2, B: x, C: y}\n")]);
    assert_eq!(
        service.show("provider.environment"),
        "{A: If(stage is dev, 1, 2), B: 'x', C: If(stage is dev, Ref(AWS::NoValue), 'y')}"
    );
}

/// What only some stages have gets a condition; properties that only some have are seen one by one.
#[test]
fn resources_of_some_stages_are_conditional() {
    let text = "service: shop\nprovider: {name: aws}\nfunctions:\n  - ${file(fns-${sls:stage}.yml), null}\n  - always: {handler: z}\nresources:\n  - ${file(res-${sls:stage}.yml)}\n";
    let files = [
        ("fns-prod.yml", "only: {handler: x}"),
        ("fns-qa.yml", "only: {handler: x}"),
        ("res-dev.yml", "Resources: {B: {Type: AWS::S3::Bucket}}"),
        (
            "res-prod.yml",
            "Resources: {B: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}, C: {Type: AWS::SNS::Topic, Condition: Own}}",
        ),
        ("res-qa.yml", "Resources: {B: {Type: AWS::S3::Bucket}}"),
    ];
    let service = Service::files(text, &files);
    assert_eq!(service.config.stages, ["dev", "prod", "qa"]);
    assert_eq!(service.show("functions.always"), "{handler: 'z'}");
    assert_eq!(service.show("functions.only"), "{handler: 'x', condition: 'stage is prod or qa'}");
    assert_eq!(
        service.show("resources.Resources.B.Properties"),
        "{AccessControl: If(stage is prod, 'PublicRead', Ref(AWS::NoValue))}"
    );
    assert_eq!(service.show("resources.Resources.C"), "{Type: 'AWS::SNS::Topic', Condition: 'stage is prod and Own'}");
    let conditions: Vec<_> = service.config.conditions.iter().map(|c| c.key).collect();
    assert_eq!(
        conditions,
        ["stage is dev", "stage is prod", "stage is qa", "stage is prod and Own", "stage is prod or qa"]
    );
}

/// Files whose name holds the stage tell which stages there are.
#[test]
fn files_of_stages_are_found() {
    let text = "service: shop\nprovider: {name: aws}\ncustom: '${file(config/${opt:stage, \"dev\"}.yml)}'\n";
    let service = Service::files(text, &[("config/dev.yml", "a: 1"), ("config/prod.yml", "a: 2")]);
    assert_eq!(service.config.stages, ["dev", "prod"]);
    assert_eq!(service.show("custom.a"), "If(stage is dev, 1, 2)");
}

/// A stage that lacks the value would not deploy, and is no case.
#[test]
fn stages_that_cannot_deploy_are_no_case() {
    let text = "service: shop\nprovider: {name: aws}\ncustom:\n  a: {dev: 1, prod: 2}\n  b: {prod: 3, qa: 4}\n  x: ${self:custom.a.${sls:stage}}\n  y: ${self:custom.b.${sls:stage}}\n  z: ${self:custom.b.${sls:stage}, 9}\n";
    let service = Service::of(text);
    assert_eq!(service.config.stages, ["dev", "prod", "qa"]);
    assert_eq!(service.show("custom.x"), "If(stage is dev, 1, 2)");
    assert_eq!(service.show("custom.y"), "If(stage is prod, 3, 4)");
    assert_eq!(service.show("custom.z"), "If(stage is dev, 9, If(stage is prod, 3, 4))");
}

/// A default stage that only the deploying machine knows stays open.
#[test]
fn an_external_stage_stays_open() {
    let text = "service: shop\nprovider:\n  name: aws\n  stage: ${opt:stage, env:STAGE}\ncustom:\n  a: t-${self:provider.stage}\n";
    let service = Service::of(text);
    assert_eq!(service.show("custom.a"), "Join('', ['t-', Environment(STAGE)])");
    let known =
        Service::of(&format!("{text}  m: {{dev: 1, prod: 2}}\n  x: ${{self:custom.m.${{self:provider.stage}}}}\n"));
    assert_eq!(known.show("custom.x"), "If(stage is dev, 1, 2)");
}

/// Parameters are looked up by stage, then in the defaults.
#[test]
fn parameters_are_looked_up() {
    let text = "service: shop\nprovider: {name: aws}\nparams:\n  default: {dom: '${sls:stage}.x', only: o}\n  dev: {dom: dev.x}\n  prod: {dom: x, big: 2048}\ncustom:\n  dom: ${param:dom}\n  only: ${param:only}\n  big: ${param:big, 128}\n  none: ${param:none}\n";
    let service = Service::of(text);
    assert_eq!(service.show("custom.dom"), "If(stage is dev, 'dev.x', 'x')");
    assert_eq!(service.show("custom.only"), "'o'");
    assert_eq!(service.show("custom.big"), "If(stage is dev, 128, 2048)");
    assert_eq!(service.show("custom.none"), "Option(none)");
    let mut options = Options { stage: Some("dev".to_owned()), ..Options::default() };
    options.params.insert("dom".to_owned(), "given".to_owned());
    options.options.insert("who".to_owned(), "me".to_owned());
    let service = Service::with(&format!("{text}  who: ${{opt:who, 'x'}}\n"), &[], options);
    assert_eq!(service.show("custom.dom"), "'given'");
    assert_eq!(service.show("custom.who"), "'me'");
}
