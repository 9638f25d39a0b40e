ALTER TABLE prescription RESET (toast_tuple_target);
ALTER TABLE prescription
    ALTER COLUMN sealed_key SET STORAGE EXTENDED,
    ALTER COLUMN sealed_identity SET STORAGE EXTENDED,
    ALTER COLUMN sealed_document SET STORAGE EXTENDED;
ALTER TABLE command RESET (toast_tuple_target);
