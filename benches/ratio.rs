//! What each stage of a scan, and each report, costs beside reading and parsing the same files: rounds of all in
//! turn, in one process, so that a noisy machine disturbs all alike. `cargo bench --bench ratio -- FOLDER…` (default: `testdata`).

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program that measures, run by hand")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::dialect::{self, Input, Options};
use portcullis::finding::Run;
use portcullis::report::{self, Format};
use portcullis::resolve::{Exports, Resolver, Under};
use portcullis::rules::Catalogue;
use portcullis::scan::{Choice, Outcome, Scanner, Settings, examples, scan};
use portcullis::source::{Arena, FileId, NoFiles, Source, Sources};
use portcullis::syntax;
use portcullis::template::{Kind, Template};

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
    let each = |work: &dyn Fn(&Path)| time(|| texts.iter().for_each(|(path, _)| work(path)));
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..ROUNDS {
        times[0].push(each(&parsed));
        times[1].push(each(&lowered));
        times[2].push(each(&resolved));
        times[3].push(each(&|path| drop(scanned(path, &scanner))));
    }
    let [parse, lower, resolve, whole] = times.map(median);
    println!(
        "{} files, {:.2} MB, {} rules",
        texts.len(),
        bytes as f64 / 1e6,
        scanner.settings().catalogue.rules().len()
    );
    println!("read and parse    {parse:>10.2?}");
    let told = |what: &str, time: Duration| {
        println!("{what:<17} {time:>10.2?}  {:.2} times", time.as_secs_f64() / parse.as_secs_f64());
    };
    told("… and lower", lower);
    told("… and resolve all", resolve);
    told("whole scan", whole);

    let run = run(&texts, &scanner);
    println!("reports of {} findings, beside the scan:", run.findings.len());
    for format in Format::ALL {
        let write = || format.write(&run, &[], &report::Options::default(), &mut std::io::sink());
        let times = (0..ROUNDS).map(|_| time(|| drop(std::hint::black_box(write())))).collect();
        told(&format.to_string(), median(times));
    }
}

/// What a run over all files tells.
fn run(texts: &[(PathBuf, String)], scanner: &Scanner) -> Run {
    let mut run = Run::default();
    for (path, _) in texts {
        let outcome = scanned(path, scanner);
        run.findings.extend(outcome.findings);
        run.failures.extend(outcome.failures);
        run.notes.extend(outcome.notes);
    }
    run.sort();
    run
}

fn scanner() -> Scanner {
    let catalogue = Catalogue::builtin();
    let choice = Choice::everything(&catalogue);
    Scanner::new(Settings::new(catalogue, choice, examples::TODAY))
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
    with_template(path, |_, _| {});
}

/// Every value of every resource, in every case it may have.
fn resolved(path: &Path) {
    with_template(path, |template, arena| {
        let (given, exports) = (BTreeMap::new(), Exports::new());
        let resolver = Resolver::new(template, arena, &given, &exports);
        for resource in &template.resources {
            let under = resolver.under_of(resource).unwrap_or_else(Under::always);
            let mut values = vec![resource.properties];
            while let Some(value) = values.pop() {
                match value.kind {
                    Kind::Map(map) => values.extend(map.entries.iter().map(|entry| entry.value)),
                    Kind::List(items) => values.extend(items),
                    _ => drop(std::hint::black_box(resolver.cases(&value, &under))),
                }
            }
        }
    });
}

fn with_template(path: &Path, then: impl FnOnce(&Template<'_>, &Arena)) {
    let source = source(path);
    let arena = Arena::new();
    let sources = Sources::new(source.clone());
    let document = syntax::parse(&arena, FileId(0), source.text());
    let options = Options::default();
    let input = Input { arena: &arena, sources: &sources, loader: &NoFiles, options: &options };
    if let Some(template) = std::hint::black_box(dialect::lower(&document, &input)) {
        then(&template, &arena);
    }
}

fn scanned(path: &Path, scanner: &Scanner) -> Outcome {
    std::hint::black_box(scan(&source(path), scanner, &NoFiles, &Exports::new()))
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
