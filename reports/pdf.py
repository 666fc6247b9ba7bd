"""HTML in, PDF out: the only file that imports WeasyPrint, and one that knows nothing of Django.

It is run as a child process by its file name, because a document that never ends, eats the memory or
brings down the C libraries below must take nothing else with it (`reports/pdf_child.py` is the parent):

    python -I reports/pdf.py STATIC_FOLDER OUT.pdf [--memory BYTES] [--seconds N] [--parent PID] < document.html

On success it prints {"pages": N}. Otherwise the exit status says why: EXIT_* below.
"""

import argparse
import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

EXIT_TOO_DEEP, EXIT_TOO_LARGE, EXIT_NO_PANGO, EXIT_OTHER = 3, 4, 5, 6
STATIC = "http://static.invalid/"  # a name that can never be resolved (RFC 2606)
DRAWN = "data:image/svg+xml,"
SERVED = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png"}
LARGEST_PDF = 64 * 1024 * 1024
PRINT_FLAG = 4


def limit_this_process(*, memory: int, seconds: int, parent: int) -> None:
    """Bound memory, processor time and the size of what is written, and end when the parent ends."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_PDF, LARGEST_PDF))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if parent and sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # the parent ended before we had asked
            os._exit(EXIT_OTHER)


def make_fetcher(folder: Path):
    """Make a fetcher that serves files of this folder and refuses everything else, on any scheme."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    root = folder.resolve()

    class StaticFetcher(URLFetcher):
        def fetch(self, url, headers=None):
            if url.startswith(DRAWN):  # the shapes of the pills, inside our style sheet
                return URLFetcherResponse(url, unquote(url[len(DRAWN) :]), {"Content-Type": "image/svg+xml"})
            if not url.startswith(STATIC):
                raise ValueError("only the project's own static files are read")
            path = (root / unquote(urlsplit(url).path).lstrip("/")).resolve()
            if not path.is_relative_to(root) or path.suffix not in SERVED:
                raise ValueError("only the project's own static files are read")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": SERVED[path.suffix]})

    return StaticFetcher()


def finish_tags(document, pdf) -> None:
    """Add what PDF/UA asks for and WeasyPrint leaves out, before the bytes are written.

    Each table header says whether it heads a column or a row; each link is printable, says in words
    where it leads, and is reached in reading order. Done on WeasyPrint's own objects: reading the
    finished file again with a PDF library would cost a second start and a second parse.
    """
    import pydyf

    by_reference = {item.reference: item for item in pdf.objects if isinstance(item, pydyf.Dictionary)}
    for item in by_reference.values():
        if item.get("S") == "/TH":
            group = by_reference[by_reference[item["P"]]["P"]]
            item["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"
        elif item.get("Type") == "/Page" and "Annots" in item:
            item["Tabs"] = "/S"
        elif item.get("Subtype") == "/Link":
            item["F"] = PRINT_FLAG
            action = item.get("A") or {}
            item["Contents"] = action.get("URI") or pydyf.String("A place in this document")


def write_pdf(html: str, *, static: Path, out: Path) -> int:
    """Write the tagged PDF (aims at PDF/UA-1) and return how many pages it has."""
    from weasyprint import HTML

    document = HTML(string=html, base_url=STATIC, url_fetcher=make_fetcher(static)).render()
    document.write_pdf(out, finisher=finish_tags, pdf_variant="pdf/ua-1")
    return len(document.pages)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("static", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--memory", type=int, default=1 << 30)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--parent", type=int, default=0)
    given = parser.parse_args()
    limit_this_process(memory=given.memory, seconds=given.seconds, parent=given.parent)
    gc.disable()  # one document and out: collecting what the exit frees anyway costs a tenth of the time
    try:
        pages = write_pdf(sys.stdin.buffer.read().decode(), static=given.static, out=given.out)
    except RecursionError:
        return EXIT_TOO_DEEP
    except MemoryError:
        return EXIT_TOO_LARGE
    except OSError as error:
        print(error, file=sys.stderr)
        return EXIT_NO_PANGO if "cannot load library" in str(error) else EXIT_OTHER
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return EXIT_OTHER
    print(json.dumps({"pages": pages}))
    return 0


if __name__ == "__main__":
    status = main()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)  # nothing is left to tidy: taking the interpreter down in order is time for nobody
