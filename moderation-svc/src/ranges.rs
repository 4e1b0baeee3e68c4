//! Address ranges: how they are written, and which may not be banned.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::{Error, config::ModerationConfig};

/// The prefix of one IPv4 address.
const V4_HOST: u8 = 32;
/// What a household or a server has in IPv6.
const V6_SITE: u8 = 64;
/// Where IPv4 addresses stand within IPv6.
const MAPPED_PREFIX: u8 = 96;

/// Ranges in which no stranger's address is: "this network", private, shared by carriers, loopback, link-local,
/// multicast, reserved.
const SPECIAL: [IpNet; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 168, 0, 0], 16),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128),
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8),
];

/// All of IPv4, as IPv6 sees it.
const MAPPED: IpNet = v6([0, 0, 0, 0, 0, 0xffff, 0, 0], MAPPED_PREFIX);

/// A range of addresses without host bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Range(IpNet);

const fn v4(octets: [u8; 4], prefix: u8) -> IpNet {
    let [a, b, c, d] = octets;
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix))
}

const fn v6(segments: [u16; 8], prefix: u8) -> IpNet {
    let [a, b, c, d, e, f, g, h] = segments;
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(a, b, c, d, e, f, g, h),
        prefix,
    ))
}

impl Range {
    /// Reads a range, or an address, which stands for itself in IPv4 and for its /64 in IPv6.
    ///
    /// Only the plain forms are read: no octal or hexadecimal octets, no short IPv4, no zone. IPv4 written as IPv6 is
    /// IPv4. Host bits are cut off.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(read_prefix(prefix)?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (address, prefix) = match (address, prefix) {
            (IpAddr::V4(_), prefix) => (address, prefix.unwrap_or(V4_HOST)),
            (IpAddr::V6(v6), prefix) => match (v6.to_ipv4_mapped(), prefix) {
                (Some(v4), None) => (v4.into(), V4_HOST),
                (Some(v4), Some(prefix)) if prefix >= MAPPED_PREFIX => {
                    (v4.into(), prefix - MAPPED_PREFIX)
                }
                (_, prefix) => (address, prefix.unwrap_or(V6_SITE)),
            },
        };
        Some(Self(IpNet::new(address, prefix).ok()?.trunc()))
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether it touches a range in which no stranger's address is.
    #[must_use]
    pub fn is_special(&self) -> bool {
        SPECIAL.iter().any(|special| overlap(&self.0, special))
    }

    /// Refuses a range that nobody may ban.
    ///
    /// # Errors
    /// `RangeRefused`.
    pub fn check(&self, config: &ModerationConfig) -> Result<(), Error> {
        let widest = match self.0 {
            IpNet::V4(_) => config.widest_v4,
            IpNet::V6(_) => config.widest_v6,
        };
        // A range of IPv6 that holds all of IPv4 is wide, however long its prefix.
        if self.0.prefix_len() < widest || overlap(&self.0, &MAPPED) {
            return Err(Error::RangeRefused("this range is too wide"));
        }
        if self.is_special() && !config.allow_private {
            return Err(Error::RangeRefused(
                "private, loopback, multicast and reserved ranges cannot be banned",
            ));
        }
        if config.protected.iter().any(|own| overlap(&self.0, own)) {
            return Err(Error::RangeRefused(
                "this range holds addresses of the installation itself",
            ));
        }
        Ok(())
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads the digits of a prefix: one number has one text.
fn read_prefix(text: &str) -> Option<u8> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = text == "0" || !text.starts_with('0');
    if is_plain && is_short {
        text.parse().ok()
    } else {
        None
    }
}

fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ModerationConfig {
        ModerationConfig {
            protected: vec!["198.51.100.0/24".parse().expect("a range")],
            widest_v4: 8,
            widest_v6: 19,
            allow_private: false,
        }
    }

    fn range(text: &str) -> Range {
        Range::parse(text).unwrap_or_else(|| panic!("{text} is a range"))
    }

    #[test]
    fn a_range_has_one_text() {
        for (text, short) in [
            ("203.0.113.7", "203.0.113.7/32"),
            (" 203.0.113.7/24 ", "203.0.113.0/24"),
            ("2001:DB8:0:0:1:2:3:4", "2001:db8::/64"),
            ("2001:db8::1/128", "2001:db8::1/128"),
            ("2001:db8:ffff::/32", "2001:db8::/32"),
            ("::ffff:203.0.113.7", "203.0.113.7/32"),
            ("::ffff:203.0.113.7/120", "203.0.113.0/24"),
            ("::ffff:cb00:7107/128", "203.0.113.7/32"),
        ] {
            assert_eq!(range(text).to_string(), short, "{text}");
        }
    }

    #[test]
    fn other_ways_of_writing_are_not_guessed_at() {
        for bad in [
            "",
            "/",
            "/8",
            "ada",
            "203.0.113",
            "0313.0.0161.7",
            "203.0.113.07",
            "0xcb.0.113.7",
            "3405803783",
            "203.0.113.7/",
            "203.0.113.7/33",
            "203.0.113.7/032",
            "203.0.113.7/+8",
            "203.0.113.7/8/8",
            "203.0.113.7/255.255.255.0",
            "203.0.113.*",
            "2001:db8::/129",
            "fe80::1%eth0",
            "[2001:db8::1]",
            "203.0.113.7:80",
        ] {
            assert_eq!(Range::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_would_hit_everyone_or_oneself_is_refused() {
        for bad in [
            "0.0.0.0/0",
            "203.0.0.0/7",
            "::/0",
            "2000::/3",
            "2001::/18",
            "::ffff:0:0/90",
            "::/96",
            "10.1.2.3",
            "172.31.0.0/16",
            "192.168.0.0/24",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.1.1",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "192.0.0.0/8",
            "::1",
            "::",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "198.51.100.7",
            "198.51.0.0/16",
        ] {
            assert!(range(bad).check(&config()).is_err(), "{bad}");
        }
        for good in ["203.0.113.0/24", "8.0.0.0/8", "2001:db8::/64", "2600::/19"] {
            assert!(range(good).check(&config()).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_development_stack_may_ban_its_own_but_never_everyone() {
        let config = ModerationConfig {
            allow_private: true,
            ..config()
        };
        for good in ["127.0.0.1", "10.0.0.0/8", "::1/128"] {
            assert!(range(good).check(&config).is_ok(), "{good}");
        }
        for bad in ["0.0.0.0/0", "0.0.0.0/1", "::/0", "::ffff:0:0/64"] {
            assert!(range(bad).check(&config).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_are_compared_in_their_plain_form() {
        let range = range("203.0.113.0/24");
        assert!(range.contains("::ffff:203.0.113.9".parse().expect("an address")));
        assert!(!range.contains("203.0.114.1".parse().expect("an address")));
    }
}
