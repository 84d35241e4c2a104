"""What a request that isn't answered gets: a status and a sentence, each kind once."""

from __future__ import annotations

from typing import Any

from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ui.api.forms import ProblemReply
from ui.desk import Busy, Full, OtherMessage

KINDS: dict[str, tuple[int, str, str]] = {  # code → status, OpenAI's type, when
    "invalid_request": (400, "invalid_request_error", "The request isn't one that can be answered."),
    "only_text": (400, "invalid_request_error", "A message holds something other than text."),
    "invalid_api_key": (401, "invalid_request_error", "No token, or one that is wrong, has expired or was revoked."),
    "model_not_found": (404, "invalid_request_error", "There is no such store for this token."),
    "conversation_busy": (409, "invalid_request_error", "The conversation is busy with another question."),
    "body_too_large": (413, "invalid_request_error", "The body has more than 1 MB."),
    "idempotency_key_reused": (422, "invalid_request_error", "The key was used for another message."),
    "rate_limit_exceeded": (429, "rate_limit_error", "Too many requests from this token; Retry-After says how long."),
    "overloaded": (503, "server_error", "Too many questions at once, or the store can't be used just now."),
    "deadline": (504, "server_error", "The answer took too long. It is still worked on, and kept under its key."),
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemReply, "description": when} for status, _, when in KINDS.values()
}
OF_DESK = {Busy: "conversation_busy", Full: "overloaded", OtherMessage: "idempotency_key_reused"}


class Refused(Exception):
    """`code` is one of KINDS; `answer` is the answer object, where there is one."""

    def __init__(
        self, code: str, message: str, *, param: str | None = None, wait: float = 0.0, answer: Any = None
    ) -> None:
        super().__init__(message)
        self.code, self.param, self.wait, self.answer = code, param, wait, answer

    @property
    def status(self) -> int:
        return KINDS[self.code][0]

    @property
    def body(self) -> dict[str, Any]:
        said = str(self).encode("utf-8", "replace").decode()
        error = {"message": said, "type": KINDS[self.code][1], "param": self.param, "code": self.code}
        return {"error": error, **({"storewise": self.answer} if self.answer else {})}

    def reply(self) -> JSONResponse:
        headers = {"Retry-After": str(max(1, round(self.wait)))} if self.wait else None
        return JSONResponse(self.body, self.status, headers=headers)


async def on_refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return error.reply()


async def on_invalid(_: Request, error: Exception) -> JSONResponse:
    """A body or a parameter that doesn't fit: the first thing that is wrong with it, in words."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body")
    said = f"{where}: {first['msg']}" if where else str(first["msg"])
    return Refused("invalid_request", said, param=where or None).reply()


async def on_other(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself, such as a body that is no JSON it can read."""
    assert isinstance(error, HTTPException)
    if not request.url.path.startswith("/v1/"):
        return await http_exception_handler(request, error)
    code = "invalid_request" if error.status_code == 400 else None
    said = {"message": str(error.detail), "type": "invalid_request_error", "param": None, "code": code}
    return JSONResponse({"error": said}, error.status_code, headers=error.headers)
