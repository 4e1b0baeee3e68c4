//! Gathering with a reader that waits until the test lets it go on.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join_all;

use super::*;

#[derive(Clone)]
struct Reader {
    /// The questions of each reading.
    readings: Arc<Mutex<Vec<Vec<u32>>>>,
    /// One for each reading that may end.
    permits: Arc<Semaphore>,
    fails: Arc<AtomicBool>,
}

impl Reader {
    fn new(permits: usize) -> Self {
        Self {
            readings: Arc::default(),
            permits: Arc::new(Semaphore::new(permits)),
            fails: Arc::default(),
        }
    }

    fn gather(&self, most: usize) -> Gather<u32, u32, &'static str> {
        let reader = self.clone();
        Gather::new(most, move |questions| reader.clone().read(questions))
    }

    async fn read(self, questions: Vec<u32>) -> Result<Vec<u32>, &'static str> {
        self.readings.lock().push(questions.clone());
        let permit = self.permits.acquire().await;
        permit.map_err(|_| "closed")?.forget();
        if self.fails.load(Ordering::Acquire) {
            return Err("away");
        }
        Ok(questions.into_iter().map(|it| it * 10).collect())
    }

    fn sizes(&self) -> Vec<usize> {
        self.readings.lock().iter().map(Vec::len).collect()
    }
}

/// Lets so many readings fall due, one after the other.
async fn pass(readings: usize) {
    for _ in 0..readings {
        tokio::time::advance(EVERY).await;
        settle().await;
    }
}

async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_is_answered_by_few_readings_each_with_what_it_asked() {
    let reader = Reader::new(usize::from(u16::MAX));
    let gather = reader.gather(400);
    let began = Instant::now();
    let answers = join_all((0..1_000).map(|number| gather.ask(number))).await;
    for (number, answer) in (0_u32..).zip(answers) {
        assert_eq!(answer, Ok(number * 10));
    }
    assert_eq!(reader.sizes(), [400, 400, 200]);
    assert_eq!(began.elapsed(), 2 * EVERY, "the first did not wait");
}

#[tokio::test(start_paused = true)]
async fn few_do_not_wait_for_each_other_and_a_crowd_keeps_the_longest_pause() {
    assert_eq!(
        [1, 2, 4, 5].map(pause).map(|it| it.as_millis()),
        [1, 4, 16, 20]
    );
    assert_eq!(pause(usize::MAX), EVERY);
    for (apart_ms, longest_ms, readings) in [(5, 0, 100), (2, 20, 20)] {
        let reader = Reader::new(usize::from(u16::MAX));
        let gather = reader.gather(400);
        // A few at once first, as when a gateway dies: does the pause that follows stay or go?
        let _ = join_all((0..10).map(|number| gather.ask(number))).await;
        let mut asked = Vec::new();
        for number in 0..200 {
            for _ in 0..apart_ms {
                tokio::time::advance(Duration::from_millis(1)).await;
                settle().await;
            }
            let (gather, since) = (gather.clone(), Instant::now());
            let ask = async move { gather.ask(number).await.map(|_| since.elapsed()) };
            asked.push(tokio::spawn(ask));
            settle().await;
        }
        let waits = join_all(asked).await.into_iter();
        let late = waits
            .skip(100)
            .map(|it| it.expect("asked").expect("answered"))
            .max();
        assert!(
            late.is_some_and(|late| late <= Duration::from_millis(longest_ms)),
            "{apart_ms} ms apart: {late:?}"
        );
        let sizes = reader.sizes();
        assert!(
            sizes.len() <= 1 + 2 * readings && sizes.len() >= readings,
            "{apart_ms} ms apart: {} readings",
            sizes.len()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_is_never_answered_by_a_reading_that_had_begun() {
    let reader = Reader::new(0);
    let gather = reader.gather(10);
    let mut first = std::pin::pin!(gather.ask(1));
    assert!(futures::poll!(&mut first).is_pending());
    settle().await;
    let mut second = std::pin::pin!(gather.ask(1));
    assert!(futures::poll!(&mut second).is_pending());
    reader.permits.add_permits(1);
    assert_eq!(first.await, Ok(10));
    settle().await;
    assert!(futures::poll!(&mut second).is_pending(), "it asked later");
    reader.permits.add_permits(1);
    assert_eq!(second.await, Ok(10));
    assert_eq!(reader.sizes(), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn no_more_run_at_once_than_may_and_those_who_left_are_not_read_for() {
    let reader = Reader::new(0);
    let gather = reader.gather(1);
    let mut waiting: Vec<_> = (0..10).map(|number| Box::pin(gather.ask(number))).collect();
    for each in &mut waiting {
        assert!(futures::poll!(each).is_pending());
    }
    pass(10).await;
    assert_eq!(reader.sizes().len(), AT_ONCE);
    // One has been taken for the reading that waits for a slot only when it gets it.
    waiting.truncate(AT_ONCE);
    reader.permits.add_permits(AT_ONCE);
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    pass(10).await;
    assert_eq!(reader.sizes().len(), AT_ONCE);
    reader.permits.add_permits(1);
    assert_eq!(gather.ask(7).await, Ok(70), "another leader has come");
}

#[tokio::test(start_paused = true)]
async fn a_full_line_refuses_and_a_failure_is_everybody_s() {
    let reader = Reader::new(0);
    let gather = reader.gather(QUEUE);
    let mut waiting: Vec<_> = (0..QUEUE as u32)
        .map(|number| Box::pin(gather.ask(number)))
        .collect();
    for each in &mut waiting {
        assert!(futures::poll!(each).is_pending());
    }
    assert_eq!(gather.ask(0).await, Err(Unanswered::Full));
    reader.fails.store(true, Ordering::Release);
    reader.permits.add_permits(1);
    let answers = join_all(waiting).await;
    assert!(
        answers
            .iter()
            .all(|it| *it == Err(Unanswered::Failed("away")))
    );
    reader.fails.store(false, Ordering::Release);
    reader.permits.add_permits(1);
    assert_eq!(gather.ask(7).await, Ok(70));
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_panics_or_answers_too_little_keeps_nobody_waiting() {
    let gather: Gather<u32, u32, ()> = Gather::new(2, async |questions: Vec<u32>| {
        assert_ne!(questions, [0], "a defect");
        Ok(vec![questions[0]])
    });
    assert_eq!(gather.ask(0).await, Err(Unanswered::Lost));
    let (first, second) = tokio::join!(gather.ask(1), gather.ask(2));
    assert_eq!((first, second), (Ok(1), Err(Unanswered::Lost)));
}
