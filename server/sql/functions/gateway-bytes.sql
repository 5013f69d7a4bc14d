-- Registration or heartbeat of a gateway as people write it: text where it is printable, else 0x and hex.
CREATE OR REPLACE FUNCTION gateway_bytes_word (b bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN encode (b, 'escape') ~ '^[ -\[\]-~]+$' AND encode (b, 'escape') !~ '^0x' THEN encode (b, 'escape') ELSE '0x' || encode (b, 'hex') END
$$;
