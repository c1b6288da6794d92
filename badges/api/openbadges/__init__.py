"""Open Badges API 3.0 (1EdTech): other programs read and keep a person's badges, with consent."""
