//! Services as written, and what they come to.

use std::sync::Arc;

use super::*;
use crate::dialect::Options;
use crate::source::{Arena, LoadError, Loader, NoFiles, Source, Sources};
use crate::syntax;
use crate::template::Map;

mod stages;

/// Files of a project by path.
struct Files(Vec<(&'static str, &'static str)>);

impl Loader for Files {
    fn load(&self, _from: &str, target: &str) -> Result<Arc<Source>, LoadError> {
        let path = target.trim_start_matches("./");
        if path.starts_with("..") {
            return Err(LoadError::Outside(path.to_owned()));
        }
        let file = self.0.iter().find(|(name, _)| *name == path);
        file.map(|(name, text)| Arc::new(Source::new(*name, *text))).ok_or_else(|| LoadError::Missing(path.to_owned()))
    }
}

struct Service {
    config: Config<'static>,
    sources: &'static Sources,
}

impl Service {
    fn of(text: &str) -> Self {
        Self::with(text, &[], Options::default())
    }

    fn files(text: &str, files: &[(&'static str, &'static str)]) -> Self {
        Self::with(text, files, Options::default())
    }

    fn staged(text: &str, stage: &str) -> Self {
        Self::with(text, &[], Options { stage: Some(stage.to_owned()), ..Options::default() })
    }

    fn with(text: &str, files: &[(&'static str, &'static str)], options: Options) -> Self {
        let arena: &'static Arena = Box::leak(Box::new(Arena::new()));
        let sources = Sources::new(Arc::new(Source::new("serverless.yml", text)));
        let sources: &'static Sources = Box::leak(Box::new(sources));
        let main = crate::source::FileId(0);
        let document = syntax::parse(arena, main, sources.get(main).text());
        let files = Files(files.to_vec());
        let input = Input { arena, sources, loader: &files, options: &options };
        let root = document.root().expect("the test's text has a document");
        Self { config: Config::read(root, &input), sources }
    }

    fn value(&self, path: &str) -> Value<'static> {
        let mut value = self.config.root;
        for key in path.split('.') {
            value = match value.kind {
                Kind::List(items) => items[key.parse::<usize>().expect("an index")],
                _ => value.get(key).unwrap_or_else(|| panic!("no `{key}` of `{path}` in {}", show(value))).value,
            };
        }
        value
    }

    fn show(&self, path: &str) -> String {
        show(self.value(path))
    }

    /// The text of the bytes a value comes from, and the steps it took.
    fn told(&self, path: &str) -> (String, Vec<String>) {
        let origin = self.value(path).origin;
        let mut steps = Vec::new();
        let mut step = origin.step;
        while let Some(one) = step {
            let at = one.at.map(|span| self.slice(span)).unwrap_or_default();
            steps.push(format!("{} @ {at}", one.what));
            step = one.before;
        }
        (self.slice(origin.span), steps)
    }

    fn slice(&self, span: crate::source::Span) -> String {
        self.sources.get(span.file).slice(span).to_owned()
    }
}

/// A value in short: enough to compare.
fn show(value: Value<'_>) -> String {
    let list = |items: &[Value<'_>]| items.iter().map(|i| show(*i)).collect::<Vec<_>>().join(", ");
    match value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(yes) => yes.to_string(),
        Kind::Number(number) => number.to_owned(),
        Kind::Text(text) => format!("'{text}'"),
        Kind::List(items) => format!("[{}]", list(items)),
        Kind::Map(Map { entries }) => {
            let entries: Vec<_> = entries.iter().map(|e| format!("{}: {}", e.key, show(e.value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Kind::Unknown(why) => format!("?{why}"),
        Kind::Intrinsic(intrinsic) => match intrinsic {
            Intrinsic::Ref(id) => format!("Ref({id})"),
            Intrinsic::GetAtt(id, attribute) => format!("GetAtt({id}, {})", show(*attribute)),
            Intrinsic::Sub { template, variables, pieces } if variables.entries.is_empty() => {
                format!("Sub({template} = {})", list(pieces))
            }
            Intrinsic::Sub { template, variables, .. } => {
                format!("Sub({template}, {})", show(Value::new(Kind::Map(*variables), value.origin)))
            }
            Intrinsic::Join(separator, items) => format!("Join({}, {})", show(*separator), show(*items)),
            Intrinsic::If(condition, then, otherwise) => {
                format!("If({condition}, {}, {})", show(*then), show(*otherwise))
            }
            Intrinsic::ImportValue(name) => format!("Import({})", show(*name)),
            Intrinsic::Equals(a, b) => format!("Equals({}, {})", show(*a), show(*b)),
            Intrinsic::External(external) => format!("{:?}({})", external.kind, external.key),
            other => format!("{other:?}"),
        },
    }
}

fn custom(lines: &str) -> Service {
    let mut text = String::from("service: shop\nprovider:\n  name: aws\ncustom:\n");
    for line in lines.lines() {
        text.push_str(&format!("  {line}\n"));
    }
    Service::of(&text)
}

/// A variable alone keeps the type of its value; among text it becomes text.
#[test]
fn variables_keep_types_or_fill_text() {
    let service = custom(
        "a: {b: [x, 7]}\nwhole: ${self:custom.a}\nitem: ${self:custom.a.b.1}\ntext: n-${self:custom.a.b.1}-${self:service}\nyes: ${opt:nope, true}",
    );
    assert_eq!(service.show("custom.whole"), "{b: ['x', 7]}");
    assert_eq!(service.show("custom.item"), "7");
    assert_eq!(service.show("custom.text"), "'n-7-shop'");
    assert_eq!(service.show("custom.yes"), "true");
}

/// Fallbacks are taken in turn; `null` is as good as nothing until the last.
#[test]
fn fallbacks_are_taken_in_turn() {
    let service = custom(
        "n: null\na: ${opt:nope, self:custom.none, env:NOPE, 'third'}\nb: ${self:custom.n, 'x'}\nc: ${opt:nope, null}\nd: ${opt:nope, ${self:custom.a}}\ne: ${opt:nope, \"${self:service}\"}\nf: ${opt:x, self:custom.${opt:y, 'a'}}",
    );
    assert_eq!(service.show("custom.a"), "'third'");
    assert_eq!(service.show("custom.b"), "'x'");
    assert_eq!(service.show("custom.c"), "null");
    assert_eq!(service.show("custom.d"), "'third'");
    assert_eq!(service.show("custom.e"), "'shop'");
    assert_eq!(service.show("custom.f"), "'third'");
}

/// A value of a variable is read through further variables, whichever way they are written.
#[test]
fn variables_lead_to_variables() {
    let service = custom(
        "map: {dev: {table: t-dev}}\nsel: ${self:custom.map.${sls:stage}}\nname: ${self:custom.sel.table}\nvia: ${self:custom.${self:custom.key}}\nkey: name",
    );
    assert_eq!(service.show("custom.name"), "'t-dev'");
    assert_eq!(service.show("custom.via"), "'t-dev'");
}

/// What only the deploying machine or AWS knows is named, never read.
#[test]
fn external_sources_are_named() {
    let service = custom(
        "a: ${env:HOME}\nb: ${ssm:/a/b}\nc: ${ssm(eu-west-1):/a/${self:service}}\nd: ${cf:stack.Out}\ne: ${s3:bk/key}\nf: ${aws:accountId}\ng: ${opt:x}\nh: ${param:x}\ni: ${vault:x}\nj: pre-${env:HOME}/x\nk: ${ssm:/${env:A}/x}\nl: ${self:custom.${env:A}}\nm: ${aws:ssm:/p}\nn: ${git:branch}\no: ${self:custom.b.key}\np: ${self:custom.j}-y",
    );
    assert_eq!(service.show("custom.a"), "Environment(HOME)");
    assert_eq!(service.show("custom.b"), "Ssm(/a/b)");
    assert_eq!(service.show("custom.c"), "Ssm(/a/shop)");
    assert_eq!(service.show("custom.d"), "Stack(stack.Out)");
    assert_eq!(service.show("custom.e"), "S3(bk/key)");
    assert_eq!(service.show("custom.f"), "Aws(accountId)");
    assert_eq!(service.show("custom.g"), "Option(x)");
    assert_eq!(service.show("custom.h"), "Option(x)");
    assert_eq!(service.show("custom.i"), "Other(x)");
    assert_eq!(service.show("custom.j"), "Join('', ['pre-', Environment(HOME), '/x'])");
    assert_eq!(service.show("custom.k"), "Ssm(/${env:A}/x)");
    assert!(service.show("custom.l").starts_with("?which value"));
    assert_eq!(service.show("custom.m"), "Ssm(ssm:/p)");
    assert_eq!(service.show("custom.n"), "Other(branch)");
    assert_eq!(service.show("custom.o"), "Ssm(/a/b)");
    assert_eq!(service.show("custom.p"), "Join('', ['pre-', Environment(HOME), '/x-y'])");
}

/// What CloudFormation replaces is left to it, in `Fn::Sub` and elsewhere.
#[test]
fn cloudformation_keeps_its_own() {
    let service = custom(
        "a: arn:${AWS::Region}:${self:service}\nb: !Sub 'arn:${AWS::Region}:${self:service}'\nc: !Sub '${self:custom.a}-${env:X}'\nd: !Ref '${self:service}Table'\ne: !GetAtt '${self:custom.t}.Arn'\nt: Table.x\nf:\n  Fn::Join: ['-', ['${self:service}', !Ref X]]\ng: !Sub ['${A}${self:service}', {A: '${self:service}'}]\nh: \\${self:custom.no}",
    );
    assert_eq!(service.show("custom.a"), "'arn:${AWS::Region}:shop'");
    assert_eq!(service.show("custom.b"), "Sub(arn:${AWS::Region}:shop = 'arn:', Ref(AWS::Region), ':shop')");
    assert_eq!(service.show("custom.c"), "Sub(arn:${AWS::Region}:shop-${Variable1}, {Variable1: Environment(X)})");
    assert_eq!(service.show("custom.d"), "Ref(shopTable)");
    assert_eq!(service.show("custom.e"), "GetAtt(Table, 'x.Arn')");
    assert_eq!(service.show("custom.f"), "Join('-', ['shop', Ref(X)])");
    assert_eq!(service.show("custom.g"), "Sub(${A}shop, {A: 'shop'})");
    assert_eq!(service.show("custom.h"), "'${self:custom.no}'");
}

/// Files are read inside the project, with their variables; missing ones fall back; code is not run.
#[test]
fn files_are_read() {
    let text = "service: shop\nprovider: {name: aws}\ncustom:\n  a: ${file(a.yml)}\n  b: ${file(./a.yml):x.y}\n  c: ${file(c.json):k.0}\n  d: ${file(d.txt)}\n  e: ${file(nope.yml):a, 'fallback'}\n  f: ${file(code.js):hello}\n  g: ${file(../up.yml):a, 'no'}\n  h: ${file(a.yml):x.ref}\n  i: ${file(nope.yml)}\n  j: ${self:custom.a.x.y}";
    let files = [
        ("a.yml", "x:\n  y: v-${self:service}\n  ref: !Ref T\n"),
        ("c.json", "{\"k\": [\"${self:service}\"]}"),
        ("d.txt", " plain\n"),
        ("code.js", "module.exports = make()"),
    ];
    let service = Service::files(text, &files);
    assert_eq!(service.show("custom.a"), "{x: {y: 'v-shop', ref: Ref(T)}}");
    assert_eq!(service.show("custom.b"), "'v-shop'");
    assert_eq!(service.show("custom.c"), "'shop'");
    assert_eq!(service.show("custom.d"), "'plain'");
    assert_eq!(service.show("custom.e"), "'fallback'");
    assert_eq!(service.show("custom.f"), "File(code.js)");
    assert_eq!(service.show("custom.g"), "File(../up.yml)");
    assert_eq!(service.show("custom.h"), "Ref(T)");
    assert_eq!(service.show("custom.i"), "File(nope.yml)");
    assert_eq!(service.show("custom.j"), "'v-shop'");
    assert_eq!(service.told("custom.h").0, "!Ref T");
}

/// A value says which bytes it comes from and which variables led there.
#[test]
fn values_tell_their_way() {
    let service = custom(
        "secret: hunter2\nvia: ${self:custom.secret}\nuse: ${self:custom.via}\nmap: {k: [v]}\nmapped: ${self:custom.map}\nmixed: a-${self:custom.secret}\nlast: ${opt:x, 'lit'}",
    );
    let (text, steps) = service.told("custom.use");
    assert_eq!(text, "hunter2");
    assert_eq!(
        steps,
        ["from ${self:custom.via} @ ${self:custom.via}", "from ${self:custom.secret} @ ${self:custom.secret}"]
    );
    let (text, steps) = service.told("custom.mapped.k.0");
    assert_eq!(text, "v");
    assert_eq!(steps, ["from ${self:custom.map} @ ${self:custom.map}"]);
    let (text, steps) = service.told("custom.mixed");
    assert_eq!(text, "a-${self:custom.secret}");
    assert_eq!(steps.len(), 1);
    assert_eq!(service.told("custom.last").0, "${opt:x, 'lit'}");
    assert!(service.value("custom.secret").origin.is_written());
}

/// Circles end as unknown values, and so does everything that grows without end.
#[test]
fn circles_end() {
    let service =
        custom("a: ${self:custom.b}\nb: ${self:custom.a}\nc: {d: 1, e: '${self:custom.c}'}\nf: x${self:custom.f}");
    assert!(service.show("custom.a").starts_with('?'));
    assert!(service.show("custom.c").contains("e: "));
    assert!(service.show("custom.f").contains("leads back"), "{}", service.show("custom.f"));
    let whole = custom("all: ${self:}");
    assert!(whole.show("custom.all").contains("?the variable leads back"));
}

/// Values that double at every step stop growing.
#[test]
fn growth_is_bounded() {
    let mut lines = String::from("v0: x\n");
    for i in 1..60 {
        lines.push_str(&format!("v{i}: ['${{self:custom.v{}}}', '${{self:custom.v{}}}']\n", i - 1, i - 1));
    }
    let service = custom(&lines);
    assert!(matches!(service.value("custom.v59.0").kind, Kind::Unknown(_) | Kind::List(_)));
    let text = custom(&lines.replace("['", "'").replace("']", "'").replace("', '", ""));
    assert!(text.value("custom.v10").as_text().is_some_and(|t| t.len() == 1024));
}

/// Long chains of variables do not overflow the stack.
#[test]
fn chains_are_bounded() {
    let mut lines = String::from("v0: end\n");
    for i in 1..5_000 {
        lines.push_str(&format!("v{i}: ${{self:custom.v{}}}\n", i - 1));
    }
    let mut backwards: Vec<_> = lines.lines().collect();
    backwards.reverse();
    let service = custom(&backwards.join("\n"));
    assert!(matches!(service.value("custom.v4999").kind, Kind::Unknown(_)));
    assert_eq!(service.show("custom.v20"), "'end'");
    let subs: Vec<_> = (0..2_000).map(|i| format!("v{i}: !Sub 'x${{self:custom.v{}}}'", i + 1)).collect();
    assert!(custom(&subs.join("\n")).show("custom.v0").starts_with("Sub(x${Variable1}"));
    let nested = format!("a: {}b{}", "${self:".repeat(5_000), "}".repeat(5_000));
    assert!(custom(&nested).value("custom.a").as_text().is_none());
}

/// `.env` is read when the service says so, `.env.<stage>` instead of it until v3 and before it in v4.
#[test]
fn dotenv_is_read_when_asked() {
    let text = |head: &str| {
        format!("service: shop\n{head}\nprovider: {{name: aws}}\ncustom:\n  a: ${{env:A}}\n  b: ${{env:B, 'none'}}\n")
    };
    let files = [(".env", "A=base\nB=b\n"), (".env.dev", "A=dev\n")];
    assert_eq!(Service::files(&text(""), &files).show("custom.a"), "Environment(A)");
    let v3 = Service::files(&text("useDotenv: true"), &files);
    assert_eq!((v3.show("custom.a"), v3.show("custom.b")), ("'dev'".to_owned(), "'none'".to_owned()));
    assert_eq!(v3.told("custom.a").0, "dev");
    let v4 = Service::files(&text("frameworkVersion: '4'"), &files);
    assert_eq!((v4.show("custom.a"), v4.show("custom.b")), ("'dev'".to_owned(), "'b'".to_owned()));
}

/// A script may export a list, or a function that does nothing but return a literal.
#[test]
fn scripts_are_read_as_far_as_they_are_data() {
    let text = "service: shop\nprovider: {name: aws}\ncustom:\n  a: ${file(list.js)}\n  b: ${file(made.js):x}\n  c: ${file(named.js):get}\n  d: ${file(spread.js)}\n";
    let files = [
        ("list.js", "module.exports = [{ http: 'GET /x' }]"),
        ("made.js", "module.exports = async ({ options }) => { const y = 'z'; return { x: y }; };"),
        ("named.js", "module.exports.get = () => 'called'"),
        ("spread.js", "const { more } = require('./more');\nmodule.exports = ['a', ...more, 'd']"),
        ("more.js", "exports.more = ['b', 'c']"),
    ];
    let service = Service::files(text, &files);
    assert_eq!(service.show("custom.a"), "[{http: 'GET /x'}]");
    assert_eq!(service.show("custom.b"), "'z'");
    assert_eq!(service.show("custom.c"), "'called'");
    assert_eq!(service.show("custom.d"), "['a', 'b', 'c', 'd']");
}

/// Lists of functions and resources are folded: maps by key, lists by index.
#[test]
fn lists_are_folded() {
    let text = "service: shop\nprovider: {name: aws}\nfunctions:\n  - a: {handler: x, layers: [1, 2]}\n  - ${file(fns.yml)}\n  - a: {layers: [3], timeout: 5}\nresources:\n  - ${file(code.js)}\n  - Resources: {A: {Type: AWS::S3::Bucket}}\n  - Resources: {A: {Properties: {BucketName: !Ref X}}}\n    Outputs: {O: {Value: 1}}\n";
    let service = Service::files(text, &[("fns.yml", "b: {handler: y}"), ("code.js", "x")]);
    assert_eq!(service.show("functions"), "{a: {handler: 'x', layers: [3, 2], timeout: 5}, b: {handler: 'y'}}");
    assert_eq!(service.show("resources.Resources.A"), "{Type: 'AWS::S3::Bucket', Properties: {BucketName: Ref(X)}}");
    assert_eq!(service.config.unknown_parts.len(), 1);
}

/// A mapping that stands in a file we do not read is unknown, and says whether it may hide resources.
#[test]
fn unread_mappings_are_unknown() {
    let text = "service: shop\nprovider:\n  name: aws\n  environment: ${file(env.js)}\nfunctions:\n  a:\n    handler: x\n    events: ${file(events.js)}\n    environment: {A: '${file(secret.js)}'}\nresources: ${file(res.js):x}\n";
    let service = Service::files(text, &[("env.js", ""), ("events.js", ""), ("res.js", ""), ("secret.js", "")]);
    assert!(matches!(service.value("provider.environment").kind, Kind::Unknown(_)));
    assert!(matches!(service.value("functions.a.events").kind, Kind::Unknown(_)));
    assert!(matches!(service.value("resources").kind, Kind::Unknown(_)));
    assert_eq!(service.show("functions.a.environment.A"), "File(secret.js)");
    assert_eq!(service.config.unknown_parts.len(), 2);
    let files: Vec<_> = service.config.unread.iter().map(|(_, why)| *why).collect();
    let wanted = ["env.js", "events.js", "secret.js", "res.js"].map(|file| format!("`{file}` is not read"));
    assert_eq!(files, wanted);
}

/// What only helps to deploy may stand where it will.
#[test]
fn only_what_is_deployed_is_missed() {
    let text = "service: shop\nprovider: {name: aws, stage: \"${file(gone.yml):stage, 'dev'}\"}\ncustom: {webpack: '${file(webpack.js)}'}\n";
    let service = Service::files(text, &[("webpack.js", "")]);
    assert!(service.config.unread.is_empty());
}

/// The region is given, written, or the framework's default.
#[test]
fn the_region_is_known() {
    let text = |region: &str| {
        format!(
            "service: shop\nprovider:\n  name: aws\n  {region}\ncustom:\n  r: ${{aws:region}}\n  p: ${{aws:partition}}\n  o: ${{opt:region, self:provider.region}}\n"
        )
    };
    let service = Service::of(&text("region: cn-north-1"));
    assert_eq!(service.config.region, "cn-north-1");
    assert_eq!(
        (service.show("custom.r"), service.show("custom.p")),
        ("'cn-north-1'".to_owned(), "'aws-cn'".to_owned())
    );
    assert_eq!(service.show("custom.o"), "'cn-north-1'");
    assert_eq!(Service::of(&text("stage: dev")).config.region, "us-east-1");
    assert_eq!(Service::of(&text("region: ${opt:region, 'eu-west-1'}")).config.region, "eu-west-1");
    let given = Options { region: Some("eu-north-1".to_owned()), ..Options::default() };
    assert_eq!(Service::with(&text("region: ${opt:region, 'eu-west-1'}"), &[], given).show("custom.o"), "'eu-north-1'");
}

/// The service's name may be a map, as it could be until v2.
#[test]
fn a_service_may_be_a_map() {
    let service = Service::of(
        "service:\n  name: shop\nprovider: {name: aws}\ncustom:\n  a: x-${self:service}\n  b: ${self:service.name}\n",
    );
    assert_eq!((service.show("custom.a"), service.show("custom.b")), ("'x-shop'".to_owned(), "'shop'".to_owned()));
}

/// A file without variables is the tree as it was read.
#[test]
fn nothing_to_do_is_nothing_done() {
    let arena = Arena::new();
    let text = "service: shop\nprovider: {name: aws}\n";
    let sources = Sources::new(Arc::new(Source::new("serverless.yml", text)));
    let document = syntax::parse(&arena, crate::source::FileId(0), text);
    let input = Input { arena: &arena, sources: &sources, loader: &NoFiles, options: &Options::default() };
    let config = Config::read(document.root().expect("a document"), &input);
    assert_eq!((config.stage, config.version, config.region), ("dev", Version::V3, "us-east-1"));
    assert!(config.root.origin.is_written());
}

/// Plugins that change the configuration itself are followed.
#[test]
fn plugins_are_followed() {
    let text = "service: shop\nplugins: [serverless-pseudo-parameters, serverless-dotenv-plugin]\nprovider:\n  name: aws\n  environment:\n    A: 'arn:#{AWS::Region}:${self:service}'\n    B: !Sub '#{T.Arn}-x'\n    C: ${env:SECRET}\ncustom: {dotenv: {exclude: [HIDDEN]}}\n";
    let service = Service::files(text, &[(".env", "SECRET=s3cr3t\nHIDDEN=h\nB=$HOME\n")]);
    assert_eq!(
        service.show("provider.environment.A"),
        "Sub(arn:${AWS::Region}:shop = 'arn:', Ref(AWS::Region), ':shop')"
    );
    assert_eq!(service.show("provider.environment.C"), "'s3cr3t'");
    assert_eq!(service.show("provider.environment.SECRET"), "'s3cr3t'");
    assert_eq!(service.told("provider.environment.SECRET").0, "s3cr3t");
    assert!(service.show("provider.environment.B").starts_with('?'));
    assert!(service.value("provider.environment").get("HIDDEN").is_none());
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]

    /// Whatever is put together of the grammar's parts is read without a panic, every place inside its text.
    #[test]
    fn nothing_breaks_it(parts in proptest::collection::vec(proptest::collection::vec(0_usize..PARTS.len(), 0..9), 1..6), quoted: bool) {
        let mut text = String::from("service: shop\nuseDotenv: true\nprovider:\n  name: aws\n  stage: \"${opt:stage, 'dev'}\"\ncustom:\n  map: {dev: 1, prod: {a: 2}}\n");
        for (line, parts) in parts.iter().enumerate() {
            let body: String = parts.iter().map(|i| PARTS[*i]).collect();
            let body = if quoted { format!("'{}'", body.replace('\'', "\"")) } else { body };
            text.push_str(&format!("  k{line}: {body}\n"));
        }
        let service = Service::files(&text, &[("a.yml", "x: ${self:custom.k0}\ny: [1, '${self:custom}']\n"), (".env", "A=${self:custom.k1}\n")]);
        check(&service, service.config.root, 0);
    }
}

const PARTS: [&str; 26] = [
    "${",
    "}",
    "self:",
    "custom.",
    "k0",
    "k1",
    "map.",
    "${sls:stage}",
    "${self:custom.k2}",
    ", ",
    "'x'",
    "\\",
    "${file(a.yml)}",
    "${file(a.yml):y.1}",
    "${env:A}",
    "${ssm:/x/",
    "é",
    "${AWS::Region}",
    "!Sub ",
    "${opt:stage, ",
    "null",
    "(",
    ")",
    "${self:}",
    "${param:",
    "${self:custom.map.${opt:stage, 'qa'}}",
];

fn check(service: &Service, value: Value<'_>, depth: usize) {
    assert!(depth < 600, "a tree deeper than the parser makes");
    let span = value.origin.span;
    let source = service.sources.get(span.file);
    assert!(source.text().get(span.range()).is_some(), "{span:?}");
    match value.kind {
        Kind::List(items) => items.iter().for_each(|item| check(service, *item, depth + 1)),
        Kind::Map(map) => map.entries.iter().for_each(|e| check(service, e.value, depth + 1)),
        Kind::Intrinsic(intrinsic) => {
            super::super::variables_intrinsic::parts(intrinsic).1.iter().for_each(|v| check(service, *v, depth + 1));
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {}
    }
}
