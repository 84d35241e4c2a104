"""Finding what words mean: the shop's own names (lexical) and its texts (vectors)."""
