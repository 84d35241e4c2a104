"""Requests made up from the OpenAPI document, fitting and not: no 500, no trace; and nobody gets in without a token."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from store.paths import Home
from store.users import create_token
from tests.ways import Served, served
from ui.api.refused import KINDS

pytest.importorskip("schemathesis")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]  # schemathesis and what it draws in warn of their own

OUTCOMES = {200, 404, 405, *(status for status, *_ in KINDS.values())}
EXAMPLES = 40  # of each operation, fitting and unfitting each


@pytest.fixture(scope="module")
def at(tiny_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("fuzz") / "home"
    shutil.copytree(tiny_home.root, root)
    with served(Home(root), "tiny", create_token(Home(root), "fuzz", "analyst", ["tiny"], timedelta(days=1))[1]) as at:
        yield at


def document(at: Served) -> Any:
    return httpx2.get(f"{at.url}/openapi.json", headers={"Authorization": f"Bearer {at.token}"}).json()


def tried(at: Served, headers: dict[str, str], fitting: bool) -> list[tuple[str, Any]]:
    """(operation, reply) of every request made up."""
    import schemathesis

    mode = schemathesis.GenerationMode.POSITIVE if fitting else schemathesis.GenerationMode.NEGATIVE
    replies: list[tuple[str, Any]] = []
    for found in schemathesis.openapi.from_dict(document(at)).get_all_operations():
        operation: Any = found.ok()
        _try(operation, mode, at.url, headers, replies)
    return replies


def _try(operation: Any, mode: Any, url: str, headers: dict[str, str], replies: list[tuple[str, Any]]) -> None:
    quick = settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip

    @quick
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        case.headers = {k: v for k, v in dict(case.headers or {}).items() if k.lower() != "authorization"}
        if isinstance(case.body, dict) and len(replies) % 2 and "model" in case.body:
            case.body["model"] = "storewise/tiny"  # which nobody makes up
        replies.append((operation.label, case.call(base_url=url, headers=headers)))

    try:
        one()
    except BaseException as error:
        if type(error).__name__ != "Unsatisfiable":  # nothing unfitting can be sent where there is nothing to send
            raise


@pytest.mark.parametrize("fitting", [True, False])
def test_no_request_made_up_from_the_document_is_a_500(at: Served, fitting: bool) -> None:
    replies = tried(at, {"Authorization": f"Bearer {at.token}"}, fitting)
    assert len(replies) >= EXAMPLES
    assert not fitting or 200 in {reply.status_code for label, reply in replies if label.startswith("POST")}
    for label, reply in replies:
        assert reply.status_code in OUTCOMES and reply.status_code != 500, (label, reply.status_code, reply.text[:500])
        assert "Traceback" not in reply.text and ".py" not in reply.text
        if label.startswith("POST") and reply.status_code >= 400:
            assert set(reply.json()["error"]) == {"message", "type", "param", "code"}, (label, reply.text[:500])


@pytest.mark.parametrize("fitting", [True, False])
def test_without_a_token_every_one_of_them_is_401(at: Served, fitting: bool) -> None:
    replies = tried(at, {}, fitting)
    assert len(replies) >= EXAMPLES and {reply.status_code for _, reply in replies} == {401}
