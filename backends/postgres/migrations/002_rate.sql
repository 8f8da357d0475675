-- Up to when the tokens of organs with a rate are spent.
CREATE TABLE {rate} (organ text PRIMARY KEY, spent bigint NOT NULL) WITH (fillfactor = 50);
