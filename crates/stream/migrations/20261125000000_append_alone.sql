-- An append of one entry, as stream.append_one was, which calls the owner's functions for one entry in place of those for
-- a batch: a question about a batch costs a quarter of a millisecond before the first row. p_guard and p_apply name the
-- functions for a batch, as in stream.append; those for one entry have the same names with `_alone` at their end:
--   guard  (text, uuid, uuid, uuid, smallint) -> reason, null for none
--   apply  (text, uuid, bigint, uuid, uuid, smallint, text, timestamptz) -> void
--
-- It does what stream.append does for a batch, in the same order of locks and statements, without what only a batch needs:
-- to find entries with the same key among each other, to order streams, and to count places. A test holds both against
-- each other. stream.append_one stays for processes of the release before, which call it while they are replaced.
create function stream.append_alone(
    p_guard text,
    p_apply text,
    p_tenant text,
    p_stream uuid,
    p_actor uuid,
    p_session uuid,
    p_key text,
    p_kind smallint,
    p_data text,
    p_fingerprint bytea,
    p_event_id uuid
) returns table (outcome text, seq bigint, event_id uuid, at timestamptz, reason text)
language plpgsql volatile
rows 1
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
    -- What was answered before keeps its answer, whatever the guard would say today.
    if p_key is not null then
        select case
                   when d.fingerprint = p_fingerprint and d.stream_id = p_stream and d.kind = p_kind then 'duplicate'
                   else 'conflict'
               end,
               d.seq, d.event_id, d.at
        into outcome, seq, event_id, at
        from stream.event d
        where d.tenant_id = p_tenant and d.actor = p_actor and d.client_key = p_key and d.client_key is not null;
    end if;

    if p_actor is not null then
        perform pg_advisory_xact_lock_shared(stream.actor_lock(p_tenant, p_actor));
    end if;

    if outcome is null and p_guard is not null then
        execute format('select %s($1, $2, $3, $4, $5)', (p_guard || '_alone')::regproc)
        into reason
        using p_tenant, p_stream, p_actor, p_session, p_kind;
        if reason is not null then
            outcome := 'denied';
        end if;
    end if;

    if outcome is null then
        insert into stream.head as h (tenant_id, stream_id, seq)
        values (p_tenant, p_stream, 1)
        on conflict (tenant_id, stream_id) do update set seq = h.seq + 1
        returning h.seq into seq;

        -- Read while the head is locked: within a stream time never runs against seq.
        at := date_trunc('milliseconds', clock_timestamp());
        event_id := p_event_id;

        insert into stream.event (tenant_id, stream_id, seq, event_id, kind, actor, client_key, fingerprint, data, at)
        values (p_tenant, p_stream, seq, p_event_id, p_kind, p_actor, p_key, p_fingerprint, p_data::json, at);

        if p_apply is not null then
            execute format('select %s($1, $2, $3, $4, $5, $6, $7, $8)', (p_apply || '_alone')::regproc)
            using p_tenant, p_stream, seq, p_event_id, p_actor, p_kind, p_data, at;
        end if;
        outcome := 'new';
    end if;
    return next;
end
$$;
