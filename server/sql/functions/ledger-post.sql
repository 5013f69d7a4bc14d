-- ledger_post: posts what the ledger lane has queued, in one call and one commit.
-- Lock order: meter_purse, drawer, command, ledger_account by id, chain_head of the ledger, chain_head of the audit. Lock, then read.
-- An item that breaks a check comes back with a reason and the rest is posted; anything unforeseen raises and the lane
-- replays the items one by one. All is done for all items by one statement each: a statement costs more than what it does for one row.
-- kind of item: 0 sale, 1 delivered (verdict of a money command), 2 adopted (first baseline of an epoch).

-- Why an item may not be posted, seen under the locks, in the order of the items; NULL = it may. Two items of one meter rest on each
-- other's result: the second comes again with the next batch. Scalar subqueries on purpose: EXISTS is planned as a hash of all open
-- commands, and there may be many.
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
          AND (SELECT d.id FROM drawer d WHERE d.operator = u.actor AND d.closed_at IS NULL) IS NULL THEN 'no drawer'
        WHEN u.drawer <> 9223372036854775807
          AND (SELECT d.id FROM drawer d WHERE d.id = u.drawer AND d.operator = u.actor AND d.closed_at IS NULL) IS NULL THEN 'drawer'
        WHEN u.account IS NOT NULL AND (SELECT a.state FROM account a WHERE a.id = u.account) IS DISTINCT FROM 0 THEN 'stale'
        -- On its way to the meter, or, where the server settles, all the account has: then the balance seen before says nothing.
        WHEN u.amount + coalesce (CASE WHEN u.sale_state = 4
            THEN (SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = u.site AND l.kind = 4 AND l.owner = u.account)
            ELSE coalesce ((SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = u.site AND l.kind = 2 AND l.owner = u.meter), 0)
                 + coalesce (u.balance_before, 0) END, 0) > u.balance_limit THEN 'limit'
        END
      WHEN 1 THEN CASE WHEN p.epoch = u.epoch AND (SELECT c.state = 2 AND c.attempt = u.attempt FROM command c WHERE c.id = u.request)
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
  read     boolean;
  ordered  boolean;
  stamp    timestamptz := clock_timestamp ();
BEGIN
  SELECT array_agg (DISTINCT u.meter), array_agg (DISTINCT u.actor) FILTER (WHERE u.drawer IS NOT NULL),
         array_agg (u.request) FILTER (WHERE u.kind = 1), coalesce (bool_or (u.drawer = 9223372036854775807), false), bool_or (u.kind > 0),
         bool_or (u.kind = 0 AND u.sale_state <> 4)
    INTO meters, cashiers, verdicts, opening, read, ordered FROM unnest (items) u;
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
  IF read THEN
    PERFORM ledger_post_readings (items, stamp);
  END IF;
  RETURN QUERY SELECT * FROM ledger_post_chain (items, ledger_post_accounts (items), stamp);
  PERFORM pg_notify ('till_feed', ''), CASE WHEN ordered THEN pg_notify ('till_delivery', '') END;
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

-- Verdict "applied" and adoption. Before the heads of the chains: a sale may be locked by who waits for one of them.
CREATE OR REPLACE FUNCTION ledger_post_readings (items ledger_item[], stamp timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledger_purses_from (array_agg (u.meter), array_agg (u.reading), array_agg (u.count)) FROM unnest (items) u WHERE u.kind > 0;
  UPDATE command c SET state = 3, done_at = stamp, evidence = u.reading, claimed_until = '-infinity'
    FROM unnest (items) u WHERE u.kind = 1 AND c.id = u.request;
  UPDATE sale s SET state = 4, verified_at = stamp, balance_after = (u.reading->>'balance')::bigint, count = c.count
    FROM unnest (items) u JOIN command c ON c.id = u.request WHERE u.kind = 1 AND s.id = u.request;
END $$;

DROP FUNCTION IF EXISTS ledger_post_accounts (ledger_item[]); -- returned nothing before
-- Balances of what is posted; returns the account of each posting, in the order of the items and their lines. A scalar subquery on
-- purpose: one index look-up a posting, whatever the planner believed when the tables were empty. The update locks by id.
CREATE OR REPLACE FUNCTION ledger_post_accounts (items ledger_item[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  accounts bigint[];
  kinds    smallint[];
  amounts  bigint[];
BEGIN
  FOR attempt IN 1 .. 2 LOOP
    SELECT array_agg (x.id ORDER BY x.ord, x.line), array_agg (x.k ORDER BY x.ord, x.line), array_agg (x.a ORDER BY x.ord, x.line) INTO accounts, kinds, amounts
      FROM (SELECT u.ord, p.line, p.k, p.a, (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o) AS id
              FROM unnest (items) u, unnest (u.account_kinds, u.owners, u.amounts) WITH ORDINALITY AS p (k, o, a, line)) x;
    EXIT WHEN array_position (accounts, NULL) IS NULL;
    INSERT INTO ledger_account (site, kind, owner)
      SELECT DISTINCT u.site, p.k, p.o FROM unnest (items) u, unnest (u.account_kinds, u.owners) AS p (k, o)
       WHERE (SELECT a.id FROM ledger_account a WHERE a.site = u.site AND a.kind = p.k AND a.owner = p.o) IS NULL
       ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
  END LOOP;
  UPDATE ledger_account a SET debits = a.debits + s.d, credits = a.credits + s.c
    FROM (SELECT p.id, sum (greatest (p.a, 0)) AS d, sum (greatest (- p.a, 0)) AS c
            FROM unnest (accounts, kinds, amounts) AS p (id, k, a) WHERE p.k BETWEEN 2 AND 6 GROUP BY p.id ORDER BY p.id) s
   WHERE a.id = s.id;
  RETURN accounts;
END $$;

-- Places in both chains and receipt numbers, and all that bears them: the heads are locked last, the ledger's and then the log's, and held
-- for the rest of the call. A sale is the row that people see and the command that goes to the meter; each item is a line of the log.
DROP FUNCTION IF EXISTS ledger_post_chain (ledger_item[], timestamptz), ledger_post_trail (ledger_item[], timestamptz);
CREATE OR REPLACE FUNCTION ledger_post_chain (items ledger_item[], accounts bigint[], stamp timestamptz)
RETURNS TABLE (ord int, refused text, number bigint, drawer bigint, at timestamptz) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  sites    bigint[] := ARRAY (SELECT DISTINCT u.site FROM unnest (items) u ORDER BY 1);
  stamp_us bigint := extract (epoch FROM stamp) * 1000000; -- as audit_text () and tx_text () write it
  heads    int;
BEGIN
  PERFORM FROM chain_head WHERE site = ANY (sites) AND chain IN (0, 1) ORDER BY chain, site FOR UPDATE;
  GET DIAGNOSTICS heads = ROW_COUNT;
  IF heads < 2 * cardinality (sites) THEN
    RAISE EXCEPTION 'site without a chain';
  END IF;
  RETURN QUERY
    WITH placed AS MATERIALIZED (
      SELECT x.*, CASE x.kind WHEN 0 THEN 'sales.sell' WHEN 1 THEN 'delivery.verified' ELSE 'purse.adopted' END AS action, 'meter:' || x.meter AS object,
             CASE x.kind WHEN 0 THEN jsonb_build_object ('sale', x.request, 'number', x.receipt, 'amount', x.amount, 'channel', x.channel)
                         ELSE jsonb_build_object ('request', x.request, 'epoch', x.epoch, 'reading', x.reading) END AS after
        FROM (SELECT u.*, h.hash AS head, l.hash AS log_head, cardinality (u.amounts) > 0 AS posts,
                     h.n + count (*) FILTER (WHERE cardinality (u.amounts) > 0) OVER w AS place, h.receipts + count (*) FILTER (WHERE u.kind = 0) OVER w AS receipt,
                     l.n + row_number () OVER w AS log_place, sum (cardinality (u.amounts)) OVER (ORDER BY u.ord) - cardinality (u.amounts) AS lines_before
                FROM unnest (items) u JOIN chain_head h ON h.chain = 0 AND h.site = u.site JOIN chain_head l ON l.chain = 1 AND l.site = u.site
              WINDOW w AS (PARTITION BY u.site ORDER BY u.ord)) x),
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
        SELECT u.site, u.place, p.line, accounts[u.lines_before + p.line], p.a
          FROM placed u, unnest (u.amounts) WITH ORDINALITY AS p (a, line) WHERE u.posts),
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
    logged AS (
      INSERT INTO audit (site, n, at, operator, address, action, object, result, after, request, hash)
        SELECT u.site, u.log_place, stamp, u.actor, coalesce (u.address, ''), u.action, u.object, 'ok', u.after, coalesce (u.request_text, ''),
               chain_hash (u.log_head, concat_ws ('|', u.site, u.log_place, stamp_us, u.actor, coalesce (u.address, ''), u.action, u.object, 'ok', '', u.after,
                                                  coalesce (u.request_text, ''))) OVER (PARTITION BY u.site ORDER BY u.ord)
          FROM placed u
        RETURNING site, n, hash),
    told AS (
      INSERT INTO feed (kind, uuids, ids)
        SELECT 'sale', array_agg (u.request), NULL FROM placed u WHERE u.kind IN (0, 1) HAVING count (*) > 0
        UNION ALL SELECT 'meter', NULL, array_agg (u.meter) FROM placed u WHERE u.kind IN (1, 2) HAVING count (*) > 0),
    moved AS (
      UPDATE chain_head h SET n = l.n, hash = l.hash,
             receipts = CASE h.chain WHEN 0 THEN (SELECT max (u.receipt) FROM placed u WHERE u.site = h.site) ELSE h.receipts END
        FROM (SELECT * FROM (SELECT DISTINCT ON (c.site) 0 AS chain, c.* FROM chained c ORDER BY c.site, c.n DESC) last
              UNION ALL SELECT * FROM (SELECT DISTINCT ON (c.site) 1 AS chain, c.* FROM logged c ORDER BY c.site, c.n DESC) last) l
       WHERE h.site = l.site AND h.chain = l.chain)
    SELECT u.ord, NULL::text, CASE WHEN u.kind = 0 THEN u.receipt END, u.drawer, stamp FROM placed u;
END $$;

-- Names of before.
DROP FUNCTION IF EXISTS ledger_refusal (ledger_item), ledger_purse_from (bigint, jsonb, int), ledger_post_sales (ledger_item[], timestamptz),
  ledger_post_reading (ledger_item, timestamptz);
