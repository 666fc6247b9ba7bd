"""Copies for bad days: everything that an installation knows, in one file, and back again.

`archive.py` is the file, `rows.py` the tables, `taking.py` makes a copy and `restoring.py` puts it back.
"""
