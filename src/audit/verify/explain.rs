//! Why a case was, or was not, drawn: its ticket, its rank and where the draw stopped.

use crate::audit::draw::Method;
use crate::audit::error::DrawError;
use crate::audit::frame::{Case, Frame, Unit};
use crate::audit::manifest::Manifest;
use crate::audit::ticket::{SCHEME, Stream, Tickets};

/// Sentences on one case of a drawn manifest.
///
/// # Errors
/// When a temporary file of the frame cannot be read.
pub fn explain(manifest: &Manifest, frame: &Frame, id: &str) -> Result<Vec<String>, DrawError> {
    let Some(seed) = &manifest.seed else {
        return Ok(vec![
            "nothing is drawn yet: the manifest is frozen".to_owned(),
        ]);
    };
    let is_it = |case: &Result<Case, DrawError>| case.as_ref().map_or(true, |case| case.id == id);
    let Some(case) = frame.cases().find(is_it).transpose()? else {
        return Ok(vec![format!(
            "{id} is not in the frame: it is not in the log, was not auto-approved, or a condition \
             left it out"
        )]);
    };
    let tickets = Tickets::new(&seed.value, Stream::Select);
    let ticket = tickets.of(case.key());
    let mut sentences = vec![
        drawn(manifest, id),
        format!(
            "Its ticket is {ticket}, the SHA-256 of the four lines `{SCHEME}`, seed, `{}` and `{}` \
             without a line end after the last",
            manifest.stream,
            case.key()
        ),
    ];
    sentences.extend(reason(manifest, frame, &case, &tickets)?);
    Ok(sentences)
}

fn drawn(manifest: &Manifest, id: &str) -> String {
    let selected = manifest.selected.iter().find(|case| case.case_id == id);
    if let Some(case) = selected {
        return format!(
            "{id} was drawn, as number {} in round {}",
            case.seq, case.round
        );
    }
    let place = manifest.reserve.iter().position(|case| case.case_id == id);
    match place {
        Some(place) => format!("{id} was not drawn; it is number {} in reserve", place + 1),
        None => format!("{id} was not drawn"),
    }
}

fn reason(
    manifest: &Manifest,
    frame: &Frame,
    case: &Case,
    tickets: &Tickets,
) -> Result<Option<String>, DrawError> {
    let is_own =
        |unit: &Result<Unit, DrawError>| unit.as_ref().map_or(true, |unit| unit.key == case.key());
    let Some(own) = frame.units().find(is_own).transpose()? else {
        return Ok(None);
    };
    let ticket = tickets.of(&own.key);
    let name = match manifest.design.method {
        Method::Stratified => own.stratum.as_str(),
        Method::Srs | Method::Systematic | Method::Pps | Method::MusInterval | Method::Poisson => {
            ""
        }
    };
    let mut strata = manifest.strata.iter();
    let Some(stratum) = strata.find(|stratum| stratum.name == name) else {
        return Ok(None);
    };
    let is_sized = |unit: &Unit| unit.size.is_some_and(|size| size > 0);
    let ranked = |number: &dyn Fn(&Unit) -> Option<f64>| rank(frame, &own, tickets, number);
    let (all, cut, chance) = (stratum.units, stratum.drawn, stratum.chance);
    let sentence = match manifest.design.method {
        Method::Srs => {
            let rank = ranked(&|_| Some(0.0))?;
            format!("Rank {rank} of {all}; cut at {cut}")
        }
        Method::Stratified => {
            let rank = ranked(&|unit| (unit.stratum == own.stratum).then_some(0.0))?;
            format!("Rank {rank} of {all} in stratum `{name}`; cut at {cut}")
        }
        Method::Poisson => {
            let rate = manifest.design.rates.last().copied().unwrap_or(0.0);
            format!("Its number is {}; drawn below {rate}", ticket.unit())
        }
        Method::Pps if is_sized(&own) && chance.of(&own) >= 1.0 => {
            "It is large enough to be certain".to_owned()
        }
        Method::Pps if is_sized(&own) => {
            let others = |unit: &Unit| is_sized(unit) && chance.of(unit) < 1.0;
            let rank = ranked(&|unit| others(unit).then(|| over_size(unit, tickets)))?;
            let text = "of those that are not certain, by number over value";
            format!("Rank {rank} {text}; its probability is {}", chance.of(&own))
        }
        Method::Systematic => {
            "The cases stand in the order of strata and ids; hits fall at one interval from the \
             start that the ticket of the stream `start/1` gives"
                .to_owned()
        }
        Method::MusInterval if is_sized(&own) => {
            "The cases stand in the order of their tickets, each as long as its value; hits fall at \
             one interval from the start that the ticket of the stream `start/1` gives"
                .to_owned()
        }
        Method::Pps | Method::MusInterval => {
            let drawn = manifest.design.without_size;
            format!("It has no value above 0; of such cases the {drawn} lowest tickets are drawn")
        }
    };
    Ok(Some(sentence))
}

/// The place of a unit, from 1, among those that have a number, by it and then by their tickets.
fn rank(
    frame: &Frame,
    own: &Unit,
    tickets: &Tickets,
    number: &dyn Fn(&Unit) -> Option<f64>,
) -> Result<u64, DrawError> {
    let mine = (tickets.of(&own.key), &own.key);
    let mut rank = 1;
    for unit in frame.units() {
        let unit = unit?;
        let theirs = (tickets.of(&unit.key), &unit.key);
        let (Some(one), Some(other)) = (number(&unit), number(own)) else {
            continue;
        };
        if one
            .total_cmp(&other)
            .then_with(|| theirs.cmp(&mine))
            .is_lt()
        {
            rank += 1;
        }
    }
    Ok(rank)
}

fn over_size(unit: &Unit, tickets: &Tickets) -> f64 {
    tickets.of(&unit.key).unit() / unit.size.unwrap_or(1) as f64
}
