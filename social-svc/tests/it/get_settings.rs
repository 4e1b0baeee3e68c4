//! GetSettings.

use social_svc::settings::DirectFrom;

use crate::world::World;

#[tokio::test]
async fn who_chose_nothing_has_what_the_installation_says() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    assert_eq!(ada.settings().await, "friends");
    let open = World::with(|config| config.direct_from = DirectFrom::Anyone).await;
    let [bob, cyd] = open.people(["Bob", "Cyd"]).await;
    assert_eq!(bob.settings().await, "anyone");
    bob.opens_to("shared").await;
    assert_eq!(bob.settings().await, "shared");
    assert_eq!(cyd.settings().await, "anyone");
}
