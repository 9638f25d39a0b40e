ALTER TABLE usage RENAME COLUMN path TO attribute;
-- The wider list of box states stays: what is in quarantine must not become sellable by going back.
DROP TABLE reversal;
DROP INDEX circulation_by_person;
DROP INDEX circulation_held;
ALTER TABLE circulation DROP COLUMN hold_due_ms;
ALTER TABLE circulation DROP COLUMN line_states;
ALTER TABLE circulation DROP COLUMN claims;
DROP TABLE register_loaded;
DROP TABLE entry;
