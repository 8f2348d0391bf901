//! The language server as editors rely on it: the real binary, spoken to over its standard input and output.

mod editor;

use editor::{CONFIG, Editor, RULE, address, house, write};
use serde_json::{Value, json};

const OPEN: &str = "\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: PublicRead
";

/// A template whose finding stands behind characters of every width.
const WIDE: &str =
    "Resources: {Bucket: {Type: AWS::S3::Bucket, Metadata: \"🦀 東京 é\", Properties: {AccessControl: PublicRead}}}\n";

/// What editors of today say of themselves, as far as it matters, when diagnostics are sent to them.
fn pushed() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16"] },
        "workspace": { "configuration": true, "workspaceEdit": { "documentChanges": true } },
        "textDocument": {
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } },
            "hover": { "contentFormat": ["markdown"] },
            "publishDiagnostics": {
                "relatedInformation": true, "codeDescriptionSupport": true, "tagSupport": { "valueSet": [1, 2] },
            },
        },
    })
}

fn pulled() -> Value {
    let mut capabilities = pushed();
    capabilities["textDocument"]["diagnostic"] = json!({ "relatedDocumentSupport": true });
    capabilities["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    capabilities
}

fn code(diagnostic: &Value) -> &str {
    diagnostic["code"].as_str().expect("a code")
}

fn titled<'a>(actions: &'a [Value], start: &str) -> &'a Value {
    let found = actions.iter().find(|a| a["title"].as_str().is_some_and(|title| title.starts_with(start)));
    found.unwrap_or_else(|| panic!("no `{start}` in {actions:?}"))
}

/// Who asks for diagnostics although they are sent is answered, with those of the text as it is.
#[test]
fn asking_is_always_answered() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    editor.show("template.yaml", OPEN);
    let uri = editor.address("template.yaml");
    let asked = editor.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(asked["items"].as_array().map(Vec::len), Some(1), "{asked}");
    assert_eq!(editor.quit().code(), Some(0));
}

/// What is opened is checked; a fix makes the diagnostic go; the end is orderly.
#[test]
fn a_finding_is_shown_mended_and_gone() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    assert_eq!(editor.welcome["serverInfo"]["name"], "portcullis");
    editor.show("template.yaml", OPEN);
    let found = editor.diagnostics("template.yaml");
    assert_eq!(found.iter().map(code).collect::<Vec<_>>(), ["house-bucket-readable"]);
    assert_eq!(editor.slice("template.yaml", &found[0]["range"]), "PublicRead");
    assert_eq!((&found[0]["severity"], &found[0]["source"]), (&json!(1), &json!("portcullis")));
    let message = found[0]["message"].as_str().expect("a message");
    assert_eq!(message, "bucket is readable by everyone\nhelp: Remove the ACL.");
    let actions = editor.actions("template.yaml", &found[0]["range"], json!({ "diagnostics": [] }));
    let fix = titled(&actions, "Make the bucket private");
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(fix["diagnostics"][0]["code"], "house-bucket-readable");
    editor.apply("template.yaml", fix);
    assert!(editor.text("template.yaml").contains("AccessControl: Private\n"), "{}", editor.text("template.yaml"));
    assert_eq!(editor.diagnostics("template.yaml"), [] as [Value; 0]);
    assert_eq!(editor.quit().code(), Some(0));
}

/// Columns are right behind characters of every width, in bytes and in UTF-16, before and after changes.
#[test]
fn columns_are_right_behind_wide_characters() {
    let house = house();
    for utf8 in [true, false] {
        let mut capabilities = pushed();
        if !utf8 {
            capabilities["general"] = json!({});
        }
        let mut editor = Editor::open(house.path(), capabilities);
        let encoding = if utf8 { "utf-8" } else { "utf-16" };
        assert_eq!(editor.welcome["capabilities"]["positionEncoding"], encoding);
        editor.show("wide.yaml", WIDE);
        let found = editor.diagnostics("wide.yaml");
        assert_eq!(editor.slice("wide.yaml", &found[0]["range"]), "PublicRead", "{encoding}");
        // Typed in the middle of the line, behind a surrogate pair, over one, and over the end of a line.
        editor.replace("wide.yaml", "京", "都🦀");
        editor.replace("wide.yaml", "🦀 東", "x");
        editor.replace("wide.yaml", "é\"", "é\", DependsOn: ß");
        let found = editor.diagnostics("wide.yaml");
        assert_eq!(editor.slice("wide.yaml", &found[0]["range"]), "PublicRead", "{encoding}");
        editor.replace("wide.yaml", "PublicRead}}}\n", "Private}}}\n# 🦀\n");
        assert_eq!(editor.diagnostics("wide.yaml"), [] as [Value; 0], "{encoding}");
        assert_eq!(editor.quit().code(), Some(0));
    }
}

/// A finding can be silenced with a reason, at its line, its resource and its file, and stays silenced.
#[test]
fn a_finding_can_be_silenced() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    for (name, reach) in [("line", "here"), ("resource", "for this resource"), ("file", "for this file")] {
        let name = format!("{name}.yaml");
        editor.show(&name, OPEN);
        let found = editor.diagnostics(&name);
        let actions = editor.actions(&name, &found[0]["range"], json!({ "diagnostics": [] }));
        let silence = titled(&actions, &format!("Silence `house-bucket-readable` {reach}"));
        assert!(silence.get("isPreferred").is_none());
        editor.apply(&name, silence);
        assert!(editor.text(&name).contains("[house-bucket-readable] -- TODO: say why"), "{}", editor.text(&name));
        assert_eq!(editor.diagnostics(&name), [] as [Value; 0], "{reach}");
        let card = editor.hover(&name, "house-bucket-readable");
        assert!(card.contains("Everybody can read it."), "a directive explains its rule: {card}");
    }
    assert_eq!(editor.quit().code(), Some(0));
}

/// Of all of a file with hundreds of findings each can be mended, and as many silenced as a menu has room for.
#[test]
fn a_whole_file_has_a_menu() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    let bucket = |i| format!("  B{i}:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: PublicRead\n");
    let text = format!("Resources:\n{}", (0..400).map(bucket).collect::<String>());
    editor.show("template.yaml", &text);
    assert_eq!(editor.diagnostics("template.yaml").len(), 400);
    let all = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1601, "character": 0 } });
    let actions = editor.actions("template.yaml", &all, json!({ "diagnostics": [], "only": ["quickfix"] }));
    let silences = actions.iter().filter(|a| a["title"].as_str().is_some_and(|t| t.starts_with("Silence")));
    assert_eq!(silences.count(), 300, "three ways for each of a hundred");
    assert_eq!(actions.len(), 400 + 300);
    assert_eq!(editor.quit().code(), Some(0));
}

/// Everything is mended at once when that is asked for, and not offered by the way.
#[test]
fn everything_is_mended_at_once() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    let two = format!("{OPEN}{}", OPEN.replace("Resources:\n", "").replace("Bucket:\n", "🦀:\n"));
    editor.show("template.yaml", &two);
    assert_eq!(editor.diagnostics("template.yaml").len(), 2);
    let all = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let idle = editor.actions("template.yaml", &all, json!({ "diagnostics": [], "triggerKind": 2 }));
    assert!(idle.iter().all(|action| action["kind"] == "quickfix") && !idle.is_empty());
    let asked = json!({ "diagnostics": [], "only": ["source.fixAll"] });
    let actions = editor.actions("template.yaml", &all, asked);
    assert_eq!(actions.len(), 1, "{actions:?}");
    assert_eq!(actions[0]["kind"], "source.fixAll.portcullis");
    editor.apply("template.yaml", &actions[0]);
    assert_eq!(editor.text("template.yaml"), two.replace("PublicRead", "Private"));
    assert_eq!(editor.diagnostics("template.yaml"), [] as [Value; 0]);
    assert_eq!(editor.quit().code(), Some(0));
}

/// Under the pointer are the rule of a finding, what a wildcard stands for, and what a role may do.
#[test]
fn hovering_explains() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    let policy = "  Worker:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n        - PolicyName: p\n          PolicyDocument:\n            Statement:\n              - {Effect: Allow, Action: 'sqs:*Message', Resource: '*'}\n  Job:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role: !GetAtt Worker.Arn\n";
    editor.show("template.yaml", &format!("{OPEN}{policy}"));
    let card = editor.hover("template.yaml", "PublicRead");
    assert!(card.starts_with("**house-bucket-readable**: bucket is readable by everyone"), "{card}");
    assert!(card.contains("Everybody can read it.") && card.contains("Remove the ACL."), "{card}");
    let wildcard = editor.hover("template.yaml", "sqs:*Message");
    assert!(wildcard.contains("`sqs:SendMessage`") && wildcard.contains("`sqs:ReceiveMessage`"), "{wildcard}");
    for id in ["Worker:", "Job:"] {
        let grants = editor.hover("template.yaml", id);
        assert!(grants.contains("`Job` may do, as `Worker`") && grants.contains("sqs:*Message"), "{grants}");
    }
    assert_eq!(editor.hover("template.yaml", "Resources"), "");
    assert_eq!(editor.quit().code(), Some(0));
}

/// The configuration is the command line's; a change counts, a mistake is told and shown in the file.
#[test]
fn the_configuration_is_reloaded() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    editor.show("sub/template.yaml", OPEN);
    assert_eq!(editor.diagnostics("sub/template.yaml").len(), 1);
    // A rule of the user's own counts as it is written now.
    write(house.path(), "policies/house-bucket-readable.yaml", &RULE.replace("severity: high", "severity: low"));
    editor.watched("policies/house-bucket-readable.yaml");
    assert_eq!(editor.diagnostics("sub/template.yaml")[0]["severity"], 3);
    write(house.path(), "portcullis.toml", &format!("{CONFIG}ignore = ['house-bucket-readable']\n"));
    editor.watched("portcullis.toml");
    assert_eq!(editor.diagnostics_until("sub/template.yaml", 0).len(), 0);
    // An editor that watches nothing: the next check sees it all the same.
    write(house.path(), "sub/portcullis.toml", &CONFIG.replace("'policies'", "'../policies'"));
    editor.saved("sub/template.yaml");
    assert_eq!(editor.diagnostics_until("sub/template.yaml", 1).len(), 1);
    write(house.path(), "sub/portcullis.toml", "profil = 'all'\n");
    editor.saved("sub/template.yaml");
    let told = editor.hear("window/showMessage");
    assert!(told["message"].as_str().is_some_and(|text| text.contains("profil")), "{told}");
    let shown = editor.diagnostics_until("sub/portcullis.toml", 1);
    assert_eq!(shown[0]["range"]["start"], json!({ "line": 0, "character": 0 }));
    write(house.path(), "sub/portcullis.toml", "profile = 'default'\nexclude = ['*']\n");
    editor.watched("sub/portcullis.toml");
    assert!(editor.diagnostics_until("sub/portcullis.toml", 0).is_empty());
    assert!(editor.diagnostics_until("sub/template.yaml", 0).is_empty());
    assert_eq!(editor.quit().code(), Some(0));
}

/// Settings of the editor count over the configuration, from the beginning and when they change.
#[test]
fn settings_of_the_editor_count() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    editor.show("template.yaml", OPEN);
    assert_eq!(editor.diagnostics("template.yaml").len(), 1);
    editor.settings = json!([{ "minSeverity": "critical", "run": "sometimes" }]);
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": null }));
    let told = editor.hear("window/showMessage");
    assert!(told["message"].as_str().is_some_and(|text| text.contains("portcullis.run")), "{told}");
    assert!(editor.diagnostics_until("template.yaml", 0).is_empty());
    editor.settings = json!([{ "run": "onSave" }]);
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": null }));
    assert_eq!(editor.diagnostics_until("template.yaml", 1).len(), 1);
    editor.replace("template.yaml", "PublicRead", "Private");
    editor.saved("template.yaml");
    assert!(editor.diagnostics("template.yaml").is_empty(), "looked at when saved");
    editor.settings = json!([{ "enable": false }]);
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": null }));
    editor.replace("template.yaml", "Private", "PublicRead");
    editor.settings = json!([null]);
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": null }));
    assert_eq!(editor.diagnostics_until("template.yaml", 1).len(), 1, "taken out, they hold no longer");
    assert_eq!(editor.quit().code(), Some(0));
}

/// A nested stack is seen as it is in the editor, and what its parent makes of it is shown in it.
#[test]
fn nested_stacks_are_seen_as_they_are_in_the_editor() {
    let house = house();
    let parent = "Resources:\n  Stack:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./child.yaml\n      Parameters: {Acl: PublicRead}\n";
    let child = "Parameters:\n  Acl: {Type: String}\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: !Ref Acl\n";
    write(house.path(), "child.yaml", &child.replace("!Ref Acl", "Private"));
    let mut editor = Editor::open(house.path(), pushed());
    editor.show("parent.yaml", parent);
    assert!(editor.diagnostics("parent.yaml").is_empty(), "the disk is fine");
    // The buffer is not: by itself nothing is known of it, but its parent says what it is given.
    editor.show("child.yaml", child);
    let found = editor.diagnostics_until("child.yaml", 1);
    assert_eq!(editor.slice("child.yaml", &found[0]["range"]), "!Ref Acl");
    let related = found[0]["relatedInformation"].as_array().expect("places");
    assert!(
        related.iter().any(|place| place["location"]["uri"] == editor.address("parent.yaml").as_str()),
        "{related:?}"
    );
    let actions = editor.actions("child.yaml", &found[0]["range"], json!({ "diagnostics": [] }));
    titled(&actions, "Silence `house-bucket-readable` here");
    editor.replace("parent.yaml", "PublicRead", "Private");
    assert!(editor.diagnostics_until("child.yaml", 0).is_empty(), "the parent's change is seen");
    editor.replace("parent.yaml", "Private", "PublicRead");
    assert_eq!(editor.diagnostics_until("child.yaml", 1).len(), 1);
    // Closed without being saved: the disk is fine.
    let uri = editor.address("child.yaml");
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    editor.documents.remove("child.yaml");
    assert!(editor.diagnostics_until("child.yaml", 0).is_empty());
    assert_eq!(editor.quit().code(), Some(0));
}

/// An editor that asks for diagnostics is sent none; it is told when to ask again.
#[test]
fn diagnostics_are_handed_out_to_who_asks() {
    let house = house();
    let mut editor = Editor::open(house.path(), pulled());
    assert_eq!(editor.welcome["capabilities"]["diagnosticProvider"]["interFileDependencies"], true);
    editor.show("template.yaml", OPEN);
    let uri = editor.address("template.yaml");
    let ask = |editor: &mut Editor, known: Value| {
        let params = json!({ "textDocument": { "uri": uri }, "previousResultId": known });
        editor.ask("textDocument/diagnostic", params)
    };
    let first = ask(&mut editor, Value::Null);
    assert_eq!((&first["kind"], first["items"].as_array().map(Vec::len)), (&json!("full"), Some(1)));
    let again = ask(&mut editor, first["resultId"].clone());
    assert_eq!(again["kind"], "unchanged");
    write(house.path(), "portcullis.toml", "exclude = ['*']\n");
    editor.watched("portcullis.toml");
    editor.hear("workspace/diagnostic/refresh");
    assert_eq!(ask(&mut editor, first["resultId"].clone())["items"], json!([]));
    write(house.path(), "portcullis.toml", CONFIG);
    editor.watched("portcullis.toml");
    editor.hear("workspace/diagnostic/refresh");
    assert_eq!(ask(&mut editor, first["resultId"].clone())["kind"], "unchanged");
    editor.replace("template.yaml", "PublicRead", "Private");
    let mended = ask(&mut editor, first["resultId"].clone());
    assert_eq!((&mended["kind"], mended["items"].as_array().map(Vec::len)), (&json!("full"), Some(0)));
    let unopened = editor.address("other.yaml");
    let nothing = editor.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": unopened } }));
    assert_eq!(nothing["items"], json!([]));
    // Had one been sent, it would have come before the answer to the farewell.
    editor.tell("test/unknown", json!({}));
    assert_eq!(editor.pushed_diagnostics(), 0);
    assert_eq!(editor.quit().code(), Some(0));
}

/// Findings in parts that are not open are handed out with those of the document they were found through.
#[test]
fn parts_that_are_not_open_are_related() {
    let house = house();
    write(house.path(), "bucket.yml", OPEN);
    let service = "service: s\nprovider: {name: aws}\nresources: ${file(bucket.yml)}\n";
    let mut asking = Editor::open(house.path(), pulled());
    asking.show("serverless.yml", service);
    let uri = asking.address("serverless.yml");
    let answer = asking.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
    let related = &answer["relatedDocuments"][asking.address("bucket.yml")];
    assert_eq!(related["items"].as_array().map(Vec::len), Some(1), "{answer}");
    // It changes on the disk: the editor is told to ask again.
    write(house.path(), "bucket.yml", "Resources: {}\n");
    asking.watched("bucket.yml");
    asking.hear("workspace/diagnostic/refresh");
    let params = json!({ "textDocument": { "uri": uri } });
    let answer = asking.ask("textDocument/diagnostic", params);
    assert_eq!(answer.get("relatedDocuments"), None, "{answer}");
    assert_eq!(asking.quit().code(), Some(0));
    write(house.path(), "bucket.yml", OPEN);
    let mut sent = Editor::open(house.path(), pushed());
    sent.show("serverless.yml", service);
    assert_eq!(sent.diagnostics_until("bucket.yml", 1).len(), 1);
    sent.replace("serverless.yml", "bucket.yml", "gone.yml");
    assert!(sent.diagnostics_until("bucket.yml", 0).is_empty());
    assert_eq!(sent.quit().code(), Some(0));
}

/// Broken documents, foreign ones and odd ones are answered, and the server lives.
#[test]
fn nothing_that_is_typed_ends_the_server() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    editor.show("template.yaml", OPEN);
    assert_eq!(editor.diagnostics("template.yaml").len(), 1);
    editor.replace("template.yaml", "Properties:", "Properties: [");
    let broken = editor.diagnostics("template.yaml");
    assert!(broken.iter().any(|diagnostic| code(diagnostic) == "syntax-error"), "{broken:?}");
    let all = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    editor.actions("template.yaml", &all, json!({ "diagnostics": [] }));
    for (name, text) in [
        ("foreign.yaml", "a: 1\n"),
        ("empty.yaml", ""),
        ("deep.yaml", &"[".repeat(100_000)),
        ("nul.json", "{\"Resources\": \0"),
    ] {
        editor.show(name, text);
        editor.diagnostics(name);
        assert_eq!(editor.hover(name, ""), "", "{name}");
    }
    let why = editor.hear("window/logMessage");
    assert!(why["message"].as_str().is_some_and(|text| text.contains("foreign.yaml is not checked")), "{why}");
    // Positions that are nowhere, a document that is not open, parameters that are none.
    let uri = editor.address("template.yaml");
    let wild = json!({ "range": { "start": { "line": 9, "character": 9 }, "end": { "line": 0, "character": 0 } }, "text": "x" });
    editor.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 9 }, "contentChanges": [wild] }),
    );
    editor.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": "file:///none", "version": 1 }, "contentChanges": [] }),
    );
    editor.tell("textDocument/didOpen", json!({ "document": 7 }));
    let unknown = editor.ask_whole("textDocument/fly", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    let wrong = editor.ask_whole("textDocument/hover", json!({ "at": "home" }));
    assert_eq!(wrong["error"]["code"], -32602);
    assert_eq!(editor.quit().code(), Some(0));
}

/// What is outside the workspace is not read, on whatever way it is asked for.
#[test]
fn nothing_outside_the_workspace_is_read() {
    let house = house();
    let root = house.path().join("root");
    write(house.path(), "root/portcullis.toml", &CONFIG.replace("'policies'", "'../policies'"));
    write(house.path(), "secret.yaml", &OPEN.replace("Bucket:", "Secret:"));
    let parent = "Resources:\n  Stack:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ../secret.yaml\n      Parameters: {A: b}\n";
    let mut editor = Editor::open(&root, pushed());
    editor.show("parent.yaml", parent);
    assert!(editor.diagnostics("parent.yaml").is_empty());
    editor.show("template.yaml", OPEN);
    assert_eq!(editor.diagnostics("template.yaml").len(), 1);
    assert_eq!(editor.pushed_for(&address(&house.path().join("secret.yaml"))), 0);
    assert_eq!(editor.quit().code(), Some(0));
}

/// Folders come and go, and every document has the configuration of its own.
#[test]
fn several_folders_are_several_projects() {
    let (house, other) = (house(), tempfile::tempdir().expect("a folder"));
    write(other.path(), "portcullis.toml", "select = ['syntax-error']\n");
    std::fs::create_dir(other.path().join(".git")).expect("a folder");
    let folder = |path: &std::path::Path| json!({ "uri": address(path), "name": "f" });
    let folders = [folder(house.path()), folder(other.path())];
    let params = json!({ "processId": null, "rootUri": null, "workspaceFolders": folders, "capabilities": pushed() });
    let mut editor = Editor::start(house.path(), params);
    editor.show("template.yaml", OPEN);
    assert_eq!(editor.diagnostics("template.yaml").len(), 1);
    let elsewhere = other.path().join("template.yaml");
    let name = elsewhere.to_str().expect("UTF-8");
    editor.show(name, OPEN);
    assert!(editor.diagnostics(name).is_empty());
    let event = json!({ "added": [], "removed": [folder(other.path())] });
    editor.tell("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    // No longer of the workspace: its configuration does not count, what is built in does.
    assert!(!editor.diagnostics(name).is_empty());
    assert_eq!(editor.quit().code(), Some(0));
}

/// A question can be taken back, and is answered once all the same.
#[test]
fn questions_can_be_taken_back() {
    let house = house();
    let mut editor = Editor::open(house.path(), pushed());
    editor.show("template.yaml", &OPEN.repeat(50));
    let uri = editor.address("template.yaml");
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 4, "character": 25 } });
    let questions: Vec<i64> = (0..20).map(|_| editor.begin("textDocument/hover", at.clone())).collect();
    for id in &questions {
        editor.tell("$/cancelRequest", json!({ "id": id }));
    }
    for id in questions {
        let answer = editor.answer(id);
        assert!(answer.get("result").is_some() || answer["error"]["code"] == -32800, "{answer}");
    }
    assert_eq!(editor.quit().code(), Some(0));
}

/// An editor that goes without a farewell leaves an exit code that says so.
#[test]
fn the_end_says_how_it_was() {
    let house = house();
    assert_eq!(Editor::open(house.path(), pushed()).vanish().code(), Some(1));
    let mut rude = Editor::open(house.path(), pushed());
    rude.tell("exit", Value::Null);
    assert_eq!(rude.ended().code(), Some(1));
    let mut late = Editor::open(house.path(), pushed());
    late.ask("shutdown", Value::Null);
    assert_eq!(late.ask_whole("textDocument/hover", json!({}))["error"]["code"], -32600);
    late.tell("exit", Value::Null);
    assert_eq!(late.ended().code(), Some(0));
}
