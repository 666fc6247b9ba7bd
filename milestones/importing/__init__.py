"""How a district's own plan file is read.

`reading` opens a file, with `stakeholders/files/`, which refuses a hazardous one; `tables` and `prose` find the
rows; `columns`, `dates`, `owners` and `legend` say what a cell means; `understand` gives each row its verdict. None
of these knows Django. `proposals`, `apply` and `export` are where rows meet a district's plan. The rules that a planner can
read are in docs/importing.md.
"""
