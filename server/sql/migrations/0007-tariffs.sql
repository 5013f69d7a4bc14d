-- Tariffs with versions and drafts, the site's calendar, which tariff a meter has since when; what was settled, line by line; why a relay
-- of a server-settled meter is open.

ALTER TABLE site
  ADD COLUMN approve_tariff_pct int DEFAULT 20 CHECK (approve_tariff_pct BETWEEN 0 AND 1000), -- a price moves by more: a second operator agrees; NULL: never
  ADD COLUMN restore_above bigint NOT NULL DEFAULT 0 CHECK (restore_above >= 0);             -- arrears end when the balance is above this
ALTER TABLE account ADD COLUMN heads smallint NOT NULL DEFAULT 1 CHECK (heads BETWEEN 1 AND 100); -- of the household, for the free allowance

-- The day on which the site is. The first site: this server serves one.
CREATE FUNCTION site_today () RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT (now () AT TIME ZONE coalesce ((SELECT zone FROM site ORDER BY id LIMIT 1), 'UTC'))::date
$$;

ALTER TABLE tariff ADD COLUMN retired_at timestamptz;
ALTER TABLE tariff_version
  ADD COLUMN made_by     bigint      NOT NULL DEFAULT 0,
  ADD COLUMN approved_by bigint,
  ADD COLUMN made_at     timestamptz NOT NULL DEFAULT now (),
  ADD COLUMN price_max   bigint;                                 -- of all rates and tiers; NULL: of the rates
CREATE TABLE tariff_draft (
  tariff    bigint      NOT NULL REFERENCES tariff,
  effective date        NOT NULL,
  body      jsonb       NOT NULL,
  approval  bigint,                                             -- proposed: it waits for a second operator
  made_by   bigint      NOT NULL,
  made_at   timestamptz NOT NULL DEFAULT now (),
  PRIMARY KEY (tariff, effective)
);

-- Days that are not what their weekday says: 0 worked, 1 rest, 2 holiday.
CREATE TABLE holiday (
  site bigint   NOT NULL REFERENCES site,
  day  date     NOT NULL,
  kind smallint NOT NULL CHECK (kind BETWEEN 0 AND 2),
  name text     NOT NULL DEFAULT '' CHECK (char_length (name) <= 60),
  PRIMARY KEY (site, day)
);

-- One price per meter and day. meter.tariff is that of today.
CREATE TABLE meter_tariff (
  meter  bigint NOT NULL REFERENCES meter,
  since  date   NOT NULL,
  tariff bigint NOT NULL REFERENCES tariff,
  PRIMARY KEY (meter, since)
);
CREATE INDEX meter_tariff_tariff ON meter_tariff (tariff);
INSERT INTO meter_tariff (meter, since, tariff) SELECT id, '2000-01-01', tariff FROM meter WHERE tariff IS NOT NULL;
CREATE FUNCTION meter_tariff_follows () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.tariff IS NULL THEN
    RETURN NULL;                                                -- what was priced stays priced
  END IF;
  IF NOT EXISTS (SELECT FROM meter_tariff WHERE meter = NEW.id) THEN
    INSERT INTO meter_tariff (meter, since, tariff) VALUES (NEW.id, '2000-01-01', NEW.tariff);
  ELSIF (SELECT t.tariff FROM meter_tariff t WHERE t.meter = NEW.id AND t.since <= site_today () ORDER BY t.since DESC LIMIT 1) IS DISTINCT FROM NEW.tariff THEN
    INSERT INTO meter_tariff (meter, since, tariff) VALUES (NEW.id, site_today (), NEW.tariff)
      ON CONFLICT (meter, since) DO UPDATE SET tariff = EXCLUDED.tariff;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER meter_tariff_follows AFTER INSERT OR UPDATE OF tariff ON meter FOR EACH ROW EXECUTE FUNCTION meter_tariff_follows ();

-- A version that some meter was priced by is never changed.
CREATE FUNCTION tariff_version_stays () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.effective <= site_today () AND EXISTS (SELECT FROM meter_tariff t WHERE t.tariff = OLD.tariff AND t.since <= site_today ()) THEN
    RAISE EXCEPTION 'a version in use is never changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'tariff_version_stays';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER tariff_version_stays BEFORE UPDATE OR DELETE ON tariff_version FOR EACH ROW EXECUTE FUNCTION tariff_version_stays ();

-- Up to which reading a meter is settled, and what goes on to the next.
CREATE TABLE settle_state (
  meter      bigint      PRIMARY KEY REFERENCES meter,
  account    bigint,                                            -- of the last settlement
  epoch      int         NOT NULL,
  at         timestamptz NOT NULL,
  total      bigint      NOT NULL,
  tip        bigint,
  peak       bigint,
  flat       bigint,
  valley     bigint,
  deep       bigint,
  carry      smallint    NOT NULL DEFAULT 0 CHECK (carry BETWEEN -500 AND 499),
  carry_held smallint    NOT NULL DEFAULT 0 CHECK (carry_held BETWEEN -500 AND 499),
  difference bigint      NOT NULL DEFAULT 0                     -- meter-settled: what the tariff asks beyond what the meter took
) WITH (fillfactor = 70);
-- Energy of a month (0) or year (1): the place in the tiers. account: a household settled together shares them.
CREATE TABLE settle_use (
  meter   bigint   NOT NULL,
  period  smallint NOT NULL CHECK (period IN (0, 1)),
  starts  date     NOT NULL,
  account bigint,
  used    bigint   NOT NULL CHECK (used >= 0),
  PRIMARY KEY (meter, period, starts)
) WITH (fillfactor = 70);
CREATE INDEX settle_use_account ON settle_use (account, period, starts) WHERE account IS NOT NULL;

-- One settlement: an interval between readings of one meter, and the transaction that posted it.
CREATE TABLE settlement (
  id         uuid        PRIMARY KEY,                           -- tx.request
  site       bigint      NOT NULL,
  meter      bigint      NOT NULL REFERENCES meter,
  account    bigint,                                            -- server-settled: who was charged
  epoch      int         NOT NULL,
  from_at    timestamptz NOT NULL,
  to_at      timestamptz NOT NULL,
  energy     bigint      NOT NULL CHECK (energy >= 0),
  charge     bigint      NOT NULL,                              -- by the tariff
  amount     bigint      NOT NULL,                              -- posted: the charge, or what the meter took
  flags      int         NOT NULL DEFAULT 0,
  posted_at  timestamptz NOT NULL DEFAULT clock_timestamp (),
  CHECK (to_at > from_at)
);
CREATE INDEX settlement_meter ON settlement (meter, to_at);
CREATE INDEX settlement_account ON settlement (account, posted_at) WHERE account IS NOT NULL;
CREATE TABLE settle_line (
  settlement uuid     NOT NULL REFERENCES settlement,
  line       smallint NOT NULL,
  kind       smallint NOT NULL CHECK (kind BETWEEN 0 AND 3),    -- energy, allowance, fixed fee, rounding of the meter
  tariff     bigint   NOT NULL,
  effective  date     NOT NULL,
  rate       smallint NOT NULL CHECK (rate BETWEEN 0 AND 4),
  tier       smallint NOT NULL CHECK (tier BETWEEN 0 AND 6),
  price      bigint   NOT NULL,
  energy     bigint   NOT NULL,
  days       int      NOT NULL,
  amount     bigint   NOT NULL,
  estimated  boolean  NOT NULL,
  PRIMARY KEY (settlement, line)
);

-- A meter and day whose purse and register tell different stories.
CREATE TABLE conservation (
  meter      bigint      NOT NULL REFERENCES meter,
  day        date        NOT NULL,
  epoch      int         NOT NULL,
  energy     bigint      NOT NULL,
  bought     bigint      NOT NULL,
  deducted   bigint      NOT NULL,
  charge     bigint      NOT NULL,                              -- by the prices the meter holds
  difference bigint      NOT NULL,
  tolerance  bigint      NOT NULL,
  readings   int         NOT NULL,
  settlement uuid,
  checked_at timestamptz NOT NULL DEFAULT now (),
  PRIMARY KEY (meter, day)
);

-- Why the relay of a server-settled meter is to be open: 0 arrears, 1 operator, 2 overload, 3 schedule, 4 shedding. waiting: the reason
-- holds, but not in the protected hours.
CREATE TABLE meter_off (
  meter       bigint      NOT NULL REFERENCES meter,
  reason      smallint    NOT NULL CHECK (reason BETWEEN 0 AND 4),
  since       timestamptz NOT NULL DEFAULT now (),
  operator    bigint      NOT NULL,
  waiting     boolean     NOT NULL DEFAULT false,
  certificate jsonb       NOT NULL DEFAULT '{}',
  PRIMARY KEY (meter, reason)
);
-- What the relay was last ordered to do by the server, and how often lately.
CREATE TABLE meter_relay (
  meter      bigint      PRIMARY KEY REFERENCES meter,
  forced_on  boolean     NOT NULL DEFAULT false,                -- kept on by an operator
  ordered    smallint    CHECK (ordered BETWEEN 5 AND 7),       -- kind of command
  ordered_at timestamptz,
  hour_from  timestamptz,
  in_hour    int         NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
-- Hours of the day in which nobody is cut off for arrears; use_class NULL: of all classes.
CREATE TABLE protected_hours (
  id        bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site      bigint   NOT NULL REFERENCES site,
  use_class smallint CHECK (use_class BETWEEN 0 AND 5),
  from_min  int      NOT NULL CHECK (from_min BETWEEN 0 AND 1439),
  to_min    int      NOT NULL CHECK (to_min BETWEEN 0 AND 1439),
  CHECK (from_min <> to_min)
);
