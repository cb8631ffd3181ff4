"""Readers of tables whose columns have names: CSV, TSV, Arrow."""
