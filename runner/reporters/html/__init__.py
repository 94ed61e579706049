"""
The report that people read: pages that work from a folder, from one file, by mail, and where scripts are forbidden.

:mod:`runner.reporters.html.reporter` writes them, out of models that each answer one question of the reader's; the words and the markup are
in ``templates/``, the looks in ``assets/``.
"""

from runner.reporters.html.reporter import HtmlReporter

__all__ = ["HtmlReporter"]
