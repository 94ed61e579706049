"""Who can be asked: vendors found by entry point, checked when loaded, blamed by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from msgspec.structs import replace

from runner.discovery import Provided, provided
from runner.errors import BadScenario, BrokenPlugin
from runner.plugins.contract import StepType, Vendor
from runner.plugins.registry import Registry
from runner.plugins.verify import verify
from runner.plugins.vocabulary import CREATE, SEND, VERIFY_STATUS, WORDS
from runner.source import Source, Span


class Ring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often."""

    times: int = 1


async def perform(context: Any, parameters: Any) -> None:
    """Do nothing."""


RING = StepType(
    name="acme.ring",
    title="Ring",
    description="Rings the bell.",
    example="- acme.ring: {times: 2}",
    parameters=Ring,
    short="times",
    run=perform,
)
ACME = Vendor(name="acme", title="Acme", steps=(RING, SEND.step(perform)), open=perform, cannot={"create": "it has no drafts"})
NOTE = replace(RING, name="note", example="- note: 3")
GENERAL = Vendor(name="general", title="General steps", steps=(NOTE,), open=perform)


def blame(vendor: object, name: str = "acme") -> str:
    """What is said of a broken vendor."""
    with pytest.raises(BrokenPlugin) as caught:
        verify(vendor, name=name, package="acme-runner 1.2")
    assert caught.value.plugin == name
    return caught.value.message


def with_step(**changes: Any) -> Vendor:
    """Acme, with its bell changed."""
    return replace(ACME, steps=(replace(RING, **changes),))


def test_a_vendor_that_keeps_the_contract_is_given_back() -> None:
    """A vendor that keeps the contract passes as it is."""
    assert verify(ACME, name="acme", package="acme-runner 1.2") is ACME


@pytest.mark.parametrize("name", [*Registry.load().names, "general"])
def test_our_own_vendors_keep_the_contract_with_every_example(name: str) -> None:
    """What is believed of our own vendors in each run is true: each step's example is read, and fits its parameters."""
    vendor = Registry.load().vendor(name)
    assert verify(vendor, name=name, package="us 1") is vendor


def test_every_shared_word_keeps_the_contract_with_its_own_parameters() -> None:
    """A vendor that does every shared word as it is passes, and each word's example fits its parameters."""
    tried = tuple(replace(word.step(perform), example=word.example + " ") for word in WORDS)
    assert verify(Vendor(name="all", title="All", steps=tried, open=perform), name="all", package="us 1").steps == tried


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"description": ""}, "step `acme.ring` has no description"),
        ({"example": ""}, "step `acme.ring` has no example"),
        ({"title": ""}, "step `acme.ring` has no title"),
        ({"name": "ring", "example": "- ring"}, "step `ring` is no shared word, so its name must begin with `acme.`"),
        ({"name": "gws.ring", "example": "- gws.ring"}, "its name must begin with `acme.`"),
        ({"parameters": dict}, "has parameters that are not a msgspec.Struct"),
        ({"refusals": ("tired",)}, "may be refused as `tired`, which is no reason"),
        ({"example": "- {acme.ring"}, "has an example that is not YAML"),
        ({"example": "acme.ring: 1"}, "is not one list item with the key `acme.ring`"),
        ({"example": "- acme.ring: 1\n- acme.ring: 2"}, "is not one list item"),
        ({"example": "- acme.ring: often"}, "has an example that does not fit its parameters"),
        ({"example": "- acme.ring: {tims: 2}"}, "has an example that does not fit its parameters"),
        ({"short": "often"}, "names the parameter `often`, which it does not have"),
    ],
)
def test_a_step_that_breaks_the_contract_is_named(changes: dict[str, Any], said: str) -> None:
    """Each way in which a step can break the contract is told with the name of the plugin and of the step."""
    message = blame(with_step(**changes))
    assert said in message
    assert "plugin `acme` of acme-runner 1.2 is broken" in message


def test_an_example_is_read_as_a_scenario_is() -> None:
    """``on`` and ``12:30`` are text in an example, as they are in a scenario."""
    Switch = msgspec.defstruct("Switch", [("is_", str, msgspec.field(name="is"))], forbid_unknown_fields=True)  # noqa: N806 - a class
    verify(with_step(parameters=Switch, short="is", example="- acme.ring: {is: on}"), name="acme", package="us 1")


def test_an_example_with_templates_is_not_converted() -> None:
    """An example may hold a template where a number will stand."""
    verify(with_step(example='- acme.ring: "{{ often }}"'), name="acme", package="us 1")


def test_everything_wrong_is_told_at_once() -> None:
    """A plugin with two mistakes is told both."""
    message = blame(with_step(title="", description=""))
    assert "no title" in message
    assert "no description" in message


def test_what_is_no_vendor_is_named_by_its_type() -> None:
    """An entry point that gives something else is told what it gave."""
    assert "it gives a dict, and must give a Vendor" in blame({})


def test_a_vendor_has_the_name_of_its_entry_point() -> None:
    """A vendor under another name than its entry point's is broken, since it could be found under neither."""
    assert "calls itself `acme`" in blame(ACME, name="other")


def test_a_step_stands_there_once() -> None:
    """Two steps of one name in one vendor are a clash."""
    assert "`acme.ring` stands there more than once" in blame(replace(ACME, steps=(RING, RING)))


def test_a_step_is_offered_or_impossible() -> None:
    """A vendor cannot offer a word that it says it cannot do."""
    assert "`send` is offered, and also said to be impossible" in blame(replace(ACME, cannot={"send": "no"}))


def test_only_shared_words_can_be_impossible() -> None:
    """A vendor need not say that it has no steps of other vendors."""
    assert "`sned` is said to be impossible" in blame(replace(ACME, cannot={"sned": "no"}))


def test_a_shared_word_keeps_its_shape() -> None:
    """A vendor cannot make an observing word an acting one."""
    assert "shape" in blame(replace(ACME, steps=(VERIFY_STATUS.step(perform, shape="act"),), cannot={}))


def test_a_shared_word_keeps_its_parameters() -> None:
    """A vendor may widen a shared word's parameters and may not narrow them."""
    narrow = replace(ACME, steps=(CREATE.step(perform, parameters=Ring, recipients=(), example="- create"),), cannot={})
    assert "lacks the shared word's parameter `bcc`" in blame(narrow)


def test_a_vendor_has_its_own_steps_and_the_general_ones() -> None:
    """A scenario for a vendor can use the vendor's steps and the general ones."""
    assert set(Registry.of(GENERAL, ACME).steps_of("acme")) == {"note", "acme.ring", "send"}


def test_words_say_who_can() -> None:
    """The words map to the vendors that do them."""
    words = Registry.of(GENERAL, ACME, replace(ACME, name="apex", steps=(SEND.step(perform),))).words()
    assert [sorted(words["send"]), sorted(words["note"])] == [["acme", "apex"], ["general"]]


def test_general_is_no_vendor_to_name() -> None:
    """The general steps' home is not offered as a vendor."""
    assert Registry.of(GENERAL, ACME).names == ("acme",)


def test_two_vendors_of_one_name_are_a_clash() -> None:
    """Two vendors of one name stop everything, and both packages are named."""
    with pytest.raises(BrokenPlugin, match=r"two vendors are called `acme`: one of one 1, one of two 2"):
        Registry([Provided("acme", "a:V", "one 1"), Provided("acme", "b:V", "two 2")])


def test_a_step_of_a_vendor_cannot_hide_a_general_one() -> None:
    """A vendor whose name makes its step look general is told so."""
    clash = replace(GENERAL, steps=(replace(RING, name="acme.ring"),))
    with pytest.raises(BrokenPlugin, match=r"offers the step `acme\.ring`, which is a general step"):
        Registry.of(clash, ACME).steps_of("acme")


def test_an_unknown_vendor_gets_a_suggestion_at_its_place() -> None:
    """A vendor that nobody installed is a mistake of the file, with the nearest name."""
    source = Source("a.scenario.yaml", "vendor: amce")
    with pytest.raises(BadScenario) as caught:
        Registry.of(ACME).vendor("amce", Span(source, 1, 9, 1, 13))
    (told,) = caught.value.diagnostics
    assert "did you mean `acme`?" in told.render()
    assert "a.scenario.yaml:1:9" in told.render()


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that modules are imported from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "raise SystemExit(7)",
        "raise ValueError('no licence')",
        "import nowhere_to_be_found",
        "class Odd(BaseException): ...\nraise Odd()",
        "",
    ],
)
def test_an_entry_point_that_raises_is_blamed(modules: Path, text: str) -> None:
    """Whatever a plugin raises while it is imported, SystemExit included, is a broken plugin with its name and how to be rid of it."""
    name = f"broken_plugin_{abs(hash(text))}"
    (modules / f"{name}.py").write_text(text, encoding="utf-8")
    with pytest.raises(BrokenPlugin) as caught:
        Registry([Provided("acme", f"{name}:VENDOR", "acme-runner 1.2")]).vendor("acme")
    assert caught.value.message.startswith("plugin `acme` of acme-runner 1.2 cannot be loaded")
    assert "pip uninstall acme-runner" in caught.value.hint


def test_a_vendor_is_imported_when_it_is_asked_for(modules: Path) -> None:
    """A vendor that no scenario names is never imported, so it can break nothing."""
    (modules / "never_imported_plugin.py").write_text("raise SystemExit", encoding="utf-8")
    registry = Registry([Provided("acme", "never_imported_plugin:VENDOR", "acme-runner 1.2")])
    assert registry.names == ("acme",)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with one installed distribution."""
    folder = tmp_path / "Acme_Runner-1.2.dist-info"
    folder.mkdir()
    (folder / "entry_points.txt").write_text(
        "[console_scripts]\nacme = acme:main\n\n[runner.vendors]\n# the bell\nacme = acme:VENDOR [bell]\n\n[other]\nx = y:z\n",
        encoding="utf-8",
    )
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: Acme_Runner\nVersion: 1.2\n", encoding="utf-8")
    return tmp_path


def test_entry_points_are_read_from_the_metadata(site: Path) -> None:
    """An entry point is found with its target and its package, without importing anything."""
    assert provided("runner.vendors", paths=[str(site)]) == [Provided("acme", "acme:VENDOR", "acme-runner 1.2")]


def test_the_first_copy_of_a_distribution_counts(site: Path) -> None:
    """A distribution that stands on the path twice gives its entry points once."""
    assert len(provided("runner.vendors", paths=[str(site), str(site)])) == 1


def test_missing_folders_on_the_path_are_passed_over(site: Path) -> None:
    """A path that does not exist has no entry points."""
    assert provided("runner.vendors", paths=[str(site / "nowhere")]) == []


def test_a_zip_on_the_path_is_read_as_well(site: Path, tmp_path: Path) -> None:
    """Where the path has a file among its folders, the standard library looks, and finds the same."""
    zipped = tmp_path / "lib.zip"
    with ZipFile(zipped, "w") as file:
        file.writestr("nothing.py", "")
    assert provided("runner.vendors", paths=[str(zipped), str(site)]) == [Provided("acme", "acme:VENDOR", "acme-runner 1.2")]


def test_the_built_in_vendors_are_found_by_their_entry_points() -> None:
    """Built-in vendors come by the same door as anybody's."""
    assert {"icws", "egain", "gws"} <= set(Registry.load().names)
