//! Two texts as a unified diff.

use std::fmt::Write as _;

const CONTEXT: usize = 3;
/// Past this many changed lines the whole middle is shown as replaced: right, if not the shortest.
const MAX_DIFFERENCES: usize = 1_000;

/// What happens to a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Keep,
    Remove,
    Add,
}

/// The unified diff of two texts under one path; empty when they are the same.
#[must_use]
pub fn diff(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let steps = steps(&old, &new);
    let mut out = format!("--- a/{path}\n+++ b/{path}\n");
    let (mut i, mut done) = (0, [0, 0]);
    while let Some(first) = steps.get(i..).and_then(|rest| rest.iter().position(|s| *s != Step::Keep)) {
        // A hunk goes on while the next change is close enough for their context to meet.
        let from = (i + first).saturating_sub(CONTEXT).max(i);
        let (mut end, mut quiet) = (i + first, 0);
        for (j, step) in steps.iter().enumerate().skip(i + first) {
            quiet = if *step == Step::Keep { quiet + 1 } else { 0 };
            if quiet > 2 * CONTEXT {
                break;
            }
            if *step != Step::Keep {
                end = j + 1;
            }
        }
        let to = (end + CONTEXT).min(steps.len());
        done = [done[0] + (from - i), done[1] + (from - i)];
        let hunk = steps.get(from..to).unwrap_or_default();
        let lengths = [Step::Add, Step::Remove].map(|other| hunk.iter().filter(|s| **s != other).count());
        // A range of no lines names the line before it.
        let starts = [0, 1].map(|k| done[k] + usize::from(lengths[k] > 0));
        let _ = writeln!(out, "@@ -{} +{} @@", range(starts[0], lengths[0]), range(starts[1], lengths[1]));
        for step in hunk {
            let (sign, line) = match step {
                Step::Keep => (' ', old.get(done[0])),
                Step::Remove => ('-', old.get(done[0])),
                Step::Add => ('+', new.get(done[1])),
            };
            done[0] += usize::from(*step != Step::Add);
            done[1] += usize::from(*step != Step::Remove);
            let line = line.copied().unwrap_or("");
            out.push(sign);
            out.push_str(line);
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
        i = to;
    }
    out
}

fn range(start: usize, length: usize) -> String {
    if length == 1 { start.to_string() } else { format!("{start},{length}") }
}

/// The shortest way from one list of lines to the other, by Myers' greedy algorithm.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (a, b) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.get(..a.len() - tail).unwrap_or_default(), b.get(..b.len() - tail).unwrap_or_default());
    let mut steps = vec![Step::Keep; head];
    match middle(a, b) {
        Some(found) => steps.extend(found),
        None => {
            steps.extend(std::iter::repeat_n(Step::Remove, a.len()));
            steps.extend(std::iter::repeat_n(Step::Add, b.len()));
        }
    }
    steps.extend(std::iter::repeat_n(Step::Keep, tail));
    steps
}

fn middle(a: &[&str], b: &[&str]) -> Option<Vec<Step>> {
    let most = (a.len() + b.len()).min(MAX_DIFFERENCES);
    let offset = most + 1;
    // reach[k]: how far into `a` one gets on the diagonal k - offset, where x - y is constant.
    let mut reach = vec![0usize; 2 * most + 3];
    let mut history = Vec::new();
    let furthest = |reach: &[usize], k: usize, d: usize| {
        let at = |i: usize| reach.get(i).copied().unwrap_or(0);
        if k == offset - d || (k != offset + d && at(k - 1) < at(k + 1)) {
            (at(k + 1), k + 1)
        } else {
            (at(k - 1) + 1, k - 1)
        }
    };
    for d in 0..=most {
        history.push(reach.clone());
        for k in (offset - d..=offset + d).step_by(2) {
            let mut x = if d == 0 { 0 } else { furthest(&reach, k, d).0 };
            let mut y = (x + offset).wrapping_sub(k);
            while x < a.len() && y < b.len() && a.get(x) == b.get(y) {
                x += 1;
                y += 1;
            }
            if let Some(slot) = reach.get_mut(k) {
                *slot = x;
            }
            if x >= a.len() && y >= b.len() {
                return Some(walk_back(&history, furthest, [a.len(), b.len()], d, offset));
            }
        }
    }
    None
}

fn walk_back(
    history: &[Vec<usize>],
    furthest: impl Fn(&[usize], usize, usize) -> (usize, usize),
    [mut x, mut y]: [usize; 2],
    differences: usize,
    offset: usize,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for d in (1..=differences).rev() {
        let Some(reach) = history.get(d) else { break };
        let k = (x + offset).wrapping_sub(y);
        let (start, from) = furthest(reach, k, d);
        let down = from > k;
        let start_y = (start + offset).wrapping_sub(k);
        while x > start && y > start_y {
            steps.push(Step::Keep);
            x -= 1;
            y -= 1;
        }
        steps.push(if down { Step::Add } else { Step::Remove });
        if down { y -= 1 } else { x -= 1 }
    }
    steps.extend(std::iter::repeat_n(Step::Keep, x));
    steps.reverse();
    steps
}
