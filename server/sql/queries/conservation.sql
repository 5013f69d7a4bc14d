-- Does what a purse lost agree with what its energy costs: a row each meter with days that were compared. $1 site, $2 $3 days (both included),
-- $4 zone (days are the site's already), $5 area scope of the reader (NULL = all), $6 area with children (0 = all). Worst first.
-- A purse that counts energy is compared in Wh; the money beside it is what they are worth.
SELECT m.code AS meter, a.path AS room, count (*) AS days, count (*) FILTER (WHERE abs (coalesce (c.energy_difference, c.difference)) > coalesce (c.energy_tolerance, c.tolerance)) AS beyond,
       sum (c.energy)::bigint AS energy, sum (c.bought)::bigint AS bought, sum (c.deducted)::bigint AS deducted, sum (c.charge)::bigint AS charge,
       sum (c.difference)::bigint AS difference, sum (c.tolerance)::bigint AS tolerance,
       sum (c.energy_deducted)::bigint AS energy_deducted, sum (c.energy_difference)::bigint AS energy_difference,
       EXISTS (SELECT FROM dispute_case k WHERE k.meter = m.id AND k.reason = 13 AND k.closed_at IS NULL) AS open_case
  FROM conservation c JOIN meter m ON m.id = c.meter JOIN area a ON a.id = m.area
 WHERE a.site = $1 AND c.day BETWEEN $2 AND $3 AND $4::text IS NOT NULL
   AND ($5::bigint[] IS NULL OR a.lineage && $5)
   AND ($6 = 0 OR a.lineage @> ARRAY[$6])
 GROUP BY m.id, m.code, a.path
 ORDER BY beyond DESC, abs (sum (c.difference)) DESC, m.code
