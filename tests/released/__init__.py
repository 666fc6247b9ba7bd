"""Released versions: for each a file with its last migrations, its columns and some rows, for upgrading them in tests.

When a version is released, the next one begins with a file of it here.
"""
