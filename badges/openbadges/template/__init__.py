"""Signing many badges that differ only in a few texts, without reading them as JSON-LD each time.

`compile.py` says when this is sound; everything it cannot show takes the full path.
"""
