-- Searching by what people type. Every word of the question must be the beginning of a word of the household or meter itself, of its place
-- or of a place above, of its account, or of a meter of the household. The words of a row: migration 0058.
CREATE OR REPLACE FUNCTION search_split (q text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY (SELECT w FROM regexp_split_to_table (lower (q), '[\s/]+') w WHERE w <> ''))[1:6];
$$;

-- Without p_private a phone is found by its whole number only: digits found one by one would tell the masked ones.
CREATE OR REPLACE FUNCTION search_word (w text, p_private boolean) RETURNS tsquery LANGUAGE sql IMMUTABLE AS $$
  SELECT (concat ('''', e, ''':* | ''', CASE WHEN p_private THEN ' t' || e || ''':*' ELSE ' w' || e || '''' END))::tsquery
    FROM (SELECT replace (replace (w, '\', '\\'), '''', '''''')) x (e);
$$;

-- Places of that name, and all below them.
CREATE OR REPLACE FUNCTION search_areas (p_word tsquery) RETURNS SETOF bigint LANGUAGE sql STABLE
SET enable_seqscan TO off SET enable_mergejoin TO off SET enable_hashjoin TO off SET jit TO off AS $$
  WITH RECURSIVE found AS (SELECT id FROM area WHERE place_words (name) @@ p_word
                           UNION SELECT a.id FROM found f JOIN area a ON a.parent = f.id)
  SELECT id FROM found;
$$;

-- p_around: also by the place and by the meters it has now.
CREATE OR REPLACE FUNCTION search_customers (q text, p_around boolean, p_private boolean) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET enable_seqscan TO off SET enable_mergejoin TO off SET enable_hashjoin TO off SET jit TO off AS $$
DECLARE
  found bigint[];
  hits bigint[];
  word text;
  asked tsquery;
  coded tsquery;
BEGIN
  FOREACH word IN ARRAY search_split (q) LOOP
    asked := search_word (word, p_private);
    coded := search_word (word, FALSE);
    hits := ARRAY (SELECT id FROM customer WHERE customer_words (code, name, pinyin, phones) @@ asked
                   UNION SELECT k.id FROM search_areas (coded) a JOIN customer k ON k.area = a WHERE p_around
                   UNION SELECT customer FROM account WHERE code_words (code) @@ coded
                   UNION SELECT c.customer FROM meter m JOIN account_meter x ON x.meter = m.id AND x.until IS NULL JOIN account c ON c.id = x.account
                          WHERE p_around AND meter_words (m.code, m.serial, m.name) @@ coded);
    found := CASE WHEN found IS NULL THEN hits ELSE ARRAY (SELECT unnest (found) INTERSECT SELECT unnest (hits)) END;
    EXIT WHEN cardinality (found) = 0;
  END LOOP;
  RETURN QUERY SELECT unnest (found);
END $$;

-- p_people: also by the household that has the meter now.
CREATE OR REPLACE FUNCTION search_meters (q text, p_people boolean, p_private boolean) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET enable_seqscan TO off SET enable_mergejoin TO off SET enable_hashjoin TO off SET jit TO off AS $$
DECLARE
  found bigint[];
  hits bigint[];
  word text;
  asked tsquery;
  coded tsquery;
BEGIN
  FOREACH word IN ARRAY search_split (q) LOOP
    asked := search_word (word, p_private);
    coded := search_word (word, FALSE);
    hits := ARRAY (SELECT id FROM meter WHERE meter_words (code, serial, name) @@ coded
                   UNION SELECT m.id FROM search_areas (coded) a JOIN meter m ON m.area = a
                   UNION SELECT x.meter FROM account c JOIN account_meter x ON x.account = c.id AND x.until IS NULL
                          WHERE p_people AND code_words (c.code) @@ coded
                   UNION SELECT x.meter FROM customer k JOIN account c ON c.customer = k.id JOIN account_meter x ON x.account = c.id AND x.until IS NULL
                          WHERE p_people AND customer_words (k.code, k.name, k.pinyin, k.phones) @@ asked);
    found := CASE WHEN found IS NULL THEN hits ELSE ARRAY (SELECT unnest (found) INTERSECT SELECT unnest (hits)) END;
    EXIT WHEN cardinality (found) = 0;
  END LOOP;
  RETURN QUERY SELECT unnest (found);
END $$;

-- A receipt number; NULL when the text is none.
CREATE OR REPLACE FUNCTION search_number (q text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN q ~ '^\s*[0-9]{1,15}\s*$' THEN q::bigint END;
$$;
