-- What two persons decided about a case: the command, the purse, the epoch, the alarm. Postings follow it in the same transaction. The
-- caller holds meter_purse, the case and the command.
CREATE OR REPLACE FUNCTION case_apply (p_case bigint, p_next smallint, p_evidence jsonb, p_purse jsonb, p_new_epoch boolean, p_decision text,
                                       p_by bigint, p_agreed bigint, p_note text, p_unreadable text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  k       dispute_case;
  cleared bigint[];
BEGIN
  SELECT x.* INTO STRICT k FROM dispute_case x WHERE x.id = p_case;
  IF p_next IS NOT NULL THEN
    UPDATE command SET state = p_next, evidence = coalesce (p_evidence, evidence), claimed_until = '-infinity', not_before = now (),
           done_at = CASE WHEN p_next <> 0 THEN now () END WHERE id = k.command AND state = 7;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the command of case % is not held', p_case;
    END IF;
    UPDATE sale s SET state = CASE p_next WHEN 3 THEN 4 WHEN 0 THEN 1 ELSE 6 END, verified_at = CASE WHEN p_next = 3 THEN now () END,
           balance_after = CASE WHEN p_next = 3 THEN (p_purse->>'balance')::bigint END, count = CASE WHEN p_next = 3 THEN c.count END
      FROM command c WHERE c.id = s.id AND s.id = k.command;
    PERFORM delivery_tell (k.command);
  END IF;
  UPDATE meter_purse SET frozen = false, epoch = (p_purse->>'epoch')::int, has_baseline = (p_purse->>'has_baseline')::boolean, have = (p_purse->>'have')::int,
         count = (p_purse->>'count')::int, total = (p_purse->>'total')::bigint, balance = (p_purse->>'balance')::bigint,
         last_amount = (p_purse->>'last_amount')::bigint, refund_count = (p_purse->>'refund_count')::int,
         refunded_total = (p_purse->>'refunded_total')::bigint, serial = coalesce (p_purse->>'serial', ''),
         read_at = CASE WHEN (p_purse->>'at_us')::bigint > 0 THEN to_timestamp ((p_purse->>'at_us')::bigint / 1000000.0) ELSE read_at END
   WHERE meter = k.meter;
  -- What came up against the frozen purse was put off; it can begin.
  UPDATE command SET not_before = now () WHERE meter = k.meter AND kind <= 1 AND state = 0 AND not_before > now ();
  IF p_new_epoch THEN
    PERFORM meter_new_epoch (k.meter);
  END IF;
  UPDATE dispute_case SET closed_at = now (), decision = p_decision, decided_by = p_by, agreed_by = p_agreed, note = p_note, unreadable = p_unreadable
   WHERE id = p_case;
  WITH gone AS (UPDATE alarm SET cleared_at = now () WHERE meter = k.meter AND kind IN (8, 9) AND cleared_at IS NULL RETURNING id)
    SELECT array_agg (id) INTO cleared FROM gone;
  INSERT INTO feed (kind, ids) VALUES ('meter', ARRAY[k.meter]);
  INSERT INTO feed (kind, ids) SELECT 'alarm', cleared WHERE cleared IS NOT NULL;
  PERFORM pg_notify ('till_feed', '');
  PERFORM pg_notify ('till_plant', '');
  PERFORM pg_notify ('till_delivery', '');
END $$;

-- Another life of a meter record: counts begin anew. What waits and was proven not applied goes on under the new epoch.
CREATE OR REPLACE FUNCTION meter_new_epoch (p_meter bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  e int;
BEGIN
  UPDATE meter SET epoch = epoch + 1, version = version + 1 WHERE id = p_meter RETURNING epoch INTO STRICT e;
  UPDATE command SET epoch = e, count = CASE WHEN kind <= 1 THEN NULL ELSE count END WHERE meter = p_meter AND state = 0;
  UPDATE sale SET epoch = e FROM command c WHERE c.id = sale.id AND c.meter = p_meter AND c.state = 0;
  INSERT INTO feed (kind, ids) VALUES ('plant', ARRAY[p_meter]);
  RETURN e;
END $$;
