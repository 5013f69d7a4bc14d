-- Areas that are moved, renamed and retired: what has history stays, its name is free again.
ALTER TABLE area ADD COLUMN retired_at timestamptz;
DROP INDEX area_name;
CREATE UNIQUE INDEX area_name ON area (site, coalesce (parent, 0), name) WHERE retired_at IS NULL;
