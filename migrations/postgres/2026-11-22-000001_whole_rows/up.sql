-- A prescription's row stays in one piece up to a page. By default PostgreSQL tries to compress what makes a row longer than
-- 2 KB, which ciphertext never yields to, and then writes it to a table of its own: a tenth of the work on an accepted
-- prescription.
ALTER TABLE prescription SET (toast_tuple_target = 8160);
ALTER TABLE prescription
    ALTER COLUMN sealed_key SET STORAGE EXTERNAL,
    ALTER COLUMN sealed_identity SET STORAGE EXTERNAL,
    ALTER COLUMN sealed_document SET STORAGE EXTERNAL;
-- Answers, too: most are kept for seven days and never read.
ALTER TABLE command SET (toast_tuple_target = 8160);
