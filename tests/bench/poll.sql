-- Plant for the polling benches: :links gateways on :ports ports from :base on, :units circuits each. Purses are adopted as mb-slave shows
-- them: each of its replies is compared with the ledger, none begins an adoption.
BEGIN;
ALTER TABLE gateway DROP CONSTRAINT gateway_status_interval_s_check; -- asked more often than any site may be
INSERT INTO site (code, name, zone) VALUES ('bench', 'bench', :zone);
INSERT INTO area (site, parent, kind, name) VALUES (1, NULL, 0, 'bench');
INSERT INTO gateway (code, name, site, link, address, allow_clear, simulated, status_interval_s, full_interval_s)
SELECT 'B' || g, 'bench ' || g, 1, 2, '127.0.0.1:' || :base + (g - 1) % :ports, true, true, :interval, 86400 FROM generate_series (1, :links) g;
INSERT INTO meter (code, gateway, unit, model, area, settlement, purse, alarm1, alarm2)
SELECT 'M' || g.id || '-' || u, g.id, u, :model, 1, :settled, CASE :settled WHEN 0 THEN 1 ELSE 0 END, 500000, 100000 FROM gateway g, generate_series (1, :units) u ORDER BY g.id, u;
INSERT INTO model_proof (model, version, write, simulated, effective_class, proved_by, agreed_by) VALUES ('gridtill-generic', 1, 'recharge', true, 1, 'one', 'two');
INSERT INTO meter_purse (meter, epoch, has_baseline, have, count, total, balance, last_amount)
SELECT id, 1, true, 31, 3, 300000, 250000, 100000 FROM meter ORDER BY id;
INSERT INTO gateway_session (gateway) SELECT id FROM gateway ORDER BY id;
-- Not the first day of their life: rows have the size they keep. Read long ago: all are due.
INSERT INTO meter_state (meter, epoch, read_at, state, mode, relay, flags, balance, energy_total, energy_tip, energy_peak, energy_flat, energy_valley,
                         energy_deep, purchase_count, purchased_total, power_w, u_mv, i_ma, pf_milli)
SELECT id, 1, now () - interval '1 day', 0, 0, 1, 0, 250000, 0, 0, 0, 0, 0, 0, 3, 300000, 230, 230000, 1000, 1000 FROM meter ORDER BY id;
COMMIT;
VACUUM (ANALYZE);
CHECKPOINT;
