"""People and buildings in bulk, from a list (CSV, Excel) or a OneRoster 1.1 or 1.2 set.

`reading` opens a file in a process of its own; `lists`, `oneroster` and `archive` take it apart; `words` says which roles
are staff; `found` is what comes out: staff and buildings, and of everybody else a number. None of these knows Django.
`keeping`, `choices`, `proposals`, `apply` and `undo` are where the rows meet a district. The rules that a district can
read are in docs/importing-people.md.
"""
