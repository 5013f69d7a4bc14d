-- Every row of meter_state is changed by every poll, in place: no index holds a column that changes, pages are half empty, and reading
-- one prunes it. A vacuum each time a twentieth has changed would walk the whole table all the time and find nothing to free.
ALTER TABLE meter_state SET (autovacuum_vacuum_scale_factor = 2, autovacuum_analyze_scale_factor = 5);
