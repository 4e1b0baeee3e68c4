//! Every fault, on real sockets of loopback.

mod blackhole;
mod bus;
mod carry;
mod ending;
mod latency;
mod shaping;
mod sockets;
