//! The jobs that tell other services: never lost, never two at a time, given up loudly.

use proto::auth::{ChangeNameRequest, Grant, auth_service_server::AuthService};

use crate::{
    neighbours::renamed,
    world::{PASSWORD, World, by, run_jobs_at, user_id},
};

async fn rename(world: &World, grant: &Grant, name: &str) {
    let message = ChangeNameRequest {
        name: name.into(),
        password: PASSWORD.into(),
    };
    let answer = world.app.change_name(by(grant, message)).await;
    answer.expect("renames");
}

/// Returns attempts, the pause in seconds and whether it was given up, of the only job.
async fn job(world: &World) -> (i32, i64, bool) {
    let row = sqlx::query!(
        r#"
        select attempts, round(extract(epoch from due_at - now()))::bigint as "pause_s!",
            dead_at is not null as "is_dead!", last_error
        from auth.job
        "#
    );
    let row = row.fetch_one(&world.db).await.expect("one job");
    assert!(
        row.last_error
            .is_none_or(|error| error.contains("Unavailable"))
    );
    (row.attempts, row.pause_s, row.is_dead)
}

#[tokio::test]
async fn a_service_that_is_away_is_asked_again_ever_more_rarely_and_hears_the_last_name_only() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let id = user_id(&ada).to_string();
    world.neighbours.are_away(true);
    rename(&world, &ada, "grace").await;
    for (attempts, pause_s) in [(1, 2), (2, 4), (3, 8)] {
        world.run_jobs().await;
        assert_eq!(world.neighbours.asked(), [renamed(&id, "grace")]);
        let job = job(&world).await;
        assert_eq!((job.0, job.2), (attempts, false));
        assert!((pause_s - 1..=pause_s).contains(&job.1), "{}", job.1);
    }
    // Not due: nobody is asked.
    run_jobs_at(&world.app).await;
    assert!(world.neighbours.asked().is_empty());

    rename(&world, &ada, "hedy").await;
    assert_eq!(job(&world).await.0, 0);
    world.neighbours.are_away(false);
    world.run_jobs().await;
    assert_eq!(world.neighbours.asked(), [renamed(&id, "hedy")]);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn news_during_the_work_are_told_after_it() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let id = user_id(&ada).to_string();
    rename(&world, &ada, "grace").await;
    // A replica has taken it up and is at work.
    let taken = sqlx::query!("update auth.job set due_at = now() + interval '60 seconds'");
    taken.execute(&world.db).await.expect("writes");
    rename(&world, &ada, "hedy").await;
    run_jobs_at(&world.app).await;
    assert!(world.neighbours.asked().is_empty(), "two work on one job");
    let (_, pause_s, _) = job(&world).await;
    assert!(pause_s > 50, "the lease was cut to {pause_s} s");
    // That replica died: its lease runs out.
    world.run_jobs().await;
    assert_eq!(world.neighbours.asked(), [renamed(&id, "hedy")]);
}

#[tokio::test]
async fn a_name_that_changes_while_the_last_one_is_told_is_told_too() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    let id = user_id(&ada).to_string();
    rename(&world, &ada, "grace").await;
    let held = world.neighbours.hold().await;
    let news = async {
        let asked = world.neighbours.until_asked().await;
        assert_eq!(asked, [renamed(&id, "grace")]);
        rename(&world, &ada, "hedy").await;
        drop(held);
    };
    tokio::join!(run_jobs_at(&world.app), news);
    assert_eq!(world.neighbours.asked(), [renamed(&id, "hedy")]);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn replicas_share_the_jobs() {
    let world = World::start().await;
    let other = world.replica(|_| ()).await.expect("starts");
    let mut expected = Vec::new();
    for i in 0..8 {
        let ada = world.sign_up(&format!("ada{i}")).await;
        let name = format!("grace{i}");
        rename(&world, &ada, &name).await;
        expected.push(renamed(&user_id(&ada).to_string(), &name));
    }
    tokio::join!(run_jobs_at(&world.app), run_jobs_at(&other));
    let mut asked = world.neighbours.asked();
    asked.sort();
    expected.sort();
    assert_eq!(asked, expected);
    assert_eq!(world.jobs().await, 0);
}

#[tokio::test]
async fn after_the_last_attempt_a_job_is_kept_and_news_revive_it() {
    let world = World::start().await;
    let ada = world.sign_up("ada").await;
    world.neighbours.are_away(true);
    rename(&world, &ada, "grace").await;
    let tired = sqlx::query!("update auth.job set attempts = 38");
    tired.execute(&world.db).await.expect("writes");
    world.run_jobs().await;
    let (attempts, pause_s, is_dead) = job(&world).await;
    assert_eq!((attempts, is_dead), (39, false));
    assert!(pause_s > 3_590, "{pause_s}");
    world.run_jobs().await;
    let (attempts, _, is_dead) = job(&world).await;
    assert_eq!((attempts, is_dead), (40, true));
    world.neighbours.are_away(false);
    world.neighbours.asked();
    world.run_jobs().await;
    assert!(world.neighbours.asked().is_empty());

    rename(&world, &ada, "hedy").await;
    world.run_jobs().await;
    assert_eq!(world.neighbours.asked().len(), 1);
    assert_eq!(world.jobs().await, 0);
}
