/**
 * What is done in Redis in one step, in Lua: each script runs alone, so that processes that do the same at the same
 * moment see one order, and a process that dies has done all of it or nothing.
 *
 * Every change that others must hear of has a number, which counts up by one, and is told on one channel.
 *
 * | key, behind `flowbroker:` | what |
 * |---|---|
 * | `seq` | number of the last change |
 * | `changed` | number of the last change of subscriptions |
 * | `sessions` | client id: user, patience, `endsAt` while its client is away |
 * | `holders` | client id: the process where the client is |
 * | `clients`, `subscriptions:ID` | who has subscriptions; filter: subscription |
 * | `queue:ID`, `entries:ID`, `bytes` | numbers of messages in order; size, expiry and more of each; sum of sizes |
 * | `sent:ID` | message: packet identifier under which it was sent |
 * | `received:ID` | packet identifiers of QoS 2 messages that are not released |
 * | `message:NUMBER` | a queued message, and for how many sessions it waits |
 * | `retained` | topic: expiry and message |
 * | `wills`, `due` | client id: will; when it is to be sent, of clients whose process has died |
 * | `beats` | process: a number that it counts up while it lives |
 */

/** First words of every script: the channel, and functions that several use. */
const common = `
local P = 'flowbroker:'
local channel = ARGV[1]
local function tell(text)
  local seq = redis.call('INCR', P..'seq')
  redis.call('PUBLISH', channel, seq..'\\n'..text)
  return seq
end
local function remove(id, key)
  local entry = redis.call('HGET', P..'entries:'..id, key)
  redis.call('ZREM', P..'queue:'..id, key)
  redis.call('HDEL', P..'sent:'..id, key)
  if not entry then return end
  redis.call('HDEL', P..'entries:'..id, key)
  redis.call('HINCRBY', P..'bytes', id, -tonumber(string.match(entry, '^%d+')))
  if redis.call('HINCRBY', P..'message:'..key, 'waiting', -1) <= 0 then redis.call('DEL', P..'message:'..key) end
end
local function drop(id)
  local known = redis.call('HDEL', P..'sessions', id) + redis.call('SREM', P..'clients', id)
  for _, key in ipairs(redis.call('ZRANGE', P..'queue:'..id, 0, -1)) do remove(id, key) end
  redis.call('DEL', P..'subscriptions:'..id, P..'queue:'..id, P..'entries:'..id, P..'sent:'..id, P..'received:'..id)
  redis.call('HDEL', P..'bytes', id)
  if known == 0 then return 0 end
  local seq = tell(cjson.encode({ kind = 'dropped', id = id }))
  redis.call('SET', P..'changed', seq)
  return seq
end
local function leave(id, process, patience, now)
  redis.call('HDEL', P..'holders', id)
  local text = redis.call('HGET', P..'sessions', id)
  if text then
    local session = cjson.decode(text)
    patience = patience or session.patience
    if patience <= 0 then drop(id)
    else
      session.endsAt = patience >= 4294967295 and cjson.null or now + patience * 1000
      redis.call('HSET', P..'sessions', id, cjson.encode(session))
      tell(cjson.encode({ kind = 'session', id = id, session = session }))
    end
  else drop(id) end
  tell(cjson.encode({ kind = 'gone', id = id, process = process }))
end
`;

const scripts = {
	/** All that processes keep in memory. */
	load: `
local subscriptions = {}
for _, id in ipairs(redis.call('SMEMBERS', P..'clients')) do
  table.insert(subscriptions, id)
  table.insert(subscriptions, redis.call('HVALS', P..'subscriptions:'..id))
end
return { tonumber(redis.call('GET', P..'seq') or '0'), tonumber(redis.call('GET', P..'changed') or '0'),
  redis.call('HGETALL', P..'sessions'), subscriptions, redis.call('HVALS', P..'retained') }`,

	/**
	 * ARGV: message, topic, `keep`, `clear` or nothing, number of the last change of subscriptions that is known,
	 * client id and packet identifier of a QoS 2 message, now, messages and bytes that a queue may have, `oldest` or
	 * `newest`, retained messages that there may be; then for each session client id, size, entry. Returns the number,
	 * 0 for a message that was here before, or -1 and the number of a change that has to be known first; then the
	 * client ids of those for whom one was dropped.
	 */
	publish: `
local changed = tonumber(redis.call('GET', P..'changed') or '0')
if changed > tonumber(ARGV[5]) then return { -1, changed } end
if ARGV[6] ~= '' and redis.call('SISMEMBER', P..'received:'..ARGV[6], ARGV[7]) == 1 then return { 0 } end
local seq = redis.call('INCR', P..'seq')
if ARGV[6] ~= '' then redis.call('SADD', P..'received:'..ARGV[6], ARGV[7]) end
if ARGV[4] == 'clear' then redis.call('HDEL', P..'retained', ARGV[3])
elseif ARGV[4] == 'keep' then
  if redis.call('HEXISTS', P..'retained', ARGV[3]) == 1 or redis.call('HLEN', P..'retained') < tonumber(ARGV[12]) then
    redis.call('HSET', P..'retained', ARGV[3], seq..'\\n'..ARGV[2])
  end
end
local now, bytes = tonumber(ARGV[8]), tonumber(ARGV[10])
local answer, waiting = { seq }, 0
for at = 13, #ARGV, 3 do
  local id, size = ARGV[at], tonumber(ARGV[at + 1])
  local queue = P..'queue:'..id
  local most = tonumber(ARGV[9])
  if redis.call('HEXISTS', P..'holders', id) == 1 then most = 10 * most end
  local function full()
    return redis.call('ZCARD', queue) >= most or tonumber(redis.call('HGET', P..'bytes', id) or '0') + size > bytes
  end
  if size <= bytes and full() then
    for _, key in ipairs(redis.call('ZRANGE', queue, 0, 99)) do
      local expires = tonumber(string.match(redis.call('HGET', P..'entries:'..id, key) or '', '^%d+:(%d+)') or '0')
      if expires > 0 and expires <= now then remove(id, key) end
    end
    local from = 0
    while ARGV[11] == 'oldest' and full() do
      local key = redis.call('ZRANGE', queue, from, from)[1]
      if not key then break end
      if redis.call('HEXISTS', P..'sent:'..id, key) == 1 then from = from + 1
      else
        remove(id, key)
        table.insert(answer, id)
      end
    end
  end
  if size > bytes or full() then table.insert(answer, id)
  else
    redis.call('ZADD', queue, seq, seq)
    redis.call('HSET', P..'entries:'..id, seq, ARGV[at + 2])
    redis.call('HINCRBY', P..'bytes', id, size)
    waiting = waiting + 1
  end
end
if waiting > 0 then redis.call('HSET', P..'message:'..seq, 'message', ARGV[2], 'waiting', waiting) end
redis.call('PUBLISH', channel, seq..'\\n'..ARGV[2])
return answer`,

	/** ARGV: topic, number of the message. Clears what has expired, unless there is another one. */
	unretain: `
local text = redis.call('HGET', P..'retained', ARGV[2])
if text and string.match(text, '^%d+') == ARGV[3] then redis.call('HDEL', P..'retained', ARGV[2]) end`,

	/** ARGV: client id, process, number of the claim. */
	claim: `
local before = redis.call('HGET', P..'holders', ARGV[2])
redis.call('HSET', P..'holders', ARGV[2], ARGV[3])
redis.call('ZREM', P..'due', ARGV[2])
return tell(cjson.encode({
  kind = 'claimed', id = ARGV[2], process = ARGV[3], claim = tonumber(ARGV[4]), before = before or '' }))`,

	/** ARGV: client id, process, seconds that the session waits (empty: as was said before), now. */
	leave: `
if redis.call('HGET', P..'holders', ARGV[2]) ~= ARGV[3] then
  tell(cjson.encode({ kind = 'gone', id = ARGV[2], process = ARGV[3] }))
else leave(ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])) end`,

	/** ARGV: client id, session. */
	keep: `
local seq = tell(cjson.encode({ kind = 'session', id = ARGV[2], session = cjson.decode(ARGV[3]) }))
redis.call('HSET', P..'sessions', ARGV[2], ARGV[3])
return seq`,

	/** ARGV: client id, process. */
	drop: `
local holder = redis.call('HGET', P..'holders', ARGV[2])
if holder and holder ~= ARGV[3] then return 0 end
return drop(ARGV[2])`,

	/** ARGV: client id, now. Returns 1 when the time of the session was over, and it was this call that ended it. */
	expire: `
local text = redis.call('HGET', P..'sessions', ARGV[2])
if not text or redis.call('HEXISTS', P..'holders', ARGV[2]) == 1 then return 0 end
local ends = tonumber(cjson.decode(text).endsAt)
if not ends or ends > tonumber(ARGV[3]) then return 0 end
drop(ARGV[2])
return 1`,

	/** ARGV: client id, then filter and subscription by turns. */
	subscribe: `
local list = {}
for at = 3, #ARGV, 2 do table.insert(list, ARGV[at + 1]) end
local seq = tell('{"kind":"subscribed","id":'..cjson.encode(ARGV[2])..',"subscriptions":['..table.concat(list, ',')..']}')
redis.call('SADD', P..'clients', ARGV[2])
for at = 3, #ARGV, 2 do redis.call('HSET', P..'subscriptions:'..ARGV[2], ARGV[at], ARGV[at + 1]) end
redis.call('SET', P..'changed', seq)
return seq`,

	/** ARGV: client id, then filters. */
	unsubscribe: `
local filters = {}
for at = 3, #ARGV do
  redis.call('HDEL', P..'subscriptions:'..ARGV[2], ARGV[at])
  table.insert(filters, ARGV[at])
end
local seq = tell(cjson.encode({ kind = 'unsubscribed', id = ARGV[2], filters = filters }))
redis.call('SET', P..'changed', seq)
return seq`,

	/** ARGV: client id. What was sent and not acknowledged, and the QoS 2 messages that wait for their release. */
	flight: `return { redis.call('HGETALL', P..'sent:'..ARGV[2]), redis.call('SMEMBERS', P..'received:'..ARGV[2]) }`,

	/** ARGV: client id, number after which, how many. Returns the number of the last change, and number, entry, message of each. */
	waiting: `
local answer = { tonumber(redis.call('GET', P..'seq') or '0') }
for _, key in ipairs(redis.call('ZRANGEBYSCORE', P..'queue:'..ARGV[2], '('..ARGV[3], '+inf', 'LIMIT', 0, ARGV[4])) do
  table.insert(answer, key)
  table.insert(answer, redis.call('HGET', P..'entries:'..ARGV[2], key))
  table.insert(answer, redis.call('HGET', P..'message:'..key, 'message'))
end
return answer`,

	/** ARGV: client id, message, packet identifier. */
	sent: `
if redis.call('HEXISTS', P..'entries:'..ARGV[2], ARGV[3]) == 1 then
  redis.call('HSET', P..'sent:'..ARGV[2], ARGV[3], ARGV[4])
end`,

	/** ARGV: client id, message. */
	acknowledge: `remove(ARGV[2], ARGV[3])`,

	/** ARGV: client id, packet identifier. */
	release: `redis.call('SREM', P..'received:'..ARGV[2], ARGV[3])`,

	/** ARGV: client id, will. */
	putWill: `
redis.call('HSET', P..'wills', ARGV[2], ARGV[3])
redis.call('ZREM', P..'due', ARGV[2])`,

	/** ARGV: client id, process whose will it is (empty: whosoever). */
	deleteWill: `
local text = redis.call('HGET', P..'wills', ARGV[2])
if not text or (ARGV[3] ~= '' and cjson.decode(text).process ~= ARGV[3]) then return end
redis.call('HDEL', P..'wills', ARGV[2])
redis.call('ZREM', P..'due', ARGV[2])`,

	/** ARGV: client id, now, milliseconds. The will, which nobody else gets for so long; nothing when it is not due. */
	takeWill: `
local due = redis.call('ZSCORE', P..'due', ARGV[2])
if not due or tonumber(due) > tonumber(ARGV[3]) then return '' end
redis.call('ZADD', P..'due', tonumber(ARGV[3]) + tonumber(ARGV[4]), ARGV[2])
return redis.call('HGET', P..'wills', ARGV[2]) or ''`,

	/** ARGV: client id, will that was sent. */
	sentWill: `
if redis.call('HGET', P..'wills', ARGV[2]) ~= ARGV[3] then return end
redis.call('HDEL', P..'wills', ARGV[2])
redis.call('ZREM', P..'due', ARGV[2])`,

	/** ARGV: process, now. The count of the process; who lives, with their counts; whose wills are due. */
	beat: `
local count = redis.call('HINCRBY', P..'beats', ARGV[2], 1)
return { count, redis.call('HGETALL', P..'beats'), redis.call('ZRANGEBYSCORE', P..'due', '-inf', ARGV[3], 'LIMIT', 0, 100) }`,

	/** ARGV: process, now. Its clients have left it, and their wills are due. */
	bury: `
if redis.call('HDEL', P..'beats', ARGV[2]) == 0 then return 0 end
local holders = redis.call('HGETALL', P..'holders')
for at = 1, #holders, 2 do
  if holders[at + 1] == ARGV[2] then leave(holders[at], ARGV[2], nil, tonumber(ARGV[3])) end
end
local wills = redis.call('HGETALL', P..'wills')
for at = 1, #wills, 2 do
  local will = cjson.decode(wills[at + 1])
  if will.process == ARGV[2] and not redis.call('ZSCORE', P..'due', wills[at]) then
    redis.call('ZADD', P..'due', tonumber(ARGV[3]) + will.delay * 1000, wills[at])
  end
end
return 1`,

	/** ARGV: document, the one that it was made of. Returns what is there instead, where that is another one. */
	putAccess: `
local there = redis.call('GET', P..'access')
if there and there ~= ARGV[3] then return there end
tell('{"kind":"access"}')
redis.call('SET', P..'access', ARGV[2])
return ''`,
} as const satisfies Record<string, string>;

export type ScriptName = keyof typeof scripts;

export const scriptNames = Object.keys(scripts) as ScriptName[];

export function scriptText(name: ScriptName): string {
	return common + scripts[name];
}
