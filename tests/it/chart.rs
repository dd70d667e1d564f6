//! The risk-coverage chart, judged by what is in the SVG and in the PNG.

use gonogo::chart::{ChartError, ErrorRate, Panel, Point, RiskCoverage, png, svg};
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert, prop_oneof, proptest};
use resvg::tiny_skia::Pixmap;
use roxmltree::{Document, Node};

pub(crate) const BLUE: &str = "#0072B2";
pub(crate) const ORANGE: &str = "#E69F00";
pub(crate) const SHADE: &str = "#B8B8B8";
pub(crate) const WHITE: &str = "#FFFFFF";

// ---- fixtures ----

fn point(threshold: &str, escalation_rate: f64, error: ErrorRate) -> Point {
    let threshold = Some(threshold.to_owned());
    Point {
        threshold,
        escalation_rate,
        error,
    }
}

fn estimated(estimate: f64, low: f64, high: f64) -> ErrorRate {
    ErrorRate::Estimated {
        estimate,
        low,
        high,
    }
}

/// Error rates that fall from 4 % while the escalation rate rises to 93 %.
fn falling(count: u32) -> Vec<Point> {
    (0..count)
        .map(|step| {
            let share = f64::from(step) / f64::from(count - 1);
            let rate = 0.003 + 0.037 * (1.0 - share) * (1.0 - share);
            let error = estimated(rate, rate * 0.8, rate + 0.004 + 0.008 * share);
            point(
                &format!("{:.3}", 0.5 + 0.49 * share),
                0.03 + 0.9 * share,
                error,
            )
        })
        .collect()
}

fn bounded(points: &mut [Point]) {
    for point in points {
        point.error = ErrorRate::Bounded {
            low: 0.001,
            high: 0.8,
        };
    }
}

fn panel(points: Vec<Point>) -> Panel {
    Panel {
        name: None,
        points,
        actual: None,
    }
}

fn chart(panels: Vec<Panel>) -> RiskCoverage {
    let title = "Escalation rate against auto-approved error rate".to_owned();
    RiskCoverage {
        title,
        subtitle: "6,044 cases, 95 % intervals".to_owned(),
        panels,
    }
}

/// The realistic one: fifteen thresholds, the last two without labels.
fn usual() -> RiskCoverage {
    let mut points = falling(15);
    bounded(&mut points[13..]);
    let error = estimated(0.021, 0.018, 0.025);
    let actual = Some(Point {
        threshold: None,
        escalation_rate: 0.31,
        error,
    });
    chart(vec![Panel {
        name: None,
        points,
        actual,
    }])
}

// ---- looking at the SVG ----

fn check<T>(chart: &RiskCoverage, look: impl FnOnce(&Document<'_>) -> T) -> T {
    let text = svg(chart).unwrap();
    assert!(
        !text.contains("NaN") && !text.contains("inf"),
        "not a number in the picture"
    );
    let document = Document::parse(&text).unwrap();
    assert_inside(&document);
    look(&document)
}

pub(crate) fn elements<'a>(
    document: &'a Document<'_>,
    tag: &str,
    color: &str,
) -> Vec<Node<'a, 'a>> {
    let has = |node: &Node<'_, '_>| {
        node.has_tag_name(tag)
            && (node.attribute("fill") == Some(color) || node.attribute("stroke") == Some(color))
    };
    document.descendants().filter(has).collect()
}

pub(crate) fn texts(document: &Document<'_>) -> Vec<String> {
    let nodes = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    nodes
        .map(|node| node.text().unwrap_or_default().trim().to_owned())
        .collect()
}

pub(crate) fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

fn corners(node: Node<'_, '_>) -> Vec<(f64, f64)> {
    let pairs = node.attribute("points").unwrap().split_whitespace();
    pairs
        .map(|pair| pair.split_once(',').unwrap())
        .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
        .collect()
}

/// Dots of the data; the legend has one more.
fn dots(document: &Document<'_>) -> usize {
    elements(document, "circle", BLUE).len() - 1
}

/// Shaded shapes of the data; the legend has one more.
fn unsupported_bands(document: &Document<'_>) -> usize {
    elements(document, "polygon", SHADE).len().saturating_sub(1)
}

/// Left, top, right and bottom of a text in no narrow font.
fn extent(node: Node<'_, '_>) -> [f64; 4] {
    let size = number(node, "font-size");
    let letters = u32::try_from(node.text().unwrap_or_default().trim().chars().count()).unwrap();
    let width = 0.55 * size * f64::from(letters);
    let left = number(node, "x")
        - match node.attribute("text-anchor").unwrap() {
            "start" => 0.0,
            "middle" => width / 2.0,
            _ => width,
        };
    let top = number(node, "y");
    [left, top, left + width, top + size]
}

/// No shape and no text may leave the picture.
pub(crate) fn assert_inside(document: &Document<'_>) {
    let view_box = document
        .root_element()
        .attribute("viewBox")
        .unwrap()
        .to_owned();
    let size: Vec<f64> = view_box
        .split(' ')
        .map(|side| side.parse().unwrap())
        .collect();
    let inside = |x: f64, y: f64| (0.0..=size[2]).contains(&x) && (0.0..=size[3]).contains(&y);
    for node in document.descendants() {
        if node.has_tag_name("text") {
            let [left, top, right, bottom] = extent(node);
            assert!(
                inside(left, top) && inside(right, bottom),
                "{:?}",
                node.text()
            );
        } else if node.has_attribute("points") {
            assert!(corners(node).into_iter().all(|(x, y)| inside(x, y)));
        } else if node.has_tag_name("circle") {
            assert!(inside(number(node, "cx"), number(node, "cy")));
        }
    }
}

fn assert_no_overlap(labels: &[Node<'_, '_>]) {
    for (position, one) in labels.iter().enumerate() {
        for other in &labels[position + 1..] {
            let (a, b) = (extent(*one), extent(*other));
            let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
            assert!(apart, "{:?} over {:?}", one.text(), other.text());
        }
    }
}

// ---- usual ----

#[test]
fn every_estimate_has_a_dot_and_unsupported_points_have_none() {
    check(&usual(), |document| {
        assert_eq!(dots(document), 13);
        assert_eq!(unsupported_bands(document), 1);
        // The marker, and its sample in the legend.
        assert_eq!(elements(document, "polygon", ORANGE).len(), 2);
        for words in [
            "actual",
            "no labels: worst-case limits",
            "continues above",
            "0.500",
        ] {
            assert!(
                texts(document).iter().any(|text| text == words),
                "{words} is missing"
            );
        }
    });
}

#[test]
fn the_unsupported_band_starts_where_the_labels_end() {
    check(&usual(), |document| {
        let last = elements(document, "circle", BLUE)
            .into_iter()
            .map(|dot| number(dot, "cx"));
        let last = last.fold(0.0, f64::max);
        let band = elements(document, "polygon", SHADE).pop().unwrap();
        let start = corners(band)
            .into_iter()
            .map(|(x, _)| x)
            .fold(f64::MAX, f64::min);
        assert!((start - last).abs() < 2.0, "{start} {last}");
    });
}

#[test]
fn without_unsupported_points_there_is_no_shade_and_no_word_of_it() {
    check(&chart(vec![panel(falling(15))]), |document| {
        assert_eq!(elements(document, "polygon", SHADE).len(), 0);
        assert_eq!(dots(document), 15);
        let text = texts(document).join("\n");
        assert!(!text.contains("no labels") && !text.contains("continues above"));
        assert!(!text.contains("actual history"));
    });
}

#[test]
fn threshold_labels_never_overlap() {
    for count in [15, 50, 200] {
        check(&chart(vec![panel(falling(count))]), |document| {
            let is_label = |node: &Node<'_, '_>| {
                node.has_tag_name("text")
                    && node.text().unwrap_or_default().trim().len() == 5
                    && node.text().unwrap_or_default().trim().starts_with("0.")
            };
            let labels: Vec<_> = document.descendants().filter(is_label).collect();
            assert!(labels.len() >= 8, "only {} labels of {count}", labels.len());
            assert_no_overlap(&labels);
        });
    }
}

#[test]
fn of_very_many_thresholds_the_dots_are_thinned_out() {
    check(&chart(vec![panel(falling(60))]), |document| {
        assert_eq!(dots(document), 60);
    });
    check(&chart(vec![panel(falling(300))]), |document| {
        assert!((30..100).contains(&dots(document)), "{}", dots(document));
        assert!(
            texts(document)
                .iter()
                .any(|text| text.contains("Not every threshold has a dot"))
        );
    });
}

#[test]
fn tiny_rates_get_ticks_with_enough_decimals() {
    let points = vec![
        point("0.5", 0.1, estimated(0.0002, 0.00018, 0.00022)),
        point("0.7", 0.5, estimated(0.0001, 0.00008, 0.00012)),
        point("0.9", 0.9, estimated(0.00005, 0.00003, 0.00007)),
    ];
    check(&chart(vec![panel(points)]), |document| {
        assert!(
            texts(document).contains(&"0.005".to_owned()),
            "{:?}",
            texts(document)
        );
    });
}

#[test]
fn one_very_wide_interval_leaves_at_the_top_and_is_marked() {
    let mut points = falling(15);
    points[14].error = estimated(0.33, 0.01, 0.9);
    check(&chart(vec![panel(points)]), |document| {
        assert_eq!(dots(document), 14);
        assert!(texts(document).contains(&"continues above".to_owned()));
        assert!(
            texts(document).contains(&"5".to_owned()),
            "the axis still ends near 5 %"
        );
        assert!(!texts(document).contains(&"90.0".to_owned()));
    });
}

// ---- empty, one point, a gap ----

#[test]
fn nothing_to_draw_is_an_error() {
    assert_eq!(svg(&chart(vec![])), Err(ChartError::Empty));
    assert_eq!(svg(&chart(vec![panel(vec![])])), Err(ChartError::Empty));
    assert!(ChartError::Empty.hint().is_some());
}

#[test]
fn one_point_is_a_dot_with_an_upright_interval() {
    let points = vec![point("0.85", 0.35, estimated(0.018, 0.012, 0.026))];
    check(&chart(vec![panel(points)]), |document| {
        assert_eq!(dots(document), 1);
        let upright = elements(document, "polyline", BLUE)
            .into_iter()
            .map(corners)
            .filter(|line| line[0].0.total_cmp(&line[1].0).is_eq() && line[0].1 - line[1].1 > 100.0)
            .count();
        assert_eq!(upright, 1);
        assert!(texts(document).contains(&"0.85".to_owned()));
        assert!(
            texts(document).contains(&"100".to_owned()),
            "the axis is not enlarged"
        );
    });
}

#[test]
fn one_point_without_labels_is_still_seen() {
    let points = vec![point(
        "0.85",
        1.0,
        ErrorRate::Bounded {
            low: 0.0,
            high: 1.0,
        },
    )];
    check(&chart(vec![panel(points)]), |document| {
        assert_eq!(unsupported_bands(document), 1);
        assert_eq!(elements(document, "circle", BLUE).len(), 0);
    });
}

#[test]
fn the_line_does_not_run_across_a_gap() {
    let mut points = falling(15);
    bounded(&mut points[5..7]);
    points[10].error = ErrorRate::Undefined;
    check(&chart(vec![panel(points)]), |document| {
        assert_eq!(dots(document), 12);
        assert_eq!(unsupported_bands(document), 1);
        let lengths: Vec<_> = elements(document, "polyline", BLUE)
            .into_iter()
            .map(|line| corners(line).len())
            .collect();
        // Points 0-4, 7-9 and 11-14, after the sample in the legend.
        assert_eq!(lengths, [2, 5, 3, 4]);
    });
}

#[test]
fn where_nothing_is_auto_approved_the_panel_says_so() {
    let points = vec![point("1", 1.0, ErrorRate::Undefined)];
    check(&chart(vec![panel(points)]), |document| {
        assert!(texts(document).contains(&"nothing auto-approved".to_owned()));
    });
}

#[test]
fn all_zeros_have_an_axis_and_dots() {
    let points = (0..8)
        .map(|step| point("0.5", f64::from(step) / 10.0, estimated(0.0, 0.0, 0.0)))
        .collect();
    check(&chart(vec![panel(points)]), |document| {
        assert_eq!(dots(document), 8);
    });
}

#[test]
fn an_actual_history_without_labels_sits_hollow_on_the_axis() {
    for error in [
        ErrorRate::Undefined,
        ErrorRate::Bounded {
            low: 0.0,
            high: 1.0,
        },
    ] {
        let mut chart = chart(vec![panel(falling(15))]);
        chart.panels[0].actual = Some(Point {
            threshold: None,
            escalation_rate: 0.9,
            error,
        });
        check(&chart, |document| {
            // The sheet of paper, the diamond, and its sample in the legend.
            assert_eq!(elements(document, "polygon", WHITE).len(), 3);
            assert_eq!(elements(document, "polygon", ORANGE).len(), 0);
            assert!(
                texts(document)
                    .iter()
                    .any(|text| text.starts_with("actual: no"))
            );
        });
    }
}

// ---- several panels ----

#[test]
fn beyond_twelve_panels_a_note_counts_the_rest() {
    let panels: Vec<_> = (0..14)
        .map(|number| Panel {
            name: Some(format!("s{number}")),
            ..panel(falling(5))
        })
        .collect();
    check(&chart(panels), |document| {
        assert_eq!(dots(document), 12 * 5);
        let text = texts(document);
        assert!(text.contains(&"and 2 more, not drawn".to_owned()));
        assert!(text.contains(&"s11".to_owned()) && !text.contains(&"s12".to_owned()));
    });
}

#[test]
fn panels_share_one_scale() {
    let mut halved = falling(5);
    for point in &mut halved {
        point.error = estimated(0.01, 0.005, 0.015);
    }
    check(&chart(vec![panel(falling(5)), panel(halved)]), |document| {
        let dots = elements(document, "circle", BLUE);
        let heights: Vec<_> = dots.iter().skip(1).map(|dot| number(*dot, "cy")).collect();
        // 4 % in the first panel lies higher than 1 % in the second.
        assert!(heights[0] < heights[5]);
    });
}

#[test]
fn a_panel_without_cases_says_so() {
    check(&chart(vec![panel(falling(5)), panel(vec![])]), |document| {
        assert!(texts(document).contains(&"no cases".to_owned()));
    });
}

// ---- hostile input ----

#[test]
fn names_cannot_break_out_of_the_text() {
    let name = "</text><script>alert('x')</script>&\"\u{0}\u{1b}[31m\u{202e}";
    let mut chart = usual();
    chart.title = name.to_owned();
    chart.subtitle = name.to_owned();
    chart.panels[0].name = Some(name.to_owned());
    chart.panels[0].points[0].threshold = Some("<&\u{7}>".to_owned());
    check(&chart, |document| {
        assert!(
            !document
                .descendants()
                .any(|node| node.has_tag_name("script"))
        );
        let text = texts(document);
        let shown = "</text><script>alert('x')</script>&\"\\u{0}\\u{1b}[31m\\u{202e}";
        assert_eq!(text.iter().filter(|text| *text == shown).count(), 3);
        assert!(text.contains(&"<&\\u{7}>".to_owned()));
    });
    png(&svg(&chart).unwrap()).unwrap();
}

#[test]
fn endless_names_are_cut() {
    let names = [
        "x".repeat(10_000),
        "\u{301}".repeat(10_000),
        "語".repeat(10_000),
    ];
    for name in names {
        let mut chart = chart(vec![panel(falling(5)), panel(falling(5))]);
        chart.title.clone_from(&name);
        chart.panels[0].name = Some(name);
        let text = svg(&chart).unwrap();
        assert!(text.len() < 40_000, "{} bytes", text.len());
        check(&chart, |_| ());
    }
}

#[test]
fn numbers_that_are_no_shares_are_refused_by_name() {
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.01, 1.01] {
        let mut in_rate = usual();
        in_rate.panels[0].points[2].escalation_rate = wrong;
        let mut in_estimate = usual();
        in_estimate.panels[0].points[2].error = estimated(wrong, 0.0, 1.0);
        let mut in_limit = usual();
        in_limit.panels[0].points[2].error = ErrorRate::Bounded {
            low: 0.0,
            high: wrong,
        };
        for chart in [in_rate, in_estimate, in_limit] {
            let error = svg(&chart).unwrap_err();
            assert!(matches!(error, ChartError::NotAShare { .. }), "{error}");
            assert!(
                error
                    .to_string()
                    .starts_with("panel 1, threshold 0.570: the "),
                "{error}"
            );
        }
    }
    let mut in_actual = usual();
    in_actual.panels[0].actual.as_mut().unwrap().escalation_rate = f64::NAN;
    assert!(
        svg(&in_actual)
            .unwrap_err()
            .to_string()
            .starts_with("panel 1, actual: ")
    );
}

#[test]
fn upside_down_intervals_and_falling_escalation_are_refused() {
    let mut upside_down = usual();
    upside_down.panels[0].points[2].error = estimated(0.5, 0.6, 0.4);
    assert!(matches!(
        svg(&upside_down),
        Err(ChartError::UpsideDown { .. })
    ));
    let mut falls = usual();
    falls.panels[0].points.reverse();
    assert!(matches!(svg(&falls), Err(ChartError::OutOfOrder { .. })));
}

fn any_error() -> impl Strategy<Value = ErrorRate> {
    let share = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0, 0.0..0.001];
    prop_oneof![
        prop::array::uniform3(share.clone()).prop_map(|mut rates| {
            rates.sort_by(f64::total_cmp);
            estimated(rates[1], rates[0], rates[2])
        }),
        prop::array::uniform2(share).prop_map(|mut limits| {
            limits.sort_by(f64::total_cmp);
            ErrorRate::Bounded {
                low: limits[0],
                high: limits[1],
            }
        }),
        Just(ErrorRate::Undefined),
    ]
}

fn any_point() -> impl Strategy<Value = Point> {
    let rate = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0, 0.4..0.41];
    (prop::option::of(".{0,12}"), rate, any_error()).prop_map(
        |(threshold, escalation_rate, error)| Point {
            threshold,
            escalation_rate,
            error,
        },
    )
}

fn any_panel() -> impl Strategy<Value = Panel> {
    let actual = prop::option::of(any_point());
    let points = prop::collection::vec(any_point(), 1..20);
    (prop::option::of(".{0,60}"), points, actual).prop_map(|(name, mut points, actual)| {
        points.sort_by(|a, b| a.escalation_rate.total_cmp(&b.escalation_rate));
        Panel {
            name,
            points,
            actual,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_sound_input_gives_a_sound_picture(
        title in ".{0,200}",
        panels in prop::collection::vec(any_panel(), 1..14),
    ) {
        let chart = RiskCoverage { title, subtitle: String::new(), panels };
        let text = svg(&chart).unwrap();
        check(&chart, |_| ());
        prop_assert!(text.len() < 2_000_000);
    }
}

// ---- bytes ----

#[test]
fn the_same_chart_gives_the_same_bytes() {
    assert_eq!(svg(&usual()).unwrap(), svg(&usual()).unwrap());
    let text = svg(&usual()).unwrap();
    assert_eq!(png(&text).unwrap(), png(&text).unwrap());
}

#[test]
fn the_png_has_twice_the_size_and_the_colours_of_the_chart() {
    let text = svg(&usual()).unwrap();
    let document = Document::parse(&text).unwrap();
    let height = number(document.root_element(), "height");
    let pixels = Pixmap::decode_png(&png(&text).unwrap()).unwrap();
    assert_eq!(pixels.width(), 1800);
    assert!((f64::from(pixels.height()) - 2.0 * height).abs() < 1e-9);
    let count = |red, green, blue| {
        let is = |pixel: &&resvg::tiny_skia::PremultipliedColorU8| {
            (pixel.red(), pixel.green(), pixel.blue()) == (red, green, blue)
        };
        pixels.pixels().iter().filter(is).count()
    };
    assert!(count(0x00, 0x72, 0xB2) > 1_000, "the line");
    assert!(count(0xE6, 0x9F, 0x00) > 100, "the diamond");
    assert!(
        count(0x1A, 0x1A, 0x1A) > 500,
        "text is drawn without any font of the machine"
    );
    assert!(
        count(0xFF, 0xFF, 0xFF) > pixels.pixels().len() / 2,
        "the paper"
    );
}

#[test]
fn what_is_no_svg_is_refused() {
    assert!(matches!(png("not a picture"), Err(ChartError::Png { .. })));
    assert!(matches!(png(""), Err(ChartError::Png { .. })));
}
