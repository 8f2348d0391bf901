//! Which hits of a rule stand at the place of another: in it, around it, or in the same item of a list.

use crate::rules::Hit;
use crate::source::Span;

/// The hits of one rule on one resource, in the order of the text. There may be thousands, and thousands of others may
/// ask for those around them.
pub(super) struct Nearby<'h, 'a> {
    hits: Vec<&'h Hit<'a>>,
    /// Of each the nearest one before that ends no earlier: the one around it, if there is one.
    around: Vec<Option<usize>>,
    /// Those that stand in an item of a list, in the order of the items.
    items: Vec<(Span, &'h Hit<'a>)>,
}

impl<'h, 'a> Nearby<'h, 'a> {
    pub(super) fn new(mut hits: Vec<&'h Hit<'a>>) -> Self {
        // What is around another comes before it.
        hits.sort_by_key(|hit| before(place(hit)));
        let mut around: Vec<Option<usize>> = Vec::with_capacity(hits.len());
        for (at, hit) in hits.iter().enumerate() {
            let span = place(hit);
            let mut outer = at.checked_sub(1);
            while let Some(before) = outer {
                if hits.get(before).is_some_and(|o| place(o).file == span.file && place(o).end >= span.end) {
                    break;
                }
                outer = around.get(before).copied().flatten();
            }
            around.push(outer);
        }
        let mut items: Vec<_> = hits.iter().filter_map(|hit| Some((item(hit)?, *hit))).collect();
        items.sort_by_key(|(item, _)| *item);
        Self { hits, around, items }
    }

    /// Whether one of them stands at the place of a hit, and fits otherwise.
    pub(super) fn any(&self, hit: &Hit<'a>, mut fits: impl FnMut(&Hit<'a>) -> bool) -> bool {
        let span = place(hit);
        let from = self.hits.partition_point(|other| (place(other).file, place(other).start) < (span.file, span.start));
        let after = self.hits.partition_point(|other| (place(other).file, place(other).start) <= (span.file, span.end));
        let inside = self.hits.get(from..after).unwrap_or_default();
        if inside.iter().any(|other| span.contains(place(other)) && fits(other)) {
            return true;
        }
        let last =
            self.hits.partition_point(|other| (place(other).file, place(other).start) <= (span.file, span.start));
        let mut outer = last.checked_sub(1);
        while let Some(at) = outer {
            if self.hits.get(at).is_some_and(|other| place(other).contains(span) && fits(other)) {
                return true;
            }
            outer = self.around.get(at).copied().flatten();
        }
        item(hit).is_some_and(|item| {
            let from = self.items.partition_point(|(other, _)| *other < item);
            let same = self.items.iter().skip(from).take_while(|(other, _)| *other == item);
            same.map(|(_, other)| other).any(|other| fits(other))
        })
    }
}

fn place(hit: &Hit<'_>) -> Span {
    hit.spot.origin.span
}

fn item(hit: &Hit<'_>) -> Option<Span> {
    hit.spot.item.map(|item| item.span)
}

fn before(span: Span) -> impl Ord {
    (span.file, span.start, std::cmp::Reverse(span.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Spot;
    use crate::source::FileId;
    use crate::template::Origin;

    fn hit(file: u16, start: u32, end: u32, item: Option<u32>) -> Hit<'static> {
        let origin = |start, end| Origin::written(Span::new(FileId(file), start, end));
        let mut spot = Spot::missing(origin(start, end));
        spot.item = item.map(|start| origin(start, start + 1));
        Hit::new(spot)
    }

    /// The index says what asking each would, of every place among places that contain one another.
    #[test]
    fn as_if_each_were_asked() {
        let spans = [(0, 0, 90), (0, 0, 10), (0, 2, 8), (0, 2, 3), (0, 20, 30), (0, 30, 30), (0, 95, 99), (1, 2, 8)];
        let all: Vec<Hit<'_>> = spans
            .iter()
            .enumerate()
            .map(|(at, (file, start, end))| hit(*file, *start, *end, (at % 3 == 0).then_some(at as u32 / 2)))
            .collect();
        for chosen in 0..1_u32 << all.len() {
            let some: Vec<&Hit<'_>> =
                all.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0).map(|(_, hit)| hit).collect();
            let nearby = Nearby::new(some.clone());
            for asked in all.iter().chain(&[hit(0, 3, 5, None), hit(0, 91, 93, Some(1)), hit(0, 10, 20, None)]) {
                let here = |other: &&Hit<'_>| {
                    let (x, y) = (place(asked), place(other));
                    x.contains(y) || y.contains(x) || (item(asked).is_some() && item(asked) == item(other))
                };
                assert_eq!(nearby.any(asked, |_| true), some.iter().any(here), "{chosen:b} {asked:?}");
            }
        }
    }
}
