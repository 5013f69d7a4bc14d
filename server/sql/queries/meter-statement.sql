-- What moved the balance of a meter or of its account, in one snapshot. $1 site, $2 meter, $3 account of a server-settled meter (0: the meter
-- settles itself), $4 from, $5 to (excluded), $6 zone. row_kind: 0 the balance now, 1 what moved it from $5 on, 2 a posting, 3 lines of
-- settlements, of one day, meter and price. Amounts: what the balance gained.
WITH acc AS (
  SELECT id, credits - debits AS balance FROM ledger_account
   WHERE site = $1 AND CASE WHEN $3 > 0 THEN kind = 4 AND owner = $3 ELSE kind IN (2, 3) AND owner = $2 END
), moves AS (
  SELECT t.at, t.event, t.request, sum (- p.amount)::bigint AS amount
    FROM acc JOIN posting p ON p.account = acc.id JOIN tx t ON t.site = p.site AND t.n = p.n WHERE t.at >= $4 GROUP BY t.n, t.at, t.event, t.request
), settled AS (
  SELECT s.id, s.meter, coalesce (m.at, s.posted_at) AS at, ((s.to_at - interval '1 us') AT TIME ZONE $6)::date AS day, s.from_at, s.to_at, m.amount
    FROM settlement s LEFT JOIN moves m ON m.request = s.id AND m.event = 4
   WHERE CASE WHEN $3 > 0 THEN s.account = $3 ELSE s.meter = $2 AND s.account IS NULL END AND s.posted_at >= $4 - interval '1 minute'
     AND (m.at IS NOT NULL OR s.amount = 0 AND s.posted_at >= $4)
)
SELECT 0::smallint AS row_kind, NULL::timestamptz AS at, NULL::smallint AS event, NULL::date AS day, NULL::timestamptz AS from_at, NULL::timestamptz AS to_at,
       NULL::uuid AS request, NULL::bigint AS meter, NULL::text AS meter_code, NULL::smallint AS kind, NULL::text AS tariff, NULL::date AS effective,
       NULL::smallint AS rate, NULL::smallint AS tier, NULL::bigint AS price, NULL::bigint AS energy, NULL::int AS days, NULL::boolean AS estimated,
       NULL::bigint AS number, NULL::smallint AS sale_kind, NULL::smallint AS channel, NULL::text AS note,
       coalesce (sum (balance), 0)::bigint AS amount FROM acc
UNION ALL
SELECT 1::smallint, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       coalesce (sum (amount), 0)::bigint FROM moves WHERE at >= $5
UNION ALL
SELECT 2::smallint, m.at, m.event, NULL, NULL, NULL, m.request, coalesce (s.meter, x.meter), n.code, NULL, NULL, NULL, NULL, NULL, s.price, s.energy, NULL, NULL,
       s.number, s.kind, s.channel, s.note, m.amount
  FROM moves m LEFT JOIN sale s ON s.id = m.request LEFT JOIN settlement x ON x.id = m.request LEFT JOIN meter n ON n.id = coalesce (s.meter, x.meter, $2)
 WHERE m.at < $5 AND m.amount <> 0 AND NOT (m.event = 4 AND x.id IS NOT NULL)
UNION ALL
SELECT 3::smallint, max (s.at), 4::smallint, s.day, min (s.from_at), max (s.to_at), NULL, s.meter, n.code, l.kind, t.name, l.effective, l.rate, l.tier, l.price,
       sum (l.energy)::bigint, sum (l.days)::int, bool_or (l.estimated), NULL, NULL, NULL, NULL, (- sum (l.amount))::bigint
  FROM settled s JOIN settle_line l ON l.settlement = s.id JOIN meter n ON n.id = s.meter LEFT JOIN tariff t ON t.id = l.tariff
 WHERE s.at < $5 GROUP BY s.day, s.meter, n.code, l.kind, l.tariff, t.name, l.effective, l.rate, l.tier, l.price
 ORDER BY row_kind, at, meter, kind, effective, rate, tier
