"""What other programs use: the open API, and the Open Badges API 3.0."""
