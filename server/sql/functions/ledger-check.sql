-- Guards of the ledger that no program can go round: postings of one statement sum to zero per transaction, money commands
-- move along legal edges only, and the invariants as one question.

CREATE OR REPLACE FUNCTION posting_sums_to_zero () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM added GROUP BY site, n HAVING sum (amount) <> 0) THEN
    RAISE EXCEPTION 'postings do not sum to zero' USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_sums_to_zero';
  END IF;
  IF EXISTS (SELECT 1 FROM added a WHERE (SELECT t.n FROM tx t WHERE t.site = a.site AND t.n = a.n) IS NULL) THEN
    RAISE EXCEPTION 'posting without its transaction' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'posting_sums_to_zero';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION command_follows_edges () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM delivery_edge WHERE from_state = OLD.state AND to_state = NEW.state) THEN
    RAISE EXCEPTION 'money command may not go from state % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'command_follows_edges';
  END IF;
  RETURN NEW;
END $$;

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'posting_sums_to_zero') THEN
    CREATE TRIGGER posting_sums_to_zero AFTER INSERT ON posting REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION posting_sums_to_zero ();
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'command_follows_edges') THEN
    CREATE TRIGGER command_follows_edges BEFORE UPDATE OF state ON command FOR EACH ROW
      WHEN (OLD.kind <= 1 AND OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION command_follows_edges ();
  END IF;
END $$;

-- The bytes that a transaction adds to the chain; ledger-verify.c builds the same from an export.
CREATE OR REPLACE FUNCTION tx_text (site bigint, n bigint, event smallint, at timestamptz, request uuid, actor bigint,
                                    reverses bigint, kinds smallint[], owners bigint[], amounts bigint[])
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  line text := site || '|' || n || '|' || event || '|' || (extract (epoch FROM at) * 1000000)::bigint || '|' || request || '|' || actor
                 || '|' || coalesce (reverses, 0) || '|';
BEGIN
  FOR k IN 1 .. cardinality (kinds) LOOP
    line := line || CASE WHEN k > 1 THEN ',' ELSE '' END || kinds[k] || ':' || owners[k] || ':' || amounts[k];
  END LOOP;
  RETURN line;
END $$;

-- One row per violated invariant; none = the books are right. I8, I10 and the like are constraints or the chain below.
CREATE OR REPLACE FUNCTION ledger_violations () RETURNS TABLE (invariant text, subject text) LANGUAGE sql STABLE AS $$
  SELECT 'I1 postings sum to zero', site || '/' || n FROM posting GROUP BY site, n HAVING sum (amount) <> 0
  UNION ALL
  SELECT 'I1 every transaction has postings', t.site || '/' || t.n FROM tx t
   WHERE NOT EXISTS (SELECT 1 FROM posting p WHERE p.site = t.site AND p.n = t.n)
  UNION ALL
  SELECT 'I1 every posting has its account', p.site || '/' || p.n FROM posting p WHERE NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = p.account)
  UNION ALL
  SELECT 'I1 every posting has its transaction', p.site || '/' || p.n FROM posting p WHERE NOT EXISTS (SELECT 1 FROM tx t WHERE t.site = p.site AND t.n = p.n)
  UNION ALL
  SELECT 'I2 balance is the sum of postings', 'account ' || a.id
    FROM ledger_account a LEFT JOIN (SELECT account, sum (greatest (amount, 0)) AS d, sum (greatest (- amount, 0)) AS c
                                       FROM posting GROUP BY account) p ON p.account = a.id
   WHERE a.kind IN (2, 3, 4, 5, 6) AND (a.debits <> coalesce (p.d, 0) OR a.credits <> coalesce (p.c, 0))
  UNION ALL
  SELECT 'I3 cash of a drawer = its cash sales less what was paid out, to what was counted', 'drawer ' || d.id FROM drawer d
   WHERE (SELECT coalesce (sum (p.amount), 0) FROM ledger_account a JOIN posting p ON p.account = a.id
           WHERE a.kind = 0 AND a.owner = d.id AND a.site = d.site)
      <> (SELECT coalesce (sum (amount) FILTER (WHERE kind IN (0, 1) AND channel = 0), 0) - coalesce (sum (amount) FILTER (WHERE kind IN (3, 4) AND paid_channel = 0), 0)
            FROM sale s WHERE s.drawer = d.id) + coalesce (d.over_short, 0)
  UNION ALL
  SELECT 'I3 what is owed to customers = money out that was not paid', 'customer ' || x.owner
    FROM (SELECT a.owner, sum (a.credits - a.debits) AS due FROM ledger_account a WHERE a.kind = 5 GROUP BY 1) x
   WHERE x.due <> (SELECT coalesce (sum (s.amount), 0) FROM sale s
                    WHERE s.customer = x.owner AND s.kind IN (3, 4) AND s.state = 4 AND s.paid_at IS NULL
                      AND NOT EXISTS (SELECT FROM sale o WHERE o.id = s.reverses AND o.kind = 2))
  UNION ALL
  SELECT 'I3 money out was debited, given up or reversed once, and paid once', s.id::text FROM sale s
   WHERE s.kind IN (3, 4) AND s.state = 4
     AND ((SELECT count (*) FROM tx WHERE (request = s.id AND event IN (5, 6)) OR (request = s.reverses AND event = 2)) <> 1
       OR ((SELECT count (*) FROM tx WHERE request = s.id AND event IN (3, 6)) <> (s.paid_at IS NOT NULL)::int
           AND NOT EXISTS (SELECT FROM sale o WHERE o.id = s.reverses AND o.kind = 2)))
  UNION ALL
  SELECT 'I4 transit = money commands not yet verified', 'meter ' || m.id FROM meter m
   WHERE (SELECT coalesce (sum (credits - debits), 0) FROM ledger_account WHERE kind = 2 AND owner = m.id)
      <> (SELECT coalesce (sum (s.amount), 0) FROM command c JOIN sale s ON s.id = c.id
           WHERE c.meter = m.id AND c.kind = 0 AND c.state NOT IN (3, 6))
  UNION ALL
  SELECT 'I6 counts of verified sales have no gap', 'meter ' || meter || ' epoch ' || epoch FROM command
   WHERE kind = 0 AND state = 3 GROUP BY meter, epoch HAVING max (count) - min (count) + 1 <> count (*)
  UNION ALL
  SELECT 'I7 every sale is a request with one paid transaction', s.id::text FROM sale s
   WHERE s.kind IN (0, 1, 2) AND (SELECT count (*) FROM tx WHERE request = s.id AND event IN (0, 7)) <> 1
  UNION ALL
  SELECT 'I7 every sale and money command is a request', x.id::text
    FROM (SELECT s.id FROM sale s UNION SELECT c.id FROM command c WHERE c.kind <= 1) x WHERE NOT EXISTS (SELECT FROM request r WHERE r.id = x.id)
  UNION ALL
  SELECT 'every sale has its meter and its drawer', s.id::text FROM sale s
   WHERE NOT EXISTS (SELECT FROM meter m WHERE m.id = s.meter) OR (s.drawer IS NOT NULL AND NOT EXISTS (SELECT FROM drawer d WHERE d.id = s.drawer))
  UNION ALL
  SELECT 'every money command has its meter', c.id::text FROM command c WHERE c.kind <= 1 AND NOT EXISTS (SELECT FROM meter m WHERE m.id = c.meter)
  UNION ALL
  SELECT 'I7 verified = delivered exactly once', c.id::text FROM command c
   WHERE c.kind <= 1 AND (SELECT count (*) FROM tx WHERE request = c.id AND event = CASE c.kind WHEN 0 THEN 1 ELSE 5 END) <> (c.state = 3)::int
  UNION ALL
  SELECT 'sale and command tell the same', s.id::text FROM sale s JOIN command c ON c.id = s.id
   WHERE (s.state, c.state) NOT IN ((0, 0), (1, 0), (2, 1), (3, 2), (4, 3), (5, 7), (6, 6))
  UNION ALL
  SELECT 'receipt numbers have no gap', 'site ' || site FROM sale GROUP BY site HAVING max (number) <> count (*)
  UNION ALL
  SELECT 'I8 one money command of a meter in flight', 'meter ' || meter FROM command WHERE kind <= 1 AND state IN (1, 2, 7)
   GROUP BY meter HAVING count (*) > 1
  UNION ALL
  SELECT 'I10 chain is unbroken', t.site || '/' || t.n
    FROM (SELECT *, lag (hash, 1, sha256 ('')) OVER (PARTITION BY site ORDER BY n) AS before, row_number () OVER (PARTITION BY site ORDER BY n) AS place FROM tx) t
    CROSS JOIN LATERAL (SELECT array_agg (a.kind ORDER BY line) AS k, array_agg (a.owner ORDER BY line) AS o, array_agg (p.amount ORDER BY line) AS am
                          FROM posting p JOIN ledger_account a ON a.id = p.account WHERE p.site = t.site AND p.n = t.n) l
   WHERE t.place <> t.n
      OR t.hash <> sha256 (t.before || convert_to (tx_text (t.site, t.n, t.event, t.at, t.request, t.actor, t.reverses, l.k, l.o, l.am), 'UTF8'))
  UNION ALL
  SELECT 'I10 head of the chain', 'site ' || h.site FROM chain_head h
   WHERE h.chain = 0 AND (h.n <> (SELECT coalesce (max (n), 0) FROM tx WHERE site = h.site)
      OR h.hash <> coalesce ((SELECT hash FROM tx WHERE site = h.site ORDER BY n DESC LIMIT 1), sha256 ('')))
$$;
