//! Plants every anomaly and expects it to be caught by the check that it breaks, and only honest histories to pass.

mod denied;
mod hidden;
mod honest;
mod journal;
mod load;
mod load_any;
mod membership;
mod people;
mod recovery;
mod restart;
mod restore;
mod town;

use super::*;

fn id_of(room: u32, seq: u32) -> Id {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&room.to_be_bytes());
    bytes[4..8].copy_from_slice(&seq.to_be_bytes());
    Id(bytes)
}

fn broken(history: &History) -> Vec<Check> {
    let verdict = check(history);
    Check::ALL
        .into_iter()
        .filter(|&check| verdict.of(check).violations > 0)
        .collect()
}

/// Returns where in a device's deliveries a message is.
fn place_of(history: &History, device: usize, message: u32) -> usize {
    let deliveries = &history.observers[device].deliveries;
    let place = deliveries.iter().position(|seen| seen.message == message);
    place.expect("it was delivered")
}

/// Makes as if a device had never got a message. Turns that came after it keep their place.
fn forget(history: &mut History, device: usize, message: u32) -> Delivery {
    let place = place_of(history, device, message);
    let observer = &mut history.observers[device];
    for turn in &mut observer.turns {
        turn.before -= usize::from(turn.before > place);
    }
    observer.deliveries.remove(place)
}

/// Gives a device a delivery at the end of its life.
fn add(history: &mut History, device: usize, delivery: Delivery) {
    history.observers[device].deliveries.push(delivery);
}
