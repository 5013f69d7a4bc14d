-- Absolute settings with a cabinet's scope, what meters say of their configuration, jobs with a cursor, commissioning of models.

ALTER TABLE command
  ADD COLUMN cabinet  smallint,                                 -- table number: the order changes a whole cabinet
  ADD COLUMN covers   bigint[],                                 -- the meters of that cabinet, this one among them
  ADD COLUMN refusals int     NOT NULL DEFAULT 0,               -- exceptions 01..03; three are the end
  ADD COLUMN repairs  boolean NOT NULL DEFAULT false;           -- made by the daily check, once
CREATE INDEX command_setting ON command (meter, kind, accepted) WHERE kind IN (2, 3, 4) AND state = 3;  -- what a meter was set to last

ALTER TABLE site
  ADD COLUMN status_interval_s int NOT NULL DEFAULT 150 CHECK (status_interval_s BETWEEN 15 AND 600),   -- of new gateways
  ADD COLUMN full_interval_s   int CHECK (full_interval_s BETWEEN 300 AND 86400);                       -- NULL: as configured
ALTER TABLE meter ADD COLUMN name text NOT NULL DEFAULT '' CHECK (char_length (name) <= 60);

-- What a meter holds besides its readings: clock, serial, prices, limits. Read at commissioning, after a setting, and each night.
CREATE TABLE meter_config (
  meter       bigint      PRIMARY KEY REFERENCES meter,
  due_at      timestamptz NOT NULL DEFAULT now () + interval '30 seconds',
  read_at     timestamptz,
  clock_off_s int,                                              -- meter minus server
  serial      text,
  held        jsonb       NOT NULL DEFAULT '{}',                -- point -> value as the meter has it
  differs     text[]      NOT NULL DEFAULT '{}'                 -- settings that are not as they were set
) WITH (fillfactor = 70);
CREATE INDEX meter_config_due ON meter_config (due_at);
INSERT INTO meter_config (meter) SELECT id FROM meter;
CREATE FUNCTION meter_config_begins () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO meter_config (meter) SELECT id FROM fresh ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER meter_config_begins AFTER INSERT ON meter REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION meter_config_begins ();

ALTER TABLE job
  ADD COLUMN site          bigint      REFERENCES site,
  ADD COLUMN operator      bigint      NOT NULL DEFAULT 0,      -- 0 = the server itself
  ADD COLUMN gateway       bigint      REFERENCES gateway,      -- only who holds its link can do the work
  ADD COLUMN input         jsonb       NOT NULL DEFAULT '{}',
  ADD COLUMN cursor        jsonb       NOT NULL DEFAULT '{}',   -- where to go on after a restart
  ADD COLUMN cancel        boolean     NOT NULL DEFAULT false,
  ADD COLUMN claimed_until timestamptz NOT NULL DEFAULT '-infinity',
  ADD COLUMN accepted      bigint      GENERATED ALWAYS AS IDENTITY;
CREATE INDEX job_running ON job (name, accepted) WHERE state = 'running';

-- A guided proof on one real circuit. steps: what was done, seen and said, in order; facts: what the next step builds on.
CREATE TABLE commission (
  id          uuid        PRIMARY KEY,
  site        bigint      NOT NULL REFERENCES site,
  model       text        NOT NULL,
  version     int         NOT NULL,
  meter       bigint      NOT NULL REFERENCES meter,
  gateway     bigint      NOT NULL REFERENCES gateway,
  everywhere  boolean     NOT NULL DEFAULT false,
  simulated   boolean     NOT NULL,
  state       text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'aborted')),
  step        text        NOT NULL,
  facts       jsonb       NOT NULL DEFAULT '{}',
  steps       jsonb       NOT NULL DEFAULT '[]',
  started_by  bigint      NOT NULL REFERENCES operator,
  agreed_by   bigint      REFERENCES operator,
  started_at  timestamptz NOT NULL DEFAULT now (),
  ended_at    timestamptz,
  accepted    bigint      GENERATED ALWAYS AS IDENTITY UNIQUE,
  version_row int         NOT NULL DEFAULT 1,
  CHECK (agreed_by IS DISTINCT FROM started_by)
);
CREATE UNIQUE INDEX commission_one_open ON commission (meter) WHERE state = 'open';

-- What a proof asks of the field: at most one write, sent once, and reads after it. The bytes both ways are kept.
CREATE TABLE trial (
  id            uuid        PRIMARY KEY,
  commission    uuid        NOT NULL REFERENCES commission,
  meter         bigint      NOT NULL REFERENCES meter,
  gateway       bigint      NOT NULL REFERENCES gateway,
  state         text        NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'done')),
  input         jsonb       NOT NULL,
  result        jsonb,
  claimed_until timestamptz NOT NULL DEFAULT '-infinity',
  created_at    timestamptz NOT NULL DEFAULT now (),
  done_at       timestamptz
);
CREATE INDEX trial_open ON trial (gateway) WHERE state <> 'done';

ALTER TABLE model_proof
  ADD COLUMN candidate  text,                                   -- control: the alternative that moved the relay
  ADD COLUMN commission uuid REFERENCES commission;

-- New words at the end of the enums.
ALTER TABLE alarm DROP CONSTRAINT alarm_kind_check, ADD CONSTRAINT alarm_kind_check CHECK (kind BETWEEN 0 AND 63);
ALTER TABLE dispute_case DROP CONSTRAINT dispute_case_reason_check, ADD CONSTRAINT dispute_case_reason_check CHECK (reason BETWEEN 1 AND 63);
