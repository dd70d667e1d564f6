//! What people read of a draw.

use crate::audit::draw::{Method, Purpose};
use crate::audit::frame::Size;
use crate::audit::manifest::{Manifest, Selected};
use crate::audit::ticket::SHORT_SEED;
use crate::command::OutputArgs;
use crate::error::{ExitCode, Failure};
use crate::report::{Cell, Column, Document, Format, Row, Table, count, percent};

/// The whole answer; its JSON is the manifest.
pub(super) fn document(manifest: &Manifest, output: &OutputArgs) -> Result<Document, Failure> {
    let title = if manifest.seed.is_some() {
        "Audit sample"
    } else {
        "Audit sample, frozen: nothing is drawn yet"
    };
    Ok(Document {
        title: title.to_owned(),
        preface: preface(manifest),
        tables: tables(manifest),
        sentences: sentences(manifest),
        warnings: warnings(manifest),
        data: output.wants(Format::Csv).then(|| data(manifest)),
        json: output
            .wants(Format::Json)
            .then(|| manifest.text())
            .transpose()?,
        chart: None,
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        files: Vec::new(),
        exit_code: ExitCode::Done,
    })
}

fn preface(manifest: &Manifest) -> Vec<String> {
    let population = &manifest.population;
    let mut first = format!(
        "{} of {} rows can be drawn",
        count(population.cases),
        count(population.rows)
    );
    for (reason, cases) in &population.excluded {
        first.push_str(&format!(", {} {reason}", count(*cases)));
    }
    let mut lines = vec![
        first,
        format!("digest of the frame: {}", population.frame_digest),
    ];
    lines.push(format!("digest of the manifest: {}", manifest.self_sha256));
    if let Some(seed) = &manifest.seed {
        lines.push(format!("seed: {} ({})", seed.value.text(), seed.source));
    }
    lines
}

fn tables(manifest: &Manifest) -> Vec<Table> {
    if manifest.seed.is_none() {
        return Vec::new();
    }
    let names = manifest.strata.len() > 1;
    let mut columns = Vec::new();
    if names {
        columns.push(Column::left("stratum", 0));
    }
    let units = if manifest.source.cluster.is_some() {
        "clusters"
    } else {
        "cases"
    };
    columns.extend([Column::right(units, 0), Column::right("drawn", 0)]);
    columns.push(Column::left("probability", 1));
    let rows = manifest.strata.iter().map(|stratum| {
        let mut cells = Vec::new();
        if names {
            let name = if stratum.name.is_empty() {
                "(by value)"
            } else {
                &stratum.name
            };
            cells.push(Cell::Text(name.to_owned()));
        }
        cells.extend([Cell::Count(stratum.units), Cell::Count(stratum.drawn)]);
        cells.push(match stratum.chance {
            crate::audit::draw::Chance::Equal(probability) => Cell::Text(percent(probability)),
            crate::audit::draw::Chance::BySize { .. } => Cell::Text("by value".to_owned()),
        });
        Row {
            cells,
            marked: false,
        }
    });
    vec![Table {
        title: format!(
            "{} draw, round {}",
            manifest.design.method.key(),
            manifest.design.round()
        ),
        columns,
        rows: rows.collect(),
    }]
}

fn sentences(manifest: &Manifest) -> Vec<String> {
    let mut sentences = Vec::new();
    if manifest.seed.is_none() {
        sentences.push(match &manifest.seed_source {
            Some(named) => format!(
                "Publish the frozen manifest or its digest now. Draw with --frame and the seed that \
                 {named} gives."
            ),
            None => "Publish the frozen manifest or its digest now. Draw with --frame and a seed \
                     that nobody knows yet."
                .to_owned(),
        });
        return sentences;
    }
    let of = |purpose: Purpose| {
        let cases = manifest
            .selected
            .iter()
            .filter(|case| case.purpose == purpose);
        cases.count() as u64
    };
    let mut first = format!("{} cases carry the claim", count(of(Purpose::Random)));
    if of(Purpose::Targeted) > 0 {
        let targeted = count(of(Purpose::Targeted));
        first.push_str(&format!(
            "; {targeted} further ones are looked at for their risk and never enter the estimate"
        ));
    }
    if !manifest.reserve.is_empty() {
        let reserve = count(manifest.reserve.len() as u64);
        first.push_str(&format!("; {reserve} are in reserve"));
    }
    sentences.push(first + ".");
    let twice = manifest
        .selected
        .iter()
        .filter(|case| case.reviewers.len() > 1)
        .count();
    if twice > 0 {
        sentences.push(format!("{} cases are reviewed twice.", count(twice as u64)));
    }
    let all = manifest
        .strata
        .iter()
        .all(|stratum| stratum.drawn == stratum.units);
    if all {
        sentences.push("Every case is drawn: the result will be exact.".to_owned());
    }
    sentences
}

fn warnings(manifest: &Manifest) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(seed) = &manifest.seed {
        let length = seed.value.text().len();
        if length < SHORT_SEED {
            warnings.push(format!(
                "the seed has {length} characters: with fewer than {SHORT_SEED} it could have been \
                 found by trying"
            ));
        }
        if seed.source == "os-random" {
            warnings.push("nobody can check where an os-random seed came from".to_owned());
        }
        if manifest.frozen.is_none() && manifest.parent.is_none() && seed.committed.is_none() {
            warnings.push(
                "the population was not frozen before the seed was known, so nobody can exclude \
                 that the seed was picked among many"
                    .to_owned(),
            );
        }
    }
    let is_planned = manifest.rule.as_ref().is_some_and(|rule| rule.sequential);
    if manifest.parent.is_some() && !is_planned {
        warnings.push(
            "the plan did not provide for further rounds (--sequential): the evaluation will not pass, \
             unless the counts alone show the claim, as when every case is drawn"
                .to_owned(),
        );
    }
    if manifest.seed.is_none() && manifest.seed_source.is_none() {
        warnings.push(
            "no source of the seed is named, so whoever draws can choose among rounds of a beacon: \
             name one that is still to come, such as --seed-source drand:ROUND"
                .to_owned(),
        );
    }
    if manifest.parent.is_some() {
        warnings.push(
            "whoever knows the seed knows the cases to come: the decision to go on must not be \
             taken by somebody who knows how they turn out"
                .to_owned(),
        );
    }
    if manifest.rule.is_none() {
        warnings.push(
            "no tolerable rate is fixed: state it now (--tolerable), not when verdicts are in"
                .to_owned(),
        );
    }
    if manifest.design.method == Method::Systematic {
        warnings.push(
            "a systematic draw is as good as a random one only if the order of the cases has no \
             period"
                .to_owned(),
        );
    }
    let unseen = manifest
        .strata
        .iter()
        .filter(|stratum| stratum.drawn == 0 && stratum.units > 0);
    for stratum in unseen {
        warnings.push(format!(
            "stratum `{}`: none of {} is drawn, so nothing can be concluded on it",
            stratum.name,
            count(stratum.units)
        ));
    }
    warnings
}

/// One row a case.
fn data(manifest: &Manifest) -> Table {
    let titles = [
        "seq",
        "case_id",
        "stratum",
        "cluster",
        "size",
        "purpose",
        "round",
        "ticket",
        "pi",
        "weight",
        "times",
        "certainty",
        "reviewers",
    ];
    let row = |case: &Selected| {
        let text =
            |text: Option<&String>| text.map_or(Cell::Missing, |text| Cell::Text(text.clone()));
        let number = |number: Option<f64>| number.map_or(Cell::Missing, Cell::Number);
        let purpose = match case.purpose {
            Purpose::Random => "random",
            Purpose::Targeted => "targeted",
        };
        let cells = vec![
            Cell::Count(case.seq),
            Cell::Text(case.case_id.clone()),
            Cell::Text(case.stratum.clone()),
            text(case.cluster.as_ref()),
            text(case.size.as_ref().map(Size::to_string).as_ref()),
            Cell::Text(purpose.to_owned()),
            Cell::Count(case.round),
            Cell::Text(case.ticket.to_string()),
            number(case.pi),
            number(case.weight),
            Cell::Count(case.times),
            Cell::Text(case.certainty.to_string()),
            Cell::Text(case.reviewers.join(" ")),
        ];
        Row {
            cells,
            marked: false,
        }
    };
    Table {
        title: String::new(),
        columns: titles.map(|title| Column::left(title, 0)).to_vec(),
        rows: manifest.selected.iter().map(row).collect(),
    }
}
