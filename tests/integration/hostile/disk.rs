//! A disk that is against us: paths that lead out, files that are none, folders without end, and nowhere to write.

use std::process::Stdio;

use super::{Folder, NEIGHBOUR, TOLD, there, told};

const SECRET: &str = "correct-horse-battery";

/// Paths that leave the root, by any road, bring nothing in, and what they lead to is in no output.
#[cfg(unix)]
#[test]
fn paths_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("secret.json"), format!("{{\"BucketName\": \"{SECRET}\"}}")).expect("a file");
    let absolute = outside.path().join("secret.json").display().to_string();
    let relative = format!("../{}/secret.json", outside.path().file_name().expect("a name").to_string_lossy());
    let folder = Folder::new();
    std::fs::create_dir(folder.path(".git")).expect("a folder");
    symlink(&absolute, folder.path("link.json")).expect("a link");
    symlink(outside.path(), folder.path("folder")).expect("a link");
    symlink("loop.json", folder.path("loop.json")).expect("a link");
    symlink("/", folder.path("root")).expect("a link");
    let piped = std::process::Command::new("mkfifo").arg(folder.path("pipe.json")).status();
    assert!(piped.is_ok_and(|status| status.success()));
    let roads = [
        absolute.as_str(),
        &relative,
        "./x/../../../../../../../../etc/passwd",
        "/etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "/dev/stdin",
        "link.json",
        "folder/secret.json",
        "loop.json",
        "pipe.json",
        "root/etc/passwd",
        "folder",
        ".",
        "",
        "file:///etc/passwd",
        "\\\\host\\share",
        "C:\\Windows\\win.ini",
        "%2e%2e/secret.json",
        "~/secret.json",
        "link.json\0",
    ];
    for (n, road) in roads.iter().enumerate() {
        let road = serde_json::to_string(road).expect("a text");
        folder.write(&format!("include{n:02}.json"), format!(
            "{{\"Resources\": {{\"B\": {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": {{\"Fn::Transform\": {{\"Name\": \"AWS::Include\", \"Parameters\": {{\"Location\": {road}}}}}}}}}, \
             \"S\": {{\"Type\": \"AWS::CloudFormation::Stack\", \"Properties\": {{\"TemplateURL\": {road}, \"Parameters\": {{}}}}}}}}}}"));
        folder.write(&format!("s{n:02}/serverless.yml"), format!(
            "service: x\nprovider: {{name: aws}}\nuseDotenv: true\ncustom: {{a: \"${{file({})}}\", b: '${{env:HOME}}'}}\nfunctions: {{f: {{handler: a.b, environment: '${{self:custom}}'}}}}\n",
            road.trim_matches('"')));
    }
    for more in [&["--format", "json"][..], &["--format", "html"], &["--format", "human"]] {
        let told = folder.run(&[&["check", "--no-config", "--profile", "all", "--jobs", "2"], more].concat());
        assert!([1, 2].contains(&told.code), "{}: {}", told.code, told.err);
        for found in [SECRET, "root:x:0", "HOME="] {
            assert!(!told.out.contains(found) && !told.err.contains(found), "{found}: {}", told.head());
        }
    }
    let told = folder.check(&[]);
    assert!(told.out.contains(TOLD), "{}", told.head());
    let told = folder.run(&["lower", "include00.json"]);
    assert!(!told.out.contains(SECRET));
}

/// Devices, pipes, folders and loops are no templates: named, they are told of; met, they are passed by.
#[cfg(unix)]
#[test]
fn files_that_are_none() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    for (name, to) in [
        ("zero.yaml", "/dev/zero"),
        ("random.yaml", "/dev/urandom"),
        ("nowhere.yaml", "nowhere"),
        ("loop.yaml", "loop.yaml"),
        ("up", "."),
    ] {
        symlink(to, folder.path(name)).expect("a link");
    }
    std::fs::create_dir(folder.path("folder.yaml")).expect("a folder");
    let piped = std::process::Command::new("mkfifo").arg(folder.path("pipe.yaml")).status();
    assert!(piped.is_ok_and(|status| status.success()));
    folder.checked(1);
    for name in ["zero.yaml", "random.yaml", "pipe.yaml"] {
        let told = folder.check(&[name, "neighbour.yaml"]);
        assert_eq!(told.code, 2, "{name}");
        told.says(&format!("{name}:"), "is not a regular file");
        assert!(told.out.contains(TOLD), "{}", told.head());
    }
    for name in ["nowhere.yaml", "loop.yaml", "none.yaml", "a\u{1b}[31m.yaml"] {
        let told = folder.check(&[name, "neighbour.yaml"]);
        assert_eq!(told.code, 2, "{name}");
        assert!(told.out.contains(TOLD) && !told.out.contains('\u{1b}'), "{}", told.head());
    }
}

/// What `/proc` says of the sizes of its files is not so; they are read no further than any file.
#[test]
fn files_without_a_size() {
    if !there("/proc/self/environ") {
        return;
    }
    let told = Folder::new().check(&["/proc/self/environ", "/proc/self/status", "neighbour.yaml"]);
    assert_eq!(told.code, 2);
    assert!(told.out.contains(TOLD) && told.out.lines().count() < 100, "{}", told.head());
}

/// What may not be read is told of, and the rest is read.
#[cfg(unix)]
#[test]
fn forbidden_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with("closed.yaml", NEIGHBOUR);
    folder.write("shut/a.yaml", NEIGHBOUR);
    let set = |name: &str, mode: u32| {
        std::fs::set_permissions(folder.path(name), std::fs::Permissions::from_mode(mode)).expect("permissions");
    };
    set("closed.yaml", 0o000);
    set("shut", 0o000);
    // Whoever is above permissions reads all.
    let above = std::fs::read(folder.path("closed.yaml")).is_ok();
    let told = folder.checked(if above { 1 } else { 2 });
    set("shut", 0o755);
    if !above {
        told.says("closed.yaml:", "cannot be read: permission denied");
        told.says("shut:", "cannot be read: permission denied");
    }
}

/// Files that come, go and change while they are read never stop the run.
#[test]
fn files_that_change() {
    let folder = Folder::new();
    for i in 0..300 {
        folder.write(&format!("f{i}.yaml"), NEIGHBOUR);
    }
    let root = folder.root.path().to_owned();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                n += 1;
                let path = root.join(format!("f{}.yaml", n % 300));
                let _ = match n % 3 {
                    0 => std::fs::remove_file(&path),
                    1 => std::fs::write(&path, "Resources: {B: {Type: AWS::S3::Bucket}, "),
                    _ => std::fs::write(&path, NEIGHBOUR),
                };
            }
        });
        let results: Vec<_> = (0..3).map(|_| folder.check(&[])).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        for told in results {
            assert!([1, 2].contains(&told.code), "{}", told.err);
            assert!(told.out.contains(TOLD), "{}", told.head());
        }
    });
}

/// Folders of very many files, very deep folders, and names that nobody should give.
#[test]
fn folders_without_end() {
    let folder = Folder::new();
    for i in 0..5_000 {
        std::fs::write(folder.path(&format!("f{i}.txt")), "").expect("a file");
    }
    for i in 0..500 {
        std::fs::write(folder.path(&format!("f{i}.yaml")), "a: 1\n").expect("a file");
    }
    let mut deep = folder.root.path().to_owned();
    for _ in 0..200 {
        deep.push("d");
    }
    std::fs::create_dir_all(&deep).expect("folders");
    std::fs::write(deep.join("t.yaml"), NEIGHBOUR).expect("a file");
    folder.checked(1).says("d/d/d/", "s3-bucket-acl-public");
}

/// Names with line breaks, escapes, commands and bytes that are no text are shown harmless.
#[cfg(target_os = "linux")]
#[test]
fn odd_names() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let names: [&[u8]; 7] = [
        b"a\nb.yaml",
        b"\x1b[31m.yaml",
        b"::error::x.yaml",
        b"##vso[task.x].yaml",
        b"bad\xff.yaml",
        b" .yaml",
        "\u{202e}lmay.yaml".as_bytes(),
    ];
    for name in names {
        std::fs::write(folder.root.path().join(std::ffi::OsStr::from_bytes(name)), NEIGHBOUR).expect("a file");
    }
    let told = folder.checked(1);
    assert_eq!(told.out.matches(" medium s3-bucket-acl-public").count(), 8, "{}", told.head());
    assert!(!told.out.contains(['\u{1b}', '\u{202e}', '\r']), "{}", told.head());
    let at = |line: &str| line.rsplit(": medium ").nth(1).is_some_and(|place| place.split(':').count() >= 3);
    assert!(told.out.lines().filter(|l| l.contains("s3-bucket-acl-public")).all(at), "{}", told.head());
    for format in ["github", "azure"] {
        let told = folder.run(&["check", "--no-config", "--format", format]);
        assert_eq!(told.code, 1);
        assert!(
            told.out
                .lines()
                .all(|l| l.starts_with("::") == (format == "github" && l.contains(" file="))
                    || !l.contains("::error::x")),
            "{}",
            told.head()
        );
        assert!(!told.out.contains("##vso[task.x]"), "{}", told.head());
    }
}

/// A reader that goes away is no error; a full disk is one, told once, whatever is written to it.
#[cfg(unix)]
#[test]
fn nowhere_to_write() {
    let folder = Folder::new();
    for i in 0..200 {
        folder.write(&format!("f{i}.yaml"), NEIGHBOUR);
    }
    let args = ["check", "--no-config", "--profile", "all", "--format", "concise"];
    let mut child =
        folder.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    drop(child.stdout.take());
    let ended = told(&child.wait_with_output().expect("it ends"), &args);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""), "a closed pipe");
    if !there("/dev/full") {
        return;
    }
    folder.write(
        "function.yaml",
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {Role: !GetAtt R.Arn}\n  R:\n    Type: AWS::IAM::Role\n    Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']}\n",
    );
    for format in ["human", "concise", "json", "jsonl", "sarif", "html", "junit"] {
        let args = ["check", "--no-config", "--format", format];
        let full = std::fs::File::create("/dev/full").expect("it is there");
        let ended = told(
            &folder
                .command(&args)
                .stdout(full)
                .stderr(Stdio::piped())
                .spawn()
                .and_then(|c| c.wait_with_output())
                .expect("it ends"),
            &args,
        );
        assert_eq!(ended.code, 2, "{format}: {}", ended.err);
        assert_eq!(ended.err.matches("error: ").count(), 1, "{format}: {}", ended.err);
    }
    for commands in [
        &["rules"][..],
        &["explain", "s3-bucket-acl-public-read"],
        &["man"],
        &["completions", "bash"],
        &["permissions"],
        &["lower", "neighbour.yaml"],
        &["check", "--list-files"],
        &["config", "schema"],
    ] {
        let full = std::fs::File::create("/dev/full").expect("it is there");
        let ended = told(
            &folder
                .command(commands)
                .stdout(full)
                .stderr(Stdio::piped())
                .spawn()
                .and_then(|c| c.wait_with_output())
                .expect("it ends"),
            commands,
        );
        assert_eq!(ended.code, 2, "{commands:?}: {}", ended.err);
    }
    let ended = folder.run(&["check", "--no-config", "--format", "concise", "--output", "sarif=/dev/full"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("/dev/full"), "{}", ended.err);
    for output in ["json=/proc/nothing/here.json", "json=neighbour.yaml/x.json", "json=."] {
        let ended = folder.run(&["check", "--no-config", "--quiet", "--output", output]);
        assert_eq!(ended.code, 2, "{output}: {}", ended.err);
        assert!(ended.err.contains("error: "), "{output}: {}", ended.err);
    }
}

/// Configuration, rules, parameters and baselines made to break us are refused with the reason.
#[test]
fn hostile_settings() {
    let bomb: String = std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((1..12).map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(", "))))
        .collect();
    let folder = Folder::new();
    folder.write("rules/bomb.yaml", format!("name: bomb\n{bomb}"));
    folder.write("deep/deep.yaml", format!("name: deep\ncheck: {}", "[".repeat(100_000)));
    folder.write("regex/regex.yaml", "name: regex\ntitle: t\ncategory: exposure\nseverity: high\nwhy: w\nremedy: r\ncheck:\n  on: AWS::S3::Bucket\n  bad:\n    BucketName: {matches: '((((a{1000}){1000}){1000}){1000}'}\nexamples: []\n");
    folder.write("deep.toml", format!("a = {}", "[".repeat(100_000)));
    folder.write("large.toml", vec![b'#'; (1 << 20) + 1]);
    folder.write("bytes.toml", b"profile = '\xff'");
    folder.write("glob.toml", format!("exclude = ['{}']\n", "{a,b}".repeat(2_000)));
    folder.write("p.json", "[".repeat(100_000));
    folder.write("b.json", "{\"findings\": [".repeat(100_000));
    for args in [
        &["--no-config", "--rules", "rules"][..],
        &["--no-config", "--rules", "deep"],
        &["--no-config", "--rules", "regex"],
        &["--no-config", "--rules", "none"],
        &["--config", "deep.toml"],
        &["--config", "large.toml"],
        &["--config", "bytes.toml"],
        &["--config", "none.toml"],
        &["--config", "."],
        &["--no-config", "--parameters-file", "p.json"],
        &["--no-config", "--baseline", "b.json"],
        &["--no-config", "--files-from", "none"],
    ] {
        let told = folder.run(&[&["check", "neighbour.yaml", "--format", "concise"], args].concat());
        assert_eq!(told.code, 2, "{args:?}: {} {}", told.head(), told.err);
        assert!(told.err.contains("error: ") || told.err.contains("error["), "{args:?}: {}", told.err);
    }
    let told = folder.run(&["check", "neighbour.yaml", "--format", "concise", "--config", "glob.toml"]);
    assert!([1, 2].contains(&told.code), "{}", told.err);
}
