//! SQL on everything that two people are to each other, and on the locks that keep it still.

use proto::id::{Tenant, UserId};
use sqlx::PgConnection;

use crate::bonds::{Asked, Blocks, Bond, Reach};

/// Takes the lock of a pair for the rest of the transaction. It shares no space with people's locks.
pub(crate) async fn lock_pair(
    conn: &mut PgConnection,
    tenant: &Tenant,
    one: UserId,
    other: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        select pg_advisory_xact_lock(
            hashtext('social.pair'),
            hashtext($1::text || least($2::uuid, $3::uuid)::text || greatest($2::uuid, $3::uuid)::text)
        )::text as "locked?"
        "#,
        tenant.as_str(),
        one.0,
        other.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Takes another person's lock beside one's own: what is taken away from them is gone for everything of theirs.
pub(crate) async fn lock_other(
    conn: &mut PgConnection,
    tenant: &Tenant,
    own: UserId,
    other: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select social.lock_other($1, $2, $3)::text as "locked?""#,
        tenant.as_str(),
        own.0,
        other.0,
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

pub(crate) async fn get_bond(
    conn: &mut PgConnection,
    tenant: &Tenant,
    own: UserId,
    other: UserId,
    ask_again_days: u32,
) -> Result<Bond, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        select
            exists (
                select 1
                from social.friend f
                where f.tenant_id = $1 and f.low_id = least($2::uuid, $3::uuid)
                    and f.high_id = greatest($2::uuid, $3::uuid)
            ) as "are_friends!",
            s.declined_at as "sent_declined_at?",
            s.is_withdrawn as "sent_is_withdrawn?",
            s.declined_at < now() - make_interval(days => $4) as "sent_is_stale?",
            r.declined_at as "received_declined_at?",
            r.is_withdrawn as "received_is_withdrawn?",
            r.declined_at < now() - make_interval(days => $4) as "received_is_stale?",
            m.is_mutual as "mine_is_mutual?",
            t.is_mutual as "theirs_is_mutual?",
            social.is_request_hidden($1, $2, $3) as "is_sent_hidden!",
            social.is_request_hidden($1, $3, $2) as "is_received_hidden!"
        from (select 1) one
        left join social.friend_request s on s.tenant_id = $1 and s.from_id = $2 and s.to_id = $3
        left join social.friend_request r on r.tenant_id = $1 and r.from_id = $3 and r.to_id = $2
        left join social.block m on m.tenant_id = $1 and m.user_id = $2 and m.blocked_id = $3
        left join social.block t on t.tenant_id = $1 and t.user_id = $3 and t.blocked_id = $2
        "#,
        tenant.as_str(),
        own.0,
        other.0,
        i32::try_from(ask_again_days).unwrap_or(i32::MAX),
    )
    .fetch_one(conn)
    .await?;
    Ok(Bond {
        are_friends: row.are_friends,
        sent: asked(
            row.sent_is_withdrawn,
            row.sent_declined_at.is_some(),
            row.sent_is_stale,
        ),
        received: asked(
            row.received_is_withdrawn,
            row.received_declined_at.is_some(),
            row.received_is_stale,
        ),
        blocks: Blocks {
            mine: row.mine_is_mutual.map(Reach::from_stored),
            theirs: row.theirs_is_mutual.map(Reach::from_stored),
        },
        is_sent_hidden: row.is_sent_hidden,
        is_received_hidden: row.is_received_hidden,
    })
}

/// Reads a request; without `is_withdrawn` there is none.
fn asked(is_withdrawn: Option<bool>, is_declined: bool, is_stale: Option<bool>) -> Option<Asked> {
    let is_stale = is_stale.unwrap_or(false);
    is_withdrawn.map(|is_withdrawn| match (is_declined, is_withdrawn) {
        (false, _) => Asked::Waiting,
        (true, false) => Asked::Declined { is_stale },
        (true, true) => Asked::Withdrawn { is_stale },
    })
}
