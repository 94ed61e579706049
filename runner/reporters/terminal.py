"""
Where the console's lines go: a terminal with colours and a live region, or plain lines for a pipe, a file, a CI log.

What the stream can do is found out once. Text that it cannot show is written in ASCII; a reader that went away (``| head``) is no error.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from runner.errors import is_broken_pipe
from runner.reporters.text import guarded
from runner.reporters.wrapping import Line, wrapped

if TYPE_CHECKING:  # rich is imported for a terminal only: 60 ms that a pipe need not pay
    from rich.live import Live
    from rich.text import Text

__all__ = ["Line", "Terminal"]

_SIGNS = {"passed": "✓", "failed": "✗", "errored": "!", "unsupported": "~", "skipped": "-"}
_ASCII_SIGNS = {"passed": "ok  ", "failed": "FAIL", "errored": "ERR ", "unsupported": "n/a ", "skipped": "skip"}
_ASCII = str.maketrans({"·": "-", "›": ">", "…": "...", "→": "->", "×": "x", "–": "-", "─": "-", "✓": "+", "✗": "x", "\ufffd": "?"})
_STYLES = {"passed": "green", "failed": "bold red", "errored": "bold magenta", "unsupported": "yellow", "skipped": "dim"}


class Terminal:
    """
    Lines for people.

    ``live`` says whether there is a region that can be drawn again; ``width`` is that of the terminal, 100 where there is none.
    """

    def __init__(self, stream: TextIO, environ: Mapping[str, str]) -> None:
        self._stream = stream
        self._gone = False
        self._tty = stream.isatty()
        self.live = self._tty and environ.get("TERM", "") != "dumb"
        self._colour = self.live and not environ.get("NO_COLOR")
        if self._colour and sys.platform == "win32":
            _show_colours()
        self._unicode = _can_show(stream, "".join(_SIGNS.values()) + "·›…→×─")
        size = shutil.get_terminal_size((100, 40))
        self.width = (_number(environ.get("COLUMNS")) or size.columns) if self._tty else 100
        self.height = _number(environ.get("LINES")) or size.lines
        self._region: Live | None = None

    def sign(self, outcome: str) -> tuple[str, str]:
        """The sign of an outcome and its style; never by colour alone."""
        return (_SIGNS if self._unicode else _ASCII_SIGNS).get(outcome, "?"), _STYLES.get(outcome, "")

    def write(self, lines: Iterable[Line]) -> None:
        """Print lines; above the live region, if there is one."""
        if self._gone:
            return
        if self._tty:
            lines = [part for line in lines for part in wrapped(line, self.width)]
        if self._region is not None:
            self._region.console.print(self._rich(lines), soft_wrap=True)
        elif self._colour:
            self._write("".join(self._coloured(line) + "\n" for line in lines))
        else:
            self._write("".join(self._plain(line) + "\n" for line in lines))

    def draw(self, lines: Sequence[str]) -> None:
        """Draw the live region again; does nothing where there is none."""
        if self.live and not self._gone:
            region = self._region = self._region or self._begun()
            region.update(self._rich(((line, ""),) for line in lines), refresh=True)

    def flush(self) -> None:
        """Hand on what is buffered."""
        if not self._gone:
            self._write("")

    def close(self) -> None:
        """Take the live region away."""
        if self._region is not None:
            self._region.stop()
            self._region = None
        self.flush()

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError) as exc:
            if isinstance(exc, OSError) and not is_broken_pipe(exc):
                raise
            # nobody reads any more, or the stream was closed: the run goes on without us
            self._gone = True

    def _plain(self, line: Line) -> str:
        return self._shown(guarded("".join(text for text, _ in line).rstrip()))

    def _coloured(self, line: Line) -> str:
        codes = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "magenta": "35", "cyan": "36"}
        if self._plain(line).startswith("|"):
            return self._plain(line)
        parts = ((self._shown(text), ";".join(codes[word] for word in style.split())) for text, style in line)
        return "".join(f"\x1b[{code}m{text}\x1b[0m" if code and text else text for text, code in parts)

    def _shown(self, text: str) -> str:
        """*text* in characters that the stream has."""
        if not self._unicode:
            text = text.translate(_ASCII)
        encoding = self._stream.encoding or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)

    def _rich(self, lines: Iterable[Line]) -> Text:
        from rich.text import Text

        styled = (Text.assemble(*((self._shown(text), style) for text, style in line)) for line in lines)
        return Text("\n", no_wrap=True, overflow="ignore").join(styled)

    def _begun(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        console = Console(
            file=self._stream,
            force_terminal=True,
            no_color=not self._colour,
            width=self.width,
            height=self.height,
            highlight=False,
            markup=False,
            emoji=False,
        )
        region = Live(
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        region.start()
        return region


def _show_colours() -> None:
    """Windows' own console prints the codes of colours as they are until it is asked to follow them."""
    from colorama import just_fix_windows_console

    just_fix_windows_console()


def _can_show(stream: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
