"""The agent: LangChain's loop over our tools, and the middleware that keeps it within its limits.

Imported only where a model is asked: LangChain takes seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse, hook_config
from langchain.agents.middleware.types import AgentState
from langchain.agents.structured_output import ToolStrategy
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langsmith import tracing_context

from agent.llm import shown
from agent.llm.client import CutOff, model_of, trouble
from agent.llm.failed import Failed
from agent.llm.private import Private
from agent.llm.replies import Answer, Clarify, Decline
from agent.llm.schemas import tool_schemas
from agent.llm.talk import Talk
from agent.prompt import system_prompt
from tools.contract import StorewiseError

log = logging.getLogger(__name__)
CUT_OFF = (None, "length", "content_filter", "incomplete", "failed", "cancelled")
MALFORMED = "The arguments of {names} were no JSON object. Call again with one."
SEVERAL = "Send exactly one of Answer, Clarify and Decline, with its fields as described: {error}"


async def converse(talk: Talk) -> None:
    """Lets the model work until it has ended its turn well (`talk.end`). Raises Failed, Stopped."""
    request = {"messages": [HumanMessage(shown.asked(talk.question, talk.turns))]}
    # One tool at a time, in the order of the model's calls: receipts are numbered so.
    config = {"max_concurrency": 1}
    # What a merchant asks is nobody's to trace, whatever the environment says.
    with tracing_context(enabled=False):
        async with model_of(talk.settings) as model:
            agent: Any = create_agent(
                model,
                tools=tool_schemas(),
                system_prompt=system_prompt(talk.work.store, talk.work.today),
                middleware=[
                    Limits(talk),  # outermost: nothing starts that the turn has no means for
                    Retries(talk),  # near to the request: a repeated request is no new step
                    Private(talk),  # nearest: nothing of a person's is sent to a model elsewhere
                    Tools(talk),  # in place of LangChain's own execution: receipts, our errors, no model-made types
                    Proof(talk),  # last: whatever the turn ends with is judged, and may be sent back
                ],
                response_format=ToolStrategy(
                    Answer | Clarify | Decline, tool_message_content="Received.", handle_errors=_unfit(talk)
                ),
            )
            await agent.ainvoke(request, config)


def _unfit(talk: Talk) -> Callable[[Exception], str]:
    return lambda error: talk.repair(SEVERAL.format(error=str(error)[:500]))


class Limits(AgentMiddleware):
    """Steps, tokens and cost, before each of the model's replies."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    async def abefore_model(self, state: AgentState, runtime: Any) -> None:
        self.talk.before_reply()


class Retries(AgentMiddleware):
    """A request that failed is repeated where that may help and the deadline allows it."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    async def awrap_model_call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], Awaitable[ModelResponse]]
    ) -> ModelResponse:
        attempt = 0
        while True:
            try:
                response = await handler(request)
                check_whole(_said(response))
            except StorewiseError:
                raise
            except Exception as error:  # a server can make its clients raise anything
                await self._wait(error, attempt)
                attempt += 1
            else:
                self._count(response)
                return response

    async def _wait(self, error: Exception, attempt: int) -> None:
        """Raises Failed where there is no use, or no time, in trying again."""
        found, settings = trouble(error), self.talk.settings
        pause, told = found.pause(attempt, settings.pause), f"{type(error).__name__}: {error}"[:500]
        if not found.passing or attempt >= settings.retries or pause >= self.talk.left():
            raise Failed(found.why, told) from error
        log.info("The language model's reply %s failed, to be tried again: %s", self.talk.replies, told)
        await asyncio.sleep(pause)

    def _count(self, response: ModelResponse) -> None:
        if used := _said(response).usage_metadata:
            self.talk.spent(used["input_tokens"], used["output_tokens"])


def check_whole(reply: AIMessage) -> None:
    """Raises CutOff for a reply that stops before its end. OpenAI's Responses, used for some models, have a status."""
    told = reply.response_metadata
    reason = told.get("finish_reason") or told.get("status")
    if reason in CUT_OFF:
        raise CutOff(f"the reply is not whole: its finish reason is {reason}")


def _said(response: ModelResponse) -> AIMessage:
    return next(m for m in response.result if isinstance(m, AIMessage))


class Tools(AgentMiddleware):
    """Every tool call, known or unknown, goes to the turn's own work."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> ToolMessage:
        call = request.tool_call
        return ToolMessage(self.talk.call(call["name"], call["args"]), tool_call_id=call["id"] or "", name=call["name"])


class Proof(AgentMiddleware):
    """What the model ends with is accepted, or it is told what to mend and goes on."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    @hook_config(can_jump_to=["model"])
    async def aafter_agent(self, state: AgentState, runtime: Any) -> dict[str, Any] | None:
        told = self._judged(state)
        return {"messages": [HumanMessage(told)], "jump_to": "model"} if told else None

    def _judged(self, state: AgentState) -> str | None:
        if reply := state.get("structured_response"):
            return self.talk.judge(reply)
        last = next(m for m in reversed(state["messages"]) if isinstance(m, AIMessage))
        if last.invalid_tool_calls:
            names = ", ".join(str(c["name"])[:60] for c in last.invalid_tool_calls)
            return self.talk.repair(MALFORMED.format(names=names))
        return self.talk.judge(Answer(last.text))  # many models just write
