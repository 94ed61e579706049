"""
Is it right? Expectations compiled to checks, selectors compiled to functions; pure, and known to everybody above.

    >>> compile_check({"status": {"one_of": ["sent", "sending"]}}).differences({"status": "draft"}, {})
    [Difference(path='status', expected='"sent" or "sending"', got='"draft"')]
    >>> find("attachments[-1].name", {"attachments": [{"name": "a.pdf"}]})
    'a.pdf'
"""

from runner.matching.comparison import BadMatcher, Files
from runner.matching.compile import BadExpectation, CompiledCheck, compile_check
from runner.matching.paths import ABSENT, BadPath, compile_path, find, parts_of
from runner.matching.recognise import MATCHER_NAMES
from runner.matching.verdict import Difference

__all__ = [
    "ABSENT",
    "MATCHER_NAMES",
    "BadExpectation",
    "BadMatcher",
    "BadPath",
    "CompiledCheck",
    "Difference",
    "Files",
    "compile_check",
    "compile_path",
    "find",
    "parts_of",
]
