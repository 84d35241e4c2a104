"""What the API takes and gives, in OpenAI's form, with an example of each: the OpenAPI document is made of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ANSWER: dict[str, Any] = {
    "thread_id": "till-7", "turn": 1, "store": "shop", "as_of": "2011-12-09", "status": "answered",
    "answer": "Revenue was **£1,205,307** in Nov 2011.",
    "numbers": [{"text": "£1,205,307", "value": 1205307.11, "unit": "GBP", "receipt": "r1", "row": 0,
                 "column": "revenue", "how": "cell", "operands": []}],
    "receipts": [{"id": "r1", "tool": "query_metrics", "input": {"metrics": ["revenue"]}, "sql": "SELECT …",
                  "columns": ["revenue"], "units": ["GBP"], "rows": [[1205307.11]], "row_count": 1,
                  "truncated": False, "elapsed_ms": 12, "data_version": "sha256:…", "notes": []}],
    "charts": [], "options": ["By month?"], "steps": [{"tool": "query_metrics", "ms": 12, "ok": True}],
    "usage": {"model": "local", "input_tokens": 0, "output_tokens": 0, "cost": 0.0, "currency": "USD"}, "error": None,
}  # fmt: skip


class Part(BaseModel):
    """A piece of a message. Only text is read."""

    type: str
    text: str | None = None


class Message(BaseModel):
    """One message of a conversation. Those of the roles system, developer and tool change nothing here."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """Keys of OpenAI's that aren't listed (temperature, tools …) are taken and change nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"model": "storewise/shop", "messages": [{"role": "user", "content": "revenue in November 2011"}]},
                {"model": "storewise/shop", "user": "till-7", "stream": True,
                 "messages": [{"role": "user", "content": "and in France?"}]},
            ]
        }
    )  # fmt: skip
    model: str = Field(description="storewise/NAME for a store of that name; storewise where there is but one.")
    messages: list[Message] = Field(
        min_length=1,
        description="The last one is asked. Those before count where neither `user` nor X-Thread-Id is given.",
    )
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    user: str | None = Field(default=None, max_length=256, description="The conversation to go on with.")
    n: int | None = Field(default=1, ge=1, le=1, description="There is one answer.")


class Said(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str


class Choice(BaseModel):
    index: int = 0
    message: Said
    finish_reason: Literal["stop"] = "stop"


class TokenUse(BaseModel):
    """Of a language model: the local planner uses none."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatReply(BaseModel):
    """`choices[0].message.content` is the answer's text; `storewise` the whole answer object, receipts included."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "chatcmpl-5b1e", "object": "chat.completion", "created": 1764230400, "model": "storewise/shop",
                 "choices": [{"index": 0, "finish_reason": "stop",
                              "message": {"role": "assistant", "content": ANSWER["answer"]}}],
                 "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, "storewise": ANSWER}
            ]
        }
    )  # fmt: skip
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: TokenUse
    storewise: dict[str, Any]


class Model(BaseModel):
    id: str = Field(examples=["storewise/shop"])
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "storewise"


class Models(BaseModel):
    object: Literal["list"] = "list"
    data: list[Model]


class StoreInfo(BaseModel):
    """A store that may be asked; `problem` says why it can't be just now, and then nothing else is known."""

    name: str = Field(examples=["shop"])
    currency: str | None = Field(default=None, examples=["GBP"])
    first_day: str | None = Field(default=None, examples=["2010-12-01"])
    last_day: str | None = Field(default=None, examples=["2011-12-09"])
    data_version: str | None = None
    rows: dict[str, int] = {}
    problem: str | None = None


class Stores(BaseModel):
    stores: list[StoreInfo]


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Problem(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ProblemReply(BaseModel):
    """What went wrong, in OpenAI's form."""

    error: Problem
    storewise: dict[str, Any] | None = Field(default=None, description="The answer object, where there is one.")
