"""SQL attacks and legitimate queries, run on a shop of their own and judged by what came out and what changed."""
