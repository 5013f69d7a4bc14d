-- Gateways without a link now, longest first. $1 site, $5 area scope of the reader (NULL = all), $6 area with children (0 = all).
SELECT g.code AS gateway, g.name AS name, a.path AS room, g.address AS address, x.last_seen AS last_seen,
       (SELECT count (*) FROM meter m WHERE m.gateway = g.id AND m.retired_at IS NULL) AS meters
  FROM gateway g LEFT JOIN area a ON a.id = g.area LEFT JOIN gateway_session x ON x.gateway = g.id
 WHERE g.retired_at IS NULL AND g.site = $1 AND NOT coalesce (x.online, false)
   AND ($5::bigint[] IS NULL OR a.lineage && $5)
   AND ($6 = 0 OR a.lineage @> ARRAY[$6])
 ORDER BY x.last_seen NULLS FIRST, g.code
