//! The scenario `rooms` against whole products of one, two and four gateways.

use loadtest::{plan::Plan, rooms, stage::Servers};

#[tokio::test(flavor = "multi_thread")]
async fn one_two_and_four_gateways_carry_the_same_load_and_keep_the_same_promises() {
    for gateways in [1, 2, 4] {
        let servers = Servers::open(Vec::new(), None, gateways).await;
        let servers = servers.expect("the product starts");
        assert_eq!(servers.targets.len(), gateways);
        let plan = Plan::new(24, None, 3, 1, gateways).with_load(60.0, 2);
        let report = rooms::run(&servers, plan, 64).await;
        let report = report.expect("the run goes through");
        assert!(report.is_good(), "{gateways} gateways: {report:?}");
        let traffic = report.traffic.as_ref().expect("messages were sent");
        assert_eq!(
            (traffic.planned, traffic.acked, traffic.deliveries),
            (120, 120, 960),
            "{gateways} gateways"
        );
        servers.close().await.expect("the product stops");
    }
}
