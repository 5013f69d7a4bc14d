-- Orders of prices by the meters they change: a cabinet's order names them all. Nothing here may look through the orders of other meters.
CREATE INDEX command_prices ON command USING gin (covers) WHERE kind = 2 AND covers IS NOT NULL;
CREATE INDEX command_price ON command (meter, created_at) WHERE kind = 2;
CREATE FUNCTION price_orders (p_meter bigint) RETURNS SETOF command LANGUAGE sql STABLE AS $$
  SELECT c.* FROM command c WHERE c.meter = p_meter AND c.kind = 2
  UNION ALL
  SELECT c.* FROM command c WHERE c.covers @> ARRAY[p_meter] AND c.kind = 2 AND c.covers IS NOT NULL AND c.meter <> p_meter
$$;

-- As before, by the meter's own orders.
CREATE OR REPLACE FUNCTION price_changed () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
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
  IF 1 = (SELECT count (*) FROM price_orders (m.id) c WHERE c.sent_at IS NOT NULL AND c.created_at <= high AND coalesce (c.done_at, 'infinity') >= low) THEN
    SELECT greatest (low, CASE WHEN c.attempt <= 1 THEN c.sent_at ELSE c.created_at END), c.done_at INTO low, high
      FROM price_orders (m.id) c WHERE c.state = 3 AND c.sent_at IS NOT NULL AND c.created_at <= high AND c.done_at BETWEEN low AND high;
    low := coalesce (low, OLD.read_at);
    high := coalesce (high, NEW.read_at);
  END IF;
  INSERT INTO price_change (meter, epoch, after_at, at, was, was_set, held)
    VALUES (m.id, m.epoch, low, greatest (low, high), CASE WHEN m.epoch = 1 OR OLD.read_at >= m.installed_at THEN before END,
            (SELECT max (c.done_at) FROM price_orders (m.id) c WHERE c.state = 3 AND c.done_at <= low), after)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
