//! Runs the targets without a nightly compiler: seeds, changed at random, for so many seconds.
//!
//! `drive TARGET SECONDS [SEED]` runs one target, `drive TARGET FILE…` tries files again, and
//! `drive --corpus FOLDER` writes the seeds for libFuzzer. What breaks is kept in `fuzz/artifacts/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use portcullis::rules::Catalogue;
use portcullis_fuzz::{TARGETS, Target};

/// A text that takes longer than this, unoptimised, is a finding.
const SLOW: Duration = Duration::from_secs(5);

/// Words that mean something to somebody.
const WORDS: &[&str] = &[
    "Fn::ForEach::X", "Fn::Transform", "AWS::Include", "!Sub ", "!If [C, ", "!Ref ", "${", "}", "${self:", "${file(a.yml)}",
    "*a", "&a ", "<<: ", "{", "}", "[", "]", ": ", "- ", "|\n", ">-\n", "\"", "'", "# portcullis: ignore[x] -- y\n", "# checkov:skip=CKV_AWS_1:z\n",
    "\u{feff}", "\r", "\r\n", "\0", "\u{2028}", "é", "😀", "---\n", "...\n", "%YAML 1.1\n", "AWS::NoValue", "Resources", "Type: AWS::S3::Bucket",
    "{{resolve:ssm:x}}", "*", "?", "arn:aws:s3:::", "99999999999999999999", "-1", "0x", ".inf", "null", "~", "\\", "\\u12", "/../",
];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let seeds = seeds();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--corpus", folder] => corpus(Path::new(folder), &seeds),
        [name, seconds, rest @ ..] if seconds.parse::<u64>().is_ok() => {
            let target = target(name);
            let seed = rest.first().and_then(|s| s.parse().ok()).unwrap_or(88_172_645_463_325_252);
            drive(target, &seeds, Duration::from_secs(seconds.parse().expect("it was looked at")), seed);
        }
        [name, files @ ..] if !files.is_empty() => {
            for file in files {
                let start = Instant::now();
                target(name).1(&fs::read(file).expect("the file is there"));
                println!("{file}: {:?}", start.elapsed());
            }
        }
        _ => eprintln!("drive TARGET SECONDS [SEED] | drive TARGET FILE… | drive --corpus FOLDER"),
    }
}

fn target(name: &str) -> Target {
    *TARGETS.iter().find(|(known, _)| *known == name).expect("no such target")
}

/// The texts of testdata, the rules, and the rules' examples.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("testdata"), root.join("rules/lambda"), root.join("rules/iam")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| ["yaml", "yml", "json", "toml", "ts", "js"].iter().any(|k| e == *k)) {
                files.push(path);
            }
        }
    }
    files.sort();
    let texts = files.iter().filter_map(|path| fs::read(path).ok()).filter(|text| text.len() < 20_000);
    let catalogue = Catalogue::builtin();
    let examples = catalogue.rules().iter().flat_map(|rule| rule.prose().examples.iter()).map(|e| e.text.clone().into_bytes());
    texts.chain(examples).collect()
}

fn corpus(folder: &Path, seeds: &[Vec<u8>]) {
    fs::create_dir_all(folder).expect("a folder");
    for (n, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed{n:05}")), seed).expect("a file");
    }
    println!("{} seeds", seeds.len());
}

fn drive((name, run): Target, seeds: &[Vec<u8>], time: Duration, seed: u64) {
    let mut random = Random(seed);
    let start = Instant::now();
    let (mut runs, mut broken, mut slowest) = (0_u64, 0, Duration::ZERO);
    while start.elapsed() < time {
        let data = changed(seeds, &mut random);
        let began = Instant::now();
        let fell = std::panic::catch_unwind(|| run(&data)).is_err();
        let took = began.elapsed();
        slowest = slowest.max(took);
        if fell || took > SLOW {
            broken += 1;
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(name);
            fs::create_dir_all(&folder).expect("a folder");
            let what = if fell { "panic" } else { "slow" };
            let path = folder.join(format!("{what}-{seed}-{runs}"));
            fs::write(&path, &data).expect("a file");
            println!("{what} after {runs} runs, {took:?}: {}", path.display());
        }
        runs += 1;
    }
    println!("{name}: {runs} runs in {:?}, {broken} broken, the slowest {slowest:?}", start.elapsed());
    if broken > 0 {
        std::process::exit(1);
    }
}

/// A seed, changed in a few places.
fn changed(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut data = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(data.len() + 1);
        let reach = [3, 20, 200][random.below(3)];
        let end = (at + random.below(1 + reach)).min(data.len());
        match random.below(9) {
            0 => drop(data.drain(at..end)),
            1 => {
                let copy = data[at..end].to_vec();
                let to = random.below(data.len() + 1);
                data.splice(to..to, copy);
            }
            2 => {
                let word = WORDS[random.below(WORDS.len())];
                data.splice(at..at, word.bytes());
            }
            3 => {
                let word = WORDS[random.below(WORDS.len())];
                data.splice(at..end, word.bytes());
            }
            4 => {
                // A piece of another seed, by whole lines: it is likely to mean something.
                let other = &seeds[random.below(seeds.len())];
                let lines: Vec<&[u8]> = other.split_inclusive(|b| *b == b'\n').collect();
                let from = random.below(lines.len() + 1);
                let piece = lines[from..(from + random.below(8)).min(lines.len())].concat();
                let line = data[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
                data.splice(line..line, piece);
            }
            5 => {
                if let Some(byte) = data.get_mut(at) {
                    *byte = random.next() as u8;
                }
            }
            6 => {
                let word = WORDS[random.below(WORDS.len())].repeat(1 + random.below(300));
                data.splice(at..at, word.into_bytes());
            }
            7 => {
                // Another indentation, which is another structure.
                let line = data[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
                data.splice(line..line, vec![b' '; random.below(9)]);
            }
            _ => data.truncate(at.max(data.len() / 2)),
        }
    }
    data
}
