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

-- The order in which lines are worked off: sales and allowances; what went back without a meter; what was paid out; what a meter took or gave.
CREATE OR REPLACE FUNCTION reconcile_phase (l reconcile_line) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN l.event IN (0, 7) THEN 0 WHEN l.event IN (2, 6) OR l.event = 5 AND l.facts <> '' AND split_part (l.facts, ',', 9) = '' THEN 1
              WHEN l.event = 3 THEN 2 ELSE 3 END
$$;

-- A refund that a meter has to confirm yet is paid out after its meter's verdict.
CREATE OR REPLACE FUNCTION reconcile_waits (l reconcile_line) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT l.event = 3 AND (EXISTS (SELECT FROM command c WHERE c.id = l.request AND c.kind = 1 AND c.state IN (0, 1, 2))
                          OR EXISTS (SELECT FROM reconcile_line v WHERE v.request = l.request AND v.event = 5 AND v.state = 0))
$$;

CREATE OR REPLACE FUNCTION reconcile_refuse (p_request uuid, p_event smallint, p_why text) RETURNS void LANGUAGE sql AS $$
  UPDATE reconcile_line SET state = 2, why = p_why WHERE request = p_request AND event = p_event
$$;

-- The journal says that money of this sale went back: it never came to the meter, whatever the copy believed to be under way.
CREATE OR REPLACE FUNCTION reconcile_cancel (p_id uuid, p_why text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE command SET state = 2 WHERE id = p_id AND kind = 0 AND state = 1;
  UPDATE command SET state = 0 WHERE id = p_id AND kind = 0 AND state = 2;
  RETURN delivery_cancel (p_id, 0::smallint, p_why);
END $$;

-- The sale's money went back before it was delivered, or was given up: line 6 names the sale in its facts, line 2 is the sale's own and
-- names the refund that it became. NULL = done; else what is missing.
CREATE OR REPLACE FUNCTION reconcile_sale_back (l reconcile_line, o sale, p_event smallint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF o.id IS NULL THEN
    RETURN 'its sale is not in the books';
  ELSIF EXISTS (SELECT FROM sale r WHERE r.reverses = o.id) THEN
    RETURN 'its sale was taken back before';
  ELSIF EXISTS (SELECT FROM command c WHERE c.id = o.id) AND NOT reconcile_cancel (o.id, CASE WHEN p_event = 6 THEN 'reversed' ELSE 'given up' END) THEN
    RETURN 'its sale is on the meter, or a case holds it';
  END IF;
  RETURN NULL;
END $$;

-- A lost line of money that went back: 2 given up, 3 paid out, 5 refunded from a balance that the server keeps, 6 taken back before delivery.
-- The answer is what is to be posted; no row = nothing, why says it.
CREATE OR REPLACE FUNCTION reconcile_return (p_request uuid, p_event smallint) RETURNS TABLE (site bigint, operator bigint, channel smallint, drawer bigint,
  account bigint, customer bigint, meter bigint, amount bigint, server_settled boolean, subsidy boolean, reverses bigint, row_id uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  l    reconcile_line;
  m    meter;
  o    sale; -- the sale that is concerned; of a payout the refund
  who  bigint;
  way  smallint;
  box  bigint;
  gift boolean;
  seen uuid := p_request; -- id of the row that people see
  wrong text;
BEGIN
  SELECT x.* INTO STRICT l FROM reconcile_line x WHERE x.request = p_request AND x.event = p_event FOR UPDATE;
  SELECT x.* INTO m FROM meter x WHERE x.id = l.meter;
  SELECT x.* INTO o FROM sale x WHERE x.id = CASE WHEN p_event IN (2, 3) THEN p_request ELSE nullif (split_part (l.facts, ',', 12), '')::uuid END FOR UPDATE;
  SELECT x.id INTO who FROM operator x WHERE x.id = reconcile_fact (l.facts, 1);
  gift := o.kind = 2;
  way := reconcile_fact (l.facts, 2);
  IF way = 0 AND who IS NULL THEN
    way := 4; -- nobody's drawer: a transfer that finance looks after
  END IF;
  wrong := CASE WHEN m.id IS NULL THEN 'no such meter' WHEN l.facts = '' THEN 'the line has no facts'
                WHEN p_event IN (5, 6) AND EXISTS (SELECT FROM request q WHERE q.id = p_request) THEN 'the id was used before'
                WHEN p_event <> 3 THEN NULL
                WHEN o.id IS NULL THEN 'its refund is not in the books'
                WHEN o.paid_at IS NOT NULL THEN 'it was paid before'
                WHEN o.state <> 4 THEN 'it was paid, and its refund is not off the meter: when it is, pay it in the client and hand out nothing' END;
  IF wrong IS NULL AND p_event IN (2, 6) THEN
    wrong := reconcile_sale_back (l, o, p_event);
  END IF;
  IF wrong IS NOT NULL THEN
    PERFORM reconcile_refuse (p_request, p_event, wrong);
    RETURN;
  END IF;
  IF p_event = 2 THEN
    seen := nullif (split_part (l.facts, ',', 12), '')::uuid; -- an allowance becomes nobody's refund
  END IF;
  IF p_event <> 3 AND seen IS NOT NULL THEN
    INSERT INTO request (id, body_hash, made_at) VALUES (seen, decode (split_part (l.facts, ',', 11), 'hex'), l.at);
    PERFORM money_out (seen, CASE WHEN p_event = 2 THEN 3 ELSE reconcile_fact (l.facts, 4) END::smallint, 4::smallint, m.id, coalesce (o.account, reconcile_fact (l.facts, 7)),
                       coalesce (o.customer, reconcile_fact (l.facts, 8)), l.amount, NULL, reconcile_fact (l.facts, 5), reconcile_fact (l.facts, 6), way,
                       coalesce (who, 0), o.id, NULL, NULL, NULL);
  END IF;
  IF p_event IN (3, 6) AND NOT coalesce (gift, false) THEN
    IF way = 0 THEN
      box := reconcile_drawer ((SELECT a.site FROM area a WHERE a.id = m.area), who, reconcile_fact (l.facts, 3));
    END IF;
    UPDATE sale x SET paid_at = l.at, paid_by = coalesce (who, 0), paid_channel = way, drawer = box WHERE x.id = p_request;
    PERFORM delivery_tell (p_request);
  END IF;
  UPDATE reconcile_line r SET state = 1 WHERE r.request = p_request AND r.event = p_event;
  RETURN QUERY SELECT a.site, coalesce (who, 0), way, coalesce (box, 0), coalesce (o.account, reconcile_fact (l.facts, 7), 0),
                      coalesce (o.customer, reconcile_fact (l.facts, 8), 0), m.id, l.amount,
                      p_event = 5 OR p_event = 6 AND NOT EXISTS (SELECT FROM command c WHERE c.id = o.id), coalesce (gift, false),
                      CASE WHEN p_event = 6 THEN (SELECT t.n FROM tx t WHERE t.request = o.id AND t.event IN (0, 7)) ELSE 0 END, seen
                 FROM area a WHERE a.id = m.area;
END $$;

-- One lost verdict. The order must be there; what it posts is decided when its meter has been read. Money that was taken off a meter and
-- of which the books know nothing becomes a refund, or the reversal of its sale, under its old id.
CREATE OR REPLACE FUNCTION reconcile_verdict (p_request uuid, p_event smallint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  l reconcile_line;
  m meter;
  a account;
  o sale; -- that is reversed
BEGIN
  SELECT x.* INTO STRICT l FROM reconcile_line x WHERE x.request = p_request AND x.event = p_event FOR UPDATE;
  SELECT x.* INTO m FROM meter x WHERE x.id = l.meter;
  SELECT x.* INTO o FROM sale x WHERE x.id = nullif (split_part (l.facts, ',', 12), '')::uuid AND NOT EXISTS (SELECT FROM sale r WHERE r.reverses = x.id);
  IF l.event = 5 AND m.id IS NOT NULL AND l.facts <> '' AND NOT EXISTS (SELECT FROM request q WHERE q.id = l.request) THEN
    SELECT x.* INTO a FROM account x JOIN account_meter am ON am.account = x.id WHERE am.meter = m.id AND x.state <> 2 ORDER BY x.id DESC LIMIT 1;
    INSERT INTO request (id, body_hash, made_at) VALUES (l.request, sha256 (convert_to (l.request::text, 'UTF8')), l.at);
    PERFORM money_out (l.request, CASE WHEN o.id IS NULL THEN 3 ELSE 4 END::smallint, 1::smallint, m.id, coalesce (o.account, a.id),
                       coalesce (reconcile_fact (l.facts, 8), o.customer, a.customer), l.amount, reconcile_fact (l.facts, 9), NULL, NULL,
                       coalesce (reconcile_fact (l.facts, 2), 0)::smallint, 0::bigint, o.id, NULL, NULL, NULL);
    PERFORM audit_append ((SELECT x.site FROM area x WHERE x.id = m.area), 0, '', 'reconcile.return', 'meter:' || m.id, 'ok', NULL,
                          jsonb_build_object ('sale', l.request, 'reverses', o.id), '');
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
    PERFORM ledger_purses_from (ARRAY[p_meter], ARRAY[p_purse], ARRAY[p_count]);
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
