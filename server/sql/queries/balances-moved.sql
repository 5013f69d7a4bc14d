-- What moved the balances in a period, a row each meter, or each account that the server settles. $1 site, $2 $3 days (both included), $4 zone,
-- $5 area scope of the reader (NULL = all), $6 area with children (0 = all). By the moment of posting: opening + sold + given back + used +
-- other = closing.
WITH holder AS (
  SELECT m.settlement, CASE WHEN m.settlement = 1 THEN am.account ELSE m.id END AS owner, string_agg (m.code, ' ' ORDER BY m.code) AS meter,
         min (a.path) AS room, min (k.name) AS customer, array_agg (m.id) AS meters
    FROM meter m JOIN area a ON a.id = m.area LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL
    LEFT JOIN account c ON c.id = am.account LEFT JOIN customer k ON k.id = c.customer
   WHERE a.site = $1 AND m.settlement IN (0, 1) AND (m.settlement = 0 OR am.account IS NOT NULL)
     AND ($5::bigint[] IS NULL OR a.lineage && $5) AND ($6 = 0 OR a.lineage @> ARRAY[$6])
   GROUP BY 1, 2
), moved AS (
  SELECT l.kind, l.owner, sum (l.credits - l.debits) AS now FROM ledger_account l WHERE l.site = $1 AND l.kind IN (2, 3, 4) GROUP BY 1, 2
), since AS (
  SELECT l.kind, l.owner, t.event, - p.amount AS amount, t.at >= ($3 + 1)::timestamp AT TIME ZONE $4 AS later
    FROM tx t JOIN posting p ON p.site = t.site AND p.n = t.n JOIN ledger_account l ON l.id = p.account
   WHERE t.site = $1 AND t.at >= $2::timestamp AT TIME ZONE $4 AND l.kind IN (2, 3, 4)
), sums AS (
  SELECT h.meter, h.room, h.customer, h.meters,
         coalesce ((SELECT sum (now) FROM moved v WHERE v.owner = h.owner AND (v.kind = 4) = (h.settlement = 1)), 0) AS now, s.*
    FROM holder h LEFT JOIN LATERAL (
      SELECT coalesce (sum (x.amount) FILTER (WHERE x.later), 0) AS after, coalesce (sum (x.amount) FILTER (WHERE NOT x.later), 0) AS inside,
             coalesce (sum (x.amount) FILTER (WHERE NOT x.later AND x.event IN (0, 7)), 0) AS sold,
             coalesce (sum (x.amount) FILTER (WHERE NOT x.later AND x.event IN (2, 5, 6)), 0) AS given_back,
             coalesce (sum (x.amount) FILTER (WHERE NOT x.later AND x.event = 4), 0) AS used
        FROM since x WHERE x.owner = h.owner AND (x.kind = 4) = (h.settlement = 1)) s ON true
)
SELECT meter, room, customer, (now - after - inside)::bigint AS opening, sold::bigint AS sold, given_back::bigint AS given_back, used::bigint AS used,
       (inside - sold - given_back - used)::bigint AS other, (now - after)::bigint AS closing,
       coalesce ((SELECT sum (e.energy) FROM settlement e WHERE e.meter = ANY (sums.meters) AND e.posted_at >= $2::timestamp AT TIME ZONE $4
                     AND e.posted_at < ($3 + 1)::timestamp AT TIME ZONE $4), 0)::bigint AS energy
  FROM sums ORDER BY room, meter
