-- How old the state of the circuits is now, by gateway. $1 site, $5 area scope of the reader (NULL = all), $6 area with children (0 = all);
-- days and zone are not used: it is about this moment. fresh: at most 180 s; never read and lost ones have no age.
WITH circuit AS (
  SELECT m.gateway, coalesce (s.lost, false) AS lost, s.read_at IS NULL AS never,
         CASE WHEN NOT coalesce (s.lost, false) AND s.read_at IS NOT NULL THEN greatest (extract (epoch FROM now () - s.read_at), 0) END AS age
    FROM meter m JOIN area a ON a.id = m.area LEFT JOIN meter_state s ON s.meter = m.id
   WHERE m.retired_at IS NULL AND a.site = $1
     AND ($5::bigint[] IS NULL OR a.lineage && $5)
     AND ($6 = 0 OR a.lineage @> ARRAY[$6]))
SELECT g.code AS gateway, g.name AS name, coalesce (x.online, false)::int::bigint AS online, count (*) AS circuits,
       count (*) FILTER (WHERE c.age <= 180) AS fresh,
       count (*) FILTER (WHERE c.age > 180) AS stale,
       count (*) FILTER (WHERE c.lost) AS lost,
       count (*) FILTER (WHERE c.never AND NOT c.lost) AS never,
       round (percentile_cont (0.5) WITHIN GROUP (ORDER BY c.age))::bigint AS age_median,
       round (percentile_cont (0.99) WITHIN GROUP (ORDER BY c.age))::bigint AS age_p99,
       ceil (max (c.age))::bigint AS age_max
  FROM circuit c JOIN gateway g ON g.id = c.gateway LEFT JOIN gateway_session x ON x.gateway = g.id
 GROUP BY g.id, g.code, g.name, x.online
 ORDER BY g.code
