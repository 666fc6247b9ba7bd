"""What was found out a moment ago, in this process's memory: the cache is a table, and looking at a page writes nothing."""

from django.core.cache.backends.locmem import LocMemCache

kept = LocMemCache("district_plan", {})
