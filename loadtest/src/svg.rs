//! A plot of latency against load, as SVG that needs no other file and no script.

use std::fmt::{self, Write};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 48.0;
/// Tell lines apart for everyone who sees any colours.
const COLOURS: [&str; 6] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
];

/// A line of a plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What the legend says.
    pub name: String,
    /// Points from left to right. What is not finite or not above nought is left out of a logarithmic axis.
    pub points: Vec<(f64, f64)>,
}

/// A plot with a logarithmic axis upwards, and a linear or a logarithmic one to the right.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Above the plot.
    pub title: String,
    /// Below it.
    pub across: String,
    /// Beside it.
    pub upward: String,
    /// Whether the axis to the right is logarithmic, too.
    pub is_wide: bool,
    /// The lines; six at most are told apart by colour.
    pub lines: Vec<Line>,
}

/// Where values come to lie.
struct Frame {
    right: f64,
    /// Decades of the axis to the right, where it is logarithmic.
    wide: Option<(i32, i32)>,
    /// Decades of the axis upwards.
    decades: (i32, i32),
}

impl Plot {
    /// Draws it.
    #[must_use]
    pub fn svg(&self) -> String {
        let mut out = String::new();
        self.write(&mut out).expect("a string takes all");
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let frame = Frame::around(&self.lines, self.is_wide);
        writeln!(
            out,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" role="img">"#
        )?;
        writeln!(out, "<title>{}</title>", escaped(&self.title))?;
        writeln!(
            out,
            r##"<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>"##
        )?;
        text(out, (LEFT, 20.0), "start", &self.title)?;
        frame.write_grid(out)?;
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        text(out, (middle, HEIGHT - 10.0), "middle", &self.across)?;
        let centre = (TOP + HEIGHT - BOTTOM) / 2.0;
        writeln!(
            out,
            r#"<text x="16" y="{centre}" text-anchor="middle" transform="rotate(-90 16 {centre})">{}</text>"#,
            escaped(&self.upward)
        )?;
        for (number, line) in self.lines.iter().enumerate() {
            write_line(out, &frame, number, line)?;
        }
        writeln!(out, "</svg>")
    }
}

impl Frame {
    fn around(lines: &[Line], is_wide: bool) -> Self {
        let points = || {
            lines
                .iter()
                .flat_map(|line| &line.points)
                .filter(|it| is_shown(it))
        };
        let right = points().map(|(x, _)| *x).fold(0.0, f64::max);
        let least = points().map(|(_, y)| *y).fold(f64::INFINITY, f64::min);
        let most = points().map(|(_, y)| *y).fold(0.0, f64::max);
        let leftmost = points().map(|(x, _)| *x).fold(f64::INFINITY, f64::min);
        let decades = decades(least, most);
        Self {
            wide: is_wide.then(|| self::decades(leftmost, right)),
            right: if right > 0.0 { right } else { 1.0 },
            decades,
        }
    }

    fn x(&self, value: f64) -> f64 {
        let share = match self.wide {
            Some(decades) => share(value, decades),
            None => value / self.right,
        };
        LEFT + share * (WIDTH - RIGHT - LEFT)
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - share(value, self.decades) * (HEIGHT - BOTTOM - TOP)
    }

    fn write_grid(&self, out: &mut String) -> fmt::Result {
        for decade in self.decades.0..=self.decades.1 {
            let value = 10_f64.powi(decade);
            let y = self.y(value);
            let end = WIDTH - RIGHT;
            writeln!(
                out,
                r##"<line x1="{LEFT}" y1="{y:.1}" x2="{end}" y2="{y:.1}" stroke="#dddddd"/>"##
            )?;
            text(out, (LEFT - 6.0, y + 4.0), "end", &format!("{value}"))?;
        }
        let marks: Vec<f64> = match self.wide {
            Some((first, last)) => (first..=last).map(|it| 10_f64.powi(it)).collect(),
            None => (0..=4)
                .map(|part| self.right * f64::from(part) / 4.0)
                .collect(),
        };
        for value in marks {
            let (x, foot) = (self.x(value), HEIGHT - BOTTOM);
            writeln!(
                out,
                r##"<line x1="{x:.1}" y1="{TOP}" x2="{x:.1}" y2="{foot}" stroke="#dddddd"/>"##
            )?;
            text(out, (x, foot + 16.0), "middle", &format!("{value:.0}"))?;
        }
        Ok(())
    }
}

/// Returns the powers of ten around values.
fn decades(least: f64, most: f64) -> (i32, i32) {
    if most <= 0.0 || least <= 0.0 {
        return (0, 1);
    }
    let (first, last) = (least.log10().floor() as i32, most.log10().ceil() as i32);
    (first, last.max(first + 1))
}

/// Returns how far along an axis of powers of ten a value lies.
fn share(value: f64, (first, last): (i32, i32)) -> f64 {
    (value.log10() - f64::from(first)) / f64::from(last - first)
}

fn write_line(out: &mut String, frame: &Frame, number: usize, line: &Line) -> fmt::Result {
    let colour = COLOURS[number % COLOURS.len()];
    let shown = || line.points.iter().filter(|it| is_shown(it));
    write!(
        out,
        r#"<polyline fill="none" stroke="{colour}" stroke-width="2" points=""#
    )?;
    for &(x, y) in shown() {
        write!(out, "{:.1},{:.1} ", frame.x(x), frame.y(y))?;
    }
    writeln!(out, r#""/>"#)?;
    for &(x, y) in shown() {
        let (x, y) = (frame.x(x), frame.y(y));
        writeln!(
            out,
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{colour}"/>"#
        )?;
    }
    let (x, y) = (WIDTH - RIGHT + 12.0, TOP + 12.0 + 18.0 * number as f64);
    let base = y - 9.0;
    writeln!(
        out,
        r#"<rect x="{x}" y="{base}" width="10" height="10" fill="{colour}"/>"#
    )?;
    text(out, (x + 16.0, y), "start", &line.name)
}

fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, words: &str) -> fmt::Result {
    writeln!(
        out,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#,
        escaped(words)
    )
}

fn is_shown((x, y): &(f64, f64)) -> bool {
    x.is_finite() && y.is_finite() && *y > 0.0
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: Vec<(f64, f64)>) -> Plot {
        Plot {
            title: "a < b & c".into(),
            across: "deliveries/s".into(),
            upward: "ms".into(),
            is_wide: false,
            lines: vec![Line {
                name: "p99".into(),
                points,
            }],
        }
    }

    #[test]
    fn higher_values_are_higher_up_and_greater_loads_further_right() {
        let frame = Frame::around(&plot(vec![(1.0, 1.0), (10.0, 90.0)]).lines, false);
        assert_eq!(frame.decades, (0, 2));
        assert!(frame.y(90.0) < frame.y(1.0) && frame.x(10.0) > frame.x(1.0));
        assert!((frame.y(1.0) - (HEIGHT - BOTTOM)).abs() < 1e-9);
        assert!((frame.y(100.0) - TOP).abs() < 1e-9);
        assert!((frame.x(10.0) - (WIDTH - RIGHT)).abs() < 1e-9);
    }

    #[test]
    fn on_a_wide_axis_each_power_of_ten_has_the_same_room() {
        let lines = plot(vec![(10.0, 1.0), (10_000.0, 5.0)]).lines;
        let frame = Frame::around(&lines, true);
        assert_eq!(frame.wide, Some((1, 4)));
        let steps = [10.0, 100.0, 1_000.0, 10_000.0].map(|it| frame.x(it));
        assert!((steps[0] - LEFT).abs() < 1e-9);
        for pair in steps.windows(2) {
            assert!((pair[1] - pair[0] - (WIDTH - RIGHT - LEFT) / 3.0).abs() < 1e-9);
        }
    }

    #[test]
    fn every_point_is_drawn_and_text_is_escaped() {
        let svg = plot(vec![(1.0, 2.0), (2.0, 3.0), (3.0, 40.0)]).svg();
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(
            svg.contains("a &lt; b &amp; c") && svg.ends_with("</svg>\n"),
            "{svg}"
        );
    }

    #[test]
    fn what_cannot_be_drawn_is_left_out() {
        let svg = plot(vec![(1.0, 0.0), (2.0, f64::NAN), (f64::INFINITY, 3.0)]).svg();
        assert_eq!(svg.matches("<circle").count(), 0);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}
