//! Where the boxes of a picture stand: four columns, in an order that crosses few arrows.

use super::super::picture::{Column, Picture};

/// How wide a box is.
pub(super) const WIDTH: i32 = 228;
/// How high a box is.
pub(super) const HEIGHT: i32 = 44;
const GAP: i32 = 16;
const MARGIN: i32 = 10;

/// The left upper corner of each box, and how large the whole is.
pub(super) struct Plan {
    pub(super) places: Vec<(i32, i32)>,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Lays a picture out.
pub(super) fn plan(picture: &Picture) -> Plan {
    let columns = [Column::From, Column::Runs, Column::Role, Column::Reached];
    let mut order: Vec<Vec<usize>> = columns
        .iter()
        .map(|column| (0..picture.nodes.len()).filter(|at| picture.nodes[*at].column == *column).collect())
        .collect();
    // Each box as near as may be to the middle of its neighbours: first the others to what runs, which stands in the
    // template's order, then a few rounds there and back.
    let rounds = [2, 3, 0]
        .into_iter()
        .chain((0..6).flat_map(|round| (0..4).map(move |step| if round % 2 == 0 { step } else { 3 - step })));
    for at in rounds {
        let ranks = ranks(&order, picture.nodes.len());
        if let Some(column) = order.get_mut(at) {
            sort(column, picture, &ranks);
        }
    }
    let used: Vec<&Vec<usize>> = order.iter().filter(|column| !column.is_empty()).collect();
    let tallest = used.iter().map(|column| column.len()).max().unwrap_or(0);
    let high = |count: usize| i32::try_from(count).unwrap_or(i32::MAX / 100) * (HEIGHT + GAP) - GAP;
    let mut places = vec![(0, 0); picture.nodes.len()];
    let mut x = MARGIN;
    let mut width = 0;
    for column in &used {
        let mut y = MARGIN + (high(tallest) - high(column.len())) / 2;
        for at in column.iter() {
            if let Some(place) = places.get_mut(*at) {
                *place = (x, y);
            }
            y += HEIGHT + GAP;
        }
        width = x + WIDTH + MARGIN;
        // Before what is reached there are words on the arrows.
        let words = column.iter().any(|at| picture.nodes.get(*at).is_some_and(|n| n.column == Column::Role));
        x += WIDTH + if words { 240 } else { 90 };
    }
    Plan { places, width, height: high(tallest).max(0) + 2 * MARGIN }
}

/// How far below the upper edge of its box an arrow arrives, and how many arrive there.
pub(super) fn port(picture: &Picture, plan: &Plan, edge: usize) -> (i32, usize) {
    let Some(own) = picture.edges.get(edge) else { return (HEIGHT / 2, 1) };
    let above = |e: &super::super::picture::Edge| plan.places.get(e.from).map_or(0, |(_, y)| *y);
    let mut all: Vec<(i32, usize)> =
        picture.edges.iter().enumerate().filter(|(_, e)| e.to == own.to).map(|(at, e)| (above(e), at)).collect();
    all.sort_unstable();
    let position = all.iter().position(|(_, at)| *at == edge).unwrap_or(0);
    let small = |count: usize| i32::try_from(count).unwrap_or(i32::MAX / 100);
    (HEIGHT * (small(position) + 1) / (small(all.len()) + 1), all.len())
}

/// How far down each box stands in its column, from 0 to 1.
fn ranks(order: &[Vec<usize>], count: usize) -> Vec<f64> {
    let mut ranks = vec![0.0; count];
    for column in order {
        for (position, at) in column.iter().enumerate() {
            if let Some(rank) = ranks.get_mut(*at) {
                *rank = (position as f64 + 0.5) / column.len() as f64;
            }
        }
    }
    ranks
}

fn sort(column: &mut [usize], picture: &Picture, ranks: &[f64]) {
    let rank = |at: &usize| {
        let near = picture.edges.iter().filter_map(|edge| match *at {
            at if edge.from == at => ranks.get(edge.to),
            at if edge.to == at => ranks.get(edge.from),
            _ => None,
        });
        let (sum, count) = near.fold((0.0, 0), |(sum, count), rank| (sum + rank, count + 1));
        if count == 0 { ranks.get(*at).copied().unwrap_or(0.0) } else { sum / f64::from(count) }
    };
    // A stable sort: what has the same neighbours keeps the template's order.
    let mut keyed: Vec<(f64, usize)> = column.iter().map(|at| (rank(at), *at)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (slot, (_, at)) in column.iter_mut().zip(keyed) {
        *slot = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::picture::{Edge, Node, Tone};

    /// Boxes of one column do not overlap, and arrows that could run straight do not cross.
    #[test]
    fn boxes_stand_apart() {
        let node = |column| Node { label: String::new(), sort: String::new(), column, tone: Tone::Plain };
        let edge = |from, to| Edge { from, to, label: String::new(), tone: Tone::Plain, loose: false };
        let picture = Picture {
            file: String::new(),
            nodes: [Column::Runs, Column::Runs, Column::Role, Column::Role].map(node).into(),
            edges: vec![edge(0, 3), edge(1, 2)],
        };
        let plan = plan(&picture);
        let y: Vec<i32> = plan.places.iter().map(|(_, y)| *y).collect();
        assert_eq!((y[0] < y[1], y[3] < y[2]), (true, true), "{y:?}");
        assert!((y[0] - y[1]).abs() >= HEIGHT && plan.height >= y[1] + HEIGHT);
        assert_eq!(plan.places[0].0, plan.places[1].0);
        assert!(plan.places[2].0 > plan.places[0].0 + WIDTH);
    }
}
