"""Lijian (立减): instant subsidies at the till, decided durably, paid once, proved from the ledger."""
