-- sale_contexts: what must be known to decide sales, for all that came together, in one read without locks. A row for each place whose
-- meter is there; whether the caller may see its area is for the caller to say (lineage). ledger_post () checks again what may change.
-- From index to index, whatever the planner believed when the tables were empty.
DROP FUNCTION IF EXISTS sale_contexts (bigint[], uuid[], bigint[], bigint[]);
CREATE FUNCTION sale_contexts (p_meters bigint[], p_ids uuid[], p_operators bigint[], p_drawers bigint[])
RETURNS TABLE (place int, body_hash bytea, site bigint, area bigint, lineage bigint[], room text, code text, model text, epoch int, settlement smallint,
               purse smallint, installed boolean, gateway bigint, hoard_limit bigint, sell_offline boolean, online boolean, balance bigint, age_s bigint,
               lost boolean, frozen boolean, account bigint, account_code text, account_state smallint, customer bigint, customer_name text,
               price bigint, waiting bigint, held bigint, drawer bigint, proof_version int, approve_above bigint, energy_rest bigint)
LANGUAGE plpgsql STABLE
SET plan_cache_mode TO force_generic_plan SET enable_hashjoin TO off SET enable_mergejoin TO off SET enable_seqscan TO off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT q.place::int, (SELECT coalesce (r.body_hash, '') FROM request r WHERE r.id = q.id), a.site, a.id, a.lineage, a.path, m.code, m.model, m.epoch, m.settlement,
           m.purse, m.retired_at IS NULL, m.gateway, CASE WHEN m.hoard_limit > 0 OR m.purse = 2 THEN m.hoard_limit ELSE s.hoard_limit END, s.sell_offline,
           coalesce (gs.online, false), st.balance, extract (epoch FROM now () - st.read_at)::bigint,
           coalesce (st.lost, true), coalesce (p.frozen, false), ac.id, ac.code, ac.state, c.id, c.name,
           (SELECT v.price_flat FROM tariff_version v WHERE v.tariff = m.tariff AND v.effective <= (now () AT TIME ZONE s.zone)::date
             ORDER BY v.effective DESC LIMIT 1),
           CASE WHEN m.purse = 2 THEN (SELECT sum (x.amount)::bigint FROM command x WHERE x.meter = m.id AND x.kind = 0 AND x.state IN (0, 1, 2, 7))
                ELSE (SELECT w.credits - w.debits FROM ledger_account w WHERE w.site = a.site AND w.kind = 2 AND w.owner = m.id) END,
           (SELECT b.credits - b.debits FROM ledger_account b WHERE b.site = a.site AND b.kind = 4 AND b.owner = ac.id),
           (SELECT d.id FROM drawer d WHERE d.operator = q.operator AND d.closed_at IS NULL AND (q.drawer = 0 OR d.id = q.drawer)),
           (SELECT max (x.version) FROM model_proof x WHERE x.model = m.model AND x.write = 'recharge'
               AND (x.gateway = m.gateway OR x.gateway IS NULL) AND (NOT x.simulated OR (SELECT g.simulated FROM gateway g WHERE g.id = m.gateway))),
           coalesce (s.approve_sale, -1), CASE WHEN m.purse = 2 THEN energy_rest (m.id, ac.id) END
      FROM unnest (p_meters, p_ids, p_operators, p_drawers) WITH ORDINALITY q (meter, id, operator, drawer, place)
      JOIN meter m ON m.id = q.meter JOIN area a ON a.id = m.area JOIN site s ON s.id = a.site
      LEFT JOIN gateway_session gs ON gs.gateway = m.gateway LEFT JOIN meter_state st ON st.meter = m.id LEFT JOIN meter_purse p ON p.meter = m.id
      LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL LEFT JOIN account ac ON ac.id = am.account
      LEFT JOIN customer c ON c.id = ac.customer;
END $$;
