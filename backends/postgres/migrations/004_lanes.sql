-- spread is a hash of the key, or of the id of an event without one: an event's lane is that modulo the number of lanes. It is NULL where a
-- program has written the row that knew no lanes.
ALTER TABLE {queue} ADD COLUMN spread int;
ALTER TABLE {wait} ADD COLUMN spread int;
ALTER TABLE {later} ADD COLUMN spread int;
ALTER TABLE {parked} ADD COLUMN spread int;
ALTER TABLE {dead} ADD COLUMN spread int;
CREATE INDEX queue_unspread ON {queue} (organ, seq) WHERE spread IS NULL;
CREATE INDEX wait_unspread ON {wait} (organ, seq) WHERE spread IS NULL;

-- Over how many lanes an organ is spread, and a consumer wants it to be; 1 is none. lanes_until: when the consumer loses its lanes.
ALTER TABLE {organ} ADD COLUMN lanes int NOT NULL DEFAULT 1;
ALTER TABLE {consumer} ADD COLUMN lanes int NOT NULL DEFAULT 1;
ALTER TABLE {consumer} ADD COLUMN lanes_until bigint NOT NULL DEFAULT 0;

-- The lanes of an organ, of which there are so many. owner: the consumer that has the lane, 0 for none. heir: 0 while it keeps the lane, a
-- consumer that gets it next, or -1 for any that has too few. pinned: until when the lane is no surplus. decliners: who has declined a
-- delivery of it since a decline was counted.
CREATE TABLE {lane} (
	organ int, lane int, many int NOT NULL, owner bigint NOT NULL DEFAULT 0, heir bigint NOT NULL DEFAULT 0,
	pinned bigint NOT NULL DEFAULT 0, decliners bigint[] NOT NULL DEFAULT '{}', PRIMARY KEY (organ, lane)
) WITH (fillfactor = 50);
