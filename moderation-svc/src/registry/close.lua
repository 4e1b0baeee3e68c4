-- Forgets a connection, and when it was the last of its session says so there.
-- KEYS: the connection, its tombstone, ids, expiries, owners, and where the owner is known: those of its user, those of
-- its session, the session
-- ARGV: id, how it went ("dead", "lost" or "ended"), life of a tombstone in s
if ARGV[2] == 'dead' and redis.call('EXISTS', KEYS[1]) == 1 then
    -- Renewed meanwhile.
    return 0
end
if ARGV[2] == 'ended' then
    redis.call('SET', KEYS[2], '1', 'EX', ARGV[3])
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[5], ARGV[1])
if #KEYS == 8 then
    redis.call('SREM', KEYS[6], ARGV[1])
    redis.call('SREM', KEYS[7], ARGV[1])
    if redis.call('SCARD', KEYS[7]) == 0 and redis.call('EXISTS', KEYS[8]) == 1 then
        redis.call('HSET', KEYS[8], 'online', '0')
        if ARGV[2] == 'ended' then
            local time = redis.call('TIME')
            redis.call('HSET', KEYS[8], 'last_seen', time[1] * 1000 + math.floor(time[2] / 1000))
        end
    end
end
return 1
