-- The spine: who, what was prescribed, where it is on its way, what was dispensed and settled, and the record of it all.
--
-- Money is micro-yuan (…_uyuan), instants are milliseconds UTC (…_ms), days are ISO text, enumerations their snake_case
-- names, documents JSON text. Nothing here is an identity in clear: names and numbers are sealed or keyed hashes.
-- Rows that are only ever written in one statement group with their parent (lines, circulation, postings) carry no foreign
-- key: checking it for each row cost a sixth of the database's work on an accepted prescription.

-- One insured person, a pseudonym: found again by the keyed hash of the certificate.
CREATE TABLE person (
    id BIGINT NOT NULL CONSTRAINT person_pk PRIMARY KEY,
    identity_hash BYTEA NOT NULL CONSTRAINT person_identity UNIQUE,
    last_four_hash BYTEA NOT NULL,
    created_ms BIGINT NOT NULL
);

-- What the hospital issued. Never changed; at the end of retention only sealed_key is destroyed.
CREATE TABLE prescription (
    id BIGINT NOT NULL CONSTRAINT prescription_pk PRIMARY KEY,
    institution_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL CONSTRAINT prescription_person REFERENCES person (id),
    pooling_area TEXT NOT NULL,
    hosp_rxno TEXT NOT NULL,
    hi_rxno TEXT NOT NULL CONSTRAINT prescription_hi_rxno UNIQUE,
    rx_trace_code TEXT NOT NULL,
    accepted_ms BIGINT NOT NULL,
    issued_ms BIGINT NOT NULL,
    valid_until_ms BIGINT NOT NULL,
    -- The facts without their lines: JSON that is read whole and never queried.
    header TEXT NOT NULL,
    findings TEXT NOT NULL,
    edition TEXT NOT NULL,
    catalogue_digest TEXT NOT NULL,
    policy_digest TEXT NOT NULL,
    rules_revision INTEGER NOT NULL,
    sealed_record BIGINT NOT NULL,
    sealed_key BYTEA NOT NULL,
    sealed_identity BYTEA NOT NULL,
    sealed_document BYTEA NOT NULL,
    -- RX-09: a hospital uses a number once.
    CONSTRAINT prescription_number UNIQUE (institution_id, hosp_rxno)
);

CREATE TABLE prescription_line (
    prescription_id BIGINT NOT NULL,
    line_no INTEGER NOT NULL,
    kind TEXT NOT NULL,
    drug_code TEXT,
    generic_name TEXT NOT NULL,
    dosage_form TEXT NOT NULL,
    spec TEXT NOT NULL,
    product_key TEXT NOT NULL,
    -- Ten-thousandths of a package.
    quantity BIGINT NOT NULL,
    days INTEGER NOT NULL,
    approval TEXT NOT NULL,
    control TEXT NOT NULL,
    self_pay BOOLEAN NOT NULL,
    CONSTRAINT prescription_line_pk PRIMARY KEY (prescription_id, line_no)
);

-- The only row of a prescription that changes; its lock is the prescription's lock.
CREATE TABLE circulation (
    prescription_id BIGINT NOT NULL CONSTRAINT circulation_pk PRIMARY KEY,
    institution_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    pooling_area TEXT NOT NULL,
    state TEXT NOT NULL,
    valid_until_ms BIGINT NOT NULL,
    -- When time alone will change something next; none: never.
    due_ms BIGINT,
    pickup_rotation INTEGER NOT NULL,
    chosen_pharmacy_id BIGINT,
    holder_id BIGINT,
    lease_until_ms BIGINT,
    review TEXT,
    reviewer TEXT,
    frozen_until_ms BIGINT,
    -- Number and digest of the prescription's last event.
    event_seq BIGINT NOT NULL,
    event_head BYTEA,
    CONSTRAINT circulation_state CHECK (
        state IN ('open', 'claimed', 'frozen', 'refused', 'completed', 'revoked', 'expired')
    )
);
CREATE INDEX circulation_by_hospital ON circulation (institution_id, prescription_id);
CREATE INDEX circulation_by_choice ON circulation (chosen_pharmacy_id, prescription_id)
    WHERE chosen_pharmacy_id IS NOT NULL;
CREATE INDEX circulation_by_holder ON circulation (holder_id, prescription_id)
    WHERE holder_id IS NOT NULL;
CREATE INDEX circulation_due ON circulation (due_ms) WHERE due_ms IS NOT NULL;

-- One visit to one pharmacy.
CREATE TABLE dispensing (
    id BIGINT NOT NULL CONSTRAINT dispensing_pk PRIMARY KEY,
    prescription_id BIGINT NOT NULL
        CONSTRAINT dispensing_prescription REFERENCES prescription (id),
    pharmacy_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    prepared_ms BIGINT NOT NULL,
    settled_ms BIGINT,
    handed_over_ms BIGINT,
    quoted_personal_uyuan BIGINT NOT NULL,
    lines TEXT NOT NULL
);
CREATE INDEX dispensing_by_prescription ON dispensing (prescription_id);
CREATE INDEX dispensing_by_pharmacy ON dispensing (pharmacy_id, id);

-- DS-04: the ledger of trace codes; a code is in one place.
CREATE TABLE drug_box (
    trace_code TEXT NOT NULL CONSTRAINT drug_box_pk PRIMARY KEY,
    state TEXT NOT NULL CONSTRAINT drug_box_state CHECK (state IN ('free', 'reserved', 'sold')),
    dispensing_id BIGINT NOT NULL,
    line_no INTEGER NOT NULL,
    lot TEXT NOT NULL,
    expires_on TEXT NOT NULL
);

-- SET-02: one live settlement per dispensing. Stored as it was computed, never computed again.
CREATE TABLE settlement (
    id BIGINT NOT NULL CONSTRAINT settlement_pk PRIMARY KEY,
    dispensing_id BIGINT NOT NULL
        CONSTRAINT settlement_dispensing REFERENCES dispensing (id)
        CONSTRAINT settlement_once UNIQUE,
    prescription_id BIGINT NOT NULL,
    pharmacy_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    settled_ms BIGINT NOT NULL,
    edition TEXT NOT NULL,
    total_uyuan BIGINT NOT NULL,
    in_scope_uyuan BIGINT NOT NULL,
    fund_uyuan BIGINT NOT NULL,
    personal_uyuan BIGINT NOT NULL,
    -- Lines and steps: JSON.
    split TEXT NOT NULL,
    CONSTRAINT settlement_closes CHECK (total_uyuan = fund_uyuan + personal_uyuan)
);
CREATE INDEX settlement_by_prescription ON settlement (prescription_id);
CREATE INDEX settlement_by_pharmacy ON settlement (pharmacy_id, settled_ms);

-- Who an amount is booked to; the postings of a settlement sum to zero.
CREATE TABLE posting (
    settlement_id BIGINT NOT NULL,
    account TEXT NOT NULL,
    amount_uyuan BIGINT NOT NULL,
    CONSTRAINT posting_pk PRIMARY KEY (settlement_id, account)
);

-- Year totals of a person on a benefit path; its lock serialises what is settled against a cap.
CREATE TABLE usage (
    person_id BIGINT NOT NULL CONSTRAINT usage_person REFERENCES person (id),
    attribute TEXT NOT NULL,
    year INTEGER NOT NULL,
    deductible_used_uyuan BIGINT NOT NULL,
    cap_used_uyuan BIGINT NOT NULL,
    CONSTRAINT usage_pk PRIMARY KEY (person_id, attribute, year)
);

-- What happened, in one chain per lane and one per prescription. Only ever appended to.
CREATE TABLE event (
    lane INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    id BIGINT NOT NULL CONSTRAINT event_id UNIQUE,
    prescription_id BIGINT,
    rx_seq BIGINT,
    kind TEXT NOT NULL,
    actor_id BIGINT,
    at_ms BIGINT NOT NULL,
    -- JSON, hashed exactly as stored.
    body TEXT NOT NULL,
    rx_prev BYTEA,
    prev BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    CONSTRAINT event_pk PRIMARY KEY (lane, seq),
    CONSTRAINT event_of_prescription UNIQUE (prescription_id, rx_seq)
);
CREATE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'event is append-only';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only();

-- What partners must be told; written with the change it tells of.
CREATE TABLE outbox (
    id BIGINT NOT NULL CONSTRAINT outbox_pk PRIMARY KEY,
    event_id BIGINT NOT NULL,
    partner_id BIGINT NOT NULL,
    prescription_id BIGINT NOT NULL,
    -- The event's number on its prescription: the order of delivery.
    rx_seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL
        CONSTRAINT outbox_state CHECK (state IN ('pending', 'leased', 'delivered', 'dead')),
    attempts INTEGER NOT NULL,
    next_ms BIGINT NOT NULL,
    leased_until_ms BIGINT,
    delivered_ms BIGINT,
    last_error TEXT
);
CREATE INDEX outbox_due ON outbox (next_ms, id) WHERE state IN ('pending', 'leased');
CREATE INDEX outbox_order ON outbox (partner_id, prescription_id, rx_seq, id)
    WHERE state <> 'delivered';

-- Exactly once: the stored answer of every decided call. The key leads: keys are looked up by the batch.
CREATE TABLE command (
    scope BIGINT NOT NULL,
    key TEXT NOT NULL,
    digest BYTEA NOT NULL,
    -- Set when the answer is a refusal; the body is then its faults and findings.
    reason_code TEXT,
    body TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    CONSTRAINT command_pk PRIMARY KEY (key, scope)
);
CREATE INDEX command_age ON command (at_ms);

-- One writer writes one lane; its epoch tells it apart from a writer that was only paused.
CREATE TABLE lane (
    id INTEGER NOT NULL CONSTRAINT lane_pk PRIMARY KEY,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    head BYTEA NOT NULL,
    -- The last millisecond used in an id.
    last_ms BIGINT NOT NULL,
    -- When the lane was last written, by the database's own clock: 10 s later it is free.
    touched_ms BIGINT NOT NULL,
    CONSTRAINT lane_id CHECK (id BETWEEN 0 AND 1023)
);

-- Registers: who takes part. The single row of `register` counts their changes.
CREATE TABLE register (
    id INTEGER NOT NULL CONSTRAINT register_pk PRIMARY KEY,
    revision BIGINT NOT NULL,
    CONSTRAINT register_single CHECK (id = 1)
);
INSERT INTO register (id, revision) VALUES (1, 0);

CREATE TABLE institution (
    id BIGINT NOT NULL CONSTRAINT institution_pk PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT institution_code UNIQUE,
    document TEXT NOT NULL
);

CREATE TABLE practitioner (
    institution_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    profession TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    CONSTRAINT practitioner_pk PRIMARY KEY (institution_id, code, profession, from_day)
);

CREATE TABLE stock (
    pharmacy_id BIGINT NOT NULL,
    product_key TEXT NOT NULL,
    -- Ten-thousandths of a package.
    quantity BIGINT NOT NULL,
    unit_price_uyuan BIGINT NOT NULL,
    as_of_ms BIGINT NOT NULL,
    CONSTRAINT stock_pk PRIMARY KEY (pharmacy_id, product_key)
);
CREATE INDEX stock_by_product ON stock (product_key);

CREATE TABLE client (
    id TEXT NOT NULL CONSTRAINT client_pk PRIMARY KEY,
    institution_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    -- A keyed hash in text form, never a secret.
    secret_hash TEXT NOT NULL
);
