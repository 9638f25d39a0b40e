//! The tables as diesel sees them, the same for both engines: written by hand, compared with the migrations by a test.
//!
//! What a column means is said in the migrations.

diesel::table! {
    person (id) {
        id -> BigInt,
        identity_hash -> Binary,
        last_four_hash -> Binary,
        created_ms -> BigInt,
    }
}

diesel::table! {
    prescription (id) {
        id -> BigInt,
        institution_id -> BigInt,
        person_id -> BigInt,
        pooling_area -> Text,
        hosp_rxno -> Text,
        hi_rxno -> Text,
        rx_trace_code -> Text,
        accepted_ms -> BigInt,
        issued_ms -> BigInt,
        valid_until_ms -> BigInt,
        header -> Text,
        findings -> Text,
        edition -> Text,
        catalogue_digest -> Text,
        policy_digest -> Text,
        rules_revision -> Integer,
        sealed_record -> BigInt,
        sealed_key -> Binary,
        sealed_identity -> Binary,
        sealed_document -> Binary,
    }
}

diesel::table! {
    prescription_line (prescription_id, line_no) {
        prescription_id -> BigInt,
        line_no -> Integer,
        kind -> Text,
        drug_code -> Nullable<Text>,
        generic_name -> Text,
        dosage_form -> Text,
        spec -> Text,
        product_key -> Text,
        quantity -> BigInt,
        days -> Integer,
        approval -> Text,
        control -> Text,
        self_pay -> Bool,
    }
}

diesel::table! {
    circulation (prescription_id) {
        prescription_id -> BigInt,
        institution_id -> BigInt,
        person_id -> BigInt,
        pooling_area -> Text,
        state -> Text,
        valid_until_ms -> BigInt,
        due_ms -> Nullable<BigInt>,
        pickup_rotation -> Integer,
        chosen_pharmacy_id -> Nullable<BigInt>,
        holder_id -> Nullable<BigInt>,
        lease_until_ms -> Nullable<BigInt>,
        review -> Nullable<Text>,
        reviewer -> Nullable<Text>,
        frozen_until_ms -> Nullable<BigInt>,
        event_seq -> BigInt,
        event_head -> Nullable<Binary>,
        claims -> Integer,
        line_states -> Nullable<Text>,
        hold_due_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    dispensing (id) {
        id -> BigInt,
        prescription_id -> BigInt,
        pharmacy_id -> BigInt,
        state -> Text,
        prepared_ms -> BigInt,
        settled_ms -> Nullable<BigInt>,
        handed_over_ms -> Nullable<BigInt>,
        quoted_personal_uyuan -> BigInt,
        lines -> Text,
    }
}

diesel::table! {
    drug_box (trace_code) {
        trace_code -> Text,
        state -> Text,
        dispensing_id -> BigInt,
        line_no -> Integer,
        lot -> Text,
        expires_on -> Text,
    }
}

diesel::table! {
    settlement (id) {
        id -> BigInt,
        dispensing_id -> BigInt,
        prescription_id -> BigInt,
        pharmacy_id -> BigInt,
        person_id -> BigInt,
        settled_ms -> BigInt,
        edition -> Text,
        total_uyuan -> BigInt,
        in_scope_uyuan -> BigInt,
        fund_uyuan -> BigInt,
        personal_uyuan -> BigInt,
        split -> Text,
    }
}

diesel::table! {
    posting (settlement_id, account) {
        settlement_id -> BigInt,
        account -> Text,
        amount_uyuan -> BigInt,
    }
}

diesel::table! {
    usage (person_id, path, year) {
        person_id -> BigInt,
        path -> Text,
        year -> Integer,
        deductible_used_uyuan -> BigInt,
        cap_used_uyuan -> BigInt,
    }
}

diesel::table! {
    event (lane, seq) {
        lane -> Integer,
        seq -> BigInt,
        id -> BigInt,
        prescription_id -> Nullable<BigInt>,
        rx_seq -> Nullable<BigInt>,
        kind -> Text,
        actor_id -> Nullable<BigInt>,
        at_ms -> BigInt,
        body -> Text,
        rx_prev -> Nullable<Binary>,
        prev -> Binary,
        digest -> Binary,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        event_id -> BigInt,
        partner_id -> BigInt,
        prescription_id -> BigInt,
        rx_seq -> BigInt,
        kind -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        next_ms -> BigInt,
        leased_until_ms -> Nullable<BigInt>,
        delivered_ms -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    command (key, scope) {
        scope -> BigInt,
        key -> Text,
        digest -> Binary,
        reason_code -> Nullable<Text>,
        body -> Text,
        at_ms -> BigInt,
    }
}

diesel::table! {
    lane (id) {
        id -> Integer,
        epoch -> BigInt,
        seq -> BigInt,
        head -> Binary,
        last_ms -> BigInt,
        touched_ms -> BigInt,
    }
}

diesel::table! {
    register (id) {
        id -> Integer,
        revision -> BigInt,
    }
}

diesel::table! {
    institution (id) {
        id -> BigInt,
        code -> Text,
        document -> Text,
    }
}

diesel::table! {
    practitioner (institution_id, code, profession, from_day) {
        institution_id -> BigInt,
        code -> Text,
        profession -> Text,
        from_day -> Text,
        to_day -> Text,
    }
}

diesel::table! {
    stock (pharmacy_id, product_key) {
        pharmacy_id -> BigInt,
        product_key -> Text,
        quantity -> BigInt,
        unit_price_uyuan -> BigInt,
        as_of_ms -> BigInt,
    }
}

diesel::table! {
    client (id) {
        id -> Text,
        institution_id -> BigInt,
        role -> Text,
        secret_hash -> Text,
    }
}

diesel::table! {
    entry (id) {
        id -> BigInt,
        person_id -> BigInt,
        area -> Text,
        register -> Text,
        from_day -> Text,
        to_day -> Text,
        content -> Text,
    }
}

diesel::table! {
    register_loaded (area, register) {
        area -> Text,
        register -> Text,
        as_of_ms -> BigInt,
    }
}

diesel::table! {
    reversal (id) {
        id -> BigInt,
        settlement_id -> BigInt,
        reversed_ms -> BigInt,
        prior_month -> Bool,
        had_left -> Bool,
        reason -> Text,
    }
}

diesel::joinable!(circulation -> prescription (prescription_id));
diesel::joinable!(entry -> person (person_id));
diesel::allow_tables_to_appear_in_same_query!(person, prescription, circulation, dispensing, entry);
diesel::allow_tables_to_appear_in_same_query!(settlement, reversal);
