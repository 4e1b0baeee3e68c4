//! A page whose blocks of JSON are frames: reads it, sends what people say and waits for what they hear.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde_json::{Value, json};
use testkit::Socket;

/// How long a frame may take: shorter than the socket's own patience, so that it is this page that is told of.
const PATIENCE: Duration = Duration::from_secs(10);
/// Stands for anything.
const ANYTHING: &str = "…";

/// What `$NAME`s stand for.
type Names = BTreeMap<String, Value>;

/// One frame of a step.
struct Line {
    who: String,
    is_heard: bool,
    frame: Value,
}

/// A heading with the frames under it.
struct Step {
    title: String,
    lines: VecDeque<Line>,
}

/// See the module.
pub(super) struct Story {
    steps: VecDeque<Step>,
    names: Names,
    sockets: BTreeMap<String, Socket>,
}

impl Story {
    /// Reads a page.
    pub(super) fn read(page: &str) -> Self {
        Self {
            steps: parse(page),
            names: Names::new(),
            sockets: BTreeMap::new(),
        }
    }

    /// Lets somebody in by a new connection.
    pub(super) fn enter(&mut self, who: &str, socket: Socket) {
        self.sockets.insert(who.to_owned(), socket);
    }

    /// Returns somebody's connection.
    pub(super) fn socket(&mut self, who: &str) -> &mut Socket {
        self.sockets
            .get_mut(who)
            .unwrap_or_else(|| panic!("{who} has not entered"))
    }

    /// Puts in what a `$NAME` stands for.
    pub(super) fn name(&mut self, name: &str, value: impl Into<Value>) {
        self.names.insert(name.to_owned(), value.into());
    }

    /// Returns what a `$NAME` stands for.
    pub(super) fn named(&self, name: &str) -> &Value {
        self.names
            .get(name)
            .unwrap_or_else(|| panic!("the page has not come to ${name}"))
    }

    /// Plays the next step of the page, which must have this title.
    pub(super) async fn step(&mut self, title: &str) {
        let next = self.steps.pop_front();
        let Step {
            title: of_page,
            mut lines,
        } = next.unwrap_or_else(|| panic!("the page ends before {title:?}"));
        assert_eq!(
            of_page, title,
            "the page and the test tell the same steps in the same order"
        );
        while let Some(line) = lines.pop_front() {
            if line.is_heard {
                self.hear(title, &line).await;
                continue;
            }
            let answer = self.say(&line).await;
            let is_shown = |next: &Line| {
                next.is_heard && next.who == line.who && is_answer(&line.frame, &next.frame)
            };
            match lines.front().filter(|next| is_shown(next)) {
                Some(_) => {
                    let expected = lines.pop_front().expect("it was looked at").frame;
                    assert!(
                        matches(&expected, &answer, &mut self.names),
                        "{title}: {} was to hear\n  {expected}\nand heard\n  {answer}\nnames: {:#?}",
                        line.who,
                        self.names
                    );
                }
                None => assert_eq!(
                    answer["type"], "ok",
                    "{title}: {} said {}",
                    line.who, line.frame
                ),
            }
        }
    }

    /// Checks that the page has no further step.
    pub(super) fn end(&self) {
        let left: Vec<_> = self.steps.iter().map(|step| &step.title).collect();
        assert!(left.is_empty(), "the test does not play {left:?}");
    }

    /// Sends a frame and returns the answer.
    async fn say(&mut self, line: &Line) -> Value {
        let frame = filled(&line.frame, &self.names);
        let socket = self.socket(&line.who);
        if frame["type"] == "hello" {
            let welcome = socket.hello(frame["data"].clone()).await;
            return json!({"type": "welcome", "data": welcome.expect("welcome")});
        }
        socket.raw(&frame.to_string()).await;
        let answered = socket
            .wait(|answer| {
                answer.raw["id"] == frame["id"] && matches!(&*answer.kind, "ok" | "error")
            })
            .await;
        answered.expect("the connection lives").raw
    }

    async fn hear(&mut self, title: &str, line: &Line) {
        let mut names = std::mem::take(&mut self.names);
        let (who, socket) = (&line.who, self.socket(&line.who));
        let heard = socket.wait(|frame| matches(&line.frame, &frame.raw, &mut names));
        let heard = tokio::time::timeout(PATIENCE, heard).await;
        match heard {
            Ok(Ok(_)) => self.names = names,
            Ok(Err(closed)) => panic!(
                "{title}: {who} was closed ({closed:?}) before {}",
                line.frame
            ),
            Err(_) => {
                let unread = socket.take_unread();
                let unread: Vec<_> = unread.iter().map(|frame| frame.raw.to_string()).collect();
                panic!(
                    "{title}: {who} did not hear\n  {}\nbut\n  {}",
                    line.frame,
                    unread.join("\n  ")
                );
            }
        }
    }
}

/// Whether a frame answers another.
fn is_answer(said: &Value, heard: &Value) -> bool {
    if said["type"] == "hello" {
        return heard["type"] == "welcome";
    }
    heard["id"] == said["id"] && (heard["type"] == "ok" || heard["type"] == "error")
}

/// Puts values in the place of `$NAME`s.
fn filled(pattern: &Value, names: &Names) -> Value {
    match pattern {
        Value::String(text) => match text.strip_prefix('$') {
            Some(name) => names
                .get(name)
                .unwrap_or_else(|| panic!("${name} is said before it is known"))
                .clone(),
            None => pattern.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, names)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(name, value)| (name.clone(), filled(value, names)))
                .collect()
        }
        _ => pattern.clone(),
    }
}

/// Whether a value has all that a pattern shows; then its new `$NAME`s are known.
fn matches(pattern: &Value, value: &Value, names: &mut Names) -> bool {
    let mut found = names.clone();
    let is_match = agrees(pattern, value, &mut found);
    if is_match {
        *names = found;
    }
    is_match
}

fn agrees(pattern: &Value, value: &Value, names: &mut Names) -> bool {
    match pattern {
        Value::String(text) if text == ANYTHING => !value.is_null(),
        Value::String(text) if text.starts_with('$') => {
            let name = text[1..].to_owned();
            !value.is_null() && names.entry(name).or_insert_with(|| value.clone()) == value
        }
        Value::Array(items) => value.as_array().is_some_and(|values| {
            values.len() == items.len()
                && items
                    .iter()
                    .zip(values)
                    .all(|(item, value)| agrees(item, value, names))
        }),
        Value::Object(fields) => fields
            .iter()
            .all(|(name, field)| agrees(field, &value[name], names)),
        _ => pattern == value,
    }
}

/// Reads headings `## 1. Title` and, under each, blocks ```` ```json ada ```` and ```` ```json ada hears ````.
fn parse(page: &str) -> VecDeque<Step> {
    let mut steps = VecDeque::<Step>::new();
    let mut speaker: Option<(String, bool)> = None;
    for (index, line) in page.lines().enumerate() {
        let at = index + 1;
        if let Some(heading) = line.strip_prefix("## ") {
            let (number, title) = heading
                .split_once(". ")
                .unwrap_or_else(|| panic!("line {at} has no number"));
            let expected = steps.len() + 1;
            assert_eq!(
                number,
                expected.to_string(),
                "line {at}: the steps are numbered"
            );
            let (title, lines) = (title.to_owned(), VecDeque::new());
            steps.push_back(Step { title, lines });
        } else if let Some(opened) = line.strip_prefix("```json ") {
            let is_heard = opened.ends_with(" hears");
            speaker = Some((opened.trim_end_matches(" hears").to_owned(), is_heard));
        } else if line.starts_with("```") {
            speaker = None;
        } else if let Some((who, is_heard)) = &speaker {
            let frame =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("line {at}: {error}"));
            let step = steps
                .back_mut()
                .unwrap_or_else(|| panic!("line {at} is in no step"));
            let (who, is_heard) = (who.clone(), *is_heard);
            step.lines.push_back(Line {
                who,
                is_heard,
                frame,
            });
        }
    }
    steps
}

#[test]
fn a_pattern_shows_a_part_and_names_what_it_sees_first() {
    let mut names = Names::new();
    let pattern =
        json!({"room": "$ROOM", "data": {"body": "hi", "at": "…", "list": [{"id": "$A"}, 2]}});
    let frame = |room: &str| json!({"room": room, "more": 1, "data": {"body": "hi", "at": 7, "list": [{"id": "a", "x": 1}, 2]}});
    assert!(matches(&pattern, &frame("r1"), &mut names));
    assert_eq!((&names["ROOM"], &names["A"]), (&json!("r1"), &json!("a")));
    assert!(
        !matches(&pattern, &frame("r2"), &mut names),
        "the room is known by now"
    );
    for other in [
        json!({"list": []}),
        json!({"list": [1, 2, 3]}),
        json!({}),
        json!(null),
    ] {
        assert!(
            !matches(&json!({"list": [1, 2]}), &other, &mut names),
            "{other}"
        );
    }
    assert!(!matches(
        &json!({"at": "…", "new": "$NEW"}),
        &json!({"at": 1}),
        &mut names
    ));
    assert!(
        !names.contains_key("NEW"),
        "what does not match teaches nothing"
    );
    assert_eq!(
        filled(&json!({"room": "$ROOM", "n": [1]}), &names),
        json!({"room": "r1", "n": [1]})
    );
}
