-- RECONCILE: begin, replay of the journal's lines, verdict of a meter, release. Lock order as everywhere: meter_purse, then the rest; the
-- postings of a verdict follow in the same transaction (ledger_append).

-- Every meter is closed at once; those without a purse get one.
CREATE OR REPLACE FUNCTION reconcile_begin (p_reason smallint, p_journal boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s bigint;
BEGIN
  PERFORM FROM cluster WHERE NOT reconciling FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO meter_purse (meter, epoch) SELECT m.id, m.epoch FROM meter m WHERE m.retired_at IS NULL
     AND NOT EXISTS (SELECT FROM meter_purse p WHERE p.meter = m.id) ORDER BY m.id ON CONFLICT DO NOTHING;
  UPDATE meter_purse SET closed = true FROM meter m WHERE m.id = meter_purse.meter AND m.retired_at IS NULL AND NOT closed;
  DELETE FROM reconcile_meter;
  INSERT INTO reconcile_meter (meter) SELECT m.id FROM meter m WHERE m.retired_at IS NULL AND m.settlement = 0;
  UPDATE meter_purse SET closed = false FROM meter m WHERE m.id = meter_purse.meter AND m.settlement <> 0; -- they hold no money to compare
  UPDATE cluster SET reconciling = true, reason = p_reason, began_at = now (), journal = p_journal, replayed_at = NULL, released_at = NULL;
  FOR s IN SELECT id FROM site ORDER BY id LOOP
    INSERT INTO alarm (site, kind, severity, detail) VALUES (s, 18, 2, jsonb_build_object ('reason', p_reason)) ON CONFLICT DO NOTHING;
    PERFORM audit_append (s, 0, '', 'reconcile.begun', '', 'ok', NULL, jsonb_build_object ('reason', p_reason), '');
  END LOOP;
  INSERT INTO feed (kind, ids) SELECT 'alarm', ARRAY[a.id] FROM alarm a WHERE a.kind = 18 AND a.cleared_at IS NULL;
  PERFORM pg_notify ('till_feed', '');
END $$;

-- Lines of the journal, as JSON: those that the books have not are kept. A line may come twice.
CREATE OR REPLACE FUNCTION reconcile_lines (p_lines jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  n int;
BEGIN
  INSERT INTO reconcile_line (request, event, n, at, meter, epoch, count, amount, facts)
    SELECT DISTINCT ON (l.request, l.event) l.request, l.event, l.n, to_timestamp (l.at_us / 1000000.0), l.meter, l.epoch, l.count, l.amount, l.facts
      FROM jsonb_to_recordset (p_lines) AS l (request uuid, event smallint, n bigint, at_us bigint, meter bigint, epoch int, count int, amount bigint, facts text)
     WHERE NOT EXISTS (SELECT FROM tx t WHERE t.request = l.request AND t.event = l.event)
    ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS n = ROW_COUNT;
  UPDATE cluster SET replayed_at = NULL WHERE reconciling AND n > 0; -- another process has begun without this journal
  RETURN n;
END $$;

-- Does the journal know what the books do not? Lines that were looked at in an earlier RECONCILE do not count.
CREATE OR REPLACE FUNCTION reconcile_ahead (p_lines jsonb) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT count (*)::int FROM jsonb_to_recordset (p_lines) AS l (request uuid, event smallint)
   WHERE NOT EXISTS (SELECT FROM tx t WHERE t.request = l.request AND t.event = l.event)
     AND NOT EXISTS (SELECT FROM reconcile_line r WHERE r.request = l.request AND r.event = l.event)
$$;

CREATE OR REPLACE FUNCTION reconcile_fact (p_facts text, p_place int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT nullif (split_part (p_facts, ',', p_place), '')::bigint
$$;

-- The drawer a lost cash sale goes to: its own while it is open, else the open one of the operator, else a new one.
CREATE OR REPLACE FUNCTION reconcile_drawer (p_site bigint, p_operator bigint, p_drawer bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  found bigint;
BEGIN
  SELECT d.id INTO found FROM drawer d WHERE d.operator = p_operator AND d.closed_at IS NULL ORDER BY d.id <> p_drawer LIMIT 1 FOR SHARE;
  IF found IS NULL THEN
    INSERT INTO drawer (site, operator, auto) VALUES (p_site, p_operator, true) RETURNING id INTO found;
  END IF;
  RETURN found;
END $$;

-- One lost sale or allowance: the request, the sale under its old id and, where the number is free, its old number, and the command. What
-- is to be posted is the answer; no row = nothing: it was there, or why says what is missing.
CREATE OR REPLACE FUNCTION reconcile_sale (p_request uuid, p_event smallint) RETURNS TABLE (site bigint, operator bigint, channel smallint, drawer bigint,
  account bigint, meter bigint, amount bigint, server_settled boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  l    reconcile_line;
  m    meter;
  a    area;
  who  bigint;
  way  smallint;
  box  bigint;
  acc  account;
  hash text;
  num  bigint;
BEGIN
  SELECT x.* INTO STRICT l FROM reconcile_line x WHERE x.request = p_request AND x.event = p_event FOR UPDATE;
  SELECT x.* INTO m FROM meter x WHERE x.id = l.meter;
  IF m.id IS NULL OR l.facts = '' THEN
    UPDATE reconcile_line r SET state = 2, why = CASE WHEN m.id IS NULL THEN 'no such meter' ELSE 'the line has no facts' END
     WHERE r.request = p_request AND r.event = p_event;
    RETURN;
  ELSIF EXISTS (SELECT FROM request q WHERE q.id = l.request) THEN
    UPDATE reconcile_line r SET state = CASE WHEN EXISTS (SELECT FROM tx t WHERE t.request = l.request AND t.event = l.event) THEN 1 ELSE 2 END, why = 'the id was used before'
     WHERE r.request = p_request AND r.event = p_event;
    RETURN;
  END IF;
  SELECT x.* INTO STRICT a FROM area x WHERE x.id = m.area;
  SELECT o.id INTO who FROM operator o WHERE o.id = reconcile_fact (l.facts, 1);
  way := reconcile_fact (l.facts, 2);
  IF way = 0 AND l.event = 0 THEN
    IF who IS NULL THEN
      way := 4; -- nobody's drawer: a transfer that finance looks after
    ELSE
      box := reconcile_drawer (a.site, who, reconcile_fact (l.facts, 3));
    END IF;
  END IF;
  SELECT x.* INTO acc FROM account x WHERE x.id = reconcile_fact (l.facts, 7);
  num := reconcile_fact (l.facts, 10);
  IF num IS NULL OR EXISTS (SELECT FROM sale s WHERE s.site = a.site AND s.number = num) THEN
    num := receipt_next (a.site);
  ELSE
    UPDATE chain_head h SET receipts = greatest (h.receipts, num) WHERE h.site = a.site AND h.chain = 0;
  END IF;
  hash := split_part (l.facts, ',', 11);
  INSERT INTO request (id, body_hash, made_at) VALUES (l.request, decode (hash, 'hex'), l.at);
  INSERT INTO sale (id, site, number, kind, state, meter, epoch, account, customer, area, amount, energy, price, channel, operator, drawer, note, created_at, verified_at)
    VALUES (l.request, a.site, num, reconcile_fact (l.facts, 4), CASE WHEN m.settlement = 1 THEN 4 ELSE 1 END, m.id, m.epoch, acc.id, acc.customer, a.id, l.amount,
            reconcile_fact (l.facts, 5), reconcile_fact (l.facts, 6), way, coalesce (who, 0), box, NULL, l.at, CASE WHEN m.settlement = 1 THEN l.at END);
  IF m.settlement = 0 THEN
    INSERT INTO command (id, meter, epoch, kind, state, operator, amount, created_at) VALUES (l.request, m.id, m.epoch, 0, 0, coalesce (who, 0), reconcile_fact (l.facts, 9), l.at);
  END IF;
  UPDATE reconcile_line r SET state = 1 WHERE r.request = p_request AND r.event = p_event;
  RETURN QUERY SELECT a.site, coalesce (who, 0), way, coalesce (box, 0), coalesce (acc.id, 0), m.id, l.amount, m.settlement = 1;
END $$;

-- One lost verdict. The order must be there; what it posts is decided when its meter has been read. Money that was taken off a meter and
-- of which the books know nothing becomes a refund under its old id.
CREATE OR REPLACE FUNCTION reconcile_verdict (p_request uuid, p_event smallint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  l reconcile_line;
  m meter;
  a account;
BEGIN
  SELECT x.* INTO STRICT l FROM reconcile_line x WHERE x.request = p_request AND x.event = p_event FOR UPDATE;
  SELECT x.* INTO m FROM meter x WHERE x.id = l.meter;
  IF l.event = 5 AND m.id IS NOT NULL AND l.facts <> '' AND NOT EXISTS (SELECT FROM request q WHERE q.id = l.request) THEN
    SELECT x.* INTO a FROM account x JOIN account_meter am ON am.account = x.id WHERE am.meter = m.id AND x.state <> 2 ORDER BY x.id DESC LIMIT 1;
    INSERT INTO request (id, body_hash, made_at) VALUES (l.request, sha256 (convert_to (l.request::text, 'UTF8')), l.at);
    PERFORM money_out (l.request, 3::smallint, 1::smallint, m.id, a.id, coalesce (reconcile_fact (l.facts, 8), a.customer), l.amount, reconcile_fact (l.facts, 9),
                       NULL, NULL, 0::smallint, 0::bigint, NULL, NULL, NULL, NULL);
  END IF;
  UPDATE reconcile_line r SET state = 2, why = 'no such order' WHERE r.request = p_request AND r.event = p_event AND NOT EXISTS (
    SELECT FROM command c JOIN meter x ON x.id = c.meter AND x.epoch = c.epoch WHERE c.id = l.request AND c.kind <= 1 AND c.epoch = l.epoch AND c.state IN (0, 1, 2, 7));
END $$;

-- The order is done as the journal or the meter says; its posting follows. It goes the way it went before the restore, edge by edge.
CREATE OR REPLACE FUNCTION reconcile_done (p_id uuid, p_count int, p_reading jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE command SET state = 1, count = p_count, attempt = attempt + 1, baseline = p_reading, outcome = 8 WHERE id = p_id AND kind <= 1 AND state = 0;
  UPDATE command SET state = 2 WHERE id = p_id AND kind <= 1 AND state = 1;
  UPDATE command SET state = 3, count = p_count, evidence = p_reading, done_at = now (), claimed_until = '-infinity' WHERE id = p_id AND kind <= 1 AND state = 2;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the order moved on';
  END IF;
  UPDATE sale SET state = 4, verified_at = now (), count = p_count, balance_after = (p_reading->>'balance')::bigint WHERE id = p_id;
  UPDATE reconcile_line SET state = 1 WHERE request = p_id AND event IN (1, 5);
  PERFORM delivery_tell (p_id);
END $$;

-- The meter's verdict stands: it opens, or its case keeps it closed.
CREATE OR REPLACE FUNCTION reconcile_open (p_meter bigint, p_verdict smallint, p_reason smallint, p_verified int, p_purse jsonb, p_count int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  p_site bigint := (SELECT a.site FROM meter m JOIN area a ON a.id = m.area WHERE m.id = p_meter);
BEGIN
  IF p_verified > 0 THEN
    PERFORM ledger_purse_from (p_meter, p_purse, p_count);
  END IF;
  UPDATE meter_purse SET closed = false WHERE meter = p_meter;
  INSERT INTO reconcile_meter AS r (meter, verdict, reason, verified, decided_at) VALUES (p_meter, p_verdict, p_reason, p_verified, now ())
    ON CONFLICT (meter) DO UPDATE SET verdict = p_verdict, reason = p_reason, verified = p_verified, decided_at = now ();
  INSERT INTO feed (kind, ids) VALUES ('meter', ARRAY[p_meter]);
  PERFORM pg_notify ('till_delivery', '');
  PERFORM audit_append (p_site, 0, '', 'reconcile.meter', 'meter:' || p_meter, 'ok', NULL,
                        jsonb_build_object ('verdict', p_verdict, 'reason', p_reason, 'verified', p_verified), '');
END $$;

-- Two persons trust the books again: a new epoch. Meters that have not agreed yet stay closed and open one by one.
CREATE OR REPLACE FUNCTION reconcile_release () RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  gone bigint[];
BEGIN
  PERFORM FROM cluster WHERE reconciling AND replayed_at IS NOT NULL FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO cluster_epoch (epoch) SELECT epoch FROM cluster ON CONFLICT DO NOTHING;
  UPDATE cluster SET epoch = gen_random_uuid (), reconciling = false, released_at = now (), mark = mark + 1,
         system = (SELECT s.system_identifier::text FROM pg_control_system () s), timeline = (SELECT c.timeline_id FROM pg_control_checkpoint () c);
  WITH cleared AS (UPDATE alarm SET cleared_at = now () WHERE kind = 18 AND cleared_at IS NULL RETURNING id) SELECT array_agg (id) INTO gone FROM cleared;
  INSERT INTO feed (kind, ids) SELECT 'alarm', gone WHERE gone IS NOT NULL;
  PERFORM pg_notify ('till_feed', '');
  PERFORM pg_notify ('till_delivery', '');
  RETURN true;
END $$;
