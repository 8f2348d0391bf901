//! What a scan costs beside reading and parsing the same files: rounds of both in turn, in one process, so
//! that a noisy machine disturbs both alike. `cargo bench --bench ratio -- FOLDER…` (default: `testdata`).

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program that measures, run by hand")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::dialect::{self, Input, Options};
use portcullis::resolve::Exports;
use portcullis::rules::Catalogue;
use portcullis::scan::{Choice, Scanner, Settings, scan};
use portcullis::source::{Arena, FileId, NoFiles, Source, Sources};
use portcullis::syntax;

const ROUNDS: usize = 9;

fn main() {
    let folders: Vec<PathBuf> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).map(PathBuf::from).collect();
    let folders = if folders.is_empty() { vec![PathBuf::from("testdata")] } else { folders };
    let mut files = Vec::new();
    folders.iter().for_each(|folder| collect(folder, &mut files));
    files.sort();
    let texts: Vec<(PathBuf, String)> =
        files.into_iter().filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text))).collect();
    let bytes: usize = texts.iter().map(|(_, t)| t.len()).sum();
    let scanner = scanner();
    let (mut parse, mut lower, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        parse.push(time(|| texts.iter().for_each(|(path, _)| parsed(path))));
        lower.push(time(|| texts.iter().for_each(|(path, _)| lowered(path))));
        whole.push(time(|| texts.iter().for_each(|(path, _)| scanned(path, &scanner))));
    }
    let (parse, lower, whole) = (median(parse), median(lower), median(whole));
    println!(
        "{} files, {:.2} MB, {} rules",
        texts.len(),
        bytes as f64 / 1e6,
        scanner.settings().catalogue.rules().len()
    );
    println!("read and parse   {parse:>10.2?}");
    println!("… and lower      {lower:>10.2?}  {:.2} times", lower.as_secs_f64() / parse.as_secs_f64());
    println!("whole scan       {whole:>10.2?}  {:.2} times", whole.as_secs_f64() / parse.as_secs_f64());
}

fn scanner() -> Scanner {
    let catalogue = Catalogue::builtin();
    let choice = Arc::new(Choice::everything(&catalogue));
    Scanner::new(Settings {
        catalogue,
        today: "2026-11-21".to_owned(),
        options: Options::default(),
        open: false,
        parameters: std::collections::BTreeMap::new(),
        silence: None,
        choose: Box::new(move |_| choice.clone()),
    })
}

fn source(path: &Path) -> Arc<Source> {
    Arc::new(Source::new(path.to_string_lossy(), std::fs::read_to_string(path).unwrap_or_default()))
}

fn parsed(path: &Path) {
    let source = source(path);
    let arena = Arena::new();
    std::hint::black_box(syntax::parse(&arena, FileId(0), source.text()));
}

fn lowered(path: &Path) {
    let source = source(path);
    let arena = Arena::new();
    let sources = Sources::new(source.clone());
    let document = syntax::parse(&arena, FileId(0), source.text());
    let options = Options::default();
    let input = Input { arena: &arena, sources: &sources, loader: &NoFiles, options: &options };
    std::hint::black_box(dialect::lower(&document, &input));
}

fn scanned(path: &Path, scanner: &Scanner) {
    std::hint::black_box(scan(&source(path), scanner, &NoFiles, &Exports::new()));
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            collect(&entry.path(), files);
        }
    } else if path.extension().is_some_and(|e| ["yaml", "yml", "json", "template"].iter().any(|k| e == *k)) {
        files.push(path.to_owned());
    }
}
