"""What is on record about one person: to take home, and to redact."""
