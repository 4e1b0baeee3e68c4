//! UpdateSettings.

use proto::{event::Kind::SettingsUpdated, reason::Reason, social::UpdateSettingsRequest};
use tonic::{Code, Status};

use crate::{
    contracts,
    world::{Person, World, assert_field, assert_refused, key},
};

#[tokio::test]
async fn a_change_is_told_once_and_what_is_absent_stays() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    let used = key();
    for _ in 0..2 {
        let updated = changes(&ada, Some("anyone"), &used).await;
        assert_eq!(updated.expect("updated"), "anyone");
    }
    assert_eq!(
        world.last(&ada, SettingsUpdated).await["directFrom"],
        "anyone"
    );
    let unchanged = changes(&ada, None, &key()).await;
    assert_eq!(unchanged.expect("as it was"), "anyone");
    let unchanged = changes(&ada, Some("anyone"), &key()).await;
    assert_eq!(unchanged.expect("as it was"), "anyone");
    assert_eq!(world.kinds(&ada).await, [SettingsUpdated]);
    let other = changes(&ada, Some("friends"), &used).await;
    assert_refused(other, Code::AlreadyExists, Reason::CONFLICT);

    changes(&ada, Some("friends"), &key())
        .await
        .expect("updated");
    // The repeat gives its own answer, not today's.
    let repeat = changes(&ada, Some("anyone"), &used).await;
    assert_eq!(repeat.expect("a repeat"), "anyone");
    assert_eq!(ada.settings().await, "friends");
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let world = World::new().await;
    let ada = world.person("Ada").await;
    assert_field(changes(&ada, Some("everyone"), &key()).await, "directFrom");
    assert_field(changes(&ada, Some(""), &key()).await, "directFrom");
    assert_field(changes(&ada, Some("anyone"), "").await, "key");
    contracts::log_out(&world.db, &ada.caller).await;
    assert_refused(
        changes(&ada, Some("anyone"), &key()).await,
        Code::Unauthenticated,
        Reason::TOKEN_INVALID,
    );
    assert_eq!(ada.settings().await, "friends");
}

async fn changes(person: &Person, direct_from: Option<&str>, key: &str) -> Result<String, Status> {
    let request = UpdateSettingsRequest {
        direct_from: direct_from.map(Into::into),
        key: key.into(),
    };
    let updated = person.update_settings(request).await?;
    Ok(updated.settings.expect("settings").direct_from)
}
