"""The school calendar: which days school is closed, and how a calendar is brought in from lines or an .ics file."""
