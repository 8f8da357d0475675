-- Unique events that are not done. place: a hash of name and key; organs: those that have the event and have not settled it, NULL
-- while it waits for its time or in a park. A row whose time is over is free: the next event of the place takes it.
CREATE TABLE {uniq} (place bytea PRIMARY KEY, event text NOT NULL, id bytea NOT NULL, until bigint NOT NULL, organs int[]) WITH (fillfactor = 70);
CREATE INDEX uniq_id ON {uniq} (id);
CREATE INDEX uniq_until ON {uniq} (until);
