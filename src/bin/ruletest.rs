//! throwaway
#![allow(warnings)]
use std::sync::Arc;
fn collect(p: &std::path::Path, out: &mut Vec<(std::path::PathBuf, String)>) {
    if p.is_dir() { let mut v: Vec<_> = std::fs::read_dir(p).unwrap().flatten().map(|e| e.path()).collect(); v.sort(); for e in v { collect(&e, out) } }
    else if p.extension().is_some_and(|e| e == "yaml") { out.push((p.to_path_buf(), std::fs::read_to_string(p).unwrap())) }
}
fn walk(p: &std::path::Path, out: &mut Vec<String>) {
    if p.is_dir() { let mut v: Vec<_> = std::fs::read_dir(p).unwrap().flatten().map(|e| e.path()).collect(); v.sort(); for e in v { walk(&e, out) } }
    else if p.extension().is_some_and(|e| e == "yaml" || e=="yml" || e=="json" || e=="template") { out.push(p.to_string_lossy().into_owned()) }
}
struct L;
impl portcullis::source::Loader for L { fn load(&self, from:&str, t:&str)->Result<Arc<portcullis::source::Source>, portcullis::source::LoadError> {
    let p = std::path::Path::new(from).parent().unwrap().join(t);
    std::fs::read_to_string(&p).map(|s| Arc::new(portcullis::source::Source::new(p.to_string_lossy().into_owned(), s))).map_err(|_| portcullis::source::LoadError::Missing(t.into())) } }
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (rules, on): (Vec<_>, Vec<_>) = match args.iter().position(|a| a == "--on") { Some(i) => (args[..i].to_vec(), args[i+1..].to_vec()), None => (args, vec![]) };
    let mut files = vec![];
    for r in &rules { collect(std::path::Path::new(r), &mut files) }
    let n = files.len();
    for (p, t) in &files { if let Ok(c) = portcullis::rulebook::parse(t) { if p.file_stem().unwrap().to_str() != Some(&c.head.name) { println!("{}: name differs from file", p.display()); } } }
    let cat = match portcullis::rules::Catalogue::from_files(files) { Ok(c) => c, Err(es) => { for e in es { println!("{e}"); } std::process::exit(2) } };
    if on.is_empty() {
        let wrong = portcullis::scan::examples::run(cat, |_| true);
        for w in &wrong { println!("{w}\n"); }
        println!("{n} rules, {} wrong", wrong.len());
        std::process::exit((!wrong.is_empty()) as i32);
    }
    let choice = Arc::new(portcullis::scan::Choice::everything(&cat));
    let s = portcullis::scan::Scanner::new(portcullis::scan::Settings { catalogue: cat, today: "2026-11-21".into(), options: Default::default(), open: std::env::var("OPEN").is_ok(), parameters: Default::default(), suppressions: None, choose: Box::new(move |_| choice.clone()) });
    let mut all = vec![]; for o in &on { walk(std::path::Path::new(o), &mut all) }
    let mut counts = std::collections::BTreeMap::new();
    for f in all {
        let Ok(t) = std::fs::read_to_string(&f) else { continue };
        let o = portcullis::scan::scan(&Arc::new(portcullis::source::Source::new(f.clone(), t)), &s, &L, &Default::default());
        for x in o.failures.iter() { println!("{}: FAILURE {:?} {}", x.file, x.at, x.message) }
        for x in o.findings { let a = x.place.from(); *counts.entry(x.rule.to_string()).or_insert(0) += 1; println!("{}:{}:{}: {:?} {} [{}] {}{} | {}", x.place.file(), a.line, a.column, x.kind, x.rule, x.resource.as_deref().unwrap_or(""), x.message, x.under.map(|u| format!(" (when {u})")).unwrap_or_default(), x.place.text()) }
    }
    for (k, v) in counts { println!("# {v:5} {k}") }
}
