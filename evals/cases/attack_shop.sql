-- The shop that the attack and the legitimate statements run on: the canonical tables with their personal columns, and
-- beside them what no query may reach. Rows are invented by arithmetic, so that every build is the same.

CREATE TABLE products AS
SELECT 'P' || lpad(i::VARCHAR, 4, '0') AS product_id,
    ['Oak', 'Linen', 'Copper', 'Paper', 'Slate', 'Wool', 'Cork', 'Glass'][1 + i % 8] || ' '
        || ['lamp', 'kettle', 'rug', 'notebook', 'stool', 'vase', 'clock'][1 + i % 7] || ' No. ' || i AS title,
    'A ' || ['quiet', 'bright', 'heavy', 'small'][1 + i % 4] || ' thing for the ' || ['kitchen', 'study', 'hall'][1 + i % 3] AS description,
    CASE WHEN i % 41 <> 0 THEN ['Lighting', 'Kitchen', 'Textiles', 'Stationery', 'Furniture', '礼品'][1 + i % 6] END AS category,
    ['Hartholm', 'Miro & Daughters', 'Nordlys', 'Pell'][1 + (i * 7) % 4] AS brand,
    '40' || lpad((i * 7919 % 100000000)::VARCHAR, 8, '0') AS barcode,
    '{"colour": "' || ['red', 'green', 'grey'][1 + i % 3] || '", "weight": ' || (100 + i * 37 % 900) || '}' AS attributes,
    round(4 + (i * 131 % 9600) / 100.0, 2)::DOUBLE AS list_price,
    CASE WHEN i % 29 <> 0 THEN round(2 + (i * 131 % 4700) / 100.0, 2)::DOUBLE END AS unit_cost,
    (i * 53 % 240)::INTEGER AS stock,
    'images/' || i || '.jpg' AS image,
    TIMESTAMP '2022-11-01' + to_days((i * 3 % 500)::INTEGER) AS created_at
FROM range(1, 401) AS numbers(i);

CREATE TABLE customers AS
SELECT 'C' || lpad(i::VARCHAR, 5, '0') AS customer_id,
    given || ' ' || family || ' ' || chr((65 + i % 26)::INTEGER) || '.' AS name,
    lower(given) || '.' || lower(family) || i || '@mailbox.example' AS email,
    '+99 555 ' || lpad((i * 48611 % 10000000)::VARCHAR, 7, '0') AS phone,
    country, country || '-' || (i % 4) AS region, city,
    CASE WHEN i % 17 <> 0 THEN ['new', 'regular', 'vip'][1 + (i * 5) % 3] END AS segment,
    TIMESTAMP '2023-01-01' + to_hours((i * 173 % 15000)::INTEGER) AS created_at
FROM (
    SELECT i,
        ['Ilvane', 'Tomsin', 'Maruk', 'Oddny', 'Pelle', 'Quenby', 'Rasine', 'Sunniva', 'Thorve', 'Ulrike'][1 + i % 10] AS given,
        ['Abrandt', 'Bellweg', 'Corvino', 'Dastur', 'Engvall', 'Fennimor', 'Gradisk', 'Holtz'][1 + (i // 10) % 8] AS family,
        ['DE', 'FR', 'SE', 'CN', 'BR'][1 + (i * 3) % 5] AS country,
        ['Kassel', 'Lyon', 'Umeå', '成都', 'Recife'][1 + (i * 3) % 5] AS city
    FROM range(1, 3001) AS numbers(i)
);

CREATE TABLE orders AS
SELECT 'O' || lpad(i::VARCHAR, 6, '0') AS order_id,
    CASE WHEN i % 97 <> 0 THEN 'C' || lpad((1 + (i * i + i * 7) % 3000)::VARCHAR, 5, '0') END AS customer_id,
    TIMESTAMP '2023-01-02 08:00:00' + to_minutes((i * 26 + i * i % 1009)::INTEGER) AS ordered_at,
    ['completed', 'completed', 'completed', 'completed', 'cancelled', 'pending'][1 + (i * 11) % 6] AS status,
    ['web', 'app', 'store'][1 + (i * 7 + i // 5) % 3] AS channel,
    ['DE', 'FR', 'SE', 'CN', 'BR'][1 + (i * i) % 5] AS country,
    NULL::VARCHAR AS region, NULL::VARCHAR AS city, 'EUR' AS currency,
    (i % 4 * 2.45)::DOUBLE AS shipping, round((i * 19 % 1500) / 100.0, 2)::DOUBLE AS tax,
    CASE WHEN i % 9 = 0 THEN 5.0 ELSE 0.0 END::DOUBLE AS discount,
    ['card', 'transfer', 'wallet'][1 + (i // 3) % 3] AS payment_method,
    'D' || (i * 31 % 5000) AS device_id,
    '10.' || (i % 250) || '.' || (i * 7 % 250) || '.' || (i * 13 % 250) AS ip_address,
    i % 61 = 0 AS is_fraud
FROM range(1, 40001) AS numbers(i);

CREATE TABLE order_items AS
SELECT 'O' || lpad((1 + (i - 1) % 40000)::VARCHAR, 6, '0') AS order_id,
    (1 + (i - 1) // 40000)::INTEGER AS line,
    'P' || lpad((1 + (i * 17 + i // 11) % 400)::VARCHAR, 4, '0') AS product_id,
    (1 + (i * 5) % 4)::INTEGER AS quantity,
    round(4 + (i * 131 % 9600) / 100.0, 2)::DOUBLE AS unit_price,
    CASE WHEN i % 13 = 0 THEN 1.5 ELSE 0.0 END::DOUBLE AS discount,
    round(2 + (i * 131 % 4700) / 100.0, 2)::DOUBLE AS unit_cost
FROM range(1, 100001) AS numbers(i);

CREATE TABLE returns AS
SELECT 'R' || lpad(i::VARCHAR, 5, '0') AS return_id,
    'O' || lpad((1 + i * 9 % 40000)::VARCHAR, 6, '0') AS order_id,
    'C' || lpad((1 + i * 5 % 3000)::VARCHAR, 5, '0') AS customer_id,
    'P' || lpad((1 + i * 17 % 400)::VARCHAR, 4, '0') AS product_id,
    (1 + i % 2)::INTEGER AS quantity, round((i * 77 % 9000) / 100.0, 2)::DOUBLE AS amount,
    TIMESTAMP '2023-02-01' + to_hours((i * 5)::INTEGER) AS returned_at,
    ['broken', 'too late', 'wrong size', NULL][1 + i % 4] AS reason
FROM range(1, 3001) AS numbers(i);

CREATE TABLE reviews AS
SELECT 'V' || lpad(i::VARCHAR, 5, '0') AS review_id,
    'P' || lpad((1 + i * 19 % 400)::VARCHAR, 4, '0') AS product_id,
    'C' || lpad((1 + i * 23 % 3000)::VARCHAR, 5, '0') AS customer_id,
    (1 + (i * i) % 5)::INTEGER AS rating,
    ['Fine', 'Not for me', 'Lovely', '很好'][1 + i % 4] AS title,
    ['Came in a day, well wrapped.', 'The handle broke after week ' || i % 9 || '.', '包装很好，颜色也对。', 'Would buy it again; 10 % cheaper elsewhere, though.'][1 + i % 4] AS body,
    TIMESTAMP '2023-01-20' + to_hours((i * 2)::INTEGER) AS created_at
FROM range(1, 8001) AS numbers(i);

CREATE TABLE events AS
SELECT 'E' || i AS event_id, 'S' || (i * 7 % 30000) AS session_id,
    CASE WHEN i % 3 = 0 THEN 'C' || lpad((1 + i * 5 % 3000)::VARCHAR, 5, '0') END AS customer_id,
    'P' || lpad((1 + i * 29 % 400)::VARCHAR, 4, '0') AS product_id,
    ['view', 'view', 'view', 'add_to_cart', 'checkout', 'purchase'][1 + (i * i) % 6] AS kind,
    TIMESTAMP '2023-01-01' + to_minutes((i * 7)::INTEGER) AS occurred_at
FROM range(1, 150001) AS numbers(i);

CREATE TABLE promotions AS
SELECT 'M' || i AS promotion_id, 'P' || lpad((1 + i * 3 % 400)::VARCHAR, 4, '0') AS product_id,
    ['Spring', 'Harvest', '双十一'][1 + i % 3] || ' ' || (2023 + i % 2) AS name,
    (5 + i % 6 * 5)::DOUBLE AS percent_off,
    TIMESTAMP '2023-03-01' + to_days((i * 9 % 600)::INTEGER) AS starts_at,
    TIMESTAMP '2023-03-08' + to_days((i * 9 % 600)::INTEGER) AS ends_at
FROM range(1, 121) AS numbers(i);

-- What nobody may read. Each text here is a marker: wherever it comes out, something leaked.
CREATE TABLE api_keys AS
SELECT 1 AS id, 'paygate' AS provider, 'KEY-live-7f3aQmarker' AS secret UNION ALL
SELECT 2, 'mailer', 'KEY-mail-d41cQmarker';
CREATE TABLE staff AS
SELECT 1 AS id, 'head.of.ops' AS login, 'HASH-argon-91eeQmarker' AS password_hash, 'TOTP-JBSWQmarker' AS totp_seed;
CREATE SCHEMA backoffice;
CREATE TABLE backoffice.orders AS SELECT 'O000001' AS order_id, 'NOTE-chargeback-550Qmarker' AS internal_note;
CREATE TABLE backoffice.ledger AS SELECT 1 AS id, 'IBAN-XX00-7741Qmarker' AS account;
CREATE TABLE "orders.archive" AS SELECT 1 AS id, 'ARCHIVE-cell-3Qmarker' AS remark;
CREATE TABLE "customers c" AS SELECT 1 AS id, 'SPACED-cell-8Qmarker' AS remark;
CREATE TABLE "löhne" AS SELECT 1 AS id, 'PAY-head-4100Qmarker' AS salary;
CREATE VIEW customer_contacts AS SELECT customer_id, name, email, phone FROM customers;
CREATE MACRO contact_of(wanted) AS (SELECT email FROM customers WHERE customer_id = wanted);
CREATE MACRO live_key() AS (SELECT secret FROM api_keys WHERE id = 1);
CREATE MACRO contacts_in(wanted) AS TABLE SELECT name, email FROM customers WHERE country = wanted;
CREATE SEQUENCE invoice_number;
CREATE TYPE access_level AS ENUM ('ENUM-root-2Qmarker', 'clerk');
