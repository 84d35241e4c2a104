"""Runs a conversation to its end, its deadline or the stop button, whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agent.llm.failed import Failed
from agent.watch import Watch

LOOK = 0.05  # seconds between two looks at the stop button
GRACE = 0.5  # seconds for hanging up


def run(work: Coroutine[Any, Any, None], seconds: float, watch: Watch) -> None:
    """Raises Failed past the deadline, Stopped, and what the work raises. Nothing of it goes on after that."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(work, seconds, watch)
    with ThreadPoolExecutor(1) as aside:  # the caller's thread runs a loop of its own
        return aside.submit(_run, work, seconds, watch).result()


def _run(work: Coroutine[Any, Any, None], seconds: float, watch: Watch) -> None:
    """On a loop that is closed without waiting for its helper threads: one of them may hang in a name look-up."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(_bounded(work, seconds, watch))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _bounded(work: Coroutine[Any, Any, None], seconds: float, watch: Watch) -> None:
    task = asyncio.ensure_future(work)
    ends = asyncio.get_running_loop().time() + seconds
    try:
        while not task.done():
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                raise Failed("slow", f"no answer within {seconds:g} seconds")
            await asyncio.wait({task}, timeout=min(LOOK, left))
            watch.check()
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=GRACE)
    task.result()
