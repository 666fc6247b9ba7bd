"""How a file from outside is opened, whatever it is about: a plan (`milestones/importing/`) or people
(`stakeholders/importing/`).

`hazards` refuses what could harm before anything is read; `separated` and `workbook` take text and sheets apart into the
blocks of `shapes`; `child` runs a reader in a process of its own. None of these knows Django.
"""
