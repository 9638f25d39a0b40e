-- Registers of persons, what becomes of single lines, and settlements that are taken back.

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
-- The last deadline of a hold that the agency has not decided.
ALTER TABLE circulation ADD COLUMN hold_due_ms BIGINT;
CREATE INDEX circulation_held ON circulation (pooling_area, prescription_id) WHERE hold_due_ms IS NOT NULL;
CREATE INDEX circulation_by_person ON circulation (person_id, prescription_id);

-- RULES 2.5: a settlement taken back, at most once; its postings are those of the settlement with the other sign.
CREATE TABLE reversal (
    id INTEGER NOT NULL CONSTRAINT reversal_pk PRIMARY KEY,
    settlement_id BIGINT NOT NULL
        CONSTRAINT reversal_settlement REFERENCES settlement (id)
        CONSTRAINT reversal_once UNIQUE,
    reversed_ms BIGINT NOT NULL,
    -- The settlement lies in an earlier month.
    prior_month BOOLEAN NOT NULL,
    -- The drugs had left the shop.
    had_left BOOLEAN NOT NULL,
    reason TEXT NOT NULL
);

-- DS-09: what came back after it had left the shop is in quarantine for ever.
CREATE TABLE drug_box_new (
    trace_code TEXT NOT NULL CONSTRAINT drug_box_pk PRIMARY KEY,
    state TEXT NOT NULL
        CONSTRAINT drug_box_state CHECK (state IN ('free', 'reserved', 'sold', 'quarantined')),
    dispensing_id BIGINT NOT NULL,
    line_no INTEGER NOT NULL,
    lot TEXT NOT NULL,
    expires_on TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO drug_box_new SELECT trace_code, state, dispensing_id, line_no, lot, expires_on FROM drug_box;
DROP TABLE drug_box;
ALTER TABLE drug_box_new RENAME TO drug_box;

-- Year totals are kept by benefit path; those that were kept by attribute have the same names.
ALTER TABLE usage RENAME COLUMN attribute TO path;
