CREATE TABLE IF NOT EXISTS orders (
	id    TEXT PRIMARY KEY,
	cents INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS outbox (
	seq         INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which events are published
	id          TEXT NOT NULL UNIQUE,              -- the event's id
	event       TEXT NOT NULL,                     -- its name
	version     INTEGER NOT NULL,
	payload     BLOB NOT NULL,
	taken_by    TEXT NOT NULL DEFAULT '',          -- the batch of the relay that publishes it
	taken_until INTEGER NOT NULL DEFAULT 0,        -- times are milliseconds since 1970
	sent        INTEGER NOT NULL DEFAULT 0,        -- when; 0 for not yet
	failed      TEXT NOT NULL DEFAULT ''           -- why it cannot be sent
);

CREATE INDEX IF NOT EXISTS outbox_open ON outbox (sent, seq);
