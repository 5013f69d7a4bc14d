-- When the prices that a meter charges by were seen to change: it happened between after_at and at. was NULL: of another device, nothing is
-- known before.
CREATE TABLE price_change (
  meter    bigint      NOT NULL REFERENCES meter ON DELETE CASCADE,
  epoch    int         NOT NULL,
  after_at timestamptz NOT NULL,
  at       timestamptz NOT NULL,
  was      jsonb,                                               -- points price_*, as read back
  was_set  timestamptz,                                         -- when those were ordered: by the hours of the tariff of that day
  held     jsonb       NOT NULL,
  seen_at  timestamptz NOT NULL DEFAULT now (),
  PRIMARY KEY (meter, at),
  CHECK (after_at <= at)
);

-- Two looks at a meter bound the moment. One order of prices in between that was written once and verified, and nothing else that may have
-- been written, bounds it closer.
CREATE FUNCTION price_changed () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  m      meter;
  before jsonb := (SELECT jsonb_object_agg (e.key, e.value) FROM jsonb_each (OLD.held) e WHERE e.key LIKE 'price\_%');
  after  jsonb := (SELECT jsonb_object_agg (e.key, e.value) FROM jsonb_each (NEW.held) e WHERE e.key LIKE 'price\_%');
  low    timestamptz := OLD.read_at;
  high   timestamptz := NEW.read_at;
BEGIN
  IF after IS NULL OR before IS NOT DISTINCT FROM after OR low IS NULL OR high <= low THEN
    RETURN NULL;
  END IF;
  SELECT x.* INTO STRICT m FROM meter x WHERE x.id = NEW.meter;
  IF 1 = (SELECT count (*) FROM command c WHERE (c.meter = m.id OR m.id = ANY (c.covers)) AND c.kind = 2 AND c.sent_at IS NOT NULL
             AND c.created_at <= high AND coalesce (c.done_at, 'infinity') >= low) THEN
    SELECT greatest (low, CASE WHEN c.attempt <= 1 THEN c.sent_at ELSE c.created_at END), c.done_at INTO low, high
      FROM command c WHERE (c.meter = m.id OR m.id = ANY (c.covers)) AND c.kind = 2 AND c.state = 3 AND c.created_at <= high
       AND c.done_at BETWEEN low AND high;
    low := coalesce (low, OLD.read_at);
    high := coalesce (high, NEW.read_at);
  END IF;
  INSERT INTO price_change (meter, epoch, after_at, at, was, was_set, held)
    VALUES (m.id, m.epoch, low, greatest (low, high), CASE WHEN m.epoch = 1 OR OLD.read_at >= m.installed_at THEN before END,
            (SELECT max (c.done_at) FROM command c WHERE (c.meter = m.id OR m.id = ANY (c.covers)) AND c.kind = 2 AND c.state = 3 AND c.done_at <= low), after)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER price_changed AFTER UPDATE OF held ON meter_config FOR EACH ROW
  WHEN (OLD.held IS DISTINCT FROM NEW.held) EXECUTE FUNCTION price_changed ();
