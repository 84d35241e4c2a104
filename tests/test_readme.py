"""The README's question gets the README's answer."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store.paths import Home

README = Path(__file__).parent.parent / "README.md"


def test_the_question_in_the_readme_has_the_answer_in_the_readme(
    reference_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui.__main__ import app

    shown = re.search(r"^\$ \./storewise (ask .*?)\n(.*?)\n```", README.read_text(encoding="utf-8"), re.M | re.S)
    assert shown is not None
    monkeypatch.setenv("STOREWISE_HOME", str(reference_home.root))
    arguments = shlex.split(shown[1].replace("--store shop", "--store reference"))
    assert CliRunner().invoke(app, arguments).stdout.strip() == shown[2].strip()
