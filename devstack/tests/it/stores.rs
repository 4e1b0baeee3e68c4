use devstack::stores::{Store, Stores};
use devstack::tools::Tools;
use sqlx::{Connection, Executor, PgConnection, Row};

use crate::state::State;

async fn tools() -> Tools {
    Tools::find()
        .await
        .expect("the stores' programs can be found")
}

async fn count(stores: &Stores) -> i64 {
    let mut connection = PgConnection::connect(&stores.postgres_url())
        .await
        .expect("connected");
    connection
        .fetch_one("select count(*) from note")
        .await
        .expect("counted")
        .get(0)
}

async fn write(stores: &Stores) {
    let mut connection = PgConnection::connect(&stores.postgres_url())
        .await
        .expect("connected");
    let insert = "create table if not exists note (note_id int generated always as identity); insert into note default values";
    connection.execute(insert).await.expect("written");
}

#[tokio::test]
async fn a_killed_store_starts_again_where_it_was() {
    let state = State::new();
    let mut stores = Stores::start(&tools().await, state.path())
        .await
        .expect("up");
    write(&stores).await;
    let before = (stores.postgres_url(), stores.nats_url(), stores.redis_url());
    for store in Store::ALL {
        let pid = stores.pid(store);
        stores.kill9(store).await;
        assert_eq!(stores.pid(store), None);
        stores.start_again(store).await.expect("up again");
        assert_ne!(stores.pid(store), pid);
    }
    assert_eq!(
        before,
        (stores.postgres_url(), stores.nats_url(), stores.redis_url())
    );
    assert_eq!(count(&stores).await, 1);
    stores.stop().await;
    state.is_deserted().await;
}

#[tokio::test]
async fn the_next_start_finds_the_data_and_the_ports() {
    let state = State::new();
    let tools = tools().await;
    let first = Stores::start(&tools, state.path()).await.expect("up");
    write(&first).await;
    let before = (first.postgres_url(), first.nats_url(), first.redis_url());
    // Without a word, as when the machine loses power.
    drop(first);
    let second = Stores::start(&tools, state.path())
        .await
        .expect("up after a kill");
    assert_eq!(
        before,
        (second.postgres_url(), second.nats_url(), second.redis_url())
    );
    assert_eq!(count(&second).await, 1);
    write(&second).await;
    second.stop().await;
    state.is_deserted().await;
    let third = Stores::start(&tools, state.path())
        .await
        .expect("up after a stop");
    assert_eq!(count(&third).await, 2);
}

#[tokio::test]
async fn a_backup_takes_the_place_of_what_came_after_it() {
    let state = State::new();
    let mut stores = Stores::start(&tools().await, state.path())
        .await
        .expect("up");
    write(&stores).await;
    let backup = stores.back_up().await.expect("copied");
    write(&stores).await;
    assert_eq!(count(&stores).await, 2);
    stores.restore(backup).await.expect("up again");
    assert_eq!(count(&stores).await, 1);
    write(&stores).await;
    assert_eq!(count(&stores).await, 2);
    stores.stop().await;
    state.is_deserted().await;
}

#[tokio::test]
async fn a_store_that_dies_is_noticed() {
    let state = State::new();
    let mut stores = Stores::start(&tools().await, state.path())
        .await
        .expect("up");
    assert_eq!(stores.dead(), []);
    let pid = stores.pid(Store::Redis).expect("running");
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("killed");
    let noticed = async || (stores.dead() == [Store::Redis]).then_some(());
    devstack::wait::until("the death to be noticed", testkit::PATIENCE, noticed)
        .await
        .expect("noticed");
}
