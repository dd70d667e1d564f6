//! What can go wrong as a whole: exit codes, and what every layer's error must be able to say.
//! Must not know any layer: each layer has an enum of its own and explains itself through `Explain`.

use std::fmt;

/// The exit code of the process. Scripts rely on these numbers (docs/exit-codes.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Done; a gate, audit or verification passed.
    Done,
    /// A gate was breached, an audit failed, a verification did not hold.
    Breached,
    /// Usage, configuration or input error; nothing was written.
    Input,
    /// Not enough evidence to tell.
    Inconclusive,
    /// Nothing to judge: no rows, or no labels at all.
    NothingToJudge,
    /// A fault of gonogo itself.
    Internal,
    /// Output could not be written.
    Output,
    /// Interrupted by the user.
    Interrupted,
}

impl ExitCode {
    /// The number that the process ends with.
    pub fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Breached => 1,
            Self::Input => 2,
            Self::Inconclusive => 3,
            Self::NothingToJudge => 4,
            Self::Internal => 70,
            Self::Output => 74,
            Self::Interrupted => 130,
        }
    }
}

/// An error that can tell how to mend it and how the process must end.
pub trait Explain: std::error::Error + Send + Sync {
    /// What the user can do about it, where there is something.
    fn hint(&self) -> Option<String>;
    /// The exit code that this error ends the process with.
    fn exit_code(&self) -> ExitCode;
}

/// Any layer's error on its way to `main`.
#[derive(Debug)]
pub struct Failure(Box<dyn Explain>);

impl Failure {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        self.0.hint()
    }

    /// The exit code that this failure ends the process with.
    pub fn exit_code(&self) -> ExitCode {
        self.0.exit_code()
    }

    /// The error of one layer, where it is one of that layer.
    pub fn of_layer<E: Explain + 'static>(&self) -> Option<&E> {
        let error: &(dyn std::error::Error + 'static) = &*self.0;
        error.downcast_ref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<E: Explain + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}
