-- Takes the spine away, newest first.
DROP TABLE client, stock, practitioner, institution, register, lane, command, outbox, event, usage, posting,
    settlement, drug_box, dispensing, circulation, prescription_line, prescription, person;
DROP FUNCTION event_is_append_only();
