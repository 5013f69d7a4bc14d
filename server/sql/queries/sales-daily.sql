-- Sales a day of the site's zone. $1 site, $2 $3 days (both included), $4 zone, $5 area scope of the reader (NULL = all),
-- $6 area with children (0 = all). Kinds 0 sale, 1 opening, 2 subsidy, 3 refund, 4 reversal; a cancelled one (state 6) never was.
SELECT (s.created_at AT TIME ZONE $4)::date AS day,
       count (*)                                                                               AS count,
       coalesce (sum (s.amount) FILTER (WHERE s.kind IN (0, 1)), 0)::bigint                    AS sales,
       coalesce (sum (s.amount) FILTER (WHERE s.kind = 2), 0)::bigint                          AS subsidy,
       coalesce (sum (s.amount) FILTER (WHERE s.kind = 4), 0)::bigint                          AS reversed,
       coalesce (sum (s.amount) FILTER (WHERE s.kind = 3), 0)::bigint                          AS refunded,
       coalesce (sum (CASE WHEN s.kind IN (0, 1) THEN s.amount WHEN s.kind IN (3, 4) THEN -s.amount END), 0)::bigint AS net,
       coalesce (sum (CASE WHEN s.channel <> 0 THEN 0 WHEN s.kind IN (0, 1) THEN s.amount
                           WHEN s.kind IN (3, 4) THEN -s.amount END), 0)::bigint               AS cash
  FROM sale s JOIN area a ON a.id = s.area
 WHERE s.site = $1
   AND s.created_at >= $2::timestamp AT TIME ZONE $4
   AND s.created_at < ($3 + 1)::timestamp AT TIME ZONE $4
   AND s.kind <> 5 AND s.state <> 6
   AND ($5::bigint[] IS NULL OR a.lineage && $5)
   AND ($6 = 0 OR a.lineage @> ARRAY[$6])
 GROUP BY 1
 ORDER BY 1
