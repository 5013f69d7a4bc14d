-- ledger_append: posts inside the transaction of a verb that is no sale (drawers, refunds, cases). One call with all entries of the verb,
-- so that the order of locks holds: what the verb locked itself (meter_purse, drawer), ledger_account by id, head of the chain. Nothing
-- may be locked after it but the head of the log. entries: [{"event", "request", "reverses", "account_kinds", "owners", "amounts"}].
-- Returns the places in the chain.
CREATE OR REPLACE FUNCTION ledger_append (p_site bigint, p_actor bigint, p_entries jsonb) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  entries ledger_item[] := ARRAY (SELECT j FROM jsonb_array_elements (p_entries) WITH ORDINALITY e (v, k),
                                  LATERAL jsonb_populate_record (NULL::ledger_item, e.v) j ORDER BY k);
  e       ledger_item;
  head    chain_head;
  stamp   timestamptz := clock_timestamp ();
  places  bigint[] := '{}';
BEGIN
  INSERT INTO ledger_account (site, kind, owner)
    SELECT DISTINCT p_site, p.k, p.o FROM unnest (entries) u, unnest (u.account_kinds, u.owners) AS p (k, o)
     WHERE NOT EXISTS (SELECT FROM ledger_account a WHERE a.site = p_site AND a.kind = p.k AND a.owner = p.o)
     ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
  PERFORM FROM ledger_account WHERE id IN (SELECT a.id FROM ledger_account a JOIN (SELECT DISTINCT p.k, p.o FROM unnest (entries) u,
      unnest (u.account_kinds, u.owners) AS p (k, o) WHERE p.k BETWEEN 2 AND 6) x ON a.site = p_site AND a.kind = x.k AND a.owner = x.o) ORDER BY id FOR UPDATE;
  UPDATE ledger_account a SET debits = a.debits + s.d, credits = a.credits + s.c
    FROM (SELECT p.k, p.o, sum (greatest (p.a, 0)) AS d, sum (greatest (- p.a, 0)) AS c
            FROM unnest (entries) u, unnest (u.account_kinds, u.owners, u.amounts) AS p (k, o, a) WHERE p.k BETWEEN 2 AND 6 GROUP BY 1, 2) s
   WHERE a.site = p_site AND a.kind = s.k AND a.owner = s.o;
  SELECT h.* INTO STRICT head FROM chain_head h WHERE h.site = p_site AND h.chain = 0 FOR UPDATE;
  FOREACH e IN ARRAY entries LOOP
    head.n := head.n + 1;
    head.hash := sha256 (head.hash || convert_to (tx_text (p_site, head.n, e.event, stamp, e.request, p_actor, e.reverses, e.account_kinds, e.owners, e.amounts), 'UTF8'));
    INSERT INTO tx (site, n, at, event, request, actor, reverses, hash) VALUES (p_site, head.n, stamp, e.event, e.request, p_actor, e.reverses, head.hash);
    INSERT INTO posting (site, n, line, account, amount)
      SELECT p_site, head.n, p.line, (SELECT a.id FROM ledger_account a WHERE a.site = p_site AND a.kind = p.k AND a.owner = p.o), p.a
        FROM unnest (e.account_kinds, e.owners, e.amounts) WITH ORDINALITY AS p (k, o, a, line);
    places := places || head.n;
  END LOOP;
  UPDATE chain_head SET n = head.n, hash = head.hash WHERE site = p_site AND chain = 0;
  RETURN places;
END $$;

-- The next receipt number; the head is locked with the postings or after them.
CREATE OR REPLACE FUNCTION receipt_next (p_site bigint) RETURNS bigint LANGUAGE sql AS $$
  UPDATE chain_head SET receipts = receipts + 1 WHERE site = p_site AND chain = 0 RETURNING receipts
$$;

-- Money that goes out: the row people see and, with a purse amount, the command that takes it off the meter first.
CREATE OR REPLACE FUNCTION money_out (p_id uuid, p_kind smallint, p_state smallint, p_meter bigint, p_account bigint, p_customer bigint,
                                      p_amount bigint, p_purse_amount bigint, p_energy bigint, p_price bigint, p_channel smallint, p_operator bigint,
                                      p_reverses uuid, p_before bigint, p_note text, p_approver bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  m meter;
  a area;
BEGIN
  SELECT x.* INTO STRICT m FROM meter x WHERE x.id = p_meter;
  SELECT x.* INTO STRICT a FROM area x WHERE x.id = m.area;
  INSERT INTO sale (id, site, number, kind, state, meter, epoch, account, customer, area, amount, energy, price, channel, operator, reverses,
                    balance_before, note, created_at, verified_at, approved_by)
    VALUES (p_id, a.site, receipt_next (a.site), p_kind, p_state, p_meter, m.epoch, p_account, p_customer, a.id, p_amount, p_energy, p_price, p_channel,
            p_operator, p_reverses, p_before, p_note, clock_timestamp (), CASE WHEN p_state = 4 THEN clock_timestamp () END, p_approver);
  IF p_purse_amount IS NOT NULL THEN
    INSERT INTO command (id, meter, epoch, kind, state, operator, amount) VALUES (p_id, p_meter, m.epoch, 1, 0, p_operator, p_purse_amount);
    PERFORM pg_notify ('till_delivery', '');
  END IF;
  PERFORM delivery_tell (p_id);
END $$;

-- A money command that never reached the meter: before its first write, or after a verdict that it was not applied.
CREATE OR REPLACE FUNCTION delivery_cancel (p_id uuid, p_kind smallint, p_error text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM meter_purse p WHERE p.meter = (SELECT x.meter FROM command x WHERE x.id = p_id) FOR UPDATE;
  UPDATE command SET state = 6, done_at = now (), claimed_until = '-infinity', error = p_error WHERE id = p_id AND kind = p_kind AND state = 0;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE sale SET state = 6 WHERE id = p_id;
  PERFORM delivery_tell (p_id);
  RETURN true;
END $$;
