-- What the zone keeps. Zone first in every key, so that zones can be spread over servers. Texts compare by their bytes.

CREATE TABLE zone (
  name text COLLATE "C" PRIMARY KEY,
  -- The greatest number of a message that was forgotten: numbers never start anew.
  last_number bigint NOT NULL
);

CREATE TABLE record (
  zone text COLLATE "C" NOT NULL,
  space text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text NOT NULL,
  sum bigint NOT NULL,
  PRIMARY KEY (zone, space, key)
);

CREATE TABLE message (
  zone text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  object text COLLATE "C",
  received bigint NOT NULL,
  envelope text NOT NULL,
  head_sum bigint NOT NULL,
  size bigint NOT NULL,
  sum bigint NOT NULL,
  document bytea NOT NULL,
  PRIMARY KEY (zone, number)
);
-- Most messages are a few KB: they stay in their row, and no time is spent on packing them.
ALTER TABLE message SET (toast_tuple_target = 8160);
ALTER TABLE message ALTER COLUMN document SET STORAGE EXTERNAL;
-- Answers which ids were seen since a time, and which message has an id, without the texts between them.
CREATE INDEX message_received ON message (zone, received, source, message_id, number);

CREATE TABLE seen (
  zone text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  source text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (zone, at, source, message_id)
);

CREATE TABLE queue (
  -- Only ever grows: the end of every queue.
  place bigint GENERATED ALWAYS AS IDENTITY,
  zone text COLLATE "C" NOT NULL,
  message bigint NOT NULL,
  agent text COLLATE "C" NOT NULL,
  attempts bigint NOT NULL,
  sum bigint,
  document bytea,
  PRIMARY KEY (zone, message, agent)
);
ALTER TABLE queue SET (toast_tuple_target = 8160);
ALTER TABLE queue ALTER COLUMN document SET STORAGE EXTERNAL;
-- A queue is mostly rows that are gone: cleaned often, what is left is found without wading through them.
ALTER TABLE queue SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE dead (
  zone text COLLATE "C" NOT NULL,
  message bigint NOT NULL,
  agent text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  reason text NOT NULL,
  sum bigint,
  document bytea,
  PRIMARY KEY (zone, message, agent)
);
ALTER TABLE dead ALTER COLUMN document SET STORAGE EXTERNAL;

CREATE TABLE hop (
  id bigint GENERATED ALWAYS AS IDENTITY,
  zone text COLLATE "C" NOT NULL,
  message bigint NOT NULL,
  at bigint NOT NULL,
  agent text COLLATE "C" NOT NULL,
  what text NOT NULL,
  code text NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (zone, message, id)
);
