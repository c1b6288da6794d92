"""Attacks on the whole portal at once: every role, every object, every form."""
