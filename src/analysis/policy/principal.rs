//! Whom a principal names, and the account it belongs to.

use crate::resolve::{Hole, Piece, Text, Truth};
use crate::rulebook::Who;

/// The account that a principal or an ARN belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// `AWS::AccountId`: the account that the template is deployed to.
    This,
    /// A literal number.
    Number(String),
    /// It has one that we do not know.
    Unknown,
    /// It names none.
    None,
}

/// The account of a principal or an ARN.
#[must_use]
pub fn account_of(text: &Text<'_>) -> Account {
    let digits = |t: &str| t.len() == 12 && t.bytes().all(|b| b.is_ascii_digit());
    if let Some(hole) = text.only_hole() {
        return match hole {
            Hole::Pseudo("AWS::AccountId") | Hole::Resource(_) | Hole::Attribute(..) => Account::This,
            Hole::Pseudo(_)
            | Hole::Parameter { .. }
            | Hole::Import(_)
            | Hole::Dynamic { .. }
            | Hole::External(_)
            | Hole::Other => Account::Unknown,
        };
    }
    // The fifth part of an ARN, whose earlier parts may have holes of their own.
    let mut colons = 0;
    let mut account = Vec::new();
    for piece in &text.pieces {
        match piece {
            Piece::Literal(literal) => {
                for (at, part) in literal.split(':').enumerate() {
                    colons += usize::from(at > 0);
                    if colons == 4 && !part.is_empty() {
                        account.push(Piece::Literal(part));
                    }
                }
            }
            Piece::Hole(_) if colons == 4 => account.push(*piece),
            Piece::Hole(_) => {}
        }
    }
    match account.as_slice() {
        [Piece::Literal(number)] if digits(number) => Account::Number((*number).to_owned()),
        [Piece::Hole(Hole::Pseudo("AWS::AccountId"))] => Account::This,
        [Piece::Hole(_)] => Account::Unknown,
        _ => match text.known() {
            Some(t) if digits(&t) => Account::Number(t.into_owned()),
            Some(_) | None => Account::None,
        },
    }
}

pub(super) fn is_principal(key: &str, text: &Text<'_>, who: Who, trusted: &[String]) -> Truth {
    let aws = key == "AWS" || key == "*";
    match who {
        Who::Anyone if aws => match text.known() {
            Some(t) => Truth::from(t == "*" || any_account(&t)),
            None if text.only_hole().is_some() && !symbolic_resource(text) => Truth::Maybe,
            None => Truth::No,
        },
        Who::Service => Truth::from(key == "Service"),
        Who::Federated => Truth::from(key == "Federated"),
        Who::Account if aws => {
            let pattern = text.pattern();
            let number = pattern.len() == 12 && pattern.bytes().all(|b| b.is_ascii_digit());
            let own = matches!(text.only_hole(), Some(Hole::Pseudo("AWS::AccountId")));
            Truth::from(number || own || (pattern.contains(":iam::") && pattern.ends_with(":root")))
        }
        Who::Foreign if aws => match account_of(text) {
            Account::This => Truth::No,
            Account::Number(number) => Truth::from(!trusted.contains(&number)),
            Account::Unknown => Truth::Maybe,
            Account::None => Truth::No,
        },
        Who::Anyone | Who::Account | Who::Foreign => Truth::No,
    }
}

/// An ARN of an identity in whatever account: anybody can make a role of a name in an account of their own.
fn any_account(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam" | "sts", "", "*", ..])
}

pub(super) fn symbolic_resource(text: &Text<'_>) -> bool {
    match text.only_hole() {
        Some(Hole::Resource(_) | Hole::Attribute(..) | Hole::Import(_)) => true,
        Some(Hole::Pseudo(_) | Hole::Parameter { .. } | Hole::Dynamic { .. } | Hole::External(_) | Hole::Other)
        | None => false,
    }
}
