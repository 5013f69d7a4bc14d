-- Plant for the polling bench: :links gateways on :ports ports from :base on, :units circuits each, polled as fast as a gateway may be asked for.
INSERT INTO site (code, name) VALUES ('bench', 'bench');
INSERT INTO area (site, parent, kind, name) VALUES (1, NULL, 0, 'bench');
INSERT INTO gateway (code, name, site, link, address, allow_clear, simulated, status_interval_s, full_interval_s)
SELECT 'B' || g, 'bench ' || g, 1, 2, '127.0.0.1:' || :base + (g - 1) % :ports, true, true, 15, 86400 FROM generate_series (1, :links) g;
INSERT INTO meter (code, gateway, unit, model, area, settlement, purse, alarm1, alarm2)
SELECT 'M' || g.id || '-' || u, g.id, u, 'gridtill-generic', 1, 0, 1, 500000, 100000 FROM gateway g, generate_series (1, :units) u;
