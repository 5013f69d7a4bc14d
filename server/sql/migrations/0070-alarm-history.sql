-- The history of a meter has its alarms too, those that are over as well.
CREATE INDEX alarm_meter ON alarm (meter, raised_at) WHERE meter IS NOT NULL;
