-- The append learns to call its owner back with what was stored.
drop function stream.append(text, text[], uuid[], uuid[], uuid[], text[], smallint[], text[], bytea[], uuid[]);

-- Appends a batch in one round trip and answers every entry, in the order of the arrays:
--   new        stored at seq
--   duplicate  the key was used before with the same content: seq, event_id and at are the first answer's
--   conflict   the key was used before with other content; nothing stored
--   denied     the owner's guard refused it, for `reason`; nothing stored
--
-- p_guard names the owner's function (text[], uuid[], uuid[], uuid[], smallint[]) -> (ord, reason), null for none.
-- p_apply names the owner's function (text[], uuid[], bigint[], uuid[], uuid[], smallint[], text[], timestamptz) -> void,
-- null for none: it is called with tenant, stream, seq, event id, actor, kind and data of what was stored, and with the
-- time, in the same transaction: the owner's tables and the log cannot disagree.
-- Both are names from the source code of the owner, never from a request.
--
-- Every statement below sees what was committed before it began (read committed, volatile function). That is why the
-- guard is asked in a statement of its own, after the actors' locks are held: a ban that was acknowledged is seen.
create function stream.append(
    p_guard text,
    p_apply text,
    p_tenant text[],
    p_stream uuid[],
    p_actor uuid[],
    p_session uuid[],
    p_key text[],
    p_kind smallint[],
    p_data text[],
    p_fingerprint bytea[],
    p_event_id uuid[]
) returns table (ord int, outcome text, seq bigint, event_id uuid, at timestamptz, reason text)
language plpgsql volatile
-- The plan that is right for one entry is right for a thousand, and an index that is right for a big table does no harm
-- to an empty one: nothing is left to be guessed anew at every call.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- A scan that has no index looks so costly then that it would be compiled first.
set jit = off
as $$
#variable_conflict use_column
declare
    v_outcome text[];
    v_seq bigint[];
    v_event uuid[];
    v_at timestamptz[];
    v_reason text[] := array_fill(null::text, array[cardinality(p_tenant)]);
    v_first bigint[];
    v_refused record;
    v_head bigint[];
    v_placed bigint[];
    v_now timestamptz;
    v_stored record;
begin
    -- What was answered before keeps its answer, whatever the guard would say today.
    select array_agg(
               case
                   when e.event_id is null then null
                   when e.fingerprint = i.fingerprint and e.stream_id = i.stream and e.kind = i.kind then 'duplicate'
                   else 'conflict'
               end order by i.nth),
           array_agg(e.seq order by i.nth),
           array_agg(e.event_id order by i.nth),
           array_agg(e.at order by i.nth)
    into v_outcome, v_seq, v_event, v_at
    from unnest(p_tenant, p_stream, p_actor, p_key, p_kind, p_fingerprint)
             with ordinality as i (tenant, stream, actor, client_key, kind, fingerprint, nth)
    left join lateral (
        select d.stream_id, d.seq, d.event_id, d.kind, d.fingerprint, d.at
        from stream.event d
        where d.tenant_id = i.tenant and d.actor = i.actor and d.client_key = i.client_key and d.client_key is not null
        limit 1
    ) e on true;

    -- In one order everywhere, so that two batches never wait for each other.
    perform pg_advisory_xact_lock_shared(k.actor_lock)
    from (
        select distinct stream.actor_lock(i.tenant, i.actor) as actor_lock
        from unnest(p_tenant, p_actor) as i (tenant, actor)
        where i.actor is not null
        order by 1
    ) k;

    if p_guard is not null then
        for v_refused in
            execute format('select g.ord, g.reason from %s($1, $2, $3, $4, $5) as g', p_guard::regproc)
            using p_tenant, p_stream, p_actor, p_session, p_kind
        loop
            if v_outcome[v_refused.ord] is null then
                v_outcome[v_refused.ord] := 'denied';
                v_reason[v_refused.ord] := v_refused.reason;
            end if;
        end loop;
    end if;

    -- Two entries of this batch with one key: the first that may be stored is stored, the other gets its answer.
    -- v_first is null for what is decided, the entry's own place for what is new, an earlier place for a twin.
    select array_agg(case when t.outcome is null then t.first end order by t.nth)
    into v_first
    from (
        select i.nth, i.outcome,
               min(i.nth) filter (where i.outcome is null) over (
                   partition by i.tenant, i.actor, i.client_key, case when i.client_key is null then i.nth end
               ) as first
        from unnest(p_tenant, p_actor, p_key, v_outcome) with ordinality as i (tenant, actor, client_key, outcome, nth)
    ) t;

    with bumped as (
        insert into stream.head as h (tenant_id, stream_id, seq)
        select i.tenant, i.stream, count(*)
        from unnest(p_tenant, p_stream, v_first) with ordinality as i (tenant, stream, first, nth)
        where i.first = i.nth
        group by i.tenant, i.stream
        order by i.tenant, i.stream
        on conflict (tenant_id, stream_id) do update set seq = h.seq + excluded.seq
        returning h.tenant_id, h.stream_id, h.seq
    )
    select array_agg(b.seq order by b.tenant_id, b.stream_id) into v_head from bumped b;

    -- Read while the heads are locked: within a stream time never runs against seq.
    v_now := date_trunc('milliseconds', clock_timestamp());

    -- The heads come in the order of (tenant, stream), so a stream's rank finds its head without a join.
    select array_agg(t.seq order by t.nth)
    into v_placed
    from (
        select i.nth,
               case when i.first = i.nth then
                   v_head[dense_rank() over (partition by i.first = i.nth order by i.tenant, i.stream)]
                       - count(*) over (partition by i.first = i.nth, i.tenant, i.stream)
                       + row_number() over (partition by i.first = i.nth, i.tenant, i.stream order by i.nth)
               end as seq
        from unnest(p_tenant, p_stream, v_first) with ordinality as i (tenant, stream, first, nth)
    ) t;

    insert into stream.event (tenant_id, stream_id, seq, event_id, kind, actor, client_key, fingerprint, data, at)
    select i.tenant, i.stream, i.seq, i.event_id, i.kind, i.actor, i.client_key, i.fingerprint, i.data::json, v_now
    from unnest(p_tenant, p_stream, p_actor, p_key, p_kind, p_data, p_fingerprint, p_event_id, v_placed)
             as i (tenant, stream, actor, client_key, kind, data, fingerprint, event_id, seq)
    where i.seq is not null;

    if p_apply is not null and v_head is not null then
        select array_agg(i.tenant order by i.nth) as tenants, array_agg(i.stream order by i.nth) as streams,
               array_agg(i.seq order by i.nth) as seqs,
               array_agg(i.event_id order by i.nth) as event_ids, array_agg(i.actor order by i.nth) as actors,
               array_agg(i.kind order by i.nth) as kinds,
               array_agg(i.data order by i.nth) as data
        into v_stored
        from unnest(p_tenant, p_stream, v_placed, p_event_id, p_actor, p_kind, p_data)
                 with ordinality as i (tenant, stream, seq, event_id, actor, kind, data, nth)
        where i.seq is not null;
        execute format('select %s($1, $2, $3, $4, $5, $6, $7, $8)', p_apply::regproc)
        using v_stored.tenants, v_stored.streams, v_stored.seqs, v_stored.event_ids, v_stored.actors, v_stored.kinds,
              v_stored.data, v_now;
    end if;

    return query
    select i.nth::int,
           case
               when i.outcome is not null then i.outcome
               when i.first = i.nth then 'new'
               when p_fingerprint[i.first] = i.fingerprint and p_stream[i.first] = i.stream and p_kind[i.first] = i.kind
                   then 'duplicate'
               else 'conflict'
           end,
           coalesce(i.seq, v_placed[i.first]),
           coalesce(i.event_id, p_event_id[i.first]),
           coalesce(i.at, case when i.first is not null then v_now end),
           i.reason
    from unnest(p_stream, p_kind, p_fingerprint, v_outcome, v_seq, v_event, v_at, v_reason, v_first)
             with ordinality as i (stream, kind, fingerprint, outcome, seq, event_id, at, reason, first, nth);
end
$$;
