-- revenue of a month
SELECT
  COALESCE(SUM(i.quantity * i.unit_price - i.discount), 0) AS revenue
FROM orders AS o
JOIN order_items AS i
  USING (order_id)
WHERE
  o.status = 'completed' AND o.ordered_at >= DATE '2024-11-01' AND o.ordered_at < DATE '2024-12-01';

-- best products
SELECT
  i.product_id,
  COALESCE(p.title, i.product_id) AS product,
  SUM(i.quantity * i.unit_price - i.discount) AS revenue,
  SUM(i.quantity * i.unit_price - i.discount) / NULLIF(SUM(i.quantity), 0) AS average_price
FROM orders AS o
JOIN order_items AS i
  USING (order_id)
LEFT JOIN products AS p
  ON p.product_id = i.product_id
WHERE
  o.status = 'completed'
GROUP BY 1, 2
ORDER BY ROUND(revenue, 2) DESC, product, product_id
LIMIT 3;

-- orders with candles abroad
SELECT
  o.country,
  COUNT(DISTINCT o.order_id) AS orders
FROM orders AS o
JOIN order_items AS i
  USING (order_id)
LEFT JOIN products AS p
  ON p.product_id = i.product_id
WHERE
  o.status = 'completed'
  AND o.ordered_at >= DATE '2024-01-01'
  AND o.ordered_at < DATE '2025-01-01'
  AND p.title ILIKE '%candle%'
  AND o.country NOT IN ('France', 'United Kingdom')
GROUP BY 1
ORDER BY orders DESC, country;

-- trend of new customers
WITH first_orders AS (
  SELECT
    customer_id,
    MIN(ordered_at) AS first_at
  FROM orders
  WHERE
    status = 'completed' AND customer_id IS NOT NULL
  GROUP BY customer_id
), order_totals AS (
  SELECT
    CAST(DATE_TRUNC('QUARTER', o.ordered_at) AS DATE) AS quarter,
    COUNT(DISTINCT o.customer_id) FILTER (
      WHERE f.first_at >= DATE '2024-01-01'
      AND f.first_at < DATE '2025-01-01'
      AND CAST(DATE_TRUNC('QUARTER', f.first_at) AS DATE) = CAST(DATE_TRUNC('QUARTER', o.ordered_at) AS DATE)
    ) AS new_customers
  FROM orders AS o
  LEFT JOIN first_orders AS f
    ON f.customer_id = o.customer_id
  WHERE
    o.status = 'completed' AND o.ordered_at >= DATE '2024-01-01' AND o.ordered_at < DATE '2025-01-01'
  GROUP BY 1
), axis AS (
  SELECT
    CAST(UNNEST(GENERATE_SERIES(DATE '2024-01-01', DATE '2024-10-01', INTERVAL '1' QUARTER)) AS DATE) AS quarter
)
SELECT
  axis.quarter,
  COALESCE(order_totals.new_customers, 0) AS new_customers
FROM axis
LEFT JOIN order_totals
  ON axis.quarter = order_totals.quarter
ORDER BY quarter;

-- trend by channel
WITH sales AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', o.ordered_at) AS DATE) AS month,
    o.channel,
    SUM(i.quantity) AS units
  FROM orders AS o
  JOIN order_items AS i
    USING (order_id)
  WHERE
    o.status = 'completed' AND o.ordered_at >= DATE '2024-10-01' AND o.ordered_at < DATE '2025-01-01'
  GROUP BY 1, 2
), axis AS (
  SELECT
    b.month,
    k.channel
  FROM (
    SELECT
      CAST(UNNEST(GENERATE_SERIES(DATE '2024-10-01', DATE '2024-12-01', INTERVAL '1' MONTH)) AS DATE) AS month
  ) AS b
  CROSS JOIN (
    SELECT DISTINCT
      channel
    FROM sales
  ) AS k
)
SELECT
  axis.month,
  axis.channel,
  COALESCE(sales.units, 0) AS units
FROM axis
LEFT JOIN sales
  ON axis.month = sales.month AND axis.channel IS NOT DISTINCT FROM sales.channel
ORDER BY month, channel;

-- net revenue by country
WITH sales AS (
  SELECT
    o.country,
    SUM(i.quantity * i.unit_price - i.discount) AS revenue
  FROM orders AS o
  JOIN order_items AS i
    USING (order_id)
  WHERE
    o.status = 'completed' AND o.ordered_at >= DATE '2024-01-01' AND o.ordered_at < DATE '2025-01-01'
  GROUP BY 1
), returned AS (
  SELECT
    COALESCE(o.country, c.country, 'unknown') AS country,
    SUM(r.amount) AS refunds
  FROM returns AS r
  LEFT JOIN orders AS o
    ON o.order_id = r.order_id
  LEFT JOIN customers AS c
    ON c.customer_id = r.customer_id
  WHERE
    r.returned_at >= DATE '2024-01-01' AND r.returned_at < DATE '2025-01-01'
  GROUP BY 1
), facts AS (
  SELECT
    COALESCE(sales.country, returned.country) AS country,
    COALESCE(sales.revenue, 0) AS revenue,
    COALESCE(returned.refunds, 0) AS refunds
  FROM sales
  FULL JOIN returned
    ON sales.country IS NOT DISTINCT FROM returned.country
)
SELECT
  facts.country,
  COALESCE(facts.revenue, 0) - COALESCE(facts.refunds, 0) AS net_revenue
FROM facts
ORDER BY ROUND(net_revenue, 2) DESC, country;

-- orders against the month before
WITH order_totals AS (
  SELECT
    COUNT(*) AS orders
  FROM orders AS o
  WHERE
    o.status = 'completed' AND o.ordered_at >= DATE '2024-11-01' AND o.ordered_at < DATE '2024-12-01'
), order_totals_before AS (
  SELECT
    COUNT(*) AS orders
  FROM orders AS o
  WHERE
    o.status = 'completed' AND o.ordered_at >= DATE '2024-10-01' AND o.ordered_at < DATE '2024-11-01'
), compared AS (
  SELECT
    COALESCE(order_totals.orders, 0) AS orders,
    COALESCE(order_totals_before.orders, 0) AS orders_before
  FROM order_totals
  CROSS JOIN order_totals_before
)
SELECT
  orders,
  orders_before,
  orders - orders_before AS orders_change,
  (orders - orders_before) / NULLIF(orders_before, 0) AS orders_growth
FROM compared;

-- share of each country
WITH sales AS (
  SELECT
    o.country,
    SUM(i.quantity * i.unit_price - i.discount) AS revenue
  FROM orders AS o
  JOIN order_items AS i
    USING (order_id)
  WHERE
    o.status = 'completed'
  GROUP BY 1
), sales_total AS (
  SELECT
    SUM(i.quantity * i.unit_price - i.discount) AS revenue
  FROM orders AS o
  JOIN order_items AS i
    USING (order_id)
  WHERE
    o.status = 'completed'
)
SELECT
  sales.country,
  COALESCE(sales.revenue, 0) AS revenue,
  COALESCE(sales.revenue, 0) / NULLIF(COALESCE(sales_total.revenue, 0), 0) AS revenue_share
FROM sales
CROSS JOIN sales_total
ORDER BY ROUND(COALESCE(sales.revenue, 0), 2) DESC, country
LIMIT 3;

-- share of the weekend
WITH sales AS (
  SELECT
    SUM(i.quantity * i.unit_price - i.discount) AS revenue
  FROM orders AS o
  JOIN order_items AS i
    USING (order_id)
  WHERE
    o.status = 'completed' AND DAYNAME(o.ordered_at) IN ('Saturday', 'Sunday')
), sales_total AS (
  SELECT
    SUM(i.quantity * i.unit_price - i.discount) AS revenue
  FROM orders AS o
  JOIN order_items AS i
    USING (order_id)
  WHERE
    o.status = 'completed'
)
SELECT
  COALESCE(sales.revenue, 0) / NULLIF(COALESCE(sales_total.revenue, 0), 0) AS revenue_share
FROM sales
CROSS JOIN sales_total;

-- best orders and the rest
WITH sales AS (
  SELECT
    o.order_id AS "order",
    SUM(i.quantity * i.unit_price - i.discount) AS revenue
  FROM orders AS o
  JOIN order_items AS i
    USING (order_id)
  WHERE
    o.status = 'completed'
  GROUP BY 1
), ranked AS (
  SELECT
    sales."order",
    COALESCE(sales.revenue, 0) AS revenue,
    COALESCE(sales.revenue, 0) AS revenue__part
  FROM sales
), placed AS (
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY ROUND(revenue, 2) DESC, "order") AS place
  FROM ranked
)
SELECT
  "order",
  revenue
FROM (
  SELECT
    "order",
    revenue,
    place
  FROM placed
  WHERE
    place <= 3
  UNION ALL
  SELECT
    'Everything else' AS "order",
    SUM(revenue__part) AS revenue,
    4 AS place
  FROM placed
  WHERE
    place > 3
  HAVING
    COUNT(*) > 0
) AS shown
ORDER BY place;

-- customers lost in January
SELECT
  COUNT(DISTINCT o.customer_id) AS customers
FROM orders AS o
WHERE
  o.status = 'completed'
  AND o.customer_id NOT IN (
    SELECT
      customer
    FROM (
      SELECT
        o.customer_id AS customer,
        COUNT(*) AS orders
      FROM orders AS o
      WHERE
        o.status = 'completed'
        AND o.ordered_at >= DATE '2025-01-01'
        AND o.ordered_at < DATE '2025-02-01'
        AND o.customer_id IS NOT NULL
      GROUP BY 1
    ) AS grouped
    WHERE
      orders <> 0
  );

-- best tenth of the customers
SELECT
  COALESCE(SUM(i.quantity * i.unit_price - i.discount), 0) AS revenue
FROM orders AS o
JOIN order_items AS i
  USING (order_id)
WHERE
  o.status = 'completed'
  AND o.customer_id IS NOT NULL
  AND o.customer_id IN (
    SELECT
      customer
    FROM (
      SELECT
        customer,
        ROW_NUMBER() OVER (ORDER BY ROUND(revenue, 2) DESC, customer) AS place,
        COUNT(*) OVER () AS n
      FROM (
        SELECT
          o.customer_id AS customer,
          SUM(i.quantity * i.unit_price - i.discount) AS revenue
        FROM orders AS o
        JOIN order_items AS i
          USING (order_id)
        WHERE
          o.status = 'completed' AND o.customer_id IS NOT NULL
        GROUP BY 1
      ) AS grouped
    ) AS placed
    WHERE
      place <= CEIL(10 * n / 100)
  );

-- repeat rate by segment
SELECT
  b.segment,
  COUNT(*) FILTER (WHERE b.orders >= 2) / NULLIF(COUNT(*), 0) AS repeat_rate
FROM (
  SELECT
    c.segment,
    o.customer_id,
    COUNT(*) AS orders
  FROM orders AS o
  LEFT JOIN customers AS c
    ON c.customer_id = o.customer_id
  WHERE
    o.status = 'completed' AND o.customer_id IS NOT NULL
  GROUP BY 1, 2
) AS b
GROUP BY 1
ORDER BY repeat_rate DESC, segment;

-- days between orders
SELECT
  AVG(g.days) AS days_between_orders
FROM (
  SELECT
    DATE_DIFF(
      'DAY',
      LAG(CAST(o.ordered_at AS DATE)) OVER (PARTITION BY o.customer_id ORDER BY o.ordered_at),
      CAST(o.ordered_at AS DATE)
    ) AS days
  FROM orders AS o
  WHERE
    o.status = 'completed'
    AND o.ordered_at >= DATE '2024-01-01'
    AND o.ordered_at < DATE '2025-01-01'
    AND o.customer_id IS NOT NULL
) AS g;

-- best month
SELECT
  CAST(DATE_TRUNC('MONTH', o.ordered_at) AS DATE) AS month,
  SUM(i.quantity * i.unit_price - i.discount) AS revenue
FROM orders AS o
JOIN order_items AS i
  USING (order_id)
WHERE
  o.status = 'completed'
  AND CAST(DATE_TRUNC('MONTH', o.ordered_at) AS DATE) BETWEEN DATE '2023-12-01' AND DATE '2025-01-01'
GROUP BY 1
ORDER BY ROUND(revenue, 2) DESC, month
LIMIT 1;
