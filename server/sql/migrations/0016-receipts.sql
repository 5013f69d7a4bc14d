-- How often a receipt was made: from the second on it says that it is a copy.
ALTER TABLE sale ADD COLUMN prints int NOT NULL DEFAULT 0 CHECK (prints >= 0);
