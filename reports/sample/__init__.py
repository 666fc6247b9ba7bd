"""Juniper Flats School District: invented, so that every page has something to say on the first day."""
