-- ledger_post: posts what the ledger lane has queued, in one call and one commit.
-- Lock order: meter_purse, drawer, ledger_account by id, chain_head of the ledger, chain_head of the audit. Lock, then read.
-- An item that breaks a check comes back with a reason and the rest is posted; anything unforeseen raises and the lane
-- replays the items one by one.
-- kind of item: 0 sale, 1 delivered (verdict of a money command), 2 adopted (first baseline of an epoch).

-- Why an item may not be posted, seen under the locks; NULL = it may.
CREATE OR REPLACE FUNCTION ledger_refusal (i ledger_item) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  purse meter_purse;
  known bytea;
  state smallint;
  tries int;
  held bigint;
BEGIN
  SELECT * INTO purse FROM meter_purse WHERE meter = i.meter;
  IF i.kind = 0 THEN
    SELECT body_hash INTO known FROM request WHERE id = i.request;
    IF FOUND THEN
      RETURN CASE WHEN known = i.body_hash THEN 'replay' ELSE 'conflict' END;
    ELSIF purse.frozen THEN
      RETURN 'dispute';
    ELSIF purse.closed THEN
      RETURN 'reconcile';
    ELSIF purse.epoch IS DISTINCT FROM i.epoch THEN
      RETURN 'stale';
    ELSIF i.drawer = 9223372036854775807 AND NOT (SELECT s.drawer_auto FROM site s WHERE s.id = i.site)
      AND NOT EXISTS (SELECT FROM drawer d WHERE d.operator = i.actor AND d.closed_at IS NULL) THEN
      RETURN 'no drawer';
    ELSIF i.drawer <> 9223372036854775807 AND NOT EXISTS (SELECT FROM drawer d WHERE d.id = i.drawer AND d.operator = i.actor AND d.closed_at IS NULL) THEN
      RETURN 'drawer';
    ELSIF i.account IS NOT NULL AND NOT EXISTS (SELECT FROM account a WHERE a.id = i.account AND a.state = 0) THEN
      RETURN 'stale';
    END IF;
    -- On its way to the meter, or, where the server settles, all the account has: then the balance seen before says nothing.
    IF i.sale_state = 4 THEN
      SELECT credits - debits INTO held FROM ledger_account WHERE site = i.site AND kind = 4 AND owner = i.account;
    ELSE
      SELECT credits - debits + coalesce (i.balance_before, 0) INTO held FROM ledger_account WHERE site = i.site AND kind = 2 AND owner = i.meter;
      held := coalesce (held, i.balance_before);
    END IF;
    RETURN CASE WHEN coalesce (held, 0) + i.amount > i.balance_limit THEN 'limit' END;
  ELSIF i.kind = 1 THEN
    SELECT c.state, c.attempt INTO state, tries FROM command c WHERE c.id = i.request FOR UPDATE;
    RETURN CASE WHEN state = 2 AND tries = i.attempt AND purse.epoch = i.epoch THEN NULL ELSE 'stale' END;
  END IF;
  RETURN CASE WHEN purse.has_baseline OR purse.closed OR purse.epoch IS DISTINCT FROM i.epoch THEN 'stale' END;
END $$;

CREATE OR REPLACE FUNCTION ledger_purse_from (p_meter bigint, r jsonb, p_count int) RETURNS void LANGUAGE sql AS $$
  UPDATE meter_purse SET has_baseline = true, have = (r->>'have')::int, count = p_count, total = (r->>'total')::bigint,
         balance = (r->>'balance')::bigint, last_amount = (r->>'last_amount')::bigint, refund_count = (r->>'refund_count')::int,
         refunded_total = (r->>'refunded_total')::bigint, serial = coalesce (nullif (r->>'serial', ''), serial),
         read_at = to_timestamp ((r->>'at_us')::bigint / 1000000.0)
   WHERE meter = p_meter
$$;

CREATE OR REPLACE FUNCTION ledger_post (p_items jsonb) RETURNS TABLE (ord int, refused text, number bigint, drawer bigint, at timestamptz)
LANGUAGE plpgsql
SET plan_cache_mode TO force_generic_plan SET enable_hashjoin TO off SET enable_mergejoin TO off SET enable_seqscan TO off AS $$
#variable_conflict use_column
DECLARE
  items ledger_item[] := ARRAY (SELECT j FROM jsonb_populate_recordset (NULL::ledger_item, p_items) j ORDER BY j.ord);
  good  ledger_item[] := '{}';
  i     ledger_item;
  head  chain_head;
  why   text;
  stamp timestamptz := clock_timestamp ();
  seen  bigint[] := '{}';
BEGIN
  -- Purses of all meters, by id; a meter that never had one gets it.
  INSERT INTO meter_purse (meter, epoch)
    SELECT x.meter, (SELECT m.epoch FROM meter m WHERE m.id = x.meter) FROM (SELECT DISTINCT u.meter FROM unnest (items) u) x
     WHERE (SELECT p.meter FROM meter_purse p WHERE p.meter = x.meter) IS NULL AND (SELECT m.epoch FROM meter m WHERE m.id = x.meter) IS NOT NULL
     ORDER BY 1 ON CONFLICT DO NOTHING;
  PERFORM FROM meter_purse WHERE meter = ANY (ARRAY (SELECT u.meter FROM unnest (items) u)) ORDER BY meter FOR UPDATE;
  PERFORM FROM drawer WHERE closed_at IS NULL AND operator = ANY (ARRAY (SELECT u.actor FROM unnest (items) u WHERE u.drawer IS NOT NULL)) ORDER BY id FOR SHARE;

  FOREACH i IN ARRAY items LOOP
    -- Two items of one meter rest on each other's result: the second comes again with the next batch.
    why := CASE WHEN i.meter = ANY (seen) THEN 'again' ELSE ledger_refusal (i) END;
    IF why IS NULL THEN
      good := good || i;
      seen := seen || i.meter;
    ELSE
      RETURN QUERY SELECT i.ord, why, NULL::bigint, NULL::bigint, NULL::timestamptz;
    END IF;
  END LOOP;
  IF cardinality (good) = 0 THEN
    RETURN;
  END IF;
  -- Cash without an open drawer opens one; 9223372036854775807 stands for it.
  INSERT INTO drawer (site, operator, auto) SELECT DISTINCT u.site, u.actor, true FROM unnest (good) u WHERE u.drawer = 9223372036854775807
    ON CONFLICT (operator) WHERE closed_at IS NULL DO NOTHING;
  FOR k IN 1 .. cardinality (good) LOOP
    i := good[k];
    CONTINUE WHEN i.drawer IS DISTINCT FROM 9223372036854775807;
    SELECT d.id INTO i.drawer FROM drawer d WHERE d.operator = i.actor AND d.closed_at IS NULL FOR SHARE;
    i.owners := array_replace (i.owners, 9223372036854775807, i.drawer);
    good[k] := i;
  END LOOP;

  INSERT INTO request (id, body_hash, made_at) SELECT u.request, u.body_hash, stamp FROM unnest (good) u WHERE u.kind = 0;
  -- Scalar subqueries on purpose: one index look-up a row, whatever the planner believed when the tables were empty.
  INSERT INTO ledger_account (site, kind, owner)
    SELECT DISTINCT u.site, p.k, p.o FROM unnest (good) u, unnest (u.account_kinds, u.owners) AS p (k, o)
     WHERE (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o) IS NULL
     ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
  PERFORM FROM ledger_account WHERE id = ANY (ARRAY (
      SELECT (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o)
        FROM unnest (good) u, unnest (u.account_kinds, u.owners) AS p (k, o) WHERE p.k BETWEEN 2 AND 6)) ORDER BY id FOR UPDATE;
  UPDATE ledger_account a SET debits = a.debits + s.d, credits = a.credits + s.c
    FROM (SELECT (SELECT b.id FROM ledger_account b WHERE b.site = u.site AND b.kind = p.k AND b.owner = p.o) AS id,
                 sum (greatest (p.a, 0)) AS d, sum (greatest (- p.a, 0)) AS c
            FROM unnest (good) u, unnest (u.account_kinds, u.owners, u.amounts) AS p (k, o, a) WHERE p.k BETWEEN 2 AND 6 GROUP BY 1) s
   WHERE a.id = s.id;

  -- The chain: its head is locked last and held for the rest of this call only.
  FOR head IN SELECT * FROM chain_head WHERE chain = 0 AND site = ANY (ARRAY (SELECT u.site FROM unnest (good) u)) ORDER BY site FOR UPDATE LOOP
    FOR k IN 1 .. cardinality (good) LOOP
      i := good[k];
      CONTINUE WHEN i.site <> head.site OR cardinality (coalesce (i.amounts, '{}')) = 0;
      head.n := head.n + 1;
      head.hash := sha256 (head.hash || convert_to (tx_text (i.site, head.n, i.event, stamp, i.request, i.actor, i.reverses, i.account_kinds, i.owners, i.amounts), 'UTF8'));
      i.n := head.n;
      i.hash := head.hash;
      IF i.kind = 0 THEN
        head.receipts := head.receipts + 1;
        i.number := head.receipts;
      END IF;
      good[k] := i;
    END LOOP;
    UPDATE chain_head SET n = head.n, hash = head.hash, receipts = head.receipts WHERE chain = 0 AND site = head.site;
  END LOOP;
  IF EXISTS (SELECT FROM unnest (good) u WHERE u.n IS NULL AND cardinality (coalesce (u.amounts, '{}')) > 0) THEN
    RAISE EXCEPTION 'site without a chain';
  END IF;

  INSERT INTO tx (site, n, at, event, request, actor, reverses, hash)
    SELECT u.site, u.n, stamp, u.event, u.request, u.actor, u.reverses, u.hash FROM unnest (good) u WHERE u.n IS NOT NULL;
  INSERT INTO posting (site, n, line, account, amount)
    SELECT u.site, u.n, p.line, (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o), p.a
      FROM unnest (good) u, unnest (u.account_kinds, u.owners, u.amounts) WITH ORDINALITY AS p (k, o, a, line) WHERE u.n IS NOT NULL;
  PERFORM ledger_post_sales (good, stamp);
  FOREACH i IN ARRAY good LOOP
    IF i.kind > 0 THEN
      PERFORM ledger_post_reading (i, stamp);
    END IF;
  END LOOP;
  PERFORM ledger_post_trail (good, stamp);
  RETURN QUERY SELECT u.ord, NULL::text, u.number, u.drawer, stamp FROM unnest (good) u;
END $$;

-- Sales: the sale people see and the command that goes to the meter.
CREATE OR REPLACE FUNCTION ledger_post_sales (good ledger_item[], stamp timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sale (id, site, number, kind, state, meter, epoch, account, customer, area, amount, energy, price, channel, operator, drawer,
                    balance_before, note, created_at, verified_at)
    SELECT u.request, u.site, u.number, u.sale_kind, u.sale_state, u.meter, u.epoch, u.account, u.customer, u.area, u.amount, u.energy, u.price,
           u.channel, u.actor, u.drawer, u.balance_before, u.note, stamp, CASE WHEN u.sale_state = 4 THEN stamp END
      FROM unnest (good) u WHERE u.kind = 0;
  INSERT INTO command (id, meter, epoch, kind, state, operator, amount, created_at, not_before)
    SELECT u.request, u.meter, u.epoch, 0, 0, u.actor, u.purse_amount, stamp, stamp
      FROM unnest (good) u WHERE u.kind = 0 AND u.sale_state <> 4 ORDER BY u.ord;
END $$;

-- Verdict "applied" and adoption: the meter's values become what the ledger believes.
CREATE OR REPLACE FUNCTION ledger_post_reading (i ledger_item, stamp timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledger_purse_from (i.meter, i.reading, i.count);
  IF i.kind = 1 THEN
    UPDATE command SET state = 3, done_at = stamp, evidence = i.reading, claimed_until = '-infinity' WHERE id = i.request;
    UPDATE sale SET state = 4, verified_at = stamp, balance_after = (i.reading->>'balance')::bigint, count = c.count
      FROM command c WHERE c.id = sale.id AND sale.id = i.request;
  END IF;
END $$;

-- Log, change feed and doorbells of the batch. The head of the log is the last lock.
CREATE OR REPLACE FUNCTION ledger_post_trail (good ledger_item[], stamp timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO feed (kind, uuids) SELECT 'sale', array_agg (u.request) FROM unnest (good) u WHERE u.kind IN (0, 1) HAVING count (*) > 0;
  INSERT INTO feed (kind, ids) SELECT 'meter', array_agg (u.meter) FROM unnest (good) u WHERE u.kind IN (1, 2) HAVING count (*) > 0;
  PERFORM pg_notify ('till_feed', '');
  IF EXISTS (SELECT FROM unnest (good) u WHERE u.kind = 0 AND u.sale_state <> 4) THEN
    PERFORM pg_notify ('till_delivery', '');
  END IF;
  PERFORM audit_append_all (ARRAY (
    SELECT ROW (u.site, 0, stamp, u.actor, coalesce (u.address, ''),
                CASE u.kind WHEN 0 THEN 'sales.sell' WHEN 1 THEN 'delivery.verified' ELSE 'purse.adopted' END, 'meter:' || u.meter, 'ok', NULL,
                CASE u.kind WHEN 0 THEN jsonb_build_object ('sale', u.request, 'number', u.number, 'amount', u.amount, 'channel', u.channel)
                            ELSE jsonb_build_object ('request', u.request, 'epoch', u.epoch, 'reading', u.reading) END,
                coalesce (u.request_text, ''), NULL)::audit
      FROM unnest (good) u ORDER BY u.ord));
END $$;
