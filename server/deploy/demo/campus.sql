-- The demo campus: a school with 4 dormitories, 4 gateways, 10 ADF400L cabinets and 360 circuits, as tests/simulator/worlds/demo.json plays it.
-- Circuits 14 and 33 of each cabinet are not opened; circuit 36 is switched off. Applied once, in one transaction, by ./run.

INSERT INTO site (code, name, zone, service_phone) VALUES ('campus', '海亮宁海公学', 'Asia/Shanghai', '0574-6500 0000');

INSERT INTO area (site, parent, kind, name) SELECT id, NULL, 0, '宁海校区' FROM site;
INSERT INTO area (site, parent, kind, name) SELECT a.site, a.id, 1, n || '号宿舍楼' FROM area a, generate_series (1, 4) n WHERE a.kind = 0;

-- Cabinets: gateway, place on its bus, table number. One cabinet serves one floor of 36 rooms.
CREATE TEMPORARY TABLE cabinet ON COMMIT DROP AS
SELECT g, k, (k - 1) * 36 + 1 AS first_unit FROM generate_series (1, 4) g, generate_series (1, 3) k WHERE k <= CASE WHEN g <= 2 THEN 3 ELSE 2 END;

INSERT INTO area (site, parent, kind, name)
SELECT a.site, a.id, 2, c.k || '层' FROM cabinet c JOIN area a ON a.kind = 1 AND a.name = c.g || '号宿舍楼' ORDER BY c.g, c.k;
INSERT INTO area (site, parent, kind, name)
SELECT f.site, f.id, 3, c.k || lpad (r::text, 2, '0')
  FROM cabinet c JOIN area b ON b.kind = 1 AND b.name = c.g || '号宿舍楼' JOIN area f ON f.parent = b.id AND f.name = c.k || '层',
       generate_series (1, 36) r ORDER BY c.g, c.k, r;

INSERT INTO tariff (name) VALUES ('宿舍单一电价'), ('宿舍峰谷电价');
INSERT INTO tariff_version (tariff, effective, price_tip, price_peak, price_flat, price_valley, body)
SELECT id, DATE '2026-01-01', NULL, NULL, 5283, NULL, '{"prices": {"flat": "0.5283"}}'::jsonb FROM tariff WHERE name = '宿舍单一电价'
UNION ALL
SELECT id, DATE '2026-01-01', 9200, 7800, 5600, 3100,
       '{"prices": {"tip": "0.9200", "peak": "0.7800", "flat": "0.5600", "valley": "0.3100"}, "seasons": [{"name": "全年", "workday": [
         {"from": "00:00", "rate": "valley"}, {"from": "08:00", "rate": "peak"}, {"from": "12:00", "rate": "flat"}, {"from": "18:00", "rate": "tip"},
         {"from": "21:00", "rate": "flat"}, {"from": "22:00", "rate": "valley"}]}]}'::jsonb
  FROM tariff WHERE name = '宿舍峰谷电价';

-- What new circuits and gateways begin with: for all, for dormitory rooms, and another tariff in two of the buildings.
INSERT INTO preset (site, tariff, alarm1, alarm2, full_interval_s, status_interval_s)
SELECT s.id, t.id, 500000, 100000, 1800, 180 FROM site s, tariff t WHERE t.name = '宿舍单一电价';
INSERT INTO preset (site, use_class, overload_w, overdraft) SELECT id, 0, 2200, 0 FROM site;
INSERT INTO preset (site, area, tariff) SELECT a.site, a.id, t.id FROM area a, tariff t WHERE a.kind = 1 AND a.name IN ('3号宿舍楼', '4号宿舍楼') AND t.name = '宿舍峰谷电价';

-- The lines of the demo end at the simulator on this machine: clear text, allowed and shown as such. addresses.sql sets the ports.
INSERT INTO gateway (code, name, site, area, link, address, allow_clear, simulated, status_interval_s)
SELECT 'GW-000' || g, g || '号楼通讯管理机', a.site, a.id, CASE WHEN g <= 2 THEN 2 ELSE 1 END, '127.0.0.1:' || 7500 + g, true, true, 60
  FROM generate_series (1, 4) g JOIN area a ON a.kind = 1 AND a.name = g || '号宿舍楼';

INSERT INTO meter (code, serial, gateway, port, unit, model, area, use_class, settlement, purse, tariff, alarm1, alarm2, overload_w)
SELECT 'D' || c.g || '-' || c.k || lpad (r::text, 2, '0'), '', gw.id, 1, c.first_unit + r - 1, 'adf400l-1p', room.id, 0, 0, 1,
       (SELECT id FROM tariff WHERE name = CASE WHEN c.g <= 2 THEN '宿舍单一电价' ELSE '宿舍峰谷电价' END), 500000, 100000, 2200
  FROM cabinet c JOIN gateway gw ON gw.code = 'GW-000' || c.g JOIN area b ON b.kind = 1 AND b.name = c.g || '号宿舍楼'
  JOIN area f ON f.parent = b.id AND f.name = c.k || '层', generate_series (1, 36) r
  JOIN LATERAL (SELECT a.id FROM area a WHERE a.parent = f.id AND a.name = c.k || lpad (r::text, 2, '0')) room ON true
 ORDER BY c.g, c.k, r;

-- One customer and one account for each opened circuit; every eighth household also has the circuit next door (air conditioning).
CREATE TEMPORARY TABLE household ON COMMIT DROP AS
SELECT m.id AS meter, m.area, row_number () OVER (ORDER BY m.id) AS n, (m.unit - 1) % 36 + 1 AS circuit FROM meter m WHERE (m.unit - 1) % 36 + 1 NOT IN (14, 33);

INSERT INTO customer (code, name, kind, phones, area, use_class)
SELECT 'U' || lpad (n::text, 5, '0'),
       (ARRAY['王','李','张','刘','陈','杨','黄','赵','吴','周','徐','孙','马','朱','胡','郭','何','林','高','罗'])[1 + (n * 7) % 20] ||
       (ARRAY['伟','芳','娜','秀英','敏','静','丽','强','磊','军','洋','勇','艳','杰','娟','涛','明','超','秀兰','霞','平','刚','桂英','欣怡','子涵'])[1 + (n * 11) % 25],
       0, ARRAY['139' || lpad ((n * 7919 % 100000000)::text, 8, '0')], area, 0
  FROM household WHERE n % 8 <> 0;
INSERT INTO account (code, site, customer, settled)
SELECT (100000 + h.n)::text, (SELECT id FROM site), c.id, 0 FROM household h JOIN customer c ON c.code = 'U' || lpad (h.n::text, 5, '0');
INSERT INTO account_meter (account, meter)
SELECT a.id, h.meter FROM household h JOIN account a ON a.code = (100000 + CASE WHEN h.n % 8 = 0 THEN h.n - 1 ELSE h.n END)::text;

-- Commissioning proofs made on the simulator: valid for simulated gateways only. The protocol names what was done.
INSERT INTO model_proof (model, version, write, gateway, simulated, effective_class, protocol, proved_by, agreed_by)
SELECT 'adf400l-1p', 1, w, NULL, true, CASE WHEN w = 'recharge' THEN 1 END,
       jsonb_build_object ('where', 'simulator', 'steps', jsonb_build_array ('five values compared', 'recharge of 0.01', 'the same frame again: no effect',
         'a wrong count: refused', 'relay close, open, auto')), 'demo: engineer', 'demo: second engineer'
  FROM unnest (ARRAY['recharge', 'control', 'set_price', 'set_limits']) w;
