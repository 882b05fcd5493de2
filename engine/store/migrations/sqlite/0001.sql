-- What the zone keeps. Zone first in every key. Tables that hold texts are rowid tables: rows of 2 KB are added at the end of
-- one tree, whatever their keys are.

CREATE TABLE zone (
  name TEXT PRIMARY KEY NOT NULL,
  -- The greatest number of a message that was forgotten: numbers never start anew.
  last_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
  zone TEXT NOT NULL,
  space TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (zone, space, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  zone TEXT NOT NULL,
  number INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  object TEXT,
  received INTEGER NOT NULL,
  envelope TEXT NOT NULL,
  head_sum INTEGER NOT NULL,
  size INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  document BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_key ON message (zone, number);
-- Answers which ids were seen since a time, and which message has an id, without the texts between them.
CREATE INDEX message_received ON message (zone, received, source, message_id, number);

CREATE TABLE seen (
  zone TEXT NOT NULL,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  message_id TEXT NOT NULL,
  PRIMARY KEY (zone, at, source, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE queue (
  -- One more than the greatest that is there: the end of every queue.
  place INTEGER PRIMARY KEY,
  zone TEXT NOT NULL,
  agent TEXT NOT NULL,
  message INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  sum INTEGER,
  document BLOB
) STRICT;
CREATE UNIQUE INDEX queue_key ON queue (zone, message, agent);

CREATE TABLE dead (
  zone TEXT NOT NULL,
  message INTEGER NOT NULL,
  agent TEXT NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  sum INTEGER,
  document BLOB
) STRICT;
CREATE UNIQUE INDEX dead_key ON dead (zone, message, agent);

CREATE TABLE hop (
  id INTEGER PRIMARY KEY,
  zone TEXT NOT NULL,
  message INTEGER NOT NULL,
  at INTEGER NOT NULL,
  agent TEXT NOT NULL,
  what TEXT NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX hop_message ON hop (zone, message);
