package sqlite

import (
	"fmt"

	"github.com/necrostack/necrogen/runtime/contract"
)

// format is the version of the schema, which the file has as its user_version. application marks the file as ours.
const (
	format      = 1
	application = 0x6e656372 // "necr"
)

// schema makes an empty file ours. Times are nanoseconds since 1970, and 0 stands for none. All tables are STRICT, so
// that another program cannot store a text where a number is read.
//
// The id of a delivery is its organ's number in the upper bits, and its place in the stored order of the organ in the
// lower placeBits. So one table keeps the queue of every organ in one piece, and appending to it touches its last page.
const schema = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('bindings', 1), ('shifted', 0), ('later', 0);

-- One row for each open backend, which renews until. A number is never used again.
CREATE TABLE process (number INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;

-- One row for each open consumer: what it wants of its organ, whether it has fetched, and its breaker.
CREATE TABLE consumer (
	number INTEGER PRIMARY KEY AUTOINCREMENT, process INTEGER NOT NULL, organ INTEGER NOT NULL,
	ordered INTEGER NOT NULL, exclusive INTEGER NOT NULL, began INTEGER NOT NULL DEFAULT 0,
	open_since INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, next_try INTEGER NOT NULL DEFAULT 0
) STRICT;

-- head: the place of the last delivery that was handed out for the first time; tail: that of the last one stored.
-- back, held, holding: rows of the table back that are not leased, that wait behind a failed one, that hold others back.
-- due, expiry: times before which no retry comes due and no lease runs out.
CREATE TABLE organ (
	number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, identity TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
	ordered INTEGER NOT NULL, exclusive INTEGER NOT NULL, dead_limit INTEGER NOT NULL, dead_bytes_limit INTEGER NOT NULL,
	paused TEXT NOT NULL DEFAULT '', owner INTEGER NOT NULL DEFAULT 0, owner_until INTEGER NOT NULL DEFAULT 0,
	head INTEGER NOT NULL DEFAULT 0, tail INTEGER NOT NULL DEFAULT 0, leased INTEGER NOT NULL DEFAULT 0,
	back INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0, holding INTEGER NOT NULL DEFAULT 0,
	dead INTEGER NOT NULL DEFAULT 0, dead_bytes INTEGER NOT NULL DEFAULT 0,
	due INTEGER NOT NULL DEFAULT 0, expiry INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE name (name TEXT PRIMARY KEY, organ INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bound (event TEXT, organ INTEGER, PRIMARY KEY (event, organ)) STRICT, WITHOUT ROWID;
CREATE TABLE identity (event TEXT PRIMARY KEY, identity TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Every delivery that is not done. A row is written once and deleted by the settle.
CREATE TABLE queue (id INTEGER PRIMARY KEY, event TEXT NOT NULL, key TEXT NOT NULL, envelope BLOB NOT NULL, payload BLOB) STRICT;

-- What changes about deliveries that were handed out before. state: 0 waits until due (0: at once), 1 is leased,
-- 2 waits behind a failed delivery of its key. suspect: 1 was in a lease that ran out, 2 was given up there. holds: 1 holds back
-- its key, 2 holds back everything behind it.
CREATE TABLE back (
	id INTEGER PRIMARY KEY, organ INTEGER NOT NULL, state INTEGER NOT NULL, due INTEGER NOT NULL DEFAULT 0,
	attempts INTEGER NOT NULL DEFAULT 0, declines INTEGER NOT NULL DEFAULT 0, declined INTEGER NOT NULL DEFAULT 0,
	crashes INTEGER NOT NULL DEFAULT 0, suspect INTEGER NOT NULL DEFAULT 0,
	holds INTEGER NOT NULL DEFAULT 0, key TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX back_due ON back (organ, due, id) WHERE state = 0;
CREATE INDEX back_held ON back (organ, key, id) WHERE state = 2;
CREATE INDEX back_holding ON back (organ, key, id) WHERE holds > 0;

-- A lease is what one Fetch handed out. ids are varints, each less the one before; remaining and started are bits, and behind
-- those of started are the ones of what is given up.
CREATE TABLE lease (
	number INTEGER PRIMARY KEY, organ INTEGER NOT NULL, consumer INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
	left INTEGER NOT NULL, ids BLOB NOT NULL, remaining BLOB NOT NULL, started BLOB NOT NULL
) STRICT;
CREATE INDEX lease_until ON lease (organ, until);

-- halt: 1 has paused the organ; 2 the give-up handler ran.
CREATE TABLE dead (
	number INTEGER PRIMARY KEY AUTOINCREMENT, organ INTEGER NOT NULL, delivery BLOB NOT NULL,
	event TEXT NOT NULL, key TEXT NOT NULL, envelope BLOB NOT NULL, payload BLOB,
	attempts INTEGER NOT NULL, reason TEXT NOT NULL, error TEXT NOT NULL, stack TEXT NOT NULL, halt INTEGER NOT NULL,
	size INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX dead_delivery ON dead (organ, delivery);
CREATE INDEX dead_order ON dead (organ, number);
-- Where the dead letters were that are gone, for pages that begin behind them.
CREATE TABLE gone (removal INTEGER PRIMARY KEY AUTOINCREMENT, organ INTEGER NOT NULL, delivery BLOB NOT NULL, number INTEGER NOT NULL) STRICT;
CREATE INDEX gone_delivery ON gone (organ, delivery);

-- Events that no organ was bound to. handed: when the first organ was bound; taken: identities that have had them.
CREATE TABLE park (name TEXT PRIMARY KEY, parked INTEGER NOT NULL, dropped INTEGER NOT NULL, handed INTEGER NOT NULL, taken TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE parked (number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, key TEXT NOT NULL, envelope BLOB NOT NULL, payload BLOB) STRICT;
CREATE INDEX parked_event ON parked (event, number);

-- Events with a delay, until they are due. output: 1 is not parked. The row 'later' of meta counts them.
CREATE TABLE later (
	number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, due INTEGER NOT NULL, event TEXT NOT NULL, key TEXT NOT NULL,
	output INTEGER NOT NULL, envelope BLOB NOT NULL, payload BLOB
) STRICT;
CREATE INDEX later_due ON later (due, number);
CREATE TRIGGER later_more AFTER INSERT ON later BEGIN UPDATE meta SET value = value + 1 WHERE name = 'later'; END;
CREATE TRIGGER later_less AFTER DELETE ON later BEGIN UPDATE meta SET value = value - 1 WHERE name = 'later'; END;

` + stateSchema + everySchema + rateSchema + uniqueSchema + `

-- Ids that callers chose, for a while.
CREATE TABLE once (id BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX once_at ON once (at);

-- For the sqlite3 shell.
CREATE VIEW organs AS SELECT name, tail - head + back - held AS waiting, leased, held, dead, paused,
	(SELECT count(*) FROM consumer JOIN process ON process.number = process WHERE organ = organ.number AND process.until > unixepoch() * 1000000000) AS consumers
FROM organ ORDER BY name;
CREATE VIEW deliveries AS SELECT organ.name AS organ, queue.id & 0xfffffffffff AS place, event, key, hex(substr(envelope, 5, 16)) AS event_id,
	length(payload) AS bytes, coalesce(attempts, 0) AS attempts, datetime(nullif(back.due, 0) / 1000000000, 'unixepoch') AS due,
	CASE WHEN back.state = 2 THEN 'held' WHEN back.state = 0 THEN 'again' WHEN queue.id & 0xfffffffffff > organ.head THEN 'new' ELSE 'leased' END AS state
FROM queue JOIN organ ON organ.number = queue.id >> 44 LEFT JOIN back ON back.id = queue.id;
CREATE VIEW delayed AS SELECT datetime(due / 1000000000, 'unixepoch') AS due, event, key, hex(id) AS event_id, length(payload) AS bytes FROM later ORDER BY later.due;
CREATE VIEW letters AS SELECT organ.name AS organ, hex(delivery) AS id, event, dead.key, reason, error, attempts, datetime(at / 1000000000, 'unixepoch') AS at
FROM dead JOIN organ ON organ.number = dead.organ;
`

// stateSchema is what a file has besides that was made before there were states. It takes nothing away: programs that do not
// know it work with the file as before, so that the format stays.
const stateSchema = `
-- What organs with state keep for each key. until: when it is over.
CREATE TABLE IF NOT EXISTS state (
	number INTEGER PRIMARY KEY, organ INTEGER NOT NULL, key BLOB NOT NULL, mark INTEGER NOT NULL CHECK (mark != 0), version INTEGER NOT NULL,
	until INTEGER NOT NULL, value BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS state_key ON state (organ, key);
CREATE INDEX IF NOT EXISTS state_until ON state (until) WHERE until > 0;
CREATE VIEW IF NOT EXISTS states AS SELECT organ.name AS organ, CAST(key AS TEXT) AS key, version, length(value) AS bytes,
	datetime(nullif(until, 0) / 1000000000, 'unixepoch') AS until
FROM state JOIN organ ON organ.number = state.organ;
`

// everySchema is stateSchema for the time before there were schedules.
const everySchema = `
-- How far each schedule has fired; what it fires by, and until when a process that wants that counts as alive; when a call named it last.
CREATE TABLE IF NOT EXISTS every (
	schedule TEXT PRIMARY KEY, fired INTEGER NOT NULL, bound TEXT NOT NULL, until INTEGER NOT NULL, named INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`

// rateSchema is stateSchema for the time before there were rates.
const rateSchema = `
-- Up to when the tokens of organs with a rate are spent.
CREATE TABLE IF NOT EXISTS rate (organ TEXT PRIMARY KEY, spent INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`

// uniqueSchema is stateSchema for the time before there were unique events.
const uniqueSchema = `
-- Unique events that are not done, until their time is over; and the organs that have them and have not settled them.
CREATE TABLE IF NOT EXISTS uniq (id BLOB PRIMARY KEY, event TEXT NOT NULL, key TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS uniq_place ON uniq (event, key);
CREATE INDEX IF NOT EXISTS uniq_until ON uniq (until);
CREATE TABLE IF NOT EXISTS unsettled (id BLOB, organ INTEGER, PRIMARY KEY (id, organ)) STRICT, WITHOUT ROWID;
`

const (
	placeBits = 44
	lastPlace = 1<<placeBits - 1
	lastOrgan = 1<<(62-placeBits) - 1
)

// prepareFile makes an empty file ours, brings an older one up to date, and refuses one that is not ours.
func prepareFile(s *session, path string) error {
	mark, err := s.queryNumber(`PRAGMA application_id`)
	if err != nil {
		return err
	}
	version, err := s.queryNumber(`PRAGMA user_version`)
	if err != nil {
		return err
	}
	tables, err := s.queryNumber(`SELECT count(*) FROM sqlite_schema`)
	switch {
	case err != nil:
		return err
	case mark == application && version == format:
		return s.runScript(stateSchema + everySchema + rateSchema + uniqueSchema)
	case mark == application && version > format:
		return contract.Permanent(fmt.Errorf("open %s: its format is %d, and this program knows formats up to %d: update the program", path, version, format))
	case tables > 0 || mark != 0:
		return contract.Permanent(fmt.Errorf("open %s: it is the database of another program: choose a file of its own", path))
	}
	return s.runScript(schema + fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", application, format))
}
