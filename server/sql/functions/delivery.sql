-- Steps of money commands that post nothing: sent (t2), verifying (t3), queued again (t5), held (t1, t6), restart. Each checks what its
-- caller relied on. Lock order: meter_purse, then command. false, or no row, = somebody was faster or the link moved: nothing changed.

-- Without the doorbell: NOTIFY makes commits wait for each other, and there are four of these a sale. The feed is looked at every 200 ms.
CREATE OR REPLACE FUNCTION delivery_tell (p_id uuid) RETURNS void LANGUAGE sql AS $$
  INSERT INTO feed (kind, uuids) VALUES ('sale', ARRAY[p_id]), ('command', ARRAY[p_id]);
$$;

-- Heads of the meters' queues that are due, as the caller's snapshot has them: stable, and the caller locks. From meter to meter along the
-- index of open commands: what waits behind a head costs nothing, and this is asked after every batch of sales.
CREATE OR REPLACE FUNCTION delivery_heads (p_gateways bigint[]) RETURNS SETOF uuid LANGUAGE plpgsql STABLE
SET plan_cache_mode TO force_custom_plan SET enable_seqscan TO off SET enable_bitmapscan TO off SET enable_mergejoin TO off AS $$
BEGIN
  RETURN QUERY
    WITH RECURSIVE open (meter) AS (
      (SELECT e.meter FROM command e WHERE e.state IN (0, 1, 2, 7) ORDER BY e.meter LIMIT 1)
      UNION ALL
      SELECT (SELECT e.meter FROM command e WHERE e.state IN (0, 1, 2, 7) AND e.meter > o.meter ORDER BY e.meter LIMIT 1) FROM open o WHERE o.meter IS NOT NULL)
    SELECT h.id FROM open o JOIN meter m ON m.id = o.meter
     CROSS JOIN LATERAL (SELECT e.id, e.state, e.not_before, e.claimed_until FROM command e
                          WHERE e.meter = o.meter AND e.kind <= 1 AND e.state IN (0, 1, 2, 7) ORDER BY e.accepted LIMIT 1) h
     WHERE m.gateway = ANY (p_gateways) AND h.state IN (0, 2) AND h.not_before <= now () AND h.claimed_until <= now ();
END $$;

CREATE OR REPLACE FUNCTION delivery_sent (p_id uuid, p_attempt int, p_count int, p_baseline jsonb, p_pdu bytea, p_gateway bigint,
                                          p_gateway_epoch bigint, p_link_instance bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  purse meter_purse;
  c     command;
BEGIN
  SELECT p.* INTO purse FROM meter_purse p WHERE p.meter = (SELECT x.meter FROM command x WHERE x.id = p_id) FOR UPDATE;
  SELECT x.* INTO c FROM command x WHERE x.id = p_id FOR UPDATE;
  IF c.id IS NULL OR c.kind > 1 OR c.state <> 0 OR c.attempt <> p_attempt - 1 OR coalesce (c.count, p_count) <> p_count
     OR purse.meter IS NULL OR purse.frozen OR purse.closed OR (SELECT x.reconciling FROM cluster x) OR NOT purse.has_baseline OR purse.epoch <> c.epoch
     OR p_count <> (CASE c.kind WHEN 0 THEN purse.count ELSE purse.refund_count END) + 1
     OR NOT EXISTS (SELECT FROM meter m WHERE m.id = c.meter AND m.epoch = c.epoch AND m.gateway = p_gateway AND m.retired_at IS NULL) THEN
    RETURN false;
  END IF;
  PERFORM FROM gateway_session s WHERE s.gateway = p_gateway AND s.epoch = p_gateway_epoch FOR SHARE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE command SET state = 1, attempt = p_attempt, count = p_count, baseline = p_baseline, outcome = 0, sent_at = now () WHERE id = p_id;
  INSERT INTO command_attempt (command, attempt, gateway, gateway_epoch, link_instance, baseline, pdu)
    VALUES (p_id, p_attempt, p_gateway, p_gateway_epoch, p_link_instance, p_baseline, p_pdu);
  UPDATE sale SET state = 2 WHERE id = p_id;
  PERFORM delivery_tell (p_id);
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION delivery_verifying (p_id uuid, p_attempt int, p_outcome smallint, p_reply bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE command SET state = 2, outcome = p_outcome WHERE id = p_id AND kind <= 1 AND state = 1 AND attempt = p_attempt;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE command_attempt SET outcome = p_outcome, reply = p_reply, answered_at = now () WHERE command = p_id AND attempt = p_attempt;
  UPDATE sale SET state = 3 WHERE id = p_id;
  PERFORM delivery_tell (p_id);
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION delivery_again (p_id uuid, p_attempt int, p_wait_ms int, p_evidence jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE command SET state = 0, evidence = p_evidence, claimed_until = '-infinity', not_before = now () + p_wait_ms * interval '1 millisecond'
   WHERE id = p_id AND kind <= 1 AND state = 2 AND attempt = p_attempt;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE sale SET state = 1 WHERE id = p_id;
  PERFORM delivery_tell (p_id);
  RETURN true;
END $$;

-- Doubt becomes visible: no sales, no writes, one open case and one open alarm a meter.
CREATE OR REPLACE FUNCTION purse_dispute (p_meter bigint, p_command uuid, p_reason smallint, p_reading jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  purse  meter_purse;
  p_site bigint := (SELECT a.site FROM meter m JOIN area a ON a.id = m.area WHERE m.id = p_meter);
BEGIN
  INSERT INTO meter_purse (meter, epoch) SELECT m.id, m.epoch FROM meter m WHERE m.id = p_meter ON CONFLICT DO NOTHING;
  UPDATE meter_purse SET frozen = true WHERE meter = p_meter RETURNING * INTO STRICT purse;
  INSERT INTO dispute_case (meter, epoch, command, reason, believed, reading)
    VALUES (p_meter, purse.epoch, p_command, p_reason, to_jsonb (purse), p_reading)
    ON CONFLICT (meter) WHERE closed_at IS NULL DO UPDATE SET command = coalesce (dispute_case.command, EXCLUDED.command);
  INSERT INTO alarm (site, kind, severity, meter, detail) VALUES (p_site, 8, 2, p_meter, jsonb_build_object ('reason', p_reason, 'command', p_command))
    ON CONFLICT DO NOTHING;
  INSERT INTO feed (kind, ids) VALUES ('meter', ARRAY[p_meter]);
  INSERT INTO feed (kind, ids) SELECT 'alarm', ARRAY[a.id] FROM alarm a WHERE a.meter = p_meter AND a.kind = 8 AND a.cleared_at IS NULL;
  PERFORM pg_notify ('till_feed', '');
  PERFORM audit_append (p_site, 0, '', 'case.opened', 'meter:' || p_meter, 'ok', to_jsonb (purse),
                        jsonb_build_object ('reason', p_reason, 'command', p_command, 'reading', p_reading), coalesce (p_command::text, ''));
END $$;

CREATE OR REPLACE FUNCTION delivery_hold (p_id uuid, p_state smallint, p_attempt int, p_reason smallint, p_reading jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  p_meter bigint;
BEGIN
  SELECT p.meter INTO p_meter FROM meter_purse p WHERE p.meter = (SELECT x.meter FROM command x WHERE x.id = p_id) FOR UPDATE;
  UPDATE command SET state = 7, reason = p_reason, evidence = p_reading, claimed_until = '-infinity'
   WHERE id = p_id AND kind <= 1 AND state = p_state AND attempt = p_attempt;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE sale SET state = 5 WHERE id = p_id;
  PERFORM delivery_tell (p_id);
  PERFORM purse_dispute (p_meter, p_id, p_reason, p_reading);
  RETURN true;
END $$;

-- Start or takeover: nobody knows what became of the bytes; claims of the former owner are void.
CREATE OR REPLACE FUNCTION delivery_recover (p_gateways bigint[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  lost uuid[];
BEGIN
  PERFORM FROM meter_purse p JOIN meter m ON m.id = p.meter JOIN command c ON c.meter = m.id
    WHERE m.gateway = ANY (p_gateways) AND c.kind <= 1 AND c.state IN (0, 1, 2) ORDER BY p.meter FOR UPDATE OF p;
  UPDATE command SET claimed_until = '-infinity' FROM meter m
   WHERE m.id = command.meter AND m.gateway = ANY (p_gateways) AND command.kind <= 1 AND command.state IN (0, 2) AND command.claimed_until > now ();
  -- Nor does what is no money wait for a claim to run out: an absolute setting may be sent again.
  UPDATE command SET claimed_until = '-infinity' FROM meter m
   WHERE m.id = command.meter AND m.gateway = ANY (p_gateways) AND command.kind > 1 AND command.state IN (0, 1) AND command.claimed_until > now ();
  -- Nor a proof: what it wrote is marked as sent and is only read.
  UPDATE trial SET claimed_until = '-infinity' WHERE gateway = ANY (p_gateways) AND state <> 'done' AND claimed_until > now ();
  WITH gone AS (UPDATE command SET state = 2, outcome = 8, claimed_until = '-infinity' FROM meter m
                 WHERE m.id = command.meter AND m.gateway = ANY (p_gateways) AND command.kind <= 1 AND command.state = 1 RETURNING command.id, command.attempt),
       tried AS (UPDATE command_attempt a SET outcome = 8 FROM gone g WHERE a.command = g.id AND a.attempt = g.attempt)
  SELECT coalesce (array_agg (g.id), '{}') INTO lost FROM gone g;
  UPDATE sale SET state = 3 WHERE id = ANY (lost);
  IF cardinality (lost) > 0 THEN
    INSERT INTO feed (kind, uuids) VALUES ('sale', lost), ('command', lost);
    PERFORM pg_notify ('till_feed', '');
  END IF;
  RETURN cardinality (lost);
END $$;
