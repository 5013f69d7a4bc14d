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

-- Mean cost of a day (of an energy purse: Wh of a day) over at most the last seven days; NULL = unknown.
CREATE OR REPLACE FUNCTION meter_cost_per_day (p_meter bigint, p_epoch int, p_energy bigint, p_read_at timestamptz, p_price bigint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_read_at - r.at >= interval '1 hour' AND p_energy > r.energy_total THEN
              ((p_energy - r.energy_total)::numeric * p_price / 1000 * 86400 / extract (epoch FROM p_read_at - r.at))::bigint END
    FROM (SELECT at, energy_total FROM reading WHERE meter = p_meter AND epoch = p_epoch AND energy_total IS NOT NULL
             AND at >= now () - interval '7 days' ORDER BY at LIMIT 1) r
$$;
