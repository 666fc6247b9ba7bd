"""Word documents to blocks: each table a grid, the paragraphs between as running text."""

from defusedxml import ElementTree

from stakeholders.files.separated import cell, check
from stakeholders.files.shapes import MAX_COLUMNS, MAX_ROWS, Block, Cell, Line, Refused

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
SKIPPED = {FALLBACK, f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}txbxContent"}
WRAPPERS = {f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo", f"{W}smartTag"}


def read_document(package):
    try:
        body = ElementTree.fromstring(package.read("word/document.xml")).find(f"{W}body")
        styles = _list_styles(package)
    except Exception as error:
        raise Refused("The document cannot be read. Open it in Word and save it again as .docx.") from error
    if body is None:
        raise Refused("The document is empty.")
    blocks, text, tables = [], None, 0
    for paragraphs, element in enumerate(_children(body), start=1):
        if element.tag == f"{W}p":
            line = _paragraph(element, paragraphs, styles)
            if line is not None:
                if text is None:
                    text = Block("Text", grid=False)
                    blocks.append(text)
                text.lines.append(line)
        elif element.tag == f"{W}tbl":
            tables += 1
            blocks.append(_table(element, tables))
            text = None
    if sum(len(block.lines) for block in blocks) > MAX_ROWS:
        raise Refused(f"The document has more than {MAX_ROWS:,} rows. Split it by goal, for example.")
    return [check(block) for block in blocks if block.lines]


def _children(element):
    """Direct children, looking through the wrappers of content controls and accepted insertions."""
    for child in element:
        if child.tag in WRAPPERS:
            yield from _children(child)
        elif child.tag not in SKIPPED:
            yield child


def _list_styles(package):
    """Paragraph styles that make a list, with their level: "List Number 2" carries its number in the style."""
    if "word/styles.xml" not in package.namelist():
        return {}
    levels = {}
    for style in ElementTree.fromstring(package.read("word/styles.xml")).iter(f"{W}style"):
        numbering = style.find(f"{W}pPr/{W}numPr")
        if numbering is not None:
            levels[style.get(f"{W}styleId")] = _level(numbering)
    return levels


def _level(numbering):
    level = numbering.find(f"{W}ilvl")
    value = level.get(f"{W}val", "0") if level is not None else "0"
    return int(value) if value.isdigit() else 0


def _paragraph(element, number, styles):
    found = cell(_text(element))
    if not found.text:
        return None
    return Line(f"line {number}", [found], _list_level(element, styles))


def _list_level(element, styles):
    numbering = element.find(f"{W}pPr/{W}numPr")
    if numbering is not None:
        return _level(numbering) + 1
    style = element.find(f"{W}pPr/{W}pStyle")
    name = style.get(f"{W}val") if style is not None else None
    return styles[name] + 1 if name in styles else None


def _text(element):
    parts = []
    _collect(element, parts)
    return "".join(parts)


def _collect(element, parts):
    for child in element:
        if child.tag == f"{W}t":
            parts.append(child.text or "")
        elif child.tag == f"{W}tab":
            parts.append(" ")
        elif child.tag in (f"{W}br", f"{W}cr"):
            parts.append("\n")
        elif child.tag == f"{W}noBreakHyphen":
            parts.append("-")
        elif child.tag == f"{W}p":
            if parts and parts[-1] != "\n":
                parts.append("\n")
            _collect(child, parts)
            parts.append("\n")
        elif child.tag not in SKIPPED and child.tag not in (f"{W}pPr", f"{W}rPr", f"{W}tcPr"):
            _collect(child, parts)


def _table(element, number):
    name = f"Table {number}"
    block = Block(name, grid=True)
    above = {}
    rows = [child for child in _children(element) if child.tag == f"{W}tr"]
    for row_number, row in enumerate(rows[: MAX_ROWS + 1], start=1):
        cells, column = [], _grid_before(row)
        cells.extend(Cell() for _ in range(column))
        for found in (child for child in _children(row) if child.tag == f"{W}tc"):
            span = _span(found)
            made = cell(_text(found))
            made.span = span
            merge = found.find(f"{W}tcPr/{W}vMerge")
            if merge is not None and merge.get(f"{W}val") != "restart" and column in above and not made.text:
                made = Cell(above[column].text, above[column].formula, span, down=True)
            above[column] = made
            cells.append(made)
            cells.extend(Cell() for _ in range(span - 1))
            column += span
        while cells and not cells[-1].text:
            cells.pop()
        if cells:
            block.lines.append(Line(f"{name}!{row_number}", cells))
    return block


def _span(cell_element):
    return _small(cell_element.find(f"{W}tcPr/{W}gridSpan"), 1)


def _grid_before(row):
    return _small(row.find(f"{W}trPr/{W}gridBefore"), 0)


def _small(element, default):
    value = element.get(f"{W}val", "") if element is not None else ""
    return min(int(value), MAX_COLUMNS + 1) if value.isdigit() else default
