-- What was earned by consumption, by the day on which it was used. $1 site, $2 $3 days (both included), $4 zone, $5 area scope of the reader
-- (NULL = all), $6 area with children (0 = all).
SELECT ((s.to_at - interval '1 us') AT TIME ZONE $4)::date AS day,
       coalesce (sum (l.energy) FILTER (WHERE l.kind IN (0, 1)), 0)::bigint AS energy,
       coalesce (sum (l.amount) FILTER (WHERE l.kind = 0), 0)::bigint       AS energy_charge,
       coalesce (sum (l.amount) FILTER (WHERE l.kind = 2), 0)::bigint       AS fixed_fee,
       coalesce (sum (l.energy) FILTER (WHERE l.kind = 1), 0)::bigint       AS free_energy,
       coalesce (sum (l.amount) FILTER (WHERE l.kind = 3), 0)::bigint       AS rounding,
       coalesce (sum (l.amount), 0)::bigint                                 AS revenue
  FROM settlement s JOIN settle_line l ON l.settlement = s.id JOIN meter m ON m.id = s.meter JOIN area a ON a.id = m.area
 WHERE s.site = $1
   AND s.to_at > $2::timestamp AT TIME ZONE $4
   AND s.to_at <= ($3 + 1)::timestamp AT TIME ZONE $4
   AND ($5::bigint[] IS NULL OR a.lineage && $5)
   AND ($6 = 0 OR a.lineage @> ARRAY[$6])
 GROUP BY 1
 ORDER BY 1
