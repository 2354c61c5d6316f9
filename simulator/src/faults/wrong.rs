//! What can be wrong with a fault.

/// Why a fault cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum WrongFault {
    #[error("there is no fault `{name}`; {known}")]
    NoSuchKind { name: String, known: String },
    #[error("`{kind}` needs {needs}")]
    Needs { kind: &'static str, needs: String },
    #[error("`{kind}` takes no {key}")]
    TakesNo { kind: &'static str, key: &'static str },
    #[error("{key} must be {span}")]
    OutOfSpan { key: &'static str, span: String },
    #[error("`{id}` is no {what}: {why}")]
    NoId { what: &'static str, id: String, why: String },
    #[error("there is no {what} `{id}`; {known}")]
    Unknown { what: &'static str, id: String, known: String },
    #[error("there is no unit {unit} on line `{line}`; one of: {known}")]
    NoSuchUnit { line: String, unit: u8, known: String },
    #[error("`{kind}` is a fault of {needs}, and `{line}` is none")]
    OtherLine { kind: &'static str, needs: &'static str, line: String },
    #[error("profile `{profile}` has no {what}, without which there is no `{kind}`")]
    NotInProfile { kind: &'static str, profile: String, what: String },
    #[error("`{kind}` needs {needs}, and `{point}` of profile `{profile}` has none")]
    OtherPoint { kind: &'static str, needs: String, profile: String, point: String },
    #[error("there are {most} faults already; clear some")]
    TooMany { most: usize },
}
