"""Sales forecasts: a table becomes a panel, a panel becomes windows, and models answer with a mean and quantiles."""
