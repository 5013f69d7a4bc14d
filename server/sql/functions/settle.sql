-- Meters that the server settles: their state, balance and alarms follow the account; orders of people to their relays become reasons.

CREATE INDEX IF NOT EXISTS meter_server_settled ON meter (id) WHERE settlement = 1 AND retired_at IS NULL;

CREATE OR REPLACE FUNCTION settle_states () RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  changed bigint[];
  alarms  bigint[];
  come    bigint[];
BEGIN
  WITH want AS (
    SELECT x.id, x.balance, (CASE WHEN NOT x.has_account THEN 4 WHEN x.balance <= 0 THEN 3 WHEN x.balance <= x.alarm2 THEN 2 WHEN x.balance <= x.alarm1 THEN 1
                                  ELSE 0 END)::smallint AS state
      FROM (SELECT m.id, m.alarm1, m.alarm2, c.id IS NOT NULL AS has_account, CASE WHEN c.id IS NOT NULL THEN coalesce (b.credits - b.debits, 0) END AS balance
              FROM meter m JOIN area a ON a.id = m.area LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL
              LEFT JOIN account c ON c.id = am.account AND c.state <> 2
              LEFT JOIN ledger_account b ON b.site = a.site AND b.kind = 4 AND b.owner = c.id
             WHERE m.settlement = 1 AND m.retired_at IS NULL) x
  ), moved AS (
    UPDATE meter_state s SET state = w.state, balance = w.balance FROM want w
     WHERE s.meter = w.id AND (s.state, s.balance) IS DISTINCT FROM (w.state, w.balance) RETURNING s.meter)
  SELECT array_agg (meter ORDER BY meter) INTO changed FROM moved;
  IF changed IS NULL THEN
    RETURN 0;
  END IF;
  WITH gone AS (
    UPDATE alarm l SET cleared_at = now () FROM meter_state s
     WHERE l.meter = s.meter AND s.meter = ANY (changed) AND l.cleared_at IS NULL AND l.kind IN (0, 1, 2) AND s.state <> l.kind + 1 RETURNING l.id)
  SELECT array_agg (id) INTO alarms FROM gone;
  WITH made AS (
    INSERT INTO alarm (site, kind, severity, meter)
      SELECT a.site, (s.state - 1)::smallint, (CASE s.state WHEN 1 THEN 0 ELSE 1 END)::smallint, s.meter
        FROM meter_state s JOIN meter m ON m.id = s.meter JOIN area a ON a.id = m.area WHERE s.meter = ANY (changed) AND s.state IN (1, 2, 3)
         AND NOT EXISTS (SELECT FROM alarm x WHERE x.meter = s.meter AND x.kind = s.state - 1 AND x.cleared_at IS NULL)
      ON CONFLICT DO NOTHING RETURNING id)
  SELECT array_agg (id) INTO come FROM made;
  alarms := alarms || come;
  IF cardinality (alarms) > 0 THEN
    INSERT INTO feed (kind, ids) VALUES ('alarm', alarms);
  END IF;
  INSERT INTO feed (kind, ids) VALUES ('meter', changed);
  PERFORM pg_notify ('till_feed', '');
  RETURN cardinality (changed);
END $$;

-- What a person orders a server-settled meter to do is a reason among others: force_off adds one, restore_prepaid takes it away and leaves
-- the relay as the rest of the set wants it. The meter's own prepaid mode stays overruled (5 on, 6 off).
CREATE OR REPLACE FUNCTION relay_ordered () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  why smallint := coalesce (array_position (ARRAY ['arrears', 'operator', 'overload', 'schedule', 'shedding'], NEW.value->>'off_reason') - 1, 1);
BEGIN
  IF NOT EXISTS (SELECT FROM meter m WHERE m.id = NEW.meter AND m.settlement = 1) THEN
    RETURN NEW;
  END IF;
  IF NEW.kind = 6 THEN
    INSERT INTO meter_off (meter, reason, operator, certificate) VALUES (NEW.meter, why, NEW.operator, coalesce (NEW.value->'certificate', '{}'))
      ON CONFLICT (meter, reason) DO UPDATE SET waiting = false, operator = EXCLUDED.operator, certificate = EXCLUDED.certificate, since = now ();
  ELSE
    DELETE FROM meter_off WHERE meter = NEW.meter AND reason IN (1, 3, 4);
  END IF;
  IF NEW.kind = 7 THEN
    NEW.kind := CASE WHEN EXISTS (SELECT FROM meter_off o WHERE o.meter = NEW.meter AND NOT o.waiting) THEN 6 ELSE 5 END;
    INSERT INTO meter_relay (meter, forced_on, ordered, ordered_at) VALUES (NEW.meter, false, NEW.kind, now ())
      ON CONFLICT (meter) DO UPDATE SET forced_on = false, ordered = EXCLUDED.ordered, ordered_at = now ();
  ELSE
    INSERT INTO meter_relay (meter, forced_on, ordered, ordered_at) VALUES (NEW.meter, NEW.kind = 5, NEW.kind, now ())
      ON CONFLICT (meter) DO UPDATE SET forced_on = NEW.kind = 5, ordered = EXCLUDED.ordered, ordered_at = now ();
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER relay_ordered BEFORE INSERT ON command FOR EACH ROW WHEN (NEW.kind IN (5, 6, 7) AND NEW.operator <> 0)
  EXECUTE FUNCTION relay_ordered ();
