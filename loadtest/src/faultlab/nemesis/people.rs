//! People who shut each other out while the events that tell the gateways may be lost.

use std::time::Duration;

use anyhow::Result;
use rand::seq::SliceRandom;
use tokio::time::{Instant, sleep};

use super::{
    Strike,
    bans::GRACE,
    bus::{mend, spoil},
};
use crate::histcheck::{Block, Denial, Scope};

/// How many at a time.
const AT_ONCE: usize = 2;
/// Longer than the grace, so that there are moments at which nothing may be told any more.
const HELD: Duration = Duration::from_secs(3);

/// Blocks people, some both ways, and unblocks them.
pub(super) async fn blocks(strike: &mut Strike<'_>) -> Result<String> {
    let count = strike.crowd.members.len();
    let mut pairs: Vec<(usize, usize)> = (0..count)
        .flat_map(|by| (0..count).map(move |of| (by, of)))
        .filter(|(by, of)| by != of)
        .collect();
    pairs.shuffle(&mut strike.dice);
    spoil(strike);
    let started = Instant::now();
    let mut done = 0;
    for pairs in pairs.chunks(AT_ONCE) {
        if started.elapsed() >= strike.span {
            break;
        }
        block_for_a_while(strike, pairs).await?;
        done += pairs.len();
    }
    Ok(format!("{done} blocks, {}", mend(strike)))
}

async fn block_for_a_while(strike: &mut Strike<'_>, pairs: &[(usize, usize)]) -> Result<()> {
    let crowd = strike.crowd;
    let mut blocks = Vec::new();
    for &(by, of) in pairs {
        // Another nemesis may have ended the log-in that the run began with.
        let member = crowd.members[by].again().await?;
        let asked_us = crowd.world.now_us();
        member.block(&crowd.members[of].id, true).await?;
        blocks.push(Block {
            by: by as u32,
            of: of as u32,
            asked_us,
            acked_us: crowd.world.now_us(),
            lifted_us: None,
            grace_us: GRACE.as_micros() as u64,
        });
    }
    sleep(HELD).await;
    for (block, &(by, of)) in blocks.iter_mut().zip(pairs) {
        let member = crowd.members[by].again().await?;
        block.lifted_us = Some(crowd.world.now_us());
        member.block(&crowd.members[of].id, false).await?;
    }
    strike.notes.blocks.extend(blocks);
    Ok(())
}

/// Puts people out of rooms and lets them come back; each out of each room once at most in a run, because nobody here
/// waits until they are back.
pub(super) async fn kicks(strike: &mut Strike<'_>) -> Result<String> {
    let mut guests = strike.crowd.guests();
    let denials = &strike.notes.denials;
    let was_kicked = |(room, user): (u32, usize)| {
        let mut kicks = denials.iter().filter(|it| it.user as usize == user);
        kicks.any(|it| it.scope == Scope::Room(room))
    };
    guests.retain(|&guest| !was_kicked(guest));
    guests.shuffle(&mut strike.dice);
    spoil(strike);
    let started = Instant::now();
    let mut done = 0;
    for guests in guests.chunks(AT_ONCE) {
        if started.elapsed() >= strike.span {
            break;
        }
        kick_for_a_while(strike, guests).await?;
        done += guests.len();
    }
    Ok(format!("{done} kicks, {}", mend(strike)))
}

async fn kick_for_a_while(strike: &mut Strike<'_>, guests: &[(u32, usize)]) -> Result<()> {
    let crowd = strike.crowd;
    let mut denials = Vec::new();
    for &(room, user) in guests {
        let (id, member) = (&crowd.world.rooms[room as usize], &crowd.members[user]);
        let owner = crowd.owner(room).again().await?;
        let asked_us = crowd.world.now_us();
        owner.kick(id, &member.id).await?;
        denials.push(Denial {
            user: user as u32,
            scope: Scope::Room(room),
            asked_us,
            acked_us: crowd.world.now_us(),
            lifted_us: None,
            grace_us: GRACE.as_micros() as u64,
        });
    }
    sleep(HELD).await;
    for (denial, &(room, user)) in denials.iter_mut().zip(guests) {
        denial.lifted_us = Some(crowd.world.now_us());
        crowd.send_back(user, room)?;
    }
    strike.notes.denials.extend(denials);
    Ok(())
}
