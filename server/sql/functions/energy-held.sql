-- Purses that count energy, by the books.

-- Wh that verified commands brought to a meter and took from it, in its whole life: only differences of it say something.
CREATE OR REPLACE FUNCTION energy_credited (p_meter bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce (sum (CASE c.kind WHEN 0 THEN c.amount ELSE - c.amount END), 0)::bigint FROM command c
   WHERE c.meter = p_meter AND c.kind <= 1 AND c.state <> 6 AND c.state = 3
$$;

-- Wh on the meter: as settled last, and what came and went since. Before the first settlement, and after another device or accepted values:
-- what the purse held when it was last compared. What was used since is in it still, and so is the money for it.
CREATE OR REPLACE FUNCTION energy_held (p_meter bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN st.held IS NOT NULL AND st.epoch = p.epoch THEN st.held + energy_credited (p_meter) - st.credited
              WHEN p.has_baseline THEN p.balance ELSE 0 END
    FROM meter_purse p LEFT JOIN settle_state st ON st.meter = p.meter WHERE p.meter = p_meter
$$;

-- What was paid and bought no whole unit of energy, in thousandths of 1/10000 unit; below zero: more energy was given than paid for, by less
-- than a unit. A sale that was given up counts no more, and neither does what gave its money back.
CREATE OR REPLACE FUNCTION energy_rest (p_meter bigint, p_account bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce (sum (CASE WHEN s.kind IN (3, 4) THEN -1 ELSE 1 END * (s.amount * 1000 - s.energy * s.price)), 0)::bigint FROM sale s
   WHERE s.meter = p_meter AND s.account = p_account AND s.kind IN (0, 1, 2, 3, 4) AND s.state <> 6 AND s.energy IS NOT NULL AND s.price IS NOT NULL
     AND NOT EXISTS (SELECT FROM sale o WHERE o.id = s.reverses AND o.state = 6)
$$;
