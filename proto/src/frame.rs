//! Names and numbers of the native client protocol `hubbub.v1.json` that the gateway and its clients share.

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "hubbub.v1.json";
/// Most bytes of one inbound frame.
pub const FRAME_MAX: usize = 64 * 1024;
/// Most characters of a message body.
pub const BODY_MAX_CHARS: usize = 4_000;
/// Deepest nesting of an inbound frame.
pub const DEPTH_MAX: usize = 16;
/// Longest correlation id.
pub const ID_MAX: usize = 16;
/// How many messages a join answers with.
pub const RECENT: u32 = 50;
/// Most events replayed per stream on resume before a gap is told instead.
pub const REPLAY_MAX: i64 = 300;

macro_rules! close_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal, $reconnect:literal;)*) => {
        /// Why the server closes a connection.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum CloseCode { $($(#[$doc])* $variant,)* }

        impl CloseCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the WebSocket close code.
            #[must_use]
            pub fn code(self) -> u16 { match self { $(Self::$variant => $code,)* } }

            /// Returns the `reason` of the `bye` frame.
            #[must_use]
            pub fn reason(self) -> &'static str { match self { $(Self::$variant => $name,)* } }

            /// Returns what a client should do next: `resume`, `fresh`, `activity` or `never`.
            #[must_use]
            pub fn reconnect(self) -> &'static str { match self { $(Self::$variant => $reconnect,)* } }
        }
    };
}

close_codes! {
    /// Cause not known.
    Unknown = 4000, "unknown", "resume";
    /// The gateway is going away.
    Draining = 4001, "draining", "resume";
    /// The client did not read for 10 s.
    SlowConsumer = 4002, "slow_consumer", "resume";
    /// Nothing was heard for a heartbeat and its grace.
    HeartbeatTimeout = 4003, "heartbeat_timeout", "resume";
    /// 30 refusals within 10 s.
    RateLimited = 4004, "rate_limited", "resume";
    /// Moved for balance.
    Rebalance = 4005, "rebalance", "resume";
    /// The services cannot be reached.
    UpstreamUnavailable = 4006, "upstream_unavailable", "resume";
    /// Parked for inactivity.
    Parked = 4007, "parked", "activity";
    /// The credential's time is over.
    TokenExpired = 4100, "token_expired", "fresh";
    /// The session ended or never was.
    SessionUnknown = 4101, "session_unknown", "fresh";
    /// The session cannot be resumed.
    ResumeImpossible = 4102, "resume_impossible", "fresh";
    /// A frame that is not one JSON object in one text message.
    BadFrame = 4400, "bad_frame", "never";
    /// No valid credential.
    Unauthenticated = 4401, "unauthenticated", "never";
    /// Banned.
    Banned = 4403, "banned", "never";
    /// No `hello` within 5 s.
    HelloTimeout = 4408, "hello_timeout", "never";
    /// Another connection took this session over.
    SessionReplaced = 4409, "session_replaced", "never";
    /// No common subprotocol.
    VersionUnsupported = 4410, "version_unsupported", "never";
    /// A frame over 64 KiB.
    FrameTooLarge = 4413, "frame_too_large", "never";
    /// Too many connections of this user or address.
    ConnectionLimit = 4429, "connection_limit", "never";
}

#[cfg(test)]
mod tests {
    use super::CloseCode;

    #[test]
    fn the_range_carries_the_verdict() {
        for close in CloseCode::ALL {
            let expected = match close.code() {
                4007 => "activity",
                4000..=4099 => "resume",
                4100..=4199 => "fresh",
                _ => "never",
            };
            assert_eq!(close.reconnect(), expected, "{close:?}");
        }
    }
}
