-- Office and plant: sites, areas, operators, gateways, meters, their latest state and history, customers, accounts, tariffs, alarms, log, feed.
-- Enums are the smallints of shared/api/till-enums.h. Amounts are 1/10000 of the currency unit, energy Wh, power W.

CREATE TABLE site (
  id           bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code         text     NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,32}$'),
  name         text     NOT NULL CHECK (char_length (name) BETWEEN 1 AND 60),
  zone         text     NOT NULL DEFAULT 'Asia/Shanghai',
  currency     text     NOT NULL DEFAULT 'CNY',
  sign         text     NOT NULL DEFAULT '¥',
  service_phone text,
  sell_offline boolean  NOT NULL DEFAULT true,                 -- a sale is accepted as queued while the link is down
  hoard_limit  bigint   NOT NULL DEFAULT 100000000 CHECK (hoard_limit >= 0),
  version      int      NOT NULL DEFAULT 1
);

CREATE TABLE area (
  id      bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site    bigint   NOT NULL REFERENCES site,
  parent  bigint   REFERENCES area,
  kind    smallint NOT NULL CHECK (kind BETWEEN 0 AND 4),
  name    text     NOT NULL CHECK (char_length (name) BETWEEN 1 AND 60 AND position ('/' IN name) = 0),
  path    text     NOT NULL DEFAULT '',                        -- "Campus/B3/F2/201", kept by a trigger
  lineage bigint[] NOT NULL DEFAULT '{}',                      -- ids from the root to this one: "area with children" is one index
  version int      NOT NULL DEFAULT 1,
  CHECK (parent <> id)
);
CREATE UNIQUE INDEX area_name ON area (site, coalesce (parent, 0), name);
CREATE INDEX area_parent ON area (parent);
CREATE INDEX area_lineage ON area USING gin (lineage);

CREATE FUNCTION area_place () RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  above area;
BEGIN
  IF NEW.parent IS NULL THEN
    NEW.path := NEW.name;
    NEW.lineage := ARRAY[NEW.id];
  ELSE
    SELECT * INTO STRICT above FROM area WHERE id = NEW.parent FOR SHARE;
    IF NEW.id = ANY (above.lineage) THEN
      RAISE EXCEPTION 'an area cannot lie inside itself' USING ERRCODE = 'check_violation', CONSTRAINT = 'area_no_cycle';
    END IF;
    NEW.path := above.path || '/' || NEW.name;
    NEW.lineage := above.lineage || NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER area_place BEFORE INSERT OR UPDATE OF name, parent, path ON area FOR EACH ROW EXECUTE FUNCTION area_place ();

CREATE FUNCTION area_spread () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.path <> OLD.path OR NEW.lineage <> OLD.lineage THEN
    UPDATE area SET path = '' WHERE parent = NEW.id;            -- the BEFORE trigger works the new one out
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER area_spread AFTER UPDATE ON area FOR EACH ROW EXECUTE FUNCTION area_spread ();

CREATE TABLE operator (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account      text        NOT NULL UNIQUE CHECK (account ~ '^[a-z0-9._-]{3,32}$'),
  name         text        NOT NULL CHECK (char_length (name) BETWEEN 1 AND 60),
  phone        text,
  kind         smallint    NOT NULL DEFAULT 0 CHECK (kind IN (0, 1)), -- 0 person, 1 service
  password     text        NOT NULL,                            -- Argon2id string
  must_change  boolean     NOT NULL DEFAULT false,
  active       boolean     NOT NULL DEFAULT true,
  sale_limit   bigint      NOT NULL DEFAULT 0 CHECK (sale_limit >= 0), -- 0 = none
  created_at   timestamptz NOT NULL DEFAULT now (),
  last_login   timestamptz,
  version      int         NOT NULL DEFAULT 1
);

CREATE TABLE role (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name    text   NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9._-]{1,32}$'),
  version int    NOT NULL DEFAULT 1
);
CREATE TABLE role_permission (role bigint NOT NULL REFERENCES role ON DELETE CASCADE, permission text NOT NULL, PRIMARY KEY (role, permission));
CREATE TABLE operator_role (operator bigint NOT NULL REFERENCES operator, role bigint NOT NULL REFERENCES role, PRIMARY KEY (operator, role));
-- No row: the operator sees all areas.
CREATE TABLE operator_area (operator bigint NOT NULL REFERENCES operator, area bigint NOT NULL REFERENCES area, PRIMARY KEY (operator, area));

CREATE TABLE session (
  token      bytea       PRIMARY KEY CHECK (octet_length (token) = 32), -- SHA-256 of what the client holds
  operator   bigint      NOT NULL REFERENCES operator,
  created_at timestamptz NOT NULL DEFAULT now (),
  used_at    timestamptz NOT NULL DEFAULT now (),
  expires_at timestamptz NOT NULL DEFAULT now () + interval '12 hours',
  address    text        NOT NULL DEFAULT ''
);
CREATE INDEX session_operator ON session (operator);

CREATE TABLE gateway (
  id                bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code              text     NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,16}$'),
  name              text     NOT NULL CHECK (char_length (name) BETWEEN 1 AND 60),
  site              bigint   NOT NULL REFERENCES site,
  area              bigint   REFERENCES area,
  link              smallint NOT NULL CHECK (link BETWEEN 0 AND 3),
  address           text     NOT NULL DEFAULT '',
  allow_clear       boolean  NOT NULL DEFAULT false,
  ports             jsonb    NOT NULL DEFAULT '[{"port":1,"baud":9600,"parity":"N"}]',
  fixed_tid         boolean  NOT NULL DEFAULT false,
  heartbeat         bytea,
  quarantine_s      int      NOT NULL DEFAULT 0 CHECK (quarantine_s BETWEEN 0 AND 600),
  word_order        smallint CHECK (word_order IN (0, 1)),      -- 0 big, 1 little; NULL = as the profile says
  simulated         boolean  NOT NULL DEFAULT false,
  status_interval_s int      NOT NULL DEFAULT 150 CHECK (status_interval_s BETWEEN 15 AND 600),
  full_interval_s   int      CHECK (full_interval_s BETWEEN 300 AND 86400),
  best_class        smallint NOT NULL DEFAULT 0 CHECK (best_class BETWEEN 0 AND 6),
  retired_at        timestamptz,
  version           int      NOT NULL DEFAULT 1
);

-- Who holds the link, and how it does. epoch rises with every opened link: the fencing token of money writes.
CREATE TABLE gateway_session (
  gateway    bigint      PRIMARY KEY REFERENCES gateway,
  owner      uuid,                                              -- run id of the process
  epoch      bigint      NOT NULL DEFAULT 0,
  online     boolean     NOT NULL DEFAULT false,
  link_class smallint    NOT NULL DEFAULT 0,
  since      timestamptz,
  last_seen  timestamptz,
  rtt_us     bigint      NOT NULL DEFAULT 0,
  requests   bigint      NOT NULL DEFAULT 0,
  failures   bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE tariff (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name    text   NOT NULL UNIQUE CHECK (char_length (name) BETWEEN 1 AND 60),
  version int    NOT NULL DEFAULT 1
);
CREATE TABLE tariff_version (
  tariff       bigint   NOT NULL REFERENCES tariff,
  effective    date     NOT NULL,
  price_tip    bigint   CHECK (price_tip > 0),                  -- NULL: the tariff does not use the rate
  price_peak   bigint   CHECK (price_peak > 0),
  price_flat   bigint   NOT NULL CHECK (price_flat > 0),
  price_valley bigint   CHECK (price_valley > 0),
  price_deep   bigint   CHECK (price_deep > 0),
  body         jsonb    NOT NULL DEFAULT '{}',                  -- seasons, day types, segments, tiers
  PRIMARY KEY (tariff, effective)
);

CREATE TABLE meter (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code            text        NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,32}$'),
  serial          text        NOT NULL DEFAULT '' CHECK (char_length (serial) <= 32),
  gateway         bigint      NOT NULL REFERENCES gateway,
  port            smallint    NOT NULL DEFAULT 1 CHECK (port BETWEEN 1 AND 16),
  unit            smallint    NOT NULL CHECK (unit BETWEEN 1 AND 247),
  model           text        NOT NULL,
  ct_ratio        int         NOT NULL DEFAULT 1 CHECK (ct_ratio BETWEEN 1 AND 10000),
  area            bigint      NOT NULL REFERENCES area,
  use_class       smallint    NOT NULL DEFAULT 0 CHECK (use_class BETWEEN 0 AND 5),
  settlement      smallint    NOT NULL DEFAULT 0 CHECK (settlement BETWEEN 0 AND 2),
  purse           smallint    NOT NULL DEFAULT 1 CHECK (purse BETWEEN 0 AND 2),
  tariff          bigint      REFERENCES tariff,
  alarm1          bigint      NOT NULL DEFAULT 500000,
  alarm2          bigint      NOT NULL DEFAULT 100000 CHECK (alarm2 >= 0),
  overload_w      bigint      NOT NULL DEFAULT 0 CHECK (overload_w >= 0),  -- 0 = off
  overdraft       bigint      NOT NULL DEFAULT 0 CHECK (overdraft >= 0),
  hoard_limit     bigint      NOT NULL DEFAULT 0 CHECK (hoard_limit >= 0), -- 0 = the site's
  full_interval_s int         CHECK (full_interval_s BETWEEN 300 AND 86400),
  life_support    boolean     NOT NULL DEFAULT false,
  epoch           int         NOT NULL DEFAULT 1 CHECK (epoch > 0),
  installed_at    timestamptz NOT NULL DEFAULT now (),
  retired_at      timestamptz,
  version         int         NOT NULL DEFAULT 1,
  CONSTRAINT alarm1_above_alarm2 CHECK (alarm1 > alarm2)
);
CREATE UNIQUE INDEX meter_place ON meter (gateway, port, unit) WHERE retired_at IS NULL;
CREATE INDEX meter_area ON meter (area);

-- What the last poll saw; changed only by ingest. Not one index on a column that a poll changes.
CREATE TABLE meter_state (
  meter           bigint      PRIMARY KEY REFERENCES meter,
  epoch           int         NOT NULL DEFAULT 1,
  read_at         timestamptz,                                  -- last good status reply
  full_at         timestamptz,
  lost            boolean     NOT NULL DEFAULT false,
  lost_since      timestamptz,
  state           smallint    NOT NULL DEFAULT 5,               -- money state under `lost`
  mode            smallint    NOT NULL DEFAULT 0,
  relay           smallint    NOT NULL DEFAULT 0,
  flags           int         NOT NULL DEFAULT 0,
  balance         bigint,
  energy_total    bigint,
  energy_tip      bigint,
  energy_peak     bigint,
  energy_flat     bigint,
  energy_valley   bigint,
  energy_deep     bigint,
  purchase_count  bigint,
  purchased_total bigint,
  power_w         bigint,
  u_mv            bigint,
  i_ma            bigint,
  pf_milli        bigint,
  open_energy     bigint                                        -- energy when the relay was first seen open; NULL: it is not
) WITH (fillfactor = 50);

CREATE TABLE reading (
  meter           bigint      NOT NULL,
  at              timestamptz NOT NULL,
  epoch           int         NOT NULL,
  slot            timestamptz,                                  -- grid slot it fills; NULL: read on request
  balance         bigint,
  energy_total    bigint,
  energy_tip      bigint,
  energy_peak     bigint,
  energy_flat     bigint,
  energy_valley   bigint,
  energy_deep     bigint,
  purchase_count  bigint,
  purchased_total bigint,
  power_w         bigint,
  relay           smallint    NOT NULL DEFAULT 0,
  mode            smallint    NOT NULL DEFAULT 0,
  flags           int         NOT NULL DEFAULT 0,
  pushed          boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (meter, at)
) PARTITION BY RANGE (at);

CREATE TABLE customer (
  id        bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code      text     NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,32}$'),
  name      text     NOT NULL CHECK (char_length (name) BETWEEN 1 AND 60),
  kind      smallint NOT NULL DEFAULT 0 CHECK (kind IN (0, 1)),  -- 0 household, 1 shop
  phones    text[]   NOT NULL DEFAULT '{}' CHECK (cardinality (phones) <= 5),
  area      bigint   REFERENCES area,
  use_class smallint NOT NULL DEFAULT 0 CHECK (use_class BETWEEN 0 AND 5),
  identity  text,
  language  text     NOT NULL DEFAULT 'zh_CN',
  note      text,
  version   int      NOT NULL DEFAULT 1
);

CREATE TABLE account (
  id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code      text        NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,32}$'),
  site      bigint      NOT NULL REFERENCES site,
  customer  bigint      NOT NULL REFERENCES customer,
  settled   smallint    NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)), -- 0 each meter alone, 1 together
  state     smallint    NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
  opened_at timestamptz NOT NULL DEFAULT now (),
  closed_at timestamptz,
  version   int         NOT NULL DEFAULT 1
);
CREATE INDEX account_customer ON account (customer);
CREATE TABLE account_meter (
  account bigint      NOT NULL REFERENCES account,
  meter   bigint      NOT NULL REFERENCES meter,
  since   timestamptz NOT NULL DEFAULT now (),
  until   timestamptz,
  PRIMARY KEY (account, meter, since)
);
CREATE UNIQUE INDEX account_meter_once ON account_meter (meter) WHERE until IS NULL;

-- A commissioning proof by two operators: this write of this profile may be sent.
CREATE TABLE model_proof (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model        text        NOT NULL,
  version      int         NOT NULL,
  write        text        NOT NULL CHECK (write IN ('recharge', 'debit', 'control', 'set_price', 'set_limits', 'set_schedule', 'set_clock')),
  gateway      bigint      REFERENCES gateway,                  -- NULL: everywhere (simulated: at every simulated gateway)
  simulated    boolean     NOT NULL DEFAULT false,              -- made on a simulated gateway: good only there
  effective_class smallint CHECK (effective_class BETWEEN 0 AND 3), -- recharge: what the count rule proved
  protocol     jsonb       NOT NULL DEFAULT '{}',
  proved_by    text        NOT NULL,
  agreed_by    text        NOT NULL,
  proved_at    timestamptz NOT NULL DEFAULT now (),
  CHECK (proved_by <> agreed_by)
);
CREATE UNIQUE INDEX model_proof_once ON model_proof (model, version, write, coalesce (gateway, 0), simulated);

CREATE TABLE alarm (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site       bigint      NOT NULL REFERENCES site,
  kind       smallint    NOT NULL CHECK (kind BETWEEN 0 AND 16),
  severity   smallint    NOT NULL CHECK (severity BETWEEN 0 AND 2),
  meter      bigint      REFERENCES meter,
  gateway    bigint      REFERENCES gateway,
  raised_at  timestamptz NOT NULL DEFAULT now (),
  cleared_at timestamptz,
  acked_at   timestamptz,
  acked_by   bigint      REFERENCES operator,
  note       text        CHECK (char_length (note) <= 200),
  detail     jsonb       NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX alarm_one_open ON alarm (kind, coalesce (meter, 0), coalesce (gateway, 0)) WHERE cleared_at IS NULL;
CREATE INDEX alarm_open_meter ON alarm (meter) WHERE cleared_at IS NULL;
CREATE INDEX alarm_raised ON alarm (raised_at, id);

-- Who did what: only added to, chained per site by audit_append ().
CREATE TABLE audit (
  site       bigint      NOT NULL REFERENCES site,
  n          bigint      NOT NULL CHECK (n > 0),
  at         timestamptz NOT NULL,
  operator   bigint      NOT NULL,                              -- 0 = the server itself
  address    text        NOT NULL DEFAULT '',
  action     text        NOT NULL,                              -- "sales.sell", "session.refused"
  object     text        NOT NULL DEFAULT '',
  result     text        NOT NULL DEFAULT 'ok',                 -- ok or the error's word
  before     jsonb,
  after      jsonb,
  request    text        NOT NULL DEFAULT '',
  hash       bytea       NOT NULL CHECK (octet_length (hash) = 32),
  PRIMARY KEY (site, n)
);
CREATE INDEX audit_at ON audit (at);

-- The change feed: readers follow xact, which misses nothing when transactions commit out of order. After a crash it is empty and
-- every reader loads anew.
CREATE UNLOGGED TABLE feed (
  xact    xid8        NOT NULL DEFAULT pg_current_xact_id (),
  seq     bigint      GENERATED ALWAYS AS IDENTITY,
  at      timestamptz NOT NULL DEFAULT now (),
  kind    text        NOT NULL CHECK (kind IN ('meter', 'sale', 'command', 'alarm', 'job', 'gateway', 'plant')),
  ids     bigint[],
  uuids   uuid[]
);
CREATE INDEX feed_xact ON feed (xact, seq);

CREATE TABLE node (
  name      text        PRIMARY KEY,
  run       uuid        NOT NULL,
  version   text        NOT NULL,
  roles     text        NOT NULL,
  last_seen timestamptz NOT NULL DEFAULT now ()
);

CREATE TABLE job (
  id       uuid        PRIMARY KEY,
  name     text        NOT NULL,
  period   text        NOT NULL,
  state    text        NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
  total    bigint      NOT NULL DEFAULT 0,
  done     bigint      NOT NULL DEFAULT 0,
  failed   bigint      NOT NULL DEFAULT 0,
  message  text,
  result   jsonb,
  started_at timestamptz NOT NULL DEFAULT now (),
  ended_at timestamptz,
  UNIQUE (name, period)
);

-- Partitions of readings by month, made ahead; dropping old ones is the retention.
CREATE FUNCTION reading_partitions (ahead int DEFAULT 3) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  month date;
  name  text;
  made  int := 0;
BEGIN
  FOR k IN -1 .. ahead LOOP
    month := (date_trunc ('month', now () AT TIME ZONE 'UTC') + make_interval (months => k))::date;
    name := 'reading_' || to_char (month, 'YYYY_MM');
    IF to_regclass ('public.' || name) IS NULL THEN
      EXECUTE format ('CREATE TABLE public.%I PARTITION OF public.reading FOR VALUES FROM (%L) TO (%L)', name,
                      month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END $$;
SELECT reading_partitions ();
