use futures::StreamExt;

#[tokio::test]
async fn a_nats_server_is_ones_own_and_dies_with_its_value() {
    let (first, second) = tokio::join!(testkit::nats(), testkit::nats());
    assert_ne!(first.url, second.url);
    let mut inbox = second
        .client
        .subscribe("somewhere")
        .await
        .expect("subscribed");
    first
        .client
        .publish("somewhere", "not for you".into())
        .await
        .expect("sent");
    first.client.flush().await.expect("flushed");
    second
        .client
        .publish("somewhere", "for you".into())
        .await
        .expect("sent");
    let message = inbox.next().await.expect("a message");
    assert_eq!(&message.payload[..], b"for you");

    let pid = first.pid();
    drop(first);
    gone(pid).await;
}

#[tokio::test]
async fn a_redis_dies_with_its_value() {
    let redis = testkit::redis().await;
    assert!(redis.url.starts_with("redis://127.0.0.1:"));
    let pid = redis.pid();
    drop(redis);
    gone(pid).await;
}

#[tokio::test]
async fn a_database_is_fresh() {
    for _ in 0..2 {
        let pool = testkit::database(&[]).await;
        let mut connection = pool.acquire().await.expect("connected");
        sqlx::raw_sql("create table thing (thing_id int)")
            .execute(&mut *connection)
            .await
            .expect("nobody made it before");
    }
}

async fn gone(pid: i32) {
    let proc = std::path::PathBuf::from(format!("/proc/{pid}/cmdline"));
    let is_gone = async || {
        std::fs::read(&proc)
            .unwrap_or_default()
            .is_empty()
            .then_some(())
    };
    devstack::wait::until("the process to end", testkit::PATIENCE, is_gone)
        .await
        .expect("it ends");
}
