"""How receipts.py proves prose: references in, figures and claims out, everything else doubted."""
