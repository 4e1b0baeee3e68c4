-- Finds the place of a date in a lane. Seqs rise with time, so the lane's own index is searched by halves: a message costs
-- no second index, and a date some twenty probes, however long the lane is.
create function room.seq_at(p_tenant text, p_room uuid, p_lane uuid, p_at timestamptz) returns bigint
language plpgsql stable as $$
declare
    low bigint := 1;
    high bigint;
    probe record;
begin
    select g.seq into high
    from room.message g
    where g.tenant_id = p_tenant and g.room_id = p_room and g.lane = p_lane
    order by g.seq desc
    limit 1;
    high := coalesce(high, 0) + 1;
    while low < high loop
        select g.seq, g.at into probe
        from room.message g
        where g.tenant_id = p_tenant and g.room_id = p_room and g.lane = p_lane and g.seq >= (low + high) / 2
        order by g.seq
        limit 1;
        if not found or probe.at >= p_at then
            high := (low + high) / 2;
        else
            low := probe.seq + 1;
        end if;
    end loop;
    return low;
end
$$;
