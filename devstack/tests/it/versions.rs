use devstack::tools::{NATS_MIN, POSTGRES_MIN, REDIS_MIN, Version};

#[test]
fn versions_are_read_as_programs_print_them() {
    let cases = [
        (
            "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)",
            Version(15, 14),
        ),
        ("postgres (PostgreSQL) 18beta1", Version(18, 0)),
        (
            "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64",
            Version(7, 0),
        ),
        ("Valkey server v=8.1.1 sha=00000000:0", Version(8, 1)),
        ("nats-server: v2.12.1", Version(2, 12)),
        ("grpcurl v1.8.6", Version(1, 8)),
        ("v20.20.2", Version(20, 20)),
        ("cargo 1.94.0 (abc 2026-01-01)", Version(1, 94)),
    ];
    for (text, version) in cases {
        assert_eq!(Version::parse(text), Some(version), "{text}");
    }
    assert_eq!(Version::parse("command not found"), None);
    assert_eq!(Version::parse(""), None);
}

#[test]
fn what_debian_has_is_judged_rightly() {
    let is_enough = |text: &str, oldest| Version::parse(text).is_some_and(|found| found >= oldest);
    assert!(is_enough("postgres (PostgreSQL) 15.0", POSTGRES_MIN));
    assert!(!is_enough("postgres (PostgreSQL) 14.19", POSTGRES_MIN));
    assert!(is_enough("Redis server v=7.0.15", REDIS_MIN));
    assert!(!is_enough("Redis server v=6.2.14", REDIS_MIN));
    assert!(!is_enough("nats-server: v2.9.10", NATS_MIN));
    assert!(is_enough("nats-server: v2.12.0", NATS_MIN));
}
