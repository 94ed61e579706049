"""
``python -m runner``: the command line, where the command ``runner`` is not on the path.
"""

import sys

from runner.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
