-- Meters as people see them: `lost` and `stale` are a matter of time, so they are decided at the moment of the question.
CREATE OR REPLACE FUNCTION meter_shown_state (state smallint, lost boolean, read_at timestamptz, interval_s int) RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN read_at IS NULL OR lost OR read_at < now () - make_interval (secs => 180 + interval_s) THEN 5::smallint ELSE state END
$$;

-- Bits of TillMeterFlag: 2 dispute, 3 life_support, 4 clear_link, 7 stale; the rest is what the reading said.
CREATE OR REPLACE FUNCTION meter_shown_flags (flags int, frozen boolean, life_support boolean, link_class smallint, read_at timestamptz, interval_s int)
RETURNS int LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce (flags, 0) & ~ 156 | CASE WHEN frozen THEN 4 ELSE 0 END | CASE WHEN life_support THEN 8 ELSE 0 END
       | CASE WHEN link_class = 1 THEN 16 ELSE 0 END
       | CASE WHEN read_at IS NULL OR read_at < now () - make_interval (secs => greatest (180, interval_s)) THEN 128 ELSE 0 END
$$;

-- Price of a kWh today: of the flat rate; what is used at other rates costs other prices, which settlement knows.
CREATE OR REPLACE FUNCTION tariff_price (p_tariff bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT price_flat FROM tariff_version WHERE tariff = p_tariff AND effective <= site_today () ORDER BY effective DESC LIMIT 1
$$;

-- Mean cost of a day (of an energy purse: Wh of a day) over at most the last seven days, by the prices of today and the rates at which energy
-- was used, with the fixed fee; NULL = unknown. The tier of the moment is not looked at: a guess for people, never money.
CREATE OR REPLACE FUNCTION meter_cost_per_day (s meter_state, p_purse smallint, p_tariff bigint) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN s.read_at - r.at >= interval '1 hour' AND s.energy_total > r.energy_total THEN
              ((s.energy_total - r.energy_total)::numeric * CASE WHEN p_purse = 2 THEN 1000
                 ELSE coalesce (w.cost / nullif (w.energy, 0), v.price_flat) END / 1000 * 86400 / extract (epoch FROM s.read_at - r.at)
               + CASE WHEN p_purse = 2 THEN 0 ELSE coalesce ((v.body->>'fixed_per_day')::numeric * 10000, 0) END)::bigint END
    FROM (SELECT * FROM reading WHERE meter = s.meter AND epoch = s.epoch AND energy_total IS NOT NULL
             AND at >= now () - interval '7 days' ORDER BY at LIMIT 1) r
    LEFT JOIN LATERAL (SELECT * FROM tariff_version x WHERE x.tariff = p_tariff AND x.effective <= site_today () ORDER BY x.effective DESC LIMIT 1) v ON true
    LEFT JOIN LATERAL (
      SELECT sum (greatest (d.energy, 0)::numeric * coalesce (d.price, v.price_flat)) AS cost, sum (greatest (d.energy, 0)::numeric) AS energy
        FROM (VALUES (s.energy_tip - r.energy_tip, v.price_tip), (s.energy_peak - r.energy_peak, v.price_peak), (s.energy_flat - r.energy_flat, v.price_flat),
                     (s.energy_valley - r.energy_valley, v.price_valley), (s.energy_deep - r.energy_deep, v.price_deep)) AS d (energy, price)) w ON true
$$;
