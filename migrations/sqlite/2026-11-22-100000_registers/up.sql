-- Registers of persons, and what becomes of single lines.

-- One fact about one person for one period [from_day, to_day). Never deleted: it ends.
CREATE TABLE entry (
    id INTEGER NOT NULL CONSTRAINT entry_pk PRIMARY KEY,
    person_id BIGINT NOT NULL CONSTRAINT entry_person REFERENCES person (id),
    area TEXT NOT NULL,
    register TEXT NOT NULL CONSTRAINT entry_register CHECK (
        register IN ('insured', 'entitlement', 'benefit', 'proxy', 'in_hand')
    ),
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    -- JSON; of a proxy only the keyed hash.
    content TEXT NOT NULL,
    CONSTRAINT entry_period CHECK (from_day <= to_day)
);
CREATE INDEX entry_by_person ON entry (person_id);

-- Which registers of an area are loaded, and as of when: the silence of one that never was proves nothing.
CREATE TABLE register_loaded (
    area TEXT NOT NULL,
    register TEXT NOT NULL,
    as_of_ms BIGINT NOT NULL,
    CONSTRAINT register_loaded_pk PRIMARY KEY (area, register)
);

-- How often it was claimed: an authorisation at a counter is good for one claim.
ALTER TABLE circulation ADD COLUMN claims INTEGER NOT NULL DEFAULT 0;
-- Holds, withdrawn and used lines: JSON; none: nothing of the kind.
ALTER TABLE circulation ADD COLUMN line_states TEXT;
-- The earliest deadline of a hold that nobody decided.
ALTER TABLE circulation ADD COLUMN hold_due_ms BIGINT;
CREATE INDEX circulation_held ON circulation (pooling_area, prescription_id) WHERE hold_due_ms IS NOT NULL;
CREATE INDEX circulation_by_person ON circulation (person_id, prescription_id);
