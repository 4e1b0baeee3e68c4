//! One room with many members, one message at a time: what a delivery costs (P1, P4).

use super::{Options, Scenario, course::Course, plan};
use crate::{
    outcome::{Measure, Outcome},
    schedule::Phase,
    stage::Servers,
};

pub(super) async fn run(servers: &Servers, options: &Options) -> anyhow::Result<Outcome> {
    let phase = Phase::steady(options.rate, options.seconds);
    let plan = plan(servers, options).with_phases(vec![phase]);
    let mut course = Course::begin(Scenario::HotRoom, servers, plan, options, false).await?;
    course.lap("one at a time").await?;
    course
        .finish(|seen| {
            let stretch = &seen.stretches[0];
            let (sockets, all) = (stretch.socket_us(), stretch.server_us());
            vec![
                Measure::of(
                    "P1",
                    "CPU of what holds sockets per delivery",
                    sockets,
                    "µs",
                ),
                Measure::at_most(
                    "P4",
                    "all servers ÷ what holds sockets",
                    all / sockets,
                    "×",
                    1.5,
                ),
                Measure::at_most(
                    "generator",
                    "generator ÷ all servers, per delivery",
                    stretch.generator_us() / all,
                    "×",
                    1.0,
                ),
                Measure::of("P11", "due to ack p50", stretch.traffic.ack.p50_ms, "ms"),
                Measure::of(
                    "P11",
                    "due to delivery p99",
                    stretch.traffic.delivery.p99_ms,
                    "ms",
                ),
            ]
        })
        .await
}
