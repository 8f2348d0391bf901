//! For people: what is wrong, the very characters, and what to type instead.

use std::io::{Result, Write};

use foldhash::{HashMap, HashMapExt};

use annotate_snippets::renderer::{AnsiColor, DecorStyle, Effects, Style};
use annotate_snippets::{Group, Level, Renderer};

use super::mask::Masks;
use super::summary::{Summary, checked, count, nothing, place_of, untold, visible};
use super::{Options, Rule};
use crate::finding::{Failure, Finding, Kind, Run, shown};
use crate::rulebook::Severity;

mod patch;
mod snippet;

/// Findings of one rule that are alike are shown together, so many at most.
const TOGETHER: usize = 8;

/// So many lines of the others are named.
const LINES: usize = 100;

/// A line of so many bytes is not seen whole, such as that of minified JSON.
const LONG: usize = 400;

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    if !options.summary_only {
        let masks = Masks::of(run);
        for block in blocks(run, options) {
            let text = render(&block, rules, options, &masks);
            writeln!(out, "{}\n", text.trim_end())?;
        }
    }
    let arrow = paint(options, "94", if options.unicode { "─▸" } else { "-->" });
    for failure in untold(run, options) {
        let error = paint(options, "1;91", "error");
        let said = paint(options, "1", &said_after("error", failure, options));
        writeln!(out, "{error}{said}\n {arrow} {}\n", place_of(failure))?;
    }
    for note in &run.notes {
        let word = paint(options, "1;92", "note");
        writeln!(out, "{word}{}\n {arrow} {}\n", said_after("note", note, options), place_of(note))?;
    }
    closing(run, options, out)
}

/// What is said behind a word, in lines that leave room for it.
fn said_after(word: &str, told: &Failure, options: &Options) -> String {
    let said = wrapped(&format!("{word}: {}", shown(&told.message, false)), options.width.max(40));
    said.strip_prefix(word).unwrap_or(&said).to_owned()
}

/// Findings that are shown together: neighbours in nothing but the rule, the file and what to do.
fn blocks<'r>(run: &'r Run, options: &Options) -> Vec<Vec<&'r Finding>> {
    let mut blocks: Vec<Vec<&Finding>> = Vec::new();
    // The blocks of the file at hand: findings come file by file.
    let mut known: HashMap<Looks<'_>, Vec<usize>> = HashMap::new();
    for (_, finding) in visible(run, options) {
        if blocks.last().is_some_and(|b| b.first().is_some_and(|f| f.place.file() != finding.place.file())) {
            known.clear();
        }
        // What explains itself by other places stands alone.
        if !finding.related.is_empty() {
            blocks.push(vec![finding]);
            continue;
        }
        let same = known.entry(looks(finding)).or_default();
        let like = |at: &&usize| blocks.get(**at).and_then(|b| b.first()).is_some_and(|first| alike(first, finding));
        match same.iter().find(like).copied().and_then(|at| blocks.get_mut(at)) {
            Some(block) => block.push(finding),
            None => {
                same.push(blocks.len());
                blocks.push(vec![finding]);
            }
        }
    }
    blocks
}

/// What findings that are alike have in common and others rarely do.
type Looks<'f> = [&'f str; 5];

fn looks(finding: &Finding) -> Looks<'_> {
    let reason = finding.suppressed.as_ref().and_then(|s| s.reason.as_deref());
    let fix = finding.fixes.first().map(|fix| fix.title.as_ref());
    let [under, help] = [finding.under.as_deref(), finding.help.as_deref()].map(Option::unwrap_or_default);
    [&finding.title, under, help, reason.unwrap_or(""), fix.unwrap_or("")]
}

fn alike(a: &Finding, b: &Finding) -> bool {
    let titles = |f: &Finding| f.fixes.first().map(|fix| (fix.title.clone(), fix.safety));
    a.rule == b.rule
        && (a.severity, a.kind, &a.title, &a.under, &a.help) == (b.severity, b.kind, &b.title, &b.under, &b.help)
        && a.suppressed == b.suppressed
        && a.related.is_empty()
        && b.related.is_empty()
        && titles(a) == titles(b)
}

fn render(block: &[&Finding], rules: &[Rule], options: &Options, masks: &Masks) -> String {
    let Some(first) = block.first() else { return String::new() };
    let level = level(first.severity);
    let name = if first.suppressed.is_some() { "suppressed" } else { first.severity.name() };
    let several = if block.len() > 1 { format!(" ({} times)", block.len()) } else { String::new() };
    let title = format!("{}{several}", shown(&first.title, false));
    // The rest of a title stands below its beginning.
    let title = wrapped(&title, options.width.saturating_sub(name.len() + first.rule.chars().count() + 4));
    let mut title = level.with_name(name).primary_title(title).id(shown(&first.rule, false));
    if let Some(url) = Rule::named(rules, &first.rule).and_then(|rule| rule.url.as_deref()) {
        title = title.id_url(url.to_owned());
    }
    let drawn = together(block);
    let snippet::Shown { snippets, corrections, moved } = snippet::snippets(&drawn, masks, options.width.max(40));
    let mut group = Group::with_title(title).elements(snippets);
    for (what, text) in notes(block, &drawn, moved) {
        let text = wrapped(&text, options.width.max(40).saturating_sub(14));
        group = group.element(match what {
            What::Plain => Level::NOTE.no_name().message(text),
            What::Note => Level::NOTE.message(text),
            What::Help => Level::HELP.message(text),
        });
    }
    let mut report = vec![group];
    report.extend(patch::group(block, masks, |title| wrapped(&title, options.width.saturating_sub(5))));
    let mut text = renderer(first.severity, options).render(&report);
    for (wrong, right) in corrections {
        text = text.replacen(&wrong, &right, 1);
    }
    text
}

/// The findings of a block that are shown where they stand: of a line that is too long to be seen whole, one.
fn together<'f>(block: &[&'f Finding]) -> Vec<&'f Finding> {
    let mut last = None;
    let apart = |one: &&'f Finding| {
        let (source, here) = (&one.place.source, (one.place.file(), one.place.from().line));
        let again = last.replace(here) == Some(here);
        !(again && source.lines().content(source.text(), here.1).len() > LONG)
    };
    block.iter().copied().filter(apart).take(TOGETHER).collect()
}

enum What {
    Plain,
    Note,
    Help,
}

/// What stands below the snippet, in the order in which a person wants to know it; some of the block are drawn in it.
fn notes(block: &[&Finding], drawn: &[&Finding], moved: Vec<String>) -> Vec<(What, String)> {
    let Some(first) = block.first() else { return Vec::new() };
    let mut notes = Vec::new();
    if first.label.is_some() {
        notes.extend(messages(block).into_iter().map(|message| (What::Plain, message)));
    }
    notes.extend(moved.into_iter().map(|label| (What::Plain, label)));
    if block.len() > drawn.len() {
        let seen = |finding: &Finding| drawn.iter().any(|one| std::ptr::eq(*one, finding));
        let mut lines: Vec<u32> = block.iter().filter(|f| !seen(f)).map(|f| f.place.from().line).collect();
        lines.dedup();
        let more = if lines.len() > LINES { ", …" } else { "" };
        let word = if lines.len() == 1 { "line" } else { "lines" };
        let lines = lines.iter().take(LINES).map(u32::to_string).collect::<Vec<_>>().join(", ");
        notes.push((What::Plain, format!("and {} more: {word} {lines}{more}", block.len() - drawn.len())));
    }
    if first.kind == Kind::Open {
        notes.push((What::Note, "this could not be determined from the template alone".to_owned()));
    }
    if let Some(under) = &first.under {
        notes.push((What::Note, format!("when {}", shown(under, false))));
    }
    if let Some(suppression) = &first.suppressed {
        let reason = suppression.reason.as_deref().map_or_else(String::new, |r| format!(": {}", shown(r, false)));
        let until = suppression.until.as_deref().map_or_else(String::new, |u| format!(" until {}", shown(u, false)));
        notes.push((What::Note, format!("suppressed by {}{until}{reason}", shown(&suppression.by, false))));
    }
    notes.extend(constructs(block).map(|text| (What::Note, text)));
    if let Some(help) = &first.help {
        notes.push((What::Help, shown(help, true)));
    }
    notes
}

/// Where to mend what a program has written.
fn constructs(block: &[&Finding]) -> Option<String> {
    let mut all: Vec<_> = block.iter().filter_map(|one| one.construct.as_ref()).collect();
    all.dedup();
    let all: Vec<_> = all.iter().map(|construct| shown(&construct.to_string(), false)).collect();
    (!all.is_empty()).then(|| format!("synthesised from {}", all.join("; ")))
}

/// What findings say beyond their title: of several, once what all say, else each what it says.
fn messages(block: &[&Finding]) -> Vec<String> {
    let Some((first, others)) = block.split_first() else { return Vec::new() };
    let told = block.iter().take(TOGETHER).filter(|one| *one.message != *one.title);
    if others.iter().all(|other| other.message == first.message) {
        return told.take(1).map(|one| shown(&one.message, false)).collect();
    }
    told.map(|one| format!("line {}: {}", one.place.from().line, shown(&one.message, false))).collect()
}

/// Narrower than this, text is left to the terminal: a word a line is no help.
const NARROW: usize = 16;

/// Text in lines of so many characters; words are not cut, what is to be typed neither where a line holds it, and line breaks stay.
fn wrapped(text: &str, width: usize) -> String {
    if width < NARROW {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        // What stands first keeps its indentation: help may hold a piece of YAML.
        if line.chars().count() <= width || line.starts_with(' ') {
            out.push_str(line);
            continue;
        }
        let mut column = 0;
        for word in words(line, width) {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                out.push('\n');
                column = 0;
            } else if column > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
    }
    out
}

/// The words of a line; what stands between backticks is one, when it is no longer than this.
fn words(line: &str, longest: usize) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line;
    // Whether the rest begins within backticks: then what they hold did not fit.
    let mut within = false;
    while !rest.is_empty() {
        let blank = rest.find(' ').unwrap_or(rest.len());
        let mut typed = false;
        let whole = |c: char| {
            typed ^= c == '`';
            c == ' ' && !typed
        };
        let end = if within { blank } else { rest.find(whole).unwrap_or(rest.len()) };
        let fits = rest.get(..end).is_some_and(|word| word.chars().count() <= longest);
        let (word, after) = rest.split_at(if fits { end } else { blank });
        within ^= word.matches('`').count() % 2 == 1;
        words.push(word);
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    words
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::INFO,
        Severity::Info => Level::NOTE,
    }
}

fn renderer(severity: Severity, options: &Options) -> Renderer {
    let decor = if options.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii };
    let renderer = if options.color {
        let bold = |color: AnsiColor| color.on_default().effects(Effects::BOLD);
        let renderer = Renderer::styled()
            .hyperlink(options.hyperlinks)
            .warning(bold(AnsiColor::BrightYellow))
            .info(bold(AnsiColor::BrightCyan))
            .note(bold(AnsiColor::BrightBlue))
            .help(bold(AnsiColor::BrightGreen))
            .line_num(AnsiColor::BrightBlack.on_default())
            .context(AnsiColor::BrightBlue.on_default())
            .emphasis(Style::new().effects(Effects::BOLD));
        if severity == Severity::Critical { renderer.error(bold(AnsiColor::BrightMagenta)) } else { renderer }
    } else {
        Renderer::plain()
    };
    renderer.term_width(options.width.max(40)).decor_style(decor)
}

fn closing(run: &Run, options: &Options, out: &mut dyn Write) -> Result<()> {
    let summary = Summary::of(run);
    let broken = match run.broken {
        0 => String::new(),
        n => format!(", {} could not be read", count(n, "file")),
    };
    let found: Vec<String> = summary
        .severities
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(severity, n)| paint(options, color(*severity), &format!("{n} {severity}")))
        .collect();
    let whole = run.broken == 0 && run.failures.is_empty();
    let found = match (found.is_empty(), whole) {
        (true, true) => paint(options, "1;92", nothing(run)),
        (true, false) => nothing(run).to_owned(),
        (false, _) => found.join(", "),
    };
    let broken = if broken.is_empty() { broken } else { paint(options, "1;91", &broken) };
    let besides = summary.besides(run);
    let besides = if besides.is_empty() { String::new() } else { format!("; {}", besides.join(", ")) };
    writeln!(out, "checked {}{broken}: {found}{besides}", checked(run))
}

fn color(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "1;95",
        Severity::High => "1;91",
        Severity::Medium => "1;93",
        Severity::Low => "1;96",
        Severity::Info => "1;94",
    }
}

fn paint(options: &Options, code: &str, text: &str) -> String {
    if options.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn what_is_to_be_typed_stays_on_one_line_where_a_line_holds_it() {
        assert_eq!(wrapped("Set `a b c` or `d e f`, and go on", 16), "Set `a b c` or\n`d e f`, and go\non");
        // What no line holds is broken at its blanks, and the words after it as ever.
        assert_eq!(
            wrapped("Set `aaa bbb ccc ddd eee fff` and then `g h` or so", 16),
            "Set `aaa bbb ccc\nddd eee fff` and\nthen `g h` or so"
        );
    }
}
