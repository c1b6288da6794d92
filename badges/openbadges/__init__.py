"""Open Badges 3.0 as verifiable credentials: building, signing, status lists, verifying.

Pure Python: no framework, no database, no network, no clock. Moments, keys and lists are given.
"""
