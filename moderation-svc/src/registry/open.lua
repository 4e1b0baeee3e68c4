-- Writes a connection down, or renews it.
-- KEYS: the connection, its tombstone, ids, expiries, owners, those of its user, those of its session, the session, the
-- sessions of its user, the user's tombstone
-- ARGV: id, owner, lease in ms, life of a session in s, session id, user name, last seen, then fields and values
if redis.call('EXISTS', KEYS[2], KEYS[10]) > 0 then
    -- A report from before its end, or before its user was erased, came late.
    return 0
end
local time = redis.call('TIME')
local expiry = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
redis.call('HSET', KEYS[1], unpack(ARGV, 8))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
redis.call('ZADD', KEYS[4], expiry, ARGV[1])
redis.call('HSET', KEYS[5], ARGV[1], ARGV[2])
redis.call('SADD', KEYS[6], ARGV[1])
redis.call('PEXPIRE', KEYS[6], ARGV[3])
redis.call('SADD', KEYS[7], ARGV[1])
redis.call('PEXPIRE', KEYS[7], ARGV[3])
redis.call('HSET', KEYS[8], 'id', ARGV[5], 'username', ARGV[6], 'online', '1', 'last_seen', ARGV[7])
redis.call('EXPIRE', KEYS[8], ARGV[4])
redis.call('SADD', KEYS[9], ARGV[5])
redis.call('EXPIRE', KEYS[9], ARGV[4])
return 1
