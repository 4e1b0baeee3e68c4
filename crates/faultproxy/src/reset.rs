//! Ending a connection without a goodbye.

use tokio::net::TcpStream;

/// Sends a reset and closes.
pub(crate) fn reset(stream: TcpStream) {
    // A socket that lingers for no time is closed with a reset. It can fail only if the socket is dead already.
    let _ = stream.set_zero_linger();
    drop(stream);
}
