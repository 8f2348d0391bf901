//! Texts that are hard to read.

use std::fmt::Write as _;

use super::{Folder, NEIGHBOUR, one};

const BUCKET: &str = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n";

/// What every rule set says of a plain bucket, whatever else is in its file.
const PLAIN: &str = "medium s3-bucket-accepts-plain-http";

/// Aliases of aliases of aliases, and merges of merges, end at a number of values.
#[test]
fn alias_bombs() {
    let mut list = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    let mut merge = String::from("a0: &a0 {a: 1}\n");
    for i in 1..30 {
        let nine = vec![format!("*a{}", i - 1); 9].join(", ");
        let _ = writeln!(list, "a{i}: &a{i} [{nine}]");
        let _ = writeln!(merge, "a{i}: &a{i} {{<<: [{nine}], k{i}: 1}}");
    }
    one("list.yaml", format!("{list}{BUCKET}"), 2, ":7:10:", "syntax-error: with its aliases followed");
    one("merge.yaml", format!("{merge}{BUCKET}    Properties: {{<<: *a29}}\n"), 2, ":7:", "aliases followed");
    // A text of a megabyte under fifty thousand names is fifty gigabytes to whoever looks at each.
    let text = format!("a: &a '{}'\nb: [{}]\n{BUCKET}", "x".repeat(1 << 20), ["*a"; 50_000].join(", "));
    one("text.yaml", text, 2, ":2:", "syntax-error: aliases repeat more than 67108864 bytes of text");
    one("cycle.yaml", "Resources: &r\n  B: *r\n  C: {Type: AWS::S3::Bucket}\n", 2, ":2:6:", "inside the very node");
    one("lost.yaml", format!("{BUCKET}x: *{}\n", "a".repeat(100_000)), 2, ":4:4:", "syntax-error");
}

/// A hundred thousand brackets, indented keys, tags and functions end at a depth.
#[test]
fn deep_nesting() {
    let many = 100_000;
    let json = |text: String| format!("{{\"Resources\":{{\"B\":{{\"Type\":\"AWS::S3::Bucket\",\"Metadata\":{text}");
    let indented: String = (0..3_000).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, "{}a:", " ".repeat(i));
        text
    });
    one("a.yaml", format!("{BUCKET}x: {}", "[".repeat(many)), 2, ":4:", "syntax-error");
    one("b.json", json("{\"a\":".repeat(many)), 2, ":1:", "deeper than 255 levels");
    one("c.json", json(format!("{}{}}}}}}}", "[".repeat(many), "]".repeat(many))), 2, ":1:", "deeper than 255 levels");
    one("d.yaml", format!("{BUCKET}{indented}"), 2, ":", "deeper than 255 levels");
    one("e.yaml", format!("{BUCKET}x: {}1\n", "!Sub ".repeat(many)), 2, ":4:", "syntax-error");
    let join = format!("{}a{}", "!Join ['', [".repeat(100), "]]".repeat(100));
    one("f.yaml", format!("{BUCKET}    Properties:\n      BucketName: {join}\n"), 1, ":2:3:", PLAIN);
}

/// Scalars of many megabytes and lines of hundreds of kilobytes are read as any other.
#[test]
fn long_texts() {
    let huge = "x".repeat(50 << 20);
    one("huge.yaml", format!("{BUCKET}Description: {huge}\n"), 1, ":2:3:", PLAIN);
    one("lines.yaml", format!("{BUCKET}Description: |\n{}", "  line\n".repeat(1_000_000)), 1, ":2:3:", PLAIN);
    let resources: Vec<String> = (0..500).map(|i| format!("\"B{i}\":{{\"Type\":\"AWS::S3::Bucket\"}}")).collect();
    let told = one("line.json", format!("{{\"Resources\":{{{}}}}}", resources.join(",")), 1, ":1:15:", PLAIN);
    assert_eq!(told.out.lines().filter(|l| l.starts_with("line.json:1:") && l.contains(PLAIN)).count(), 500);
    let keys: Vec<String> = (0..100_000).map(|i| format!("k{i}: 1")).collect();
    one("keys.yaml", format!("{BUCKET}Metadata: {{{}}}\n", keys.join(", ")), 1, ":2:3:", PLAIN);
    one("documents.yaml", format!("---\n{BUCKET}").repeat(1_000), 1, ":3:3:", PLAIN);
}

/// A file larger than we read is refused by name, before it is read.
#[test]
fn too_large() {
    let folder = Folder::new();
    let file = std::fs::File::create(folder.path("large.yaml")).expect("a file");
    file.set_len(65 << 20).expect("a file of nothing");
    folder.checked(2).says("large.yaml:", "is larger than 67108864 bytes");
}

/// Keys that are written twice, that are no text, and that are very long.
#[test]
fn odd_keys() {
    let twice = format!("Resources:\n{}", "  B:\n    Type: AWS::S3::Bucket\n".repeat(3_000));
    one("twice.yaml", twice, 1, ":4:3:", "duplicate-key: the key `B` was written before");
    let odd = "Resources:\n  1: {Type: AWS::S3::Bucket}\n  ? [a, b]\n  : {Type: AWS::S3::Bucket}\n  ? {a: b}\n  : 1\n  null: {Type: AWS::S3::Bucket}\n  true: 1\n  C: {Type: AWS::S3::Bucket}\n";
    one("odd.yaml", odd, 1, ":9:3:", PLAIN);
    one("long.yaml", format!("{BUCKET}{}: 1\n", "k".repeat(5_000)), 2, ":4:", "syntax-error");
    let types = "Resources:\n  A: {Type: [AWS::S3::Bucket]}\n  B: {Type: {a: b}, Properties: 7}\n  C: 5\n  D: {Type: AWS::S3::Bucket, Properties: [1]}\n  E: {Type: AWS::S3::Bucket, Properties: {Tags: {Fn::If: 1}, BucketName: [[[]]]}}\n";
    one("types.yaml", types, 1, ":6:3:", PLAIN);
    for (name, text) in [("null.yaml", "Resources:\n"), ("list.yaml", "Resources: [AWS::S3::Bucket]\n")] {
        let whole = format!("AWSTemplateFormatVersion: '2010-09-09'\n{text}");
        Folder::with(name, whole).checked(1);
    }
}

/// What is not text is told with the byte, and what is text in another encoding is read.
#[test]
fn encodings() {
    let sixteen = |text: &str, little: bool| -> Vec<u8> {
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    one("nul.yaml", format!("{BUCKET}Description: a\0b\n"), 2, ":4:15:", "U+0000");
    one(
        "nul.json",
        "{\"Resources\":{\"B\":{\"Type\":\"AWS::S3::Bucket\",\"x\":\"a\0b\"}}}",
        2,
        ":1:51:",
        "must be escaped",
    );
    one("bytes.yaml", [BUCKET.as_bytes(), b"Description: a\xff\xfe\n"].concat(), 2, ":", "is not UTF-8 text: byte 56");
    one("overlong.yaml", [BUCKET.as_bytes(), b"x: \xc0\xaf\n"].concat(), 2, ":", "is not UTF-8 text: byte 45");
    for little in [true, false] {
        one("sixteen.yaml", sixteen(BUCKET, little), 1, ":2:3:", PLAIN);
        one(
            "sixteen.json",
            sixteen("{\"Resources\":\n {\"B\": {\"Type\": \"AWS::S3::Bucket\"}}}", little),
            1,
            ":2:3:",
            PLAIN,
        );
        let torn = [sixteen(BUCKET, little), vec![0x41]].concat();
        one("torn.yaml", torn, 2, ":", "is not UTF-8 text: byte 86");
        let half: [u8; 2] = if little { [0x00, 0xd8] } else { [0xd8, 0x00] };
        one("half.yaml", [sixteen(BUCKET, little), half.to_vec()].concat(), 2, ":", "is not UTF-8 text: byte 86");
        let unmarked: Vec<u8> = sixteen(BUCKET, little).split_off(2);
        one("unmarked.yaml", unmarked, 1, ":2:3:", PLAIN);
    }
    one("mark.yaml", format!("\u{feff}{BUCKET}"), 1, ":2:3:", PLAIN);
    one("cr.yaml", BUCKET.replace('\n', "\r"), 1, ":2:3:", PLAIN);
    one("crlf.yaml", BUCKET.replace('\n', "\r\n"), 1, ":2:3:", PLAIN);
    one("quoted.yaml", format!("{BUCKET}Description: 'a\u{2028}b\u{85}c'\n  # d\n"), 1, ":2:3:", PLAIN);
    // What others take for a comment, CloudFormation takes for a property.
    let comment = format!("{BUCKET}    Properties:\n      # note\u{2028}      AccessControl: PublicRead\n");
    one("comment.yaml", comment, 2, ":5:13:", "syntax-error: the invisible character U+2028 ends this line");
    one("plain.yaml", format!("{BUCKET}Description: a\u{2028}b\u{85}c\n"), 2, ":4:15:", "U+2028 ends this line");
}

/// Torn anywhere, a template is told of or read, never passed over.
#[test]
fn torn_texts() {
    let json = "{\"Resources\": {\"Open\": {\"Type\": \"AWS::S3::Bucket\", \"Properties\": {\"AccessControl\": \"PublicRead\"}}}}";
    let folder = Folder::new();
    let cuts: Vec<usize> = (45..json.len()).step_by(4).collect();
    for at in &cuts {
        folder.write(&format!("torn{at:03}.json"), &json[..*at]);
    }
    let told = folder.checked(2);
    for at in cuts {
        told.says(&format!("torn{at:03}.json:1:"), "syntax-error");
    }
    let folder = Folder::new();
    for (n, end) in
        ["  ]\n", "\t- x\n", "  a: b: c\n", "  'x\n", "  \"\\q\"\n", "  &a\n", "  @x\n", "  %x\n"].iter().enumerate()
    {
        folder.write(&format!("torn{n}.yaml"), format!("{NEIGHBOUR}{end}"));
    }
    let told = folder.checked(2);
    for n in [0, 1, 2, 3, 4, 6, 7] {
        told.says(&format!("torn{n}.yaml:"), "syntax-error");
    }
}
