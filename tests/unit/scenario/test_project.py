"""The files of a project: found by path, read safely, never from outside."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from runner.scenario.project import BadFile, Project

AWAY = [
    "../../../secret.txt",
    "../../../../../../../../etc/passwd",
    "../mail/../../../secret.txt",
    "mail/../../../../secret.txt",
    "./../../../secret.txt",
    "../../..",
    "..//..//..//secret.txt",
    "files/../../../../secret.txt",
    "/etc/passwd",
    "//etc/passwd",
    "///etc/passwd",
    "/",
    "/proc/self/environ",
    "/dev/zero",
    "/dev/stdin",
    "~/.ssh/id_rsa",
    "~root/.bashrc",
    "~",
    "C:\\Windows\\win.ini",
    "C:/Windows/win.ini",
    "c:secret.txt",
    "C:",
    "\\\\server\\share\\a.pdf",
    "//server/share/a.pdf",
    "\\secret.txt",
    "..\\..\\..\\secret.txt",
    "files\\..\\..\\..\\..\\secret.txt",
    "..\\../..\\secret.txt",
    "\\\\?\\C:\\secret.txt",
    "\\\\.\\pipe\\x",
    "%2e%2e/%2e%2e/%2e%2e/secret.txt",
    "%2E%2E/secret.txt",
    "..%2f..%2f..%2fsecret.txt",
    "..%5c..%5c..%5csecret.txt",
    "%2fetc%2fpasswd",
    "%252e%252e/secret.txt",
    "%252fetc/passwd",
    "%43:/secret.txt",
    "%7e/secret.txt",
    "file:///etc/passwd",
    "file:secret.txt",
    "http://example.com/a.pdf",
    "https://example.com/a.pdf",
    "data:text/plain,hello",
    "FILE:///etc/passwd",
    "smb://server/share",
]
NO_PATH = ["", " ", "\t", "a\x00.pdf", "files/invoice.pdf\x00.txt", "a\nb", "a\rb", "a\x1bb", "files\\invoice.pdf"]
NO_FILE = ["CON", "con.txt", "files/NUL", "aux.pdf", "COM1", "lpt9.txt", "files", ".", "files/..", "mail/", "a" * 300]
MISSING = [
    "none.pdf",
    "files/none.pdf",
    "files/invoice.pdf/x",
    "....//....//secret.txt",
    "$HOME/secret.txt",
    "${PWD}",
    "files/invoice.pdf ",
]


@pytest.fixture
def project(folder: Path) -> Project:
    """The project of the folder."""
    return Project(folder)


@pytest.fixture
def here(folder: Path) -> Path:
    """The file that names the others."""
    return folder / "scenarios/mail/it.scenario.yaml"


@pytest.mark.parametrize(
    "path",
    ["../files/invoice.pdf", "files/invoice.pdf", "./files/invoice.pdf", "files/../files/invoice.pdf", "scenarios/files/invoice.pdf"],
)
def test_a_path_is_relative_to_the_file_or_to_the_scenarios(project: Project, here: Path, path: str) -> None:
    """A file is found from where the scenario stands, from the scenarios folder, and from the project's own."""
    assert project.read(path, relative_to=here) == b"%PDF-1.4 invoice"


def test_what_is_nearer_comes_first(project: Project, here: Path, folder: Path) -> None:
    """A file beside the scenario wins over one of the same name in the scenarios folder."""
    (folder / "scenarios/mail/files").mkdir()
    (folder / "scenarios/mail/files/invoice.pdf").write_bytes(b"nearer")

    assert project.read("files/invoice.pdf", relative_to=here) == b"nearer"


@pytest.mark.parametrize("path", AWAY)
def test_nothing_outside_the_project_is_read(project: Project, here: Path, path: str) -> None:
    """However a path tries to get out, it is refused as being outside."""
    with pytest.raises(BadFile) as caught:
        project.read(path, relative_to=here)

    assert caught.value.code == "E402"


@pytest.mark.parametrize(("paths", "code"), [(NO_PATH, "E405"), (NO_FILE, "E403"), (MISSING, "E401")])
def test_what_is_no_file_is_told_as_such(project: Project, here: Path, paths: list[str], code: str) -> None:
    """Paths with control characters, names of devices, folders, and files that are not there each have their code."""
    codes = []
    if sys.platform == "win32":
        paths = [path for path in paths if len(path) < 300]  # there it is no name at all, and so not there
    for path in paths:
        with pytest.raises(BadFile) as caught:
            project.read(path, relative_to=here)
        codes.append(caught.value.code)

    assert codes == [code] * len(paths)


def test_there_are_at_least_sixty_ways_that_do_not_lead_out() -> None:
    """The tables above hold what an attacker would try."""
    assert len({*AWAY, *NO_PATH, *NO_FILE, *MISSING}) >= 60


needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


@needs_links
@pytest.mark.parametrize("target", ["secret.txt", "."])
def test_a_link_that_leads_outside_is_refused(project: Project, here: Path, folder: Path, target: str) -> None:
    """A link inside the project to a file or a folder outside is outside."""
    (folder / "scenarios/files/link").symlink_to(folder.parent / target)

    with pytest.raises(BadFile) as caught:
        project.read("files/link" if target != "." else "files/link/secret.txt", relative_to=here)

    assert caught.value.code == "E402"


@needs_links
def test_a_link_inside_the_project_is_followed(project: Project, here: Path, folder: Path) -> None:
    """A link to another file of the project is as good as the file."""
    (folder / "scenarios/files/link.pdf").symlink_to(folder / "scenarios/files/invoice.pdf")

    assert project.read("files/link.pdf", relative_to=here) == b"%PDF-1.4 invoice"


@needs_links
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_put_in_the_way_after_looking_is_not_followed(project: Project, here: Path, folder: Path, what: str) -> None:
    """Between finding a file and opening it somebody may put a link in its place; what is opened is still inside."""
    real = project.resolve("files/invoice.pdf", relative_to=here)
    outside = folder.parent / "files"
    outside.mkdir()
    (outside / "invoice.pdf").write_bytes(b"secret")
    if what == "file":
        real.unlink()
        real.symlink_to(outside / "invoice.pdf")
    else:
        real.parent.rename(folder / "moved")
        (folder / "scenarios/files").symlink_to(outside)

    with pytest.raises(BadFile) as caught:
        project.read_at(real)

    assert caught.value.code == "E403"


@needs_links
@pytest.mark.parametrize("kind", ["fifo", "socket"])
def test_what_is_not_a_plain_file_is_not_opened(
    project: Project, here: Path, folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe or a socket is refused, and nobody waits for its other end."""
    monkeypatch.chdir(folder / "scenarios/files")
    if kind == "fifo":
        os.mkfifo("it")
    else:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("it")

    with pytest.raises(BadFile) as caught:
        project.read("files/it", relative_to=here)

    assert caught.value.code == "E403"


def test_a_file_has_a_largest_size(project: Project, here: Path) -> None:
    """No more than the limit is read."""
    with pytest.raises(BadFile) as caught:
        project.read("files/invoice.pdf", relative_to=here, limit=4)

    assert (caught.value.code, caught.value.message) == ("E404", "`files/invoice.pdf` is larger than 4 bytes")


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("files/invioce.pdf", "write `files/invoice.pdf`"),
        ("files/Invoice.PDF", "write `files/invoice.pdf`"),
        ("invoice.pdf", "write `files/invoice.pdf`"),
        ("../file/invoice.pdf", "write `files/invoice.pdf`"),
        ("files/inv.pdf", "write `files/invoice.pdf`"),
        ("files/zzz.pdf", "put the file at scenarios/mail/files/zzz.pdf"),
    ],
)
def test_a_missing_file_is_told_with_the_nearest_there_is(project: Project, here: Path, path: str, hint: str) -> None:
    """The nearest name of that folder, or the same name in another folder, or where it was looked for first."""
    with pytest.raises(BadFile) as caught:
        project.resolve(path, relative_to=here)

    assert (caught.value.code, caught.value.hint) == ("E401", hint)


@pytest.mark.parametrize(("there", "found"), [("invoice.pdf", True), ("Invoice.pdf", False), ("other.pdf", False)])
def test_a_name_counts_only_as_it_is_on_the_disk(
    project: Project, here: Path, monkeypatch: pytest.MonkeyPatch, there: str, found: bool
) -> None:
    """Where the system finds a file by another spelling (Windows, macOS), it is told all the same: elsewhere it would be missing."""
    folders = {"scenarios": ["mail", "files"], "files": [there]}
    monkeypatch.setattr("runner.scenario.project._LENIENT", True)
    monkeypatch.setattr(Path, "iterdir", lambda folder: map(Path, folders.get(folder.name, ["scenarios"])))

    if found:
        assert project.resolve("files/invoice.pdf", relative_to=here).name == "invoice.pdf"
    else:
        with pytest.raises(BadFile, match="there is no file"):
            project.resolve("files/invoice.pdf", relative_to=here)


@pytest.mark.parametrize("name", ["Rechnung Größe.pdf", "請求書.pdf", "a'b.pdf", "a;b.pdf", "😀.pdf", "a..b.pdf", "100%.pdf", "x" * 90])
def test_names_in_any_script_work(project: Project, here: Path, folder: Path, name: str) -> None:
    """A name may have blanks, dots, signs and letters of any script."""
    (folder / "scenarios/files" / name).write_bytes(b"here")

    assert project.read(f"files/{name}", relative_to=here) == b"here"


@pytest.mark.parametrize(("start", "root"), [("a/scenarios/mail", "a"), ("a/scenarios", "a"), ("a", "a"), ("b/deep", "b"), ("c", "c")])
def test_the_project_is_found_from_a_path(tmp_path: Path, start: str, root: str) -> None:
    """It is the nearest parent with a scenarios folder or a pyproject.toml, else the folder itself."""
    for name in ("a/scenarios/mail", "b/deep", "c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "b/pyproject.toml").write_text("")

    assert Project.around(tmp_path / start).root == (tmp_path / root).resolve()


def test_a_path_is_shown_from_where_one_stands(project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the folder one is in when it is below, else from the project's, with forward slashes."""
    path = folder / "scenarios/files/invoice.pdf"

    monkeypatch.chdir(folder / "scenarios")
    inside = project.shown(path)
    monkeypatch.chdir(folder.parent.parent)
    above = project.shown(path)

    assert inside == "files/invoice.pdf"
    assert above.endswith("project/scenarios/files/invoice.pdf")


def test_files_are_found_by_pattern_without_hidden_ones(project: Project, folder: Path) -> None:
    """Sorted, below the scenarios folder; what begins with a dot is left out."""
    for name in ("b.steps.yaml", "a.steps.yaml", ".c.steps.yaml", "d.yaml"):
        (folder / "scenarios/steps" / name).write_text("")
    (folder / "scenarios/.git").mkdir()
    (folder / "scenarios/.git/e.steps.yaml").write_text("")

    assert [path.name for path in project.files("*.steps.yaml")] == ["a.steps.yaml", "b.steps.yaml"]
