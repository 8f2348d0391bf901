//! Domains of the plugin `serverless-domain-manager`: it makes them beside the stack, before the APIs are mapped to them.

use super::make::{Make, told};
use super::naming;
use super::read;
use super::service::{Cause, Service};
use super::stack::{Draft, Stack};
use crate::template::{Origin, Value};

/// A sort of API, by the plugin's word for it, and the one of the stack that is mapped.
const APIS: [(&str, &str); 3] = [("rest", "ApiGatewayRestApi"), ("http", "HttpApi"), ("websocket", "WebsocketsApi")];

/// Makes the domains when the plugin is loaded.
pub(super) fn domains<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    if !service.plugin("serverless-domain-manager") {
        return;
    }
    let Some(custom) = read::get(service.root, "custom").map(read::settle) else { return };
    let one = read::entry(custom, "customDomain").map(|entry| (entry.key_origin, entry.value));
    let several = read::get(custom, "customDomains").map(read::items).unwrap_or_default();
    for (origin, body) in one.into_iter().chain(several.into_iter().map(|body| (body.origin, body))) {
        let body = read::settle(body);
        if body.as_map().is_none() {
            stack.unknown.push((body.origin, "the domain of this service is not known"));
            continue;
        }
        let mut typed = false;
        for (word, _) in APIS {
            if let Some(entry) = read::entry(body, word) {
                typed = true;
                domain(service, stack, entry.key_origin, Some(word), read::settle(entry.value));
            }
        }
        if !typed {
            domain(service, stack, origin, None, body);
        }
    }
}

fn domain<'a>(service: &Service<'a>, stack: &mut Stack<'a>, key: Origin<'a>, sort: Option<&str>, body: Value<'a>) {
    let Some(name) = read::get(body, "domainName").filter(|_| !is_off(body)) else { return };
    let made_by = "serverless-domain-manager makes this domain";
    let origin = service.build.derived(key, made_by, None);
    let cause = Cause { written_id: "customDomain", origin, made_by, guard: None };
    let make = service.make(origin);
    let given = |key: &str| read::given(body, key);
    let sort = sort.map(str::to_owned).or_else(|| read::text(body, "apiType").map(str::to_ascii_lowercase));
    let sort = sort.unwrap_or_else(|| "rest".to_owned());
    let kind = upper(make, given("endpointType"), &["EDGE", "REGIONAL", "PRIVATE"], "EDGE");
    let policy = upper(make, given("securityPolicy"), &["TLS_1_0", "TLS_1_2"], "TLS_1_2");
    let trust = given("tlsTruststoreUri").map(|store| make.at(store.origin).map(&[("TruststoreUri", store)]));
    let known = naming::normal(&naming::alnum(name.as_text().unwrap_or("")));
    let mut id = told(service.build, format_args!("CustomDomain{known}"));
    // One name may be mapped to several APIs; the domain is made once for each, and differs in what is mapped only.
    for more in 2.. {
        if !stack.has(id) {
            break;
        }
        id = told(service.build, format_args!("CustomDomain{known}{more}"));
    }
    // Paths of several segments are mapped by the newer interface.
    let plain = sort == "rest" && !read::text(body, "basePath").is_some_and(|path| path.contains('/'));
    let certificate = given("certificateArn");
    let draft = if plain {
        let regional = kind.as_text() == Some("REGIONAL");
        Draft::new(id, "AWS::ApiGateway::DomainName", cause)
            .set("DomainName", name)
            .set("EndpointConfiguration", make.map(&[("Types", make.list(&[kind]))]))
            .maybe("RegionalCertificateArn", certificate.filter(|_| regional))
            .maybe("CertificateArn", certificate.filter(|_| !regional))
            .maybe("MutualTlsAuthentication", trust)
            .set("SecurityPolicy", policy)
    } else {
        let mut entries = vec![("EndpointType", kind)];
        entries.extend(certificate.map(|arn| ("CertificateArn", arn)));
        entries.push(("SecurityPolicy", policy));
        Draft::new(id, "AWS::ApiGatewayV2::DomainName", cause)
            .set("DomainName", name)
            .set("DomainNameConfigurations", make.list(&[make.map(&entries)]))
            .maybe("MutualTlsAuthentication", trust)
    };
    stack.add(draft);
    let api = APIS.iter().find(|(word, _)| *word == sort).map(|(_, api)| *api);
    let Some(api) = api.filter(|api| stack.has(api)) else { return };
    let mapping = told(service.build, format_args!("{id}Mapping"));
    let stage = given("stage").unwrap_or_else(|| make.text(service.stage));
    let path = given("basePath").filter(|path| path.as_text() != Some(""));
    stack.add(if plain {
        Draft::new(mapping, "AWS::ApiGateway::BasePathMapping", cause)
            .set("DomainName", make.reference(id))
            .maybe("BasePath", path)
            .set("RestApiId", make.reference(api))
            .set("Stage", stage)
    } else {
        Draft::new(mapping, "AWS::ApiGatewayV2::ApiMapping", cause)
            .set("DomainName", make.reference(id))
            .maybe("ApiMappingKey", path)
            .set("ApiId", make.reference(api))
            .set("Stage", if sort == "http" { make.text("$default") } else { stage })
    });
}

/// The plugin takes `false` as a text, too.
fn is_off(body: Value<'_>) -> bool {
    let enabled = read::get(body, "enabled").map(read::settle);
    enabled.is_some_and(|v| v.as_bool() == Some(false) || v.as_text().is_some_and(|t| t.eq_ignore_ascii_case("false")))
}

/// A word as API Gateway wants it, whatever its case.
fn upper<'a>(make: Make<'a>, value: Option<Value<'a>>, words: &[&'static str], default: &'static str) -> Value<'a> {
    let decide = |value: Value<'a>| {
        let known = |word: &&&'static str| value.as_text().is_some_and(|text| text.eq_ignore_ascii_case(word));
        words.iter().find(known).map_or(value, |word| make.at(value.origin).text(word))
    };
    value.map_or_else(|| make.text(default), |value| read::each_branch(make, value, &decide))
}
