"""The till's contract: quotes, checkouts, capture, void, refunds, by our id or the merchant's order number."""
