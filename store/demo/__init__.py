"""A demo shop: two years of an invented shop that reads like a real one, with known truths in it.

    draws, days, vocabulary (words/*.toml)      chance by name, the calendar, what is written by hand
    plan -> catalogue -> prices, promotions -> demand -> badmonth     who sells what, and how much is wanted
    baskets -> people -> buyers -> checkout -> fraud     from what is wanted to orders
    returns, reviews, visits     what follows
    shop -> tables, truths -> build     the whole, written

The truths (`truths.json` beside the store) are an answer key: back-tests and evaluations measure against them what was
recovered from the tables. Nothing that answers questions may read them; tools are given the analytics file alone.
"""

SEED = 7  # of the shop that is built where no other is asked for
