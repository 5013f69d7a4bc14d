-- Everything about one meter, customer or account by time. Nothing that a sale adds is in these indexes.
CREATE INDEX audit_object ON audit (object, at) WHERE action NOT IN ('sales.sell', 'delivery.verified', 'purse.adopted');
CREATE INDEX command_history ON command (meter, created_at) WHERE kind > 1;
