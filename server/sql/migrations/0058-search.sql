-- What people type to find a household or a meter: the beginning of a word. The words of a text are its pieces from every place where a
-- piece may begin, so that the beginning of one finds the middle of the other. One index a table; the functions are in search.sql.

ALTER TABLE customer ADD pinyin text; -- "zhang wei": syllables of the name, made by the server; NULL = not made yet

-- "1号 301" -> 1号, 号, 301, 01, 1
CREATE FUNCTION search_text_words (t text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT substr (p, i) FROM regexp_split_to_table (lower (t), '[\s/]+') p, generate_series (1, length (p)) i WHERE p <> '';
$$;

-- "GW-0001-7" -> gw-0001-7, 0001-7, 7; of a long number also the last four and six.
CREATE FUNCTION search_code_words (t text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT substr (lower (t), i) FROM generate_series (1, length (t)) i
   WHERE i = 1 OR substr (t, i - 1, 1) ~ '[-._]' AND substr (t, i, 1) !~ '[-._]' OR length (t) - i IN (3, 5);
$$;

-- "zhang wei" -> zhangwei, wei, zw, w
CREATE FUNCTION search_spelling_words (syllables text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT unnest (ARRAY[string_agg (s, '' ORDER BY n), string_agg (left (s, 1), '' ORDER BY n)])
    FROM generate_series (1, coalesce (cardinality (string_to_array (syllables, ' ')), 0)) i,
         unnest (string_to_array (syllables, ' ')) WITH ORDINALITY u (s, n)
   WHERE n >= i GROUP BY i;
$$;

-- Phones begin with a blank, which no typed word has: ' t' the digits from each place, for those who may see them; ' w' the whole number.
CREATE FUNCTION customer_words (code text, name text, pinyin text, phones text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector (ARRAY (
    SELECT w FROM (SELECT search_text_words (name) UNION SELECT search_code_words (code) UNION SELECT search_spelling_words (pinyin)
                   UNION SELECT ' t' || substr (p, i) FROM unnest (phones) p, generate_series (1, greatest (length (p) - 3, 1)) i
                   UNION SELECT ' w' || p FROM unnest (phones) p) x (w) WHERE w <> ''));
$$;
CREATE FUNCTION code_words (code text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector (ARRAY (SELECT DISTINCT search_code_words (code)));
$$;
CREATE FUNCTION place_words (name text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector (ARRAY (SELECT DISTINCT search_text_words (name)));
$$;
CREATE FUNCTION meter_words (code text, serial text, name text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector (ARRAY (SELECT w FROM (SELECT search_code_words (code) UNION SELECT search_code_words (serial)
                                                  UNION SELECT search_text_words (name)) x (w) WHERE w <> ''));
$$;

CREATE INDEX customer_search ON customer USING gin (customer_words (code, name, pinyin, phones));
CREATE INDEX account_search ON account USING gin (code_words (code));
CREATE INDEX area_search ON area USING gin (place_words (name));
CREATE INDEX meter_search ON meter USING gin (meter_words (code, serial, name));
CREATE INDEX customer_area ON customer (area);
