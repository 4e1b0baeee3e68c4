-- Accounts whose owners leave, where people were seen, and what other services must still be told.

alter table auth.account
    -- Set while the owner is away: hidden from everyone until their next log-in clears it.
    add column deactivated_at timestamptz,
    -- Set for good. The row stays, so that its id is never anybody else's and the jobs below know what to tell.
    add column erased_at timestamptz;

create index account_admin_idx on auth.account (tenant_id, user_id) where role = 'ADMIN';

-- An export and an erasure look for ended sessions too.
drop index auth.session_user_idx;
create index session_user_idx on auth.session (tenant_id, user_id, session_id);

-- Contract: the people who can be found.
create view auth.person as
select tenant_id, user_id, name, name_folded, role = 'ADMIN' as is_admin
from auth.account
where deactivated_at is null and erased_at is null;

-- Where accounts were used from; a row is written at most once an hour and kept for 90 days.
create table auth.address_seen (
    tenant_id text not null,
    user_id uuid not null,
    address inet not null,
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    primary key (tenant_id, user_id, address),
    foreign key (tenant_id, user_id) references auth.account (tenant_id, user_id) on delete cascade
);

-- Who was seen from a range: `address <<= range` searches this index, also when the range is a parameter.
create index address_seen_address_idx on auth.address_seen using gist (address inet_ops);
create index address_seen_last_seen_at_idx on auth.address_seen (last_seen_at);

-- Contract: who was seen from where.
create view auth.sighting as
select tenant_id, user_id, address, first_seen_at, last_seen_at
from auth.address_seen;

-- Services that must be told of a person, one row each. What they are told is read from the account when the job is
-- done, so that they end with what is true last: its name, or that it is erased.
create table auth.job (
    tenant_id text not null,
    user_id uuid not null,
    service text not null,
    -- Grows with every piece of news: a job that changed while it was worked on is done anew.
    revision bigint not null default 1,
    attempts integer not null default 0,
    -- When it is taken up next; while someone works on it, when they count as lost.
    due_at timestamptz not null default now(),
    -- Set after too many failures. The row is kept for an operator, who clears this to have it tried again.
    dead_at timestamptz,
    last_error text,
    created_at timestamptz not null default now(),
    primary key (tenant_id, user_id, service),
    constraint job_service_check check (service in ('room', 'social', 'moderation'))
);

create index job_due_at_idx on auth.job (due_at) where dead_at is null;
