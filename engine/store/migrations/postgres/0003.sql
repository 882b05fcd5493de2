-- Which process serves a zone. A token is drawn anew whenever a process takes the zone, and every commit looks whether its own still
-- counts: a process that was thought dead writes nothing after another has taken over.
CREATE SEQUENCE claim_token;
CREATE TABLE claim (
    zone text PRIMARY KEY,
    token bigint NOT NULL,
    holder text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
