"""
Where the page of a scenario lies: under a name that is the same in every run, so a page can point at the same scenario of another night.
"""

from __future__ import annotations

from zlib import crc32

from runner.reporters.files import slug

__all__ = ["FOLDER", "page_name"]

# Beside index.html.
FOLDER = "html"


def page_name(file: str, vendor: str, case: str, key: str) -> str:
    """``mail-reply-with-invoice-gws-german-1f0c22ab.html``; the number at the end keeps apart what is spelled alike."""
    stem = file.replace("\\", "/").removeprefix("scenarios/").removesuffix(".yaml").removesuffix(".yml").removesuffix(".scenario")
    parts = [slug(part, 50) for part in (stem[-60:], vendor, case)]
    return f"{'-'.join(part for part in parts if part)}-{crc32(key.encode('utf-8', 'replace')):08x}.html"
