-- Column 3: what one hold of a new consumer reads and writes, one transaction, in the service's own order and tables.
-- :stripe is the fund's row: the same for everybody (`one_row`), or one for each client (`striped`).
\set n random(1, 9000000000000000)
\set stripe :client_id * :striped
BEGIN;
SELECT gtin, category, grade, filed_price_fen, serialised, cellular FROM lijian.product WHERE gtin = :gtin;
INSERT INTO lijian.order_number (merchant_id, order_no, state, lane, checkout_id, fingerprint) VALUES ('M00001', 'E' || :n::text, 'taken', 60, 'co_' || :n::text, sha256(:n::text::bytea)) ON CONFLICT (merchant_id, order_no) DO NOTHING RETURNING merchant_id;
INSERT INTO lijian.consumer (lane, consumer_id, digest, digest_key_id, created_at) VALUES (60, 'cn_' || :n::text, sha256(:n::text::bytea), 'k1', now()) ON CONFLICT (lane, digest) DO NOTHING RETURNING consumer_id;
INSERT INTO lijian.item_claim (item, lane, checkout_id, line_no) VALUES ('sn-' || :n::text, 60, 'co_' || :n::text, 1) ON CONFLICT (item) DO NOTHING RETURNING item;
SELECT available_fen FROM lijian.fund_stripe WHERE lane = :stripe AND pool = 'appliance' FOR NO KEY UPDATE;
SELECT clock_timestamp(), q.* FROM lijian.consumer_quota q WHERE lane = 60 AND consumer_id = 'cn_' || :n::text;
INSERT INTO lijian.consumer_quota (lane, consumer_id, quota, held_fen, used_fen, cap_fen, held_units, used_units, cap_units, version) VALUES (60, 'cn_' || :n::text, 'cap-total', 80000, 0, 1500000, 1, 0, NULL, 1), (60, 'cn_' || :n::text, 'A01-2026', 80000, 0, NULL, 1, 0, 1, 1);
INSERT INTO lijian.checkout (lane, checkout_id, consumer_id, merchant_id, order_no, channel, status, policy, policy_version, total_fen, subsidy_fen, refunded_fen, cap_remaining_fen, created_at, expires_at) VALUES (60, 'co_' || :n::text, 'cn_' || :n::text, 'M00001', 'E' || :n::text, 'in_store', 'held', 'changchun-2025', 1, 400000, 80000, 0, 1420000, now(), now() + interval '1 day');
INSERT INTO lijian.checkout_line (lane, checkout_id, line_no, gtin, serial_no, price_fen, quantity, programme, category, pool, grade, rate_bps, entitled_fen, subsidy_fen, outcome, quotas, refunded_units, refunded_fen) VALUES (60, 'co_' || :n::text, 1, '06900000000018', 'SN' || :n::text, 400000, 1, 'appliance', 'A01', 'appliance', 1, 2000, 80000, 80000, 'granted', '{cap-total,A01-2026}', 0, 0);
INSERT INTO lijian.act (lane, act_id, kind, checkout_id, merchant_id, amount_fen, acted_at) VALUES (60, 'ac_' || :n::text, 'hold', 'co_' || :n::text, 'M00001', 80000, now());
INSERT INTO lijian.ledger_entry (lane, act_id, entry_no, account, pool, checkout_id, line_no, amount_fen, quota_fen, quota_units, entered_at) VALUES (60, 'ac_' || :n::text, 1, 'available', 'appliance', 'co_' || :n::text, 1, -80000, -80000, -1, now()), (60, 'ac_' || :n::text, 2, 'held', 'appliance', 'co_' || :n::text, 1, 80000, 80000, 1, now());
UPDATE lijian.fund_stripe SET available_fen = available_fen - 80000, held_fen = held_fen + 80000 WHERE lane = :stripe AND pool = 'appliance';
COMMIT;
