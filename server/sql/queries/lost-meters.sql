-- Meters that do not answer now, longest first. $1 site, $5 area scope of the reader (NULL = all), $6 area with children (0 = all).
SELECT m.code AS meter, a.path AS room, cu.name AS customer, g.code AS gateway, m.port::bigint AS port, m.unit::bigint AS unit,
       m.model AS model, s.lost_since AS lost_since, s.read_at AS read_at, s.balance AS balance
  FROM meter_state s JOIN meter m ON m.id = s.meter JOIN area a ON a.id = m.area JOIN gateway g ON g.id = m.gateway
  LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL
  LEFT JOIN account ac ON ac.id = am.account
  LEFT JOIN customer cu ON cu.id = ac.customer
 WHERE s.lost AND m.retired_at IS NULL AND a.site = $1
   AND ($5::bigint[] IS NULL OR a.lineage && $5)
   AND ($6 = 0 OR a.lineage @> ARRAY[$6])
 ORDER BY s.lost_since NULLS FIRST, m.code
 LIMIT 100000
