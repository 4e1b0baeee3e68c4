//! Links that are slow, silent or one-way.

use std::time::Duration;

use anyhow::Result;
use devstack::{fleet::Kind, stores::Store};
use faultproxy::{Direction, Fault};
use rand::Rng;
use tokio::time::sleep;

use super::Strike;
use crate::faultlab::{
    lab::{GATEWAYS, REPLICAS},
    links::Way,
};

const SLOW_POSTGRES: Duration = Duration::from_millis(125);
/// Bytes per second of a slow reader.
const TRICKLE: u64 = 1_024;

/// Breaks links of one way for the span of the strike, and mends them.
async fn during(
    strike: &Strike<'_>,
    way: Way,
    is_meant: impl Fn(Kind, usize) -> bool,
    fault: Fault,
) -> Result<String> {
    let links = &strike.lab.links;
    let count = links.that(way, &is_meant).count();
    links.apply(way, is_meant, fault);
    sleep(strike.span).await;
    links.heal();
    Ok(format!("{count} links, {} s", strike.span.as_secs()))
}

pub(super) async fn mute_room(strike: &mut Strike<'_>) -> Result<String> {
    let is_meant = |kind, index| kind == Kind::Room && index == 0;
    let mute = Fault::blackhole(Direction::ToUpstream);
    during(strike, Way::To(Store::Nats), is_meant, mute).await
}

pub(super) async fn cut_postgres(strike: &mut Strike<'_>) -> Result<String> {
    let dark = Fault::blackhole(Direction::Both);
    during(strike, Way::To(Store::Postgres), |_, _| true, dark).await
}

pub(super) async fn slow_postgres(strike: &mut Strike<'_>) -> Result<String> {
    let far = Fault::latency(SLOW_POSTGRES, Duration::ZERO);
    during(strike, Way::To(Store::Postgres), |_, _| true, far).await
}

pub(super) async fn slow_readers(strike: &mut Strike<'_>) -> Result<String> {
    let thin = Fault::bandwidth(TRICKLE);
    during(strike, Way::WeakClient, |_, _| true, thin).await
}

pub(super) async fn vanish(strike: &mut Strike<'_>) -> Result<String> {
    let dark = Fault::blackhole(Direction::Both);
    during(strike, Way::WeakClient, |_, _| true, dark).await
}

pub(super) async fn nothing(strike: &mut Strike<'_>) -> Result<String> {
    sleep(strike.span).await;
    Ok("every frame".to_owned())
}

/// A random fault after the other: links go dark or slow while processes die.
pub(super) async fn everything(strike: &mut Strike<'_>) -> Result<String> {
    const STEPS: u32 = 6;
    let mut done = Vec::new();
    for _ in 0..STEPS {
        let index = strike.dice.random_range(0..REPLICAS);
        let kind = Kind::ALL[strike.dice.random_range(0..Kind::ALL.len())];
        let store = Store::ALL[strike.dice.random_range(0..Store::ALL.len())];
        let far = Fault::latency(Duration::from_millis(50), Duration::from_millis(50));
        let dark = Fault::blackhole(Direction::Both);
        match strike.dice.random_range(0..4) {
            0 => {
                strike.lab.fleet.kill9(kind, index).await;
                strike.lab.fleet.start_again(kind, index).await?;
                done.push(format!("{} killed", kind.name()));
            }
            1 => {
                strike.lab.fleet.stores.kill9(store).await;
                strike.lab.fleet.stores.start_again(store).await?;
                done.push(format!("{} killed", store.name()));
            }
            2 => {
                let links = &strike.lab.links;
                links.apply(Way::To(store), |of, at| of == kind && at == index, dark);
                done.push(format!("{} cut off from {}", kind.name(), store.name()));
            }
            _ => {
                let links = &strike.lab.links;
                let gateway = strike.dice.random_range(0..GATEWAYS);
                links.apply(Way::Client, |_, at| at == gateway, far);
                done.push("clients far away".to_owned());
            }
        }
        sleep(strike.span / STEPS).await;
        strike.lab.links.heal();
    }
    Ok(done.join(", "))
}
