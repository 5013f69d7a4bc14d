-- ledger_post: posts what the ledger lane has queued, in one call and one commit.
-- Lock order: meter_purse, drawer, command, ledger_account by id, chain_head of the ledger, chain_head of the audit. Lock, then read.
-- An item that breaks a check comes back with a reason and the rest is posted; anything unforeseen raises and the lane
-- replays the items one by one. All is done for all items by one statement each: a statement costs more than what it does for one row.
-- kind of item: 0 sale, 1 delivered (verdict of a money command), 2 adopted (first baseline of an epoch).

-- Why an item may not be posted, seen under the locks, in the order of the items; NULL = it may. Two items of one meter rest on each
-- other's result: the second comes again with the next batch.
CREATE OR REPLACE FUNCTION ledger_refusals (p_items ledger_item[]) RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
  RETURN ARRAY (
    SELECT CASE WHEN row_number () OVER (PARTITION BY u.meter ORDER BY u.ord) > 1 THEN 'again' ELSE
      CASE u.kind
      WHEN 0 THEN CASE
        WHEN r.id IS NOT NULL THEN CASE WHEN r.body_hash = u.body_hash THEN 'replay' ELSE 'conflict' END
        WHEN p.frozen THEN 'dispute'
        WHEN p.closed THEN 'reconcile'
        WHEN p.epoch IS DISTINCT FROM u.epoch THEN 'stale'
        WHEN u.drawer = 9223372036854775807 AND NOT (SELECT s.drawer_auto FROM site s WHERE s.id = u.site)
          AND NOT EXISTS (SELECT FROM drawer d WHERE d.operator = u.actor AND d.closed_at IS NULL) THEN 'no drawer'
        WHEN u.drawer <> 9223372036854775807
          AND NOT EXISTS (SELECT FROM drawer d WHERE d.id = u.drawer AND d.operator = u.actor AND d.closed_at IS NULL) THEN 'drawer'
        WHEN u.account IS NOT NULL AND NOT EXISTS (SELECT FROM account a WHERE a.id = u.account AND a.state = 0) THEN 'stale'
        -- On its way to the meter, or, where the server settles, all the account has: then the balance seen before says nothing.
        WHEN u.amount + coalesce (CASE WHEN u.sale_state = 4
            THEN (SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = u.site AND l.kind = 4 AND l.owner = u.account)
            ELSE coalesce ((SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = u.site AND l.kind = 2 AND l.owner = u.meter), 0)
                 + coalesce (u.balance_before, 0) END, 0) > u.balance_limit THEN 'limit'
        END
      WHEN 1 THEN CASE WHEN p.epoch = u.epoch AND EXISTS (SELECT FROM command c WHERE c.id = u.request AND c.state = 2 AND c.attempt = u.attempt)
        THEN NULL ELSE 'stale' END
      ELSE CASE WHEN p.has_baseline OR p.closed OR p.epoch IS DISTINCT FROM u.epoch THEN 'stale' END
      END
    END
      FROM unnest (p_items) u LEFT JOIN meter_purse p ON p.meter = u.meter LEFT JOIN request r ON r.id = u.request
     ORDER BY u.ord);
END $$;

-- What the meters said becomes what the ledger believes of them.
CREATE OR REPLACE FUNCTION ledger_purses_from (p_meters bigint[], p_readings jsonb[], p_counts int[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE meter_purse p SET has_baseline = true, have = (x.r->>'have')::int, count = x.count, total = (x.r->>'total')::bigint,
         balance = (x.r->>'balance')::bigint, last_amount = (x.r->>'last_amount')::bigint, refund_count = (x.r->>'refund_count')::int,
         refunded_total = (x.r->>'refunded_total')::bigint, serial = coalesce (nullif (x.r->>'serial', ''), serial),
         read_at = to_timestamp ((x.r->>'at_us')::bigint / 1000000.0)
    FROM unnest (p_meters, p_readings, p_counts) x (meter, r, count) WHERE p.meter = x.meter;
END $$;

CREATE OR REPLACE FUNCTION ledger_post (p_items jsonb) RETURNS TABLE (ord int, refused text, number bigint, drawer bigint, at timestamptz)
LANGUAGE plpgsql
SET plan_cache_mode TO force_generic_plan SET enable_hashjoin TO off SET enable_mergejoin TO off SET enable_seqscan TO off AS $$
#variable_conflict use_column
DECLARE
  items    ledger_item[] := ARRAY (SELECT j FROM jsonb_populate_recordset (NULL::ledger_item, p_items) j ORDER BY j.ord);
  meters   bigint[];
  cashiers bigint[];
  verdicts uuid[];
  whys     text[];
  opening  boolean;
  stamp    timestamptz := clock_timestamp ();
BEGIN
  SELECT array_agg (DISTINCT u.meter), array_agg (DISTINCT u.actor) FILTER (WHERE u.drawer IS NOT NULL),
         array_agg (u.request) FILTER (WHERE u.kind = 1), coalesce (bool_or (u.drawer = 9223372036854775807), false)
    INTO meters, cashiers, verdicts, opening FROM unnest (items) u;
  -- Purses of all meters, by id; a meter that never had one gets it before any is locked.
  IF (SELECT count (*) FROM meter_purse p WHERE p.meter = ANY (meters)) < cardinality (meters) THEN
    INSERT INTO meter_purse (meter, epoch) SELECT m.id, m.epoch FROM meter m WHERE m.id = ANY (meters) ORDER BY m.id ON CONFLICT DO NOTHING;
  END IF;
  PERFORM FROM meter_purse WHERE meter = ANY (meters) ORDER BY meter FOR UPDATE;
  IF cashiers IS NOT NULL THEN
    PERFORM FROM drawer WHERE closed_at IS NULL AND operator = ANY (cashiers) ORDER BY id FOR SHARE;
  END IF;
  IF verdicts IS NOT NULL THEN
    PERFORM FROM command WHERE id = ANY (verdicts) ORDER BY id FOR UPDATE;
  END IF;

  whys := ledger_refusals (items);
  IF cardinality (array_remove (whys, NULL)) > 0 THEN
    RETURN QUERY SELECT items[k].ord, whys[k], NULL::bigint, NULL::bigint, NULL::timestamptz FROM generate_subscripts (items, 1) k WHERE whys[k] IS NOT NULL;
    items := ARRAY (SELECT items[k] FROM generate_subscripts (items, 1) k WHERE whys[k] IS NULL ORDER BY k);
    IF cardinality (items) = 0 THEN
      RETURN;
    END IF;
  END IF;
  IF opening THEN
    items := ledger_open_drawers (items);
  END IF;
  PERFORM ledger_post_accounts (items);
  RETURN QUERY SELECT * FROM ledger_post_chain (items, stamp);
  IF EXISTS (SELECT FROM unnest (items) u WHERE u.kind > 0) THEN
    PERFORM ledger_post_readings (items, stamp);
  END IF;
  PERFORM ledger_post_trail (items, stamp);
END $$;

-- Cash without an open drawer opens one; 9223372036854775807 stands for it.
CREATE OR REPLACE FUNCTION ledger_open_drawers (items ledger_item[]) RETURNS ledger_item[] LANGUAGE plpgsql AS $$
DECLARE
  i ledger_item;
BEGIN
  INSERT INTO drawer (site, operator, auto) SELECT DISTINCT u.site, u.actor, true FROM unnest (items) u WHERE u.drawer = 9223372036854775807
    ON CONFLICT (operator) WHERE closed_at IS NULL DO NOTHING;
  FOR k IN 1 .. cardinality (items) LOOP
    i := items[k];
    CONTINUE WHEN i.drawer IS DISTINCT FROM 9223372036854775807;
    SELECT d.id INTO i.drawer FROM drawer d WHERE d.operator = i.actor AND d.closed_at IS NULL FOR SHARE;
    i.owners := array_replace (i.owners, 9223372036854775807, i.drawer);
    items[k] := i;
  END LOOP;
  RETURN items;
END $$;

-- Balances of what is posted. Scalar subqueries on purpose: one index look-up a row, whatever the planner believed when the tables were empty.
CREATE OR REPLACE FUNCTION ledger_post_accounts (items ledger_item[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  accounts bigint[];
  missing  boolean;
BEGIN
  SELECT array_agg (DISTINCT x.id) FILTER (WHERE x.k BETWEEN 2 AND 6), bool_or (x.id IS NULL) INTO accounts, missing
    FROM (SELECT p.k, (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o) AS id
            FROM unnest (items) u, unnest (u.account_kinds, u.owners) AS p (k, o)) x;
  IF missing THEN
    INSERT INTO ledger_account (site, kind, owner)
      SELECT DISTINCT u.site, p.k, p.o FROM unnest (items) u, unnest (u.account_kinds, u.owners) AS p (k, o)
       WHERE (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o) IS NULL
       ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
    accounts := ARRAY (
      SELECT (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o)
        FROM unnest (items) u, unnest (u.account_kinds, u.owners) AS p (k, o) WHERE p.k BETWEEN 2 AND 6);
  END IF;
  PERFORM FROM ledger_account WHERE id = ANY (accounts) ORDER BY id FOR UPDATE;
  UPDATE ledger_account a SET debits = a.debits + s.d, credits = a.credits + s.c
    FROM (SELECT (SELECT b.id FROM ledger_account b WHERE b.site = u.site AND b.kind = p.k AND b.owner = p.o) AS id,
                 sum (greatest (p.a, 0)) AS d, sum (greatest (- p.a, 0)) AS c
            FROM unnest (items) u, unnest (u.account_kinds, u.owners, u.amounts) AS p (k, o, a) WHERE p.k BETWEEN 2 AND 6 GROUP BY 1) s
   WHERE a.id = s.id;
END $$;

-- Places in the chain and receipt numbers, and all that bears them: the head is locked last but the log's, and held for the rest of the call.
-- A sale is the row that people see and the command that goes to the meter.
CREATE OR REPLACE FUNCTION ledger_post_chain (items ledger_item[], stamp timestamptz)
RETURNS TABLE (ord int, refused text, number bigint, drawer bigint, at timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  sites bigint[] := ARRAY (SELECT DISTINCT u.site FROM unnest (items) u ORDER BY 1);
  heads int;
BEGIN
  PERFORM FROM chain_head WHERE chain = 0 AND site = ANY (sites) ORDER BY site FOR UPDATE;
  GET DIAGNOSTICS heads = ROW_COUNT;
  IF heads < cardinality (sites) THEN
    RAISE EXCEPTION 'site without a chain';
  END IF;
  RETURN QUERY
    WITH placed AS MATERIALIZED (
      SELECT u.*, h.hash AS head, cardinality (u.amounts) > 0 AS posts,
             h.n + count (*) FILTER (WHERE cardinality (u.amounts) > 0) OVER w AS place, h.receipts + count (*) FILTER (WHERE u.kind = 0) OVER w AS receipt
        FROM unnest (items) u JOIN chain_head h ON h.chain = 0 AND h.site = u.site
      WINDOW w AS (PARTITION BY u.site ORDER BY u.ord)),
    requested AS (INSERT INTO request (id, body_hash, made_at) SELECT u.request, u.body_hash, stamp FROM placed u WHERE u.kind = 0),
    chained AS (
      INSERT INTO tx (site, n, at, event, request, actor, reverses, hash)
        SELECT u.site, u.place, stamp, u.event, u.request, u.actor, u.reverses,
               chain_hash (u.head, tx_text (u.site, u.place, u.event, stamp, u.request, u.actor, u.reverses, u.account_kinds, u.owners, u.amounts))
                 OVER (PARTITION BY u.site ORDER BY u.ord)
          FROM placed u WHERE u.posts
        RETURNING site, n, hash),
    posted AS (
      INSERT INTO posting (site, n, line, account, amount)
        SELECT u.site, u.place, p.line, (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o), p.a
          FROM placed u, unnest (u.account_kinds, u.owners, u.amounts) WITH ORDINALITY AS p (k, o, a, line) WHERE u.posts),
    sold AS (
      INSERT INTO sale (id, site, number, kind, state, meter, epoch, account, customer, area, amount, energy, price, channel, operator, drawer,
                        balance_before, note, created_at, verified_at)
        SELECT u.request, u.site, u.receipt, u.sale_kind, u.sale_state, u.meter, u.epoch, u.account, u.customer, u.area, u.amount, u.energy, u.price,
               u.channel, u.actor, u.drawer, u.balance_before, u.note, stamp, CASE WHEN u.sale_state = 4 THEN stamp END
          FROM placed u WHERE u.kind = 0),
    ordered AS (
      INSERT INTO command (id, meter, epoch, kind, state, operator, amount, created_at, not_before)
        SELECT u.request, u.meter, u.epoch, 0, 0, u.actor, u.purse_amount, stamp, stamp
          FROM placed u WHERE u.kind = 0 AND u.sale_state <> 4 ORDER BY u.ord),
    moved AS (
      UPDATE chain_head h SET n = coalesce (l.n, h.n), hash = coalesce (l.hash, h.hash), receipts = r.receipts
        FROM (SELECT u.site, max (u.receipt) AS receipts FROM placed u GROUP BY u.site) r
        LEFT JOIN (SELECT DISTINCT ON (c.site) c.site, c.n, c.hash FROM chained c ORDER BY c.site, c.n DESC) l ON l.site = r.site
       WHERE h.chain = 0 AND h.site = r.site)
    SELECT u.ord, NULL::text, CASE WHEN u.kind = 0 THEN u.receipt END, u.drawer, stamp FROM placed u;
END $$;

-- Verdict "applied" and adoption.
CREATE OR REPLACE FUNCTION ledger_post_readings (items ledger_item[], stamp timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledger_purses_from (array_agg (u.meter), array_agg (u.reading), array_agg (u.count)) FROM unnest (items) u WHERE u.kind > 0;
  UPDATE command c SET state = 3, done_at = stamp, evidence = u.reading, claimed_until = '-infinity'
    FROM unnest (items) u WHERE u.kind = 1 AND c.id = u.request;
  UPDATE sale s SET state = 4, verified_at = stamp, balance_after = (u.reading->>'balance')::bigint, count = c.count
    FROM unnest (items) u JOIN command c ON c.id = u.request WHERE u.kind = 1 AND s.id = u.request;
END $$;

-- Log, change feed and doorbells of the batch. The head of the log is the last lock.
CREATE OR REPLACE FUNCTION ledger_post_trail (good ledger_item[], stamp timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  sold boolean;
BEGIN
  WITH told AS (
    SELECT array_agg (u.request) FILTER (WHERE u.kind IN (0, 1)) AS sales, array_agg (u.meter) FILTER (WHERE u.kind IN (1, 2)) AS meters,
           coalesce (bool_or (u.kind = 0 AND u.sale_state <> 4), false) AS sold FROM unnest (good) u),
  fed AS (
    INSERT INTO feed (kind, uuids, ids)
      SELECT 'sale', t.sales, NULL FROM told t WHERE t.sales IS NOT NULL UNION ALL SELECT 'meter', NULL, t.meters FROM told t WHERE t.meters IS NOT NULL)
  SELECT t.sold INTO sold FROM told t;
  PERFORM pg_notify ('till_feed', '');
  IF sold THEN
    PERFORM pg_notify ('till_delivery', '');
  END IF;
  PERFORM audit_append_all (ARRAY (
    SELECT ROW (u.site, 0, stamp, u.actor, coalesce (u.address, ''),
                CASE u.kind WHEN 0 THEN 'sales.sell' WHEN 1 THEN 'delivery.verified' ELSE 'purse.adopted' END, 'meter:' || u.meter, 'ok', NULL,
                CASE u.kind WHEN 0 THEN jsonb_build_object ('sale', u.request, 'number', (SELECT s.number FROM sale s WHERE s.id = u.request), 'amount', u.amount, 'channel', u.channel)
                            ELSE jsonb_build_object ('request', u.request, 'epoch', u.epoch, 'reading', u.reading) END,
                coalesce (u.request_text, ''), NULL)::audit
      FROM unnest (good) u ORDER BY u.ord));
END $$;

-- Names of before, for one item each.
DROP FUNCTION IF EXISTS ledger_refusal (ledger_item), ledger_purse_from (bigint, jsonb, int), ledger_post_sales (ledger_item[], timestamptz),
  ledger_post_reading (ledger_item, timestamptz);
