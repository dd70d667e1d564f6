//! Why a case was, or was not, drawn: its ticket, its rank and where the draw stopped.

use crate::audit::draw::Method;
use crate::audit::frame::{Case, Frame, Unit};
use crate::audit::manifest::Manifest;
use crate::audit::ticket::{SCHEME, Stream, Ticket, Tickets};

/// Sentences on one case of a drawn manifest.
pub fn explain(manifest: &Manifest, frame: &Frame, id: &str) -> Vec<String> {
    let Some(seed) = &manifest.seed else {
        return vec!["nothing is drawn yet: the manifest is frozen".to_owned()];
    };
    let Some(case) = frame.case(id) else {
        return vec![format!(
            "{id} is not in the frame: it is not in the log, was not auto-approved, or a condition \
             left it out"
        )];
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
    sentences.extend(reason(manifest, frame, case, &tickets));
    sentences
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

fn reason(manifest: &Manifest, frame: &Frame, case: &Case, tickets: &Tickets) -> Option<String> {
    let units = frame.units();
    let own = *units.iter().find(|unit| unit.key == case.key())?;
    let ticket = tickets.of(own.key);
    let rank = |units: &mut dyn Iterator<Item = &Unit<'_>>, number: &dyn Fn(&Unit<'_>) -> f64| {
        let mine = (number(&own), ticket, own.key);
        let before = |unit: &&Unit<'_>| {
            let theirs: (f64, Ticket, &str) = (number(unit), tickets.of(unit.key), unit.key);
            theirs
                .0
                .total_cmp(&mine.0)
                .then_with(|| (theirs.1, theirs.2).cmp(&(mine.1, mine.2)))
                .is_lt()
        };
        units.filter(before).count() + 1
    };
    let nothing = |_: &Unit<'_>| 0.0;
    let line = |name: &str| manifest.strata.iter().find(|stratum| stratum.name == name);
    match manifest.design.method {
        Method::Srs => {
            let stratum = line("")?;
            let rank = rank(&mut units.iter(), &nothing);
            Some(format!("Rank {rank} of {}; cut at {}", stratum.units, stratum.drawn))
        }
        Method::Stratified => {
            let stratum = line(own.stratum)?;
            let mut others = units.iter().filter(|unit| unit.stratum == own.stratum);
            let rank = rank(&mut others, &nothing);
            let (units, drawn) = (stratum.units, stratum.drawn);
            Some(format!("Rank {rank} of {units} in stratum `{}`; cut at {drawn}", own.stratum))
        }
        Method::Poisson => {
            let rate = manifest.design.rates.last()?;
            Some(format!("Its number is {}; drawn below {rate}", ticket.unit()))
        }
        Method::Pps if own.size.is_some_and(|size| size > 0) => {
            let number = |unit: &Unit<'_>| ticket_over_size(unit, tickets);
            let stratum = line("")?;
            let mut rest = units.iter().filter(|unit| {
                unit.size.is_some_and(|size| size > 0) && stratum.chance.of(unit) < 1.0
            });
            if stratum.chance.of(&own) >= 1.0 {
                return Some("It is large enough to be certain".to_owned());
            }
            let rank = rank(&mut rest, &number);
            let text = "of those that are not certain, by number over value";
            Some(format!("Rank {rank} {text}; its probability is {}", stratum.chance.of(&own)))
        }
        Method::Systematic => Some(
            "The cases stand in the order of strata and ids; hits fall at one interval from the \
             start that the ticket of the stream `start/1` gives"
                .to_owned(),
        ),
        Method::MusInterval if own.size.is_some_and(|size| size > 0) => Some(
            "The cases stand in the order of their tickets, each as long as its value; hits fall at \
             one interval from the start that the ticket of the stream `start/1` gives"
                .to_owned(),
        ),
        Method::Pps | Method::MusInterval => {
            let drawn = manifest.design.without_size;
            Some(format!("It has no value above 0; of such cases the {drawn} lowest tickets are drawn"))
        }
    }
}

fn ticket_over_size(unit: &Unit<'_>, tickets: &Tickets) -> f64 {
    tickets.of(unit.key).unit() / unit.size.unwrap_or(1) as f64
}
