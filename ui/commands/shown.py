"""An answer on a terminal: steps as they happen, prose and tables laid out, a chart as text; for a pipe as it is."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agent.labels import seen
from agent.links import unlinked
from ui.commands.common import say

if TYPE_CHECKING:
    from agent.principal import Principal
    from agent.watch import Step

WIDEST = 100  # cells of a chart


def step_line(step: "Step") -> None:
    """Each step once, when it has ended."""
    if step.status == "done":
        say(f"  · {step.said} ({step.ms} ms)")
    elif step.status == "failed":
        say(f"  · {step.said}: {step.error}")


def show(answer: Mapping[str, Any], asker: "Principal | None" = None) -> None:
    if answer["status"] == "error":
        say(f"storewise: {answer['error']}")
        return
    choices = answer["options"] if answer["status"] != "answered" else ()  # what one may ask next is for buttons
    text = seen("\n".join([answer["answer"], *(f"- {unlinked(option)}" for option in choices)]))
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    from ui.people import contact_text, people_of
    from ui.text_chart import text_chart

    console = Console()
    console.print(Markdown(text, hyperlinks=False))
    for chart in answer["charts"]:
        console.print()
        console.print(text_chart(chart, min(WIDEST, console.width)), markup=False, highlight=False, style="cyan")
    for each in people_of(asker, answer) if asker else ():
        console.print(seen(f"{each.customer_id}: {contact_text(each)}"), markup=False, highlight=False)
