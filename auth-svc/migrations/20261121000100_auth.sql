-- Accounts, sessions, tickets, signing keys and sign-in delays. Times are compared with now() here and nowhere else.

create table auth.account (
    tenant_id text not null,
    user_id uuid not null,
    name text not null,
    name_folded text not null,
    password_hash text not null,
    -- Grows with every change of the password, never with a rehash: a log-in that verified an older one is refused.
    password_version integer not null default 1,
    role text not null default 'USER',
    created_at timestamptz not null default now(),
    primary key (tenant_id, user_id),
    constraint account_name_folded_key unique (tenant_id, name_folded),
    constraint account_role_check check (role in ('USER', 'ADMIN'))
);

create table auth.session (
    tenant_id text not null,
    session_id uuid not null,
    user_id uuid not null,
    -- SHA-256 of the token; the token itself is stored nowhere.
    token_hash bytea not null,
    agent text not null,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    idle_expires_at timestamptz not null,
    absolute_expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, session_id),
    constraint session_token_hash_key unique (token_hash),
    foreign key (tenant_id, user_id) references auth.account (tenant_id, user_id) on delete cascade
);

create index session_user_idx on auth.session (tenant_id, user_id) where revoked_at is null;
create index session_absolute_expires_at_idx on auth.session (absolute_expires_at);

create table auth.ticket (
    ticket_hash bytea primary key,
    tenant_id text not null,
    session_id uuid not null,
    origin text not null,
    expires_at timestamptz not null,
    foreign key (tenant_id, session_id) references auth.session (tenant_id, session_id) on delete cascade
);

create index ticket_expires_at_idx on auth.ticket (expires_at);

create table auth.signing_key (
    kid text primary key,
    public_key bytea not null,
    -- AES-256-GCM under the master key: nonce, then PKCS #8 ciphertext and tag; the kid is authenticated with it.
    sealed_private_key bytea not null,
    created_at timestamptz not null default now(),
    active_from timestamptz not null,
    -- Set when a successor is made; null for the newest.
    retire_at timestamptz
);

-- Also kept for names nobody has, so that a delay tells nothing about who exists.
create table auth.login_delay (
    tenant_id text not null,
    -- SHA-256 of the kind and the folded name or the address prefix: neither is stored in the clear.
    subject bytea not null,
    failures integer not null,
    since timestamptz not null,
    until timestamptz not null,
    primary key (tenant_id, subject)
);

create index login_delay_until_idx on auth.login_delay (until);

-- Contract: what other services may ask about sessions inside their own transactions.
create view auth.live_session as
select tenant_id, session_id, user_id
from auth.session
where revoked_at is null and idle_expires_at > now() and absolute_expires_at > now();
