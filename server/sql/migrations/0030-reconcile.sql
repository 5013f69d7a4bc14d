-- Restore of an older backup. The epoch of the cluster stands here and in a state file beside the configuration of each process; when
-- they do not belong together the server comes up in RECONCILE: it reads, and neither sells nor writes to meters.

CREATE TABLE cluster (
  one         boolean     PRIMARY KEY DEFAULT true CHECK (one),
  epoch       uuid        NOT NULL DEFAULT gen_random_uuid (),
  mark        bigint      NOT NULL DEFAULT 0 CHECK (mark >= 0),        -- +1 with each start of a process: a file that is ahead has seen a newer one
  system      text        NOT NULL,                                    -- identifier of the PostgreSQL cluster
  timeline    int         NOT NULL,
  reconciling boolean     NOT NULL DEFAULT false,
  reason      smallint    NOT NULL DEFAULT 0,                          -- restore-rules
  began_at    timestamptz,
  journal     boolean     NOT NULL DEFAULT false,                      -- there is a journal to replay
  replayed_at timestamptz,                                             -- the journal is worked off: meters are judged from here on
  released_at timestamptz
);
INSERT INTO cluster (system, timeline)
  SELECT s.system_identifier::text, c.timeline_id FROM pg_control_system () s, pg_control_checkpoint () c;

-- Epochs before this one: a state file that was not written after a release is old, not foreign.
CREATE TABLE cluster_epoch (
  epoch    uuid        PRIMARY KEY,
  ended_at timestamptz NOT NULL DEFAULT now ()
);

-- What the journal on the other disk has and these books have not.
CREATE TABLE reconcile_line (
  request uuid        NOT NULL,
  event   smallint    NOT NULL,
  n       bigint      NOT NULL,                                        -- of the line
  at      timestamptz NOT NULL,
  meter   bigint      NOT NULL,
  epoch   int         NOT NULL,
  count   int         NOT NULL,
  amount  bigint      NOT NULL,
  facts   text        NOT NULL,                                        -- operator,channel,drawer,kind,energy,price,account,customer,purse,number,hash
  state   smallint    NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2), -- 0 missing, 1 in the books again, 2 cannot be replayed
  why     text,
  PRIMARY KEY (request, event)
);
CREATE INDEX reconcile_line_open ON reconcile_line (n) WHERE state = 0;
CREATE INDEX reconcile_line_meter ON reconcile_line (meter);

-- Each meter's verdict: 0 not read yet, 1 equal, 2 ahead by what the journal has, 3 held.
CREATE TABLE reconcile_meter (
  meter      bigint      PRIMARY KEY REFERENCES meter,
  verdict    smallint    NOT NULL DEFAULT 0 CHECK (verdict BETWEEN 0 AND 3),
  reason     smallint    NOT NULL DEFAULT 0,
  verified   int         NOT NULL DEFAULT 0,
  decided_at timestamptz
);

ALTER TABLE meter_purse ADD COLUMN closed boolean NOT NULL DEFAULT false;  -- no sale, no write until its counters agree

-- Every id of a caller passes here, whichever process takes it: nothing new begins while the books are not trusted.
CREATE FUNCTION request_gate () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT c.reconciling FROM cluster c) AND EXISTS (
      SELECT FROM fresh f WHERE NOT EXISTS (SELECT FROM reconcile_line l WHERE l.request = f.id)) THEN
    RAISE EXCEPTION 'reconcile' USING ERRCODE = 'check_violation', CONSTRAINT = 'cluster_reconciling';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER request_gate AFTER INSERT ON request REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION request_gate ();
