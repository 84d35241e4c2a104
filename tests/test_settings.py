"""Who answers and within which limits: read from the environment once, with errors that say what to do."""

from __future__ import annotations

import math

import pytest

from agent.settings import Settings, settings_from
from tools.contract import UserError

KEY = {"OPENAI_API_KEY": "sk-secret"}
SERVER = {"OPENAI_BASE_URL": "http://127.0.0.1:8000/v1"}


def test_without_a_model_nothing_leaves_the_machine() -> None:
    assert settings_from({}) == settings_from(KEY | SERVER) == Settings()
    assert settings_from({"STOREWISE_MODEL": "m"} | KEY, "local").is_local
    assert Settings().said == "Local planner, on this machine"


def test_the_model_given_goes_before_the_environments() -> None:
    named = {"STOREWISE_MODEL": "a"} | KEY
    assert (settings_from(named).model, settings_from(named, "b").model) == ("a", "b")


def test_a_key_alone_means_openai() -> None:
    settings = settings_from(KEY, "m")
    assert (settings.base_url, settings.api_key, settings.said) == (None, "sk-secret", "m at api.openai.com")
    assert not settings.stays_here
    assert "sk-secret" not in repr(settings)


def test_an_address_alone_is_enough() -> None:
    settings = settings_from(SERVER, "m")
    assert (settings.base_url, settings.api_key, settings.said) == (SERVER["OPENAI_BASE_URL"], None, "m at 127.0.0.1")
    assert settings.stays_here and not settings.is_local


def test_limits_come_from_the_environment_or_stay_as_they_are() -> None:
    limits = {"STOREWISE_SECONDS": "12.5", "STOREWISE_COST": "0.05", "STOREWISE_PRICES": "2.5, 10"}
    settings = settings_from(KEY | limits, "m")
    assert (settings.seconds, settings.cost, settings.prices) == (12.5, 0.05, (2.5, 10.0))
    usual = settings_from(KEY, "m")
    assert (usual.seconds, usual.cost, usual.prices) == (60.0, math.inf, (0.0, 0.0))
    assert (usual.steps, usual.retries, usual.repairs) == (8, 2, 2)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "needs OPENAI_API_KEY .* or OPENAI_BASE_URL .*use --model local"),
        ({"OPENAI_BASE_URL": "localhost:8000"}, "OPENAI_BASE_URL is 'localhost:8000'.*set one such as http://"),
        ({"OPENAI_BASE_URL": "ftp://x/v1"}, "OPENAI_BASE_URL is 'ftp://x/v1'"),
        ({"OPENAI_BASE_URL": "http:///v1"}, "OPENAI_BASE_URL is 'http:///v1'"),
        ({"OPENAI_BASE_URL": "http://host:port/v1"}, "OPENAI_BASE_URL is 'http://host:port/v1'"),
        ({"OPENAI_BASE_URL": "http://[::1/v1"}, r"OPENAI_BASE_URL is 'http://\[::1/v1'"),
        (KEY | {"STOREWISE_SECONDS": "soon"}, "STOREWISE_SECONDS is 'soon': set it to a number above zero"),
        (KEY | {"STOREWISE_SECONDS": "0"}, "STOREWISE_SECONDS is '0'"),
        (KEY | {"STOREWISE_SECONDS": "-5"}, "STOREWISE_SECONDS is '-5'"),
        (KEY | {"STOREWISE_SECONDS": "nan"}, "STOREWISE_SECONDS is 'nan'"),
        (KEY | {"STOREWISE_SECONDS": "inf"}, "STOREWISE_SECONDS is 'inf'"),
        (KEY | {"STOREWISE_COST": "free"}, "STOREWISE_COST is 'free'"),
        (KEY | {"STOREWISE_PRICES": "2.5"}, "STOREWISE_PRICES is '2.5': .*such as 2.5,10"),
        (KEY | {"STOREWISE_PRICES": "2.5,ten"}, "STOREWISE_PRICES is '2.5,ten'"),
        (KEY | {"STOREWISE_PRICES": "1,2,3"}, "STOREWISE_PRICES is '1,2,3'"),
        (KEY | {"STOREWISE_PRICES": "1,-2"}, "STOREWISE_PRICES is '1,-2'"),
    ],
)
def test_what_can_not_be_used_is_named_with_what_to_do(environ: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        settings_from(environ, "m")
