-- ingest_apply: what the field read, from the temporary table "ingest" of this session (filled by COPY, sorted by meter), into
-- meter_state, reading, alarm and feed. NULL = not in this reply: what was there stays. Returns the meters whose row changed.
-- Compiling a plan costs more than running it: no jit. The joins go by index: a batch is thousands of rows, the tables may hold millions.
CREATE OR REPLACE FUNCTION ingest_apply () RETURNS bigint LANGUAGE plpgsql
SET enable_hashjoin TO off SET enable_mergejoin TO off SET jit TO off AS $$
DECLARE
  changed bigint := 0;
  n_rows  bigint;
  again   boolean := false; -- for those that had no row
BEGIN
  LOOP
    UPDATE meter_state s SET
           epoch = n.epoch, lost = n.lost, lost_since = CASE WHEN n.lost THEN coalesce (s.lost_since, now ()) END,
           read_at = coalesce (n.at, s.read_at), full_at = CASE WHEN n.slot IS NULL THEN s.full_at ELSE n.at END,
           state = coalesce (n.state, s.state), mode = coalesce (n.mode, s.mode), relay = coalesce (n.relay, s.relay), flags = coalesce (n.flags, s.flags),
           balance = coalesce (n.balance, s.balance), energy_total = coalesce (n.energy_total, s.energy_total),
           energy_tip = coalesce (n.energy_tip, s.energy_tip), energy_peak = coalesce (n.energy_peak, s.energy_peak),
           energy_flat = coalesce (n.energy_flat, s.energy_flat), energy_valley = coalesce (n.energy_valley, s.energy_valley),
           energy_deep = coalesce (n.energy_deep, s.energy_deep), purchase_count = coalesce (n.purchase_count, s.purchase_count),
           purchased_total = coalesce (n.purchased_total, s.purchased_total), power_w = coalesce (n.power_w, s.power_w),
           u_mv = coalesce (n.u_mv, s.u_mv), i_ma = coalesce (n.i_ma, s.i_ma), pf_milli = coalesce (n.pf_milli, s.pf_milli),
           open_energy = CASE WHEN coalesce (n.relay, s.relay) = 2 THEN coalesce (s.open_energy, n.energy_total) END
      FROM ingest n WHERE s.meter = n.meter AND NOT n.pushed AND n.epoch >= s.epoch AND (n.at IS NULL OR s.read_at IS NULL OR n.at >= s.read_at)
       AND (NOT again OR s.read_at IS NULL);
    GET DIAGNOSTICS n_rows = ROW_COUNT;
    changed := changed + n_rows;
    EXIT WHEN again OR changed = (SELECT count (*) FROM ingest WHERE NOT pushed);
    -- Perhaps a meter's first reading: few batches have one.
    INSERT INTO meter_state (meter, epoch) SELECT n.meter, n.epoch FROM ingest n
     WHERE NOT EXISTS (SELECT FROM meter_state s WHERE s.meter = n.meter) AND EXISTS (SELECT FROM meter m WHERE m.id = n.meter) ON CONFLICT DO NOTHING;
    EXIT WHEN NOT FOUND;
    again := true;
  END LOOP;
  -- What a device pushed moves the energy shown and nothing else: neither age nor balance nor state, on which people and rules decide.
  UPDATE meter_state s SET
         energy_total = greatest (n.energy_total, s.energy_total), energy_tip = greatest (n.energy_tip, s.energy_tip),
         energy_peak = greatest (n.energy_peak, s.energy_peak), energy_flat = greatest (n.energy_flat, s.energy_flat),
         energy_valley = greatest (n.energy_valley, s.energy_valley), energy_deep = greatest (n.energy_deep, s.energy_deep)
    FROM ingest n WHERE s.meter = n.meter AND n.pushed AND n.epoch = s.epoch;

  -- A slot is filled once: late and doubled readings are no-ops. Times far from now belong to no month that is kept open.
  INSERT INTO reading (meter, at, epoch, slot, balance, energy_total, energy_tip, energy_peak, energy_flat, energy_valley, energy_deep,
                       purchase_count, purchased_total, power_w, relay, mode, flags, pushed)
    SELECT n.meter, coalesce (n.slot, n.at), n.epoch, n.slot, n.balance, n.energy_total, n.energy_tip, n.energy_peak, n.energy_flat, n.energy_valley,
           n.energy_deep, n.purchase_count, n.purchased_total, n.power_w, coalesce (n.relay, 0), coalesce (n.mode, 0), coalesce (n.flags, 0), n.pushed
      FROM ingest n WHERE (n.slot IS NOT NULL OR n.keep) AND n.at IS NOT NULL
       AND coalesce (n.slot, n.at) BETWEEN now () - interval '27 days' AND now () + interval '1 day'
    ON CONFLICT DO NOTHING;
  PERFORM ingest_alarms ();
  INSERT INTO feed (kind, ids) SELECT 'meter', array_agg (meter ORDER BY meter) FROM ingest HAVING count (*) > 0;
  RETURN changed;
END $$;

-- Alarms follow what was read: 0 low1, 1 low2, 2 arrears, 3 overload, 5 meter_lost, 10 energy_after_trip. A lost meter keeps those of its
-- last money state. Open alarms are few beside a batch: they are hashed; single rows of large tables come by index, as subqueries.
CREATE OR REPLACE FUNCTION ingest_alarms () RETURNS void LANGUAGE plpgsql
SET enable_hashjoin TO on SET enable_nestloop TO off SET enable_mergejoin TO off SET jit TO off AS $$
DECLARE
  changed bigint[];
  come    bigint[];
BEGIN
  WITH gone AS (
    UPDATE alarm l SET cleared_at = now () FROM ingest n WHERE l.meter = n.meter AND l.cleared_at IS NULL AND NOT n.lost AND NOT n.pushed AND CASE l.kind
           WHEN 5 THEN true
           WHEN 0 THEN n.state <> 1
           WHEN 1 THEN n.state <> 2
           WHEN 2 THEN n.state <> 3
           WHEN 3 THEN n.flags & 1 = 0
           WHEN 10 THEN n.relay <> 2
           ELSE false END
    RETURNING l.id)
  SELECT array_agg (id) INTO changed FROM gone;
  WITH want AS (
    SELECT meter, 5::smallint AS kind, 1::smallint AS severity FROM ingest WHERE lost
    UNION ALL SELECT meter, (state - 1)::smallint, (CASE state WHEN 1 THEN 0 ELSE 1 END)::smallint FROM ingest WHERE state IN (1, 2, 3)
    UNION ALL SELECT meter, 3, 2 FROM ingest WHERE flags & 1 <> 0
    UNION ALL SELECT n.meter, 10, 2 FROM ingest n
               WHERE n.relay = 2 AND (SELECT s.energy_total - s.open_energy FROM meter_state s WHERE s.meter = n.meter) > 50
  ), made AS (
    INSERT INTO alarm (site, kind, severity, meter)
      SELECT (SELECT g.site FROM gateway g WHERE g.id = (SELECT m.gateway FROM meter m WHERE m.id = w.meter)), w.kind, w.severity, w.meter FROM want w
       WHERE NOT EXISTS (SELECT FROM alarm x WHERE x.meter = w.meter AND x.kind = w.kind AND x.cleared_at IS NULL)
      ON CONFLICT DO NOTHING RETURNING id)
  SELECT array_agg (id) INTO come FROM made;
  changed := changed || come;
  IF cardinality (changed) > 0 THEN
    INSERT INTO feed (kind, ids) VALUES ('alarm', changed);
  END IF;
END $$;
