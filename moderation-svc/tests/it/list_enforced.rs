//! ListEnforced: what gateways start with.

use proto::{
    id::Tenant,
    moderation::{BanMode, CreateBanRequest},
};

use crate::world::{World, account_ban, range_ban};

#[tokio::test]
async fn gateways_learn_of_every_tenant_s_ranges_and_hidden_accounts() {
    let world = World::new().await;
    let (ada, bob) = (world.admin("Ada").await, world.person("Bob").await);
    let other: Tenant = "other".parse().expect("a tenant");
    let eve = world.person_of("Eve", true, other).await;
    let joe = world.person("Joe").await;
    let counted = CreateBanRequest {
        mode: BanMode::Shadow.into(),
        ..range_ban("2001:db8::/64")
    };
    let hidden = CreateBanRequest {
        mode: BanMode::Shadow.into(),
        ..account_ban(&bob.id())
    };
    let refused = ada.bans(range_ban("203.0.113.0/24")).await;
    let refused = refused.expect("banned").ban.expect("a ban");
    ada.bans(hidden).await.expect("banned");
    ada.bans(account_ban(&joe.id())).await.expect("banned");
    eve.bans(counted).await.expect("banned");

    let enforced = world.enforced().await;
    let ranges: Vec<_> = enforced
        .ranges
        .iter()
        .map(|range| (range.tenant.as_str(), range.cidr.as_str(), range.mode()))
        .collect();
    assert_eq!(
        ranges,
        [
            ("default", "203.0.113.0/24", BanMode::Enforce),
            ("other", "2001:db8::/64", BanMode::Shadow)
        ]
    );
    assert_eq!(
        (
            enforced.ranges[0].ban_id.as_str(),
            enforced.ranges[0].until_ms
        ),
        (refused.ban_id.as_str(), refused.until_ms)
    );
    // Accounts in force are closed by their own feed, and refused by the database.
    let shadowed: Vec<_> = enforced
        .shadowed
        .iter()
        .map(|shadowed| (shadowed.tenant.as_str(), shadowed.user_id.clone()))
        .collect();
    assert_eq!(shadowed, [("default", bob.id())]);
}
