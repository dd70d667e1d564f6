//! The charts of a report other than those of risk against coverage, judged by what is in the SVG.

use gonogo::chart::{
    AgainstThreshold, Chart, ChartError, CostCurve, ErrorRate, Forest, Histogram, Moved, Point,
    Policies, Swap, Waits, png,
};
use proptest::prelude::{ProptestConfig, Strategy, prop, proptest};
use roxmltree::{Document, Node};

use crate::chart::{BLUE, ORANGE, SHADE, WHITE, assert_inside, elements, number, texts};

const HOSTILE: &str = "</text><script>alert('x')</script>&\"\u{0}\u{1b}[31m\u{202e}";

// ---- fixtures ----

fn estimated(estimate: f64, low: f64, high: f64) -> ErrorRate {
    ErrorRate::Estimated {
        estimate,
        low,
        high,
    }
}

const BOUNDED: ErrorRate = ErrorRate::Bounded {
    low: 0.01,
    high: 0.6,
};

fn title() -> String {
    "What is shown".to_owned()
}

fn subtitle() -> String {
    "6,044 cases, 95 % intervals".to_owned()
}

/// Thresholds 0.80, 0.81, ... of which the third and fourth have no labels.
fn against_threshold() -> AgainstThreshold {
    let points = (0_u32..10).map(|step| {
        let step = f64::from(step);
        let rate = 0.05 - 0.004 * step;
        let error = if (2.0..4.0).contains(&step) {
            BOUNDED
        } else {
            estimated(rate, rate * 0.7, rate * 1.4)
        };
        ((80.0 + step) / 100.0, 0.1 + step / 20.0, error)
    });
    AgainstThreshold {
        title: title(),
        subtitle: subtitle(),
        points: points.collect(),
        history: Some(0.85),
    }
}

fn histogram() -> Histogram {
    let bins = |unknown: u64| (0..40).map(|bin| [100 + bin, 40, unknown]).collect();
    Histogram {
        title: title(),
        subtitle: subtitle(),
        range: (0.6, 1.0),
        routes: vec![
            ("Auto-approved".to_owned(), bins(30)),
            ("Escalated".to_owned(), bins(0)),
        ],
    }
}

fn forest(rows: u32) -> Forest {
    let rows = (0..rows).map(|row| {
        let rate = 0.02 + f64::from(row % 10) / 500.0;
        (
            format!("segment {row}"),
            estimated(rate, rate / 2.0, rate * 2.0),
        )
    });
    Forest {
        title: title(),
        subtitle: subtitle(),
        rows: rows.collect(),
        overall: Some(0.03),
    }
}

fn moved(cases: u64, wrong: Option<f64>) -> Moved {
    Moved { cases, wrong }
}

fn swap() -> Swap {
    Swap {
        title: title(),
        subtitle: subtitle(),
        policies: vec![
            (
                "loose".to_owned(),
                [moved(1_000, Some(0.25)), moved(0, None)],
            ),
            ("strict".to_owned(), [moved(0, None), moved(500, None)]),
        ],
    }
}

fn cost_curve() -> CostCurve {
    let points = (0_u32..9).map(|step| {
        let off = (f64::from(step) - 5.0) / 4.0;
        let cost = 10_000.0 * (1.0 + off * off);
        (
            (90.0 + f64::from(step)) / 100.0,
            Some([cost, cost * 0.8, cost * 1.3]),
        )
    });
    CostCurve {
        title: title(),
        subtitle: subtitle(),
        points: points.collect(),
        plateau: Some((0.93, 0.97)),
        actual: Some(12_000.0),
    }
}

fn waits() -> Waits {
    Waits {
        title: title(),
        subtitle: subtitle(),
        rows: vec![
            ("what happened".to_owned(), [3_600.0, 7_200.0, 36_000.0]),
            ("candidate".to_owned(), [1_800.0, 3_600.0, 18_000.0]),
        ],
        deadline: Some(72_000.0),
    }
}

fn policy(name: &str, escalation_rate: f64, error: ErrorRate) -> Point {
    Point {
        threshold: Some(name.to_owned()),
        escalation_rate,
        error,
    }
}

/// The strict one first: policies come in no order.
fn policies() -> Policies {
    Policies {
        title: title(),
        subtitle: subtitle(),
        points: vec![
            policy("strict", 0.7, estimated(0.01, 0.005, 0.02)),
            policy("loose", 0.2, estimated(0.05, 0.04, 0.06)),
        ],
        actual: Some(Point {
            threshold: None,
            escalation_rate: 0.4,
            error: estimated(0.03, 0.02, 0.04),
        }),
    }
}

fn all() -> Vec<(&'static str, Chart)> {
    vec![
        (
            "against threshold",
            Chart::AgainstThreshold(against_threshold()),
        ),
        ("histogram", Chart::Histogram(histogram())),
        ("forest", Chart::Forest(forest(12))),
        ("swap", Chart::Swap(swap())),
        ("cost curve", Chart::CostCurve(cost_curve())),
        ("waits", Chart::Waits(waits())),
        ("policies", Chart::Policies(policies())),
    ]
}

// ---- looking at the SVG ----

fn look<T>(chart: Chart, look: impl FnOnce(&Document<'_>) -> T) -> T {
    let text = chart.svg().unwrap();
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    let document = Document::parse(&text).unwrap();
    assert_inside(&document);
    look(&document)
}

fn says(document: &Document<'_>, words: &str) -> bool {
    texts(document).iter().any(|text| text == words)
}

/// Where the text stands that says exactly this: left end or middle, and top.
fn place(document: &Document<'_>, words: &str) -> (f64, f64) {
    let mut nodes = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    let is = |node: &Node<'_, '_>| node.text().unwrap_or_default().trim() == words;
    let node = nodes.find(is).unwrap();
    (number(node, "x"), number(node, "y"))
}

fn corners(node: Node<'_, '_>) -> Vec<(f64, f64)> {
    let pairs = node.attribute("points").unwrap().split_whitespace();
    pairs
        .map(|pair| pair.split_once(',').unwrap())
        .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
        .collect()
}

/// Left, top, right and bottom of a shape.
fn extent(node: Node<'_, '_>) -> [f64; 4] {
    let corners = corners(node);
    let fold = |pick: fn(&(f64, f64)) -> f64, choose: fn(f64, f64) -> f64| {
        corners.iter().map(pick).reduce(choose).unwrap()
    };
    [
        fold(|corner| corner.0, f64::min),
        fold(|corner| corner.1, f64::min),
        fold(|corner| corner.0, f64::max),
        fold(|corner| corner.1, f64::max),
    ]
}

/// Filled shapes of a colour, without those of the key, which stands above `below`.
fn shapes(document: &Document<'_>, color: &str, below: f64) -> Vec<[f64; 4]> {
    elements(document, "polygon", color)
        .into_iter()
        .map(extent)
        .filter(|[_, top, _, _]| *top > below)
        .collect()
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 32.0
}

// ---- what holds for all ----

#[test]
fn every_chart_stays_inside_its_picture_and_says_what_it_shows() {
    for (name, chart) in all() {
        look(chart, |document| {
            assert!(says(document, "What is shown"), "{name}");
            assert!(says(document, "6,044 cases, 95 % intervals"), "{name}");
        });
    }
}

#[test]
fn every_chart_gives_the_same_bytes_twice() {
    for ((name, one), (_, other)) in all().into_iter().zip(all()) {
        assert_eq!(one.svg().unwrap(), other.svg().unwrap(), "{name}");
    }
}

#[test]
fn every_axis_names_its_unit() {
    let units = [
        ("against threshold", "Auto-approved error rate (%)"),
        ("against threshold", "Escalation rate (%)"),
        ("against threshold", "Threshold"),
        ("histogram", "Score"),
        ("forest", "Auto-approved error rate (%)"),
        ("swap", "Cases that change their route"),
        ("cost curve", "Expected cost (units of money)"),
        ("waits", "Waiting time (hours)"),
        ("policies", "Escalation rate (% of cases that a human sees)"),
    ];
    for (name, unit) in units {
        let (_, chart) = all().into_iter().find(|(other, _)| *other == name).unwrap();
        look(chart, |document| {
            assert!(says(document, unit), "{name}: {unit}");
        });
    }
}

/// Every chart with these words as its headline and as every name in it.
fn named(name: &str) -> Vec<Chart> {
    let words = || name.to_owned();
    let mut against = against_threshold();
    (against.title, against.subtitle) = (words(), words());
    let mut histogram = histogram();
    histogram.title = words();
    histogram
        .routes
        .iter_mut()
        .for_each(|route| route.0 = words());
    let mut forest = forest(3);
    forest.title = words();
    forest.rows.iter_mut().for_each(|row| row.0 = words());
    let mut swap = swap();
    swap.title = words();
    swap.policies
        .iter_mut()
        .for_each(|policy| policy.0 = words());
    let mut cost = cost_curve();
    (cost.title, cost.subtitle) = (words(), words());
    let mut waits = waits();
    waits.title = words();
    waits.rows.iter_mut().for_each(|row| row.0 = words());
    let mut policies = policies();
    policies.title = words();
    policies.points[0].threshold = Some(words());
    vec![
        Chart::Policies(policies),
        Chart::AgainstThreshold(against),
        Chart::Histogram(histogram),
        Chart::Forest(forest),
        Chart::Swap(swap),
        Chart::CostCurve(cost),
        Chart::Waits(waits),
    ]
}

#[test]
fn names_cannot_break_out_of_the_text() {
    for chart in named(HOSTILE) {
        let text = chart.svg().unwrap();
        assert!(!text.contains("<script"), "{text}");
        assert!(!text.contains(['\u{0}', '\u{1b}', '\u{202e}']), "{text}");
        look(chart, |document| {
            let shown = "</text><script>alert('x')</script>&\"\\u{0}\\u{1b}[31m\\u{202e}";
            assert!(says(document, shown), "{:?}", texts(document));
        });
        png(&text).unwrap();
    }
}

#[test]
fn endless_names_are_cut() {
    for name in [
        "x".repeat(10_000),
        "\u{301}".repeat(10_000),
        "語".repeat(10_000),
    ] {
        for chart in named(&name) {
            assert!(chart.svg().unwrap().len() < 60_000);
            look(chart, |_| ());
        }
    }
}

#[test]
fn without_anything_to_draw_there_is_no_chart() {
    let mut known = cost_curve();
    known.points.iter_mut().for_each(|(_, cost)| *cost = None);
    let empty = [
        Chart::AgainstThreshold(AgainstThreshold {
            points: Vec::new(),
            ..against_threshold()
        }),
        Chart::Histogram(Histogram {
            routes: Vec::new(),
            ..histogram()
        }),
        Chart::Forest(forest(0)),
        Chart::Policies(Policies {
            points: Vec::new(),
            ..policies()
        }),
        Chart::Swap(Swap {
            policies: Vec::new(),
            ..swap()
        }),
        Chart::CostCurve(known),
        Chart::CostCurve(CostCurve {
            points: Vec::new(),
            ..cost_curve()
        }),
        Chart::Waits(Waits {
            rows: Vec::new(),
            ..waits()
        }),
    ];
    for chart in empty {
        assert_eq!(chart.svg(), Err(ChartError::Empty), "{chart:?}");
    }
}

#[test]
fn a_number_that_cannot_be_drawn_is_refused_with_its_place() {
    for wrong in [f64::NAN, f64::INFINITY, -0.5] {
        let mut against = against_threshold();
        against.points[3].1 = wrong;
        let mut rows = forest(3);
        rows.rows[1].1 = estimated(wrong, 0.0, 1.0);
        let mut share = swap();
        share.policies[0].1[0].wrong = Some(wrong);
        let charts = [
            (Chart::AgainstThreshold(against), "threshold 0.83: "),
            (Chart::Forest(rows), "row \"segment 1\": "),
            (Chart::Swap(share), "policy \"loose\": "),
        ];
        for (chart, place) in charts {
            let error = chart.svg().unwrap_err().to_string();
            assert!(error.starts_with(place), "{error}");
        }
    }
    let mut cost = cost_curve();
    cost.points[1].1 = Some([f64::NAN, 0.0, 1.0]);
    let mut long = waits();
    long.rows[1].1[2] = f64::INFINITY;
    let mut range = histogram();
    range.range.1 = f64::NAN;
    for (chart, place) in [
        (Chart::CostCurve(cost), "threshold 0.91: "),
        (Chart::Waits(long), "candidate: "),
        (Chart::Histogram(range), "the range of scores: "),
    ] {
        let error = chart.svg().unwrap_err().to_string();
        assert!(error.starts_with(place), "{error}");
    }
}

// ---- both rates by threshold ----

#[test]
fn the_error_line_breaks_where_there_are_no_labels_and_the_escalation_line_does_not() {
    look(Chart::AgainstThreshold(against_threshold()), |document| {
        let lengths = |color| -> Vec<usize> {
            let lines = elements(document, "polyline", color)
                .into_iter()
                .map(corners);
            lines
                .map(|line| line.len())
                .filter(|length| *length > 2)
                .collect()
        };
        // Thresholds 0.82 and 0.83 have no labels: what is left is that before and that after.
        assert_eq!(lengths(BLUE), [6]);
        assert_eq!(lengths("#1A1A1A"), [10]);
        // The dots of eight estimates and the one of the key.
        assert_eq!(elements(document, "circle", BLUE).len(), 8 + 1);
        assert_eq!(elements(document, "circle", "#1A1A1A").len(), 10);
        assert_eq!(elements(document, "polygon", SHADE).len(), 2);
        assert!(says(document, "no labels: worst-case limits"));
        assert!(says(document, "historical threshold 0.85"));
    });
}

#[test]
fn a_threshold_of_zero_far_from_the_others_is_not_drawn() {
    let mut chart = against_threshold();
    chart
        .points
        .insert(0, (0.0, 0.0, estimated(0.06, 0.05, 0.07)));
    look(Chart::AgainstThreshold(chart), |document| {
        assert!(
            says(document, "0.80") && !says(document, "0.00"),
            "{:?}",
            texts(document)
        );
    });
}

#[test]
fn one_threshold_alone_is_seen() {
    let mut chart = against_threshold();
    chart.points.truncate(1);
    chart.history = None;
    look(Chart::AgainstThreshold(chart), |document| {
        assert_eq!(elements(document, "circle", BLUE).len(), 1 + 1);
        assert_eq!(elements(document, "circle", "#1A1A1A").len(), 1);
    });
}

#[test]
fn where_nothing_is_ever_auto_approved_the_plot_says_so() {
    let mut chart = against_threshold();
    chart
        .points
        .iter_mut()
        .for_each(|point| point.2 = ErrorRate::Undefined);
    look(Chart::AgainstThreshold(chart), |document| {
        assert!(says(document, "nothing auto-approved"));
        assert!(!says(document, "interval"));
    });
}

// ---- histogram ----

#[test]
fn bars_stack_wrong_below_right_below_unlabelled() {
    look(Chart::Histogram(histogram()), |document| {
        let (_, first) = place(document, "Auto-approved");
        let (_, second) = place(document, "Escalated");
        let upper = |color| {
            let mut shapes = shapes(document, color, first);
            shapes.retain(|[_, top, _, _]| *top < second);
            shapes
        };
        let (wrong, right, unknown) = (upper(ORANGE), upper(BLUE), upper(WHITE));
        assert_eq!((wrong.len(), right.len(), unknown.len()), (40, 40, 40));
        for ((wrong, right), unknown) in wrong.iter().zip(&right).zip(&unknown) {
            assert!(close(wrong[1], right[3]) && close(right[1], unknown[3]));
            assert!(close(wrong[0], right[0]) && close(right[0], unknown[0]));
        }
        // Cases as heights: 40 wrong ones, and 100 right ones in the first bar.
        let height = |shape: &[f64; 4]| shape[3] - shape[1];
        assert!((height(&right[0]) / height(&wrong[0]) - 2.5).abs() < 0.2);
    });
}

#[test]
fn a_score_axis_ends_where_the_scores_end() {
    look(Chart::Histogram(histogram()), |document| {
        assert!(
            says(document, "1.00") || says(document, "1.0"),
            "{:?}",
            texts(document)
        );
        let right = shapes(document, BLUE, 2_000.0)
            .into_iter()
            .map(|shape| shape[2]);
        let last = right.fold(0.0, f64::max);
        assert!((last / 16.0 - 876.0).abs() < 2.0, "{last}");
    });
}

// ---- forest ----

#[test]
fn a_row_without_labels_is_hollow_and_one_without_cases_says_so() {
    let mut chart = forest(4);
    chart.rows[1].1 = BOUNDED;
    chart.rows[2].1 = ErrorRate::Undefined;
    look(Chart::Forest(chart), |document| {
        // Two estimates and the key's.
        assert_eq!(elements(document, "circle", BLUE).len(), 2 + 1);
        assert!(says(document, "none auto-approved"));
        assert!(says(document, "no labels: worst-case limits"));
        // The limits reach beyond the axis.
        assert!(says(document, "continues"));
    });
}

#[test]
fn rates_lie_on_their_axis() {
    let mut chart = forest(2);
    chart.rows[0].1 = estimated(0.0, 0.0, 0.05);
    chart.rows[1].1 = estimated(0.02, 0.01, 0.06);
    chart.overall = Some(0.04);
    look(Chart::Forest(chart), |document| {
        let dots = elements(document, "circle", BLUE);
        let [_, zero, two] = dots[..] else {
            panic!("{} dots", dots.len());
        };
        assert!((number(zero, "cx") - place(document, "0").0).abs() <= 1.0);
        assert!((number(two, "cx") - place(document, "2").0).abs() <= 1.0);
        assert!(number(zero, "cy") < number(two, "cy"));
        assert!(says(document, "all cases, 4 %"));
        assert!(!says(document, "continues"));
    });
}

#[test]
fn a_hundred_segments_have_a_row_each_and_more_are_counted() {
    for (segments, note) in [(100, None), (130, Some("And 30 more, not drawn."))] {
        let chart = Chart::Forest(forest(segments));
        assert!(chart.svg().unwrap().len() < 70_000);
        look(chart, |document| {
            assert_eq!(elements(document, "circle", BLUE).len(), 100 + 1);
            assert!(says(document, "segment 99"));
            assert!(!says(document, "segment 100"));
            let mut rows: Vec<f64> = (0..100)
                .map(|row| place(document, &format!("segment {row}")).1)
                .collect();
            rows.dedup_by(|next, row| *next - *row < 16.0 * 14.0);
            assert_eq!(rows.len(), 100, "rows overlap");
            let notes = texts(document)
                .into_iter()
                .filter(|text| text.starts_with("And "));
            assert_eq!(notes.collect::<Vec<_>>().first().map(String::as_str), note);
        });
    }
}

#[test]
fn segments_without_any_error_have_an_axis() {
    let mut chart = forest(3);
    chart
        .rows
        .iter_mut()
        .for_each(|row| row.1 = estimated(0.0, 0.0, 0.004));
    chart.overall = Some(0.0);
    look(Chart::Forest(chart), |document| {
        assert!(says(document, "0.4"), "{:?}", texts(document));
    });
}

// ---- swap set ----

#[test]
fn bars_of_moved_cases_are_as_long_as_their_numbers() {
    look(Chart::Swap(swap()), |document| {
        let below = place(document, "wrong").1 + 200.0;
        let length = |color| -> Vec<f64> {
            let shapes = shapes(document, color, below).into_iter();
            shapes.map(|[left, _, right, _]| right - left).collect()
        };
        let (wrong, right, unknown) = (length(ORANGE), length(BLUE), length(WHITE));
        assert_eq!((wrong.len(), right.len(), unknown.len()), (1, 1, 1));
        assert!((right[0] / wrong[0] - 3.0).abs() < 0.05);
        assert!(((wrong[0] + right[0]) / unknown[0] - 2.0).abs() < 0.02);
        for words in ["1,000, 25 % wrong", "500", "0", "cannot be told"] {
            assert!(says(document, words), "{words}: {:?}", texts(document));
        }
    });
}

#[test]
fn policies_that_move_nothing_have_rows_without_bars() {
    let mut chart = swap();
    for (_, parts) in &mut chart.policies {
        *parts = [moved(0, None), moved(0, None)];
    }
    look(Chart::Swap(chart), |document| {
        let below = place(document, "wrong").1 + 200.0;
        assert!(shapes(document, BLUE, below).is_empty());
        assert!(says(document, "strict") && !says(document, "cannot be told"));
    });
}

// ---- cost ----

#[test]
fn the_least_cost_and_its_plateau_are_marked() {
    look(Chart::CostCurve(cost_curve()), |document| {
        assert!(says(document, "least: at 0.95"));
        assert!(says(
            document,
            "within one standard error of the least: 0.93 to 0.97"
        ));
        let title = place(document, "Expected cost (units of money)").1;
        let [plateau] = shapes(document, SHADE, title)[..] else {
            panic!("not one plateau");
        };
        // It holds the thresholds at its ends, and is little wider.
        for (tick, edge) in [("0.93", plateau[0]), ("0.97", plateau[2])] {
            assert!(
                (place(document, tick).0 - edge).abs() < 16.0 * 5.0,
                "{tick}"
            );
        }
        let [least] = shapes(document, ORANGE, title)[..] else {
            panic!("not one mark");
        };
        let middle = f64::midpoint(least[0], least[2]);
        assert!((place(document, "0.95").0 - middle).abs() <= 16.0);
    });
}

#[test]
fn without_a_standard_error_there_is_no_plateau() {
    let chart = CostCurve {
        plateau: None,
        ..cost_curve()
    };
    look(Chart::CostCurve(chart), |document| {
        assert!(elements(document, "polygon", SHADE).is_empty());
        assert!(
            !texts(document)
                .iter()
                .any(|text| text.contains("standard error"))
        );
    });
}

#[test]
fn of_thresholds_equally_cheap_the_strictest_is_marked() {
    let mut chart = cost_curve();
    chart
        .points
        .iter_mut()
        .for_each(|(_, cost)| *cost = Some([5.0, 4.0, 6.0]));
    look(Chart::CostCurve(chart), |document| {
        assert!(says(document, "least: at 0.98"));
    });
}

#[test]
fn the_cost_line_breaks_where_the_cost_cannot_be_told() {
    let mut chart = cost_curve();
    chart.points[2].1 = None;
    look(Chart::CostCurve(chart), |document| {
        let lines = elements(document, "polyline", BLUE)
            .into_iter()
            .map(corners);
        let mut lengths: Vec<usize> = lines.map(|line| line.len()).collect();
        lengths.sort_unstable();
        // Two before, six after, and the sample in the key.
        assert_eq!(lengths, [2, 2, 6]);
    });
}

#[test]
fn a_least_cost_at_zero_keeps_zero_on_the_axis() {
    let mut chart = cost_curve();
    chart.points.insert(0, (0.0, Some([1.0, 0.5, 2.0])));
    look(Chart::CostCurve(chart), |document| {
        assert!(says(document, "least: at 0"), "{:?}", texts(document));
        let marks = elements(document, "polygon", ORANGE);
        assert!(marks.iter().any(|mark| extent(*mark)[1] > 2_000.0));
    });
}

#[test]
fn an_endless_interval_of_cost_leaves_at_the_top_and_is_marked() {
    let mut chart = cost_curve();
    chart.points[7].1 = Some([12_000.0, 11_000.0, 1e12]);
    look(Chart::CostCurve(chart), |document| {
        assert!(says(document, "continues above"));
        assert!(!texts(document).iter().any(|text| text.ends_with(" bn")));
    });
}

// ---- waits ----

#[test]
fn waits_have_three_shapes_in_ascending_order() {
    look(Chart::Waits(waits()), |document| {
        let below = place(document, "nine in ten").1 + 200.0;
        let dots = elements(document, "circle", BLUE);
        let half = number(*dots.last().unwrap(), "cx");
        let nine = shapes(document, ORANGE, below);
        assert_eq!((dots.len(), nine.len()), (2 + 1, 2));
        assert!(half < f64::midpoint(nine[1][0], nine[1][2]));
        assert!(says(document, "deadline: 20 hours"));
    });
}

#[test]
fn waits_are_counted_in_a_unit_that_fits_them() {
    for (scale, unit) in [
        (0.001, "seconds"),
        (0.1, "minutes"),
        (1.0, "hours"),
        (100.0, "days"),
    ] {
        let mut chart = waits();
        chart.deadline = None;
        for (_, waits) in &mut chart.rows {
            *waits = waits.map(|wait| wait * scale);
        }
        let words = format!("Waiting time ({unit})");
        look(Chart::Waits(chart), |document| {
            assert!(says(document, &words), "{words}");
        });
    }
}

#[test]
fn a_far_deadline_does_not_squeeze_the_waits() {
    let mut chart = waits();
    chart.deadline = Some(30.0 * 86_400.0);
    look(Chart::Waits(chart), |document| {
        assert!(says(document, "deadline: 30 days, far to the right"));
        assert!(says(document, "Waiting time (hours)"));
    });
}

#[test]
fn where_nobody_waits_there_is_still_an_axis() {
    let mut chart = waits();
    chart.deadline = None;
    chart
        .rows
        .iter_mut()
        .for_each(|(_, waits)| *waits = [0.0; 3]);
    look(Chart::Waits(chart), |document| assert!(says(document, "0")));
}

// ---- policies ----

#[test]
fn policies_are_points_with_names_that_no_line_joins() {
    look(Chart::Policies(policies()), |document| {
        let dots = elements(document, "circle", BLUE);
        let [_, strict, loose] = dots[..] else {
            panic!("{} dots", dots.len());
        };
        assert!(number(strict, "cx") > number(loose, "cx"));
        assert!(number(strict, "cy") > number(loose, "cy"));
        // A line between the two would go as far across.
        let apart = number(strict, "cx") - number(loose, "cx");
        for line in elements(document, "polyline", BLUE) {
            let [left, _, right, _] = extent(line);
            assert!(right - left < apart / 2.0);
        }
        for words in ["strict", "loose", "actual"] {
            assert!(says(document, words), "{words}");
        }
    });
}

#[test]
fn policies_without_labels_and_without_cases_are_told_apart() {
    let mut chart = policies();
    chart.points[0].error = BOUNDED;
    chart
        .points
        .push(policy("nothing", 1.0, ErrorRate::Undefined));
    look(Chart::Policies(chart), |document| {
        assert!(says(document, "no labels: worst-case limits"));
        assert!(says(document, "strict") && !says(document, "nothing"));
        assert!(says(
            document,
            "One policy auto-approves nothing and is not drawn."
        ));
    });
}

// ---- anything ----

fn any_rate() -> impl Strategy<Value = ErrorRate> {
    prop::array::uniform3(0.0..=1.0_f64).prop_map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        match rates[0] {
            low if low < 0.1 => ErrorRate::Undefined,
            low if low < 0.3 => ErrorRate::Bounded {
                low,
                high: rates[2],
            },
            low => estimated(rates[1], low, rates[2]),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_sound_numbers_give_a_sound_picture(
        rates in prop::collection::vec((0.0..=1.0_f64, 0.0..=1.0_f64, any_rate()), 1..30),
        costs in prop::collection::vec(prop::option::of(prop::array::uniform3(-1e9..1e9_f64)), 2..30),
        cases in prop::array::uniform2(0_u64..1_000_000),
        waits in prop::array::uniform3(0.0..1e8_f64),
        name in ".{0,80}",
    ) {
        let mut points = rates.clone();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let last = costs.len();
        let thresholds = (0..last).map(|place| place as f64 / last as f64);
        let costs: Vec<_> = thresholds.zip(costs).map(|(threshold, cost)| {
            let ordered = cost.map(|mut cost| {
                cost.sort_by(f64::total_cmp);
                [cost[1], cost[0], cost[2]]
            });
            (threshold, ordered)
        }).collect();
        let known = costs.iter().filter(|(_, cost)| cost.is_some()).count();
        let rows = rates.iter().map(|(_, _, rate)| (name.clone(), *rate)).collect();
        let points_apart = rates.iter().map(|(_, escalated, rate)| policy(&name, *escalated, *rate));
        let apart = Policies { points: points_apart.collect(), ..policies() };
        let parts = cases.map(|cases| moved(cases, Some(rates[0].1)));
        let mut sorted = waits;
        sorted.sort_by(f64::total_cmp);
        let charts = [
            Chart::Policies(apart),
            Chart::AgainstThreshold(AgainstThreshold { points, ..against_threshold() }),
            Chart::Forest(Forest { rows, ..forest(0) }),
            Chart::Swap(Swap { policies: vec![(name.clone(), parts)], ..swap() }),
            Chart::Waits(Waits { rows: vec![(name, sorted)], ..self::waits() }),
        ];
        for chart in charts {
            look(chart, |_| ());
        }
        if known > 2 {
            look(Chart::CostCurve(CostCurve { points: costs, ..cost_curve() }), |_| ());
        }
    }
}
