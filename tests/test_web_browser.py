"""The web chat as people use it, in headless Chromium. STOREWISE_SCREENSHOTS=FOLDER keeps what it looked like."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from store.paths import Home
from store.publish import publish
from tests.browser import DESK, PHONE, Server, opened_browser, tab, wait_until
from tests.conftest import build_tiny
from tests.exports import write_csv

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
IN_THE_BOX = "document.querySelector('#question')?.value === 'how many units in 2024'"
BY_MONTH = "revenue by month in 2024"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


def own_home(folder: Path) -> Path:
    """A home with the tiny shop, in which no other test has asked or imported anything."""
    publish(Home(folder / "home"), "tiny", build_tiny, format="tests")
    return folder / "home"


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(own_home(tmp_path_factory.mktemp("web"))).start()
    yield server
    server.kill()


@pytest.fixture
def slow(browser: Browser, tmp_path: Path) -> Iterator[Server]:
    """A server whose answers take seconds, to be caught in the middle."""
    server = Server(own_home(tmp_path), seconds=1.5).start()
    yield server
    server.kill()


@pytest.fixture
def importing(browser: Browser, tmp_path: Path) -> Iterator[Server]:
    """A server of its own: what is imported becomes the store that is asked."""
    server = Server(own_home(tmp_path / "importing")).start()
    yield server
    server.kill()


def column(box: Any, number: int) -> list[str]:
    return [cell.strip() for cell in box.locator(f"tbody tr td:nth-child({number})").all_inner_texts()]


def test_a_question_its_chart_table_and_receipt(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go().picture("empty")
        assert t.page.locator(".examples button").count() >= 3
        t.ask(BY_MONTH)
        assert "2024" in t.last.locator(".words").inner_text()
        t.page.wait_for_selector(".chart .main-svg")
        t.picture("answer")
        table = t.last.locator(".words .tablebox")
        given = column(table, 1)
        table.locator("th:nth-child(2) button").click()
        figures = [
            float(x.replace("£", "").replace(",", "").replace("€", "").replace("$", "")) for x in column(table, 2)
        ]
        assert figures == sorted(figures, reverse=True) and len(figures) == len(given) > 3
        assert table.locator("th:nth-child(2)").get_attribute("aria-sort") == "descending"
        table.locator("th:nth-child(1) button").click(click_count=1)
        table.locator("th:nth-child(1) button").click()
        assert column(table, 1) == given  # months sort as months, not as words
        t.last.locator(".receipt > summary").click()
        assert "SELECT" in t.last.locator(".sql code").inner_text()
        t.last.locator("[data-again]").click()
        t.page.wait_for_selector('.outcome[data-same="true"]')
        t.last.locator(".receipt").scroll_into_view_if_needed()
        t.picture("receipt")
        t.clean()


def test_the_csv_is_what_the_receipt_holds(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go().ask(BY_MONTH)
        with t.page.expect_download() as download:
            t.last.locator(".tablefoot a").click()
        rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
        assert rows[0] == ["month", "revenue"]
        assert [row[0] for row in rows[1:]] == [f"2024-{month:02d}-01" for month in range(1, 13)]
        assert len(rows) - 1 == t.last.locator(".words .tablebox tbody tr").count()


def test_a_clarification_is_clicked_and_a_follow_up_asked(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go().ask("How much did the candle bring in last year?")
        chips = t.last.locator(".options .chip")
        assert chips.count() >= 2
        t.picture("clarification")
        chosen = chips.first.inner_text()
        chips.first.click()
        t.answered(2)
        assert t.last.locator(".question").inner_text().endswith(chosen)
        assert t.last.locator(".answer.answered .num").count() >= 1
        t.ask("and units?")
        assert "units" in t.last.locator(".reading").inner_text().lower()
        t.picture("follow-up")
        assert t.page.evaluate("document.activeElement.id") == "question"
        address, steps_back = t.page.url, t.page.evaluate("history.length")
        t.last.locator(".words").click()  # a click on nothing does nothing
        assert (t.page.url, t.page.evaluate("history.length")) == (address, steps_back)
        t.clean()


def test_an_example_is_answered(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go()
        t.page.locator(".examples button").first.click()
        t.answered(1)
        assert t.last.locator(".answer.answered").count() == 1


def test_steps_are_seen_while_it_works_and_stop_stops(browser: Browser, slow: Server) -> None:
    with tab(browser, slow) as t:
        t.go()
        t.page.fill("#question", BY_MONTH)
        t.page.keyboard.press("Enter")
        step = t.page.locator("#live .steps li details").first
        step.wait_for()
        step.locator("summary").click()
        assert "revenue" in step.inner_text()
        t.picture("working")
        assert t.page.locator("#stop").is_visible() and not t.page.locator("#send").is_visible()
        t.page.keyboard.press("Escape")
        assert not t.page.locator("#stop").is_visible()
        t.answered(1)
        assert t.last.locator(".answer.declined").count() == 1
        t.clean()
        t.reload()
        t.page.wait_for_selector(".turn .declined")


def test_a_tab_closed_in_the_middle_finds_its_answer_later(browser: Browser, slow: Server) -> None:
    with tab(browser, slow) as t:
        t.go()
        t.page.fill("#question", BY_MONTH)
        t.page.keyboard.press("Enter")
        t.page.wait_for_selector("#live .steps li")
        address = t.page.url
    with tab(browser, slow) as t:
        t.open(address)
        t.page.wait_for_selector("#live .steps li, .turn")
        t.answered(1)
        assert t.last.locator(".answer.answered .num, .answer.answered td").count() >= 1
        t.clean()


def test_a_server_killed_in_the_middle_and_started_again(browser: Browser, slow: Server) -> None:
    with tab(browser, slow) as t:
        t.go().ask("how many orders in 2024")
        t.page.fill("#question", BY_MONTH)
        t.page.keyboard.press("Enter")
        t.page.wait_for_selector("#live .steps li")
        slow.kill()
        t.page.wait_for_selector(".toast-wrap >> text=Connection")
        t.page.locator("#stop").click()
        t.page.wait_for_selector("#live >> text=Stopped")
        t.errors.clear()  # the page says that its server is gone
        t.come_back()
        t.page.wait_for_selector(".turn >> text=interrupted")
        assert t.page.locator(".turn .answered").count() == 1
        t.picture("interrupted")
        t.page.get_by_role("button", name="Ask it again").click()
        t.answered(3) if t.page.locator(".turn").count() > 2 else t.answered(2)
        t.page.wait_for_selector(".turn:last-child .answered")
        t.reload()
        t.page.wait_for_selector(".turn .answered")
        assert t.page.locator(".interrupted").count() == 0 and t.page.locator(".turn").count() == 2


def test_a_question_put_while_the_server_is_gone_is_put_back(browser: Browser, slow: Server) -> None:
    with tab(browser, slow) as t:
        t.go()
        slow.kill()
        t.page.fill("#question", "how many units in 2024")
        t.page.keyboard.press("Enter")
        t.page.wait_for_timeout(500)
        t.come_back()
        t.page.wait_for_function(IN_THE_BOX)
        t.reload()
        t.page.wait_for_function(IN_THE_BOX)


def test_what_is_being_typed_outlives_a_reload(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go()
        t.page.fill("#question", "how many units in 2024")
        t.reload()
        t.page.wait_for_function(IN_THE_BOX)
        t.page.keyboard.press("Enter")
        t.answered(1)
        t.reload()
        t.page.wait_for_selector(".turn .answered")
        assert t.page.input_value("#question") == ""


def test_two_tabs_in_one_conversation(browser: Browser, server: Server) -> None:
    with tab(browser, server) as one, tab(browser, server) as two:
        one.go().ask("how many orders in 2024")
        two.open(one.page.url)
        two.answered(1).ask("and units?")
        one.ask("and in 2023?")
        one.answered(3)
        questions = [q.split(": ")[-1] for q in one.page.locator(".turn .question").all_text_contents()]
        assert questions == ["how many orders in 2024", "and units?", "and in 2023?"]
        two.page.locator(".receipt > summary").first.focus()
        two.page.evaluate("window.storewise.open()")  # as on coming back to the tab
        two.answered(3)
        assert two.page.evaluate("document.activeElement.matches('.receipt > summary')")


def test_conversations_are_listed_exported_and_deleted(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go().ask("how many customers in 2024")
        entry = t.page.locator(".threads li", has=t.page.locator('[aria-current="page"]'))
        assert "how many customers" in entry.inner_text()
        entry.locator("summary").click()
        with t.page.expect_download() as download:
            entry.locator("text=Export as JSON").click()
        kept = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert [turn["question"] for turn in kept["turns"]] == ["how many customers in 2024"]
        entry.locator("[data-forget]").click()
        t.picture("delete")
        t.page.locator("dialog >> text=Keep it").click()
        assert entry.count() == 1
        entry.locator("summary").click()
        entry.locator("[data-forget]").click()
        t.page.locator("dialog button.alarm").click()
        t.page.wait_for_selector(".examples")
        assert t.page.locator(".threads >> text=how many customers").count() == 0
        t.clean()


def test_dark_is_remembered_and_legible(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go().ask(BY_MONTH)
        light = t.page.evaluate("getComputedStyle(document.body).backgroundColor")
        t.page.get_by_label("Dark", exact=True).check()
        t.reload()
        t.page.wait_for_selector(".turn .chart .main-svg")
        dark = t.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert dark != light
        t.picture("dark")
        assert faint(t.page) == []
        t.page.get_by_label("Light", exact=True).check()
        assert faint(t.page) == []


FAINT = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map((n, i) => (text.startsWith("color(") && i < 3 ? 255 * n : Number(n)));
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const back = parse(getComputedStyle(element).backgroundColor);
    return back[3] === 0 ? behind(element.parentElement) : back;
  };
  const contrast = (element) => {
    const [a, b] = [parse(getComputedStyle(element).color), behind(element)].map(light).sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  return [...document.querySelectorAll("#side *, #chat *")]
    .filter((e) => !e.closest("svg, .sr") && e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((e) => contrast(e) < 4.5).map((e) => `${contrast(e).toFixed(1)} ${e.outerHTML.slice(0, 90)}`);
}"""


def faint(page: Any) -> list[str]:
    """Texts whose contrast with what is behind them is less than WCAG's 4.5; everything is opened for it."""
    page.evaluate("document.querySelectorAll('.turn details').forEach((d) => { d.open = true; })")
    page.wait_for_timeout(300)
    found: list[str] = page.evaluate(FAINT)
    return found


OVERLAPS = """() => {
  const labels = [...document.querySelectorAll(".chart :is(.xtick, .ytick) text")];
  const boxes = labels.map((e) => e.getBoundingClientRect());
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const texts = labels.map((e) => e.textContent);
  return boxes.flatMap((a, i) => boxes.flatMap((b, j) => (i < j && meet(a, b) ? [`${texts[i]} / ${texts[j]}`] : [])));
}"""


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_no_label_of_a_chart_lies_on_another(browser: Browser, server: Server, size: tuple[int, int]) -> None:
    with tab(browser, server, size) as t:
        t.go()
        for question in ("orders by hour of day", "revenue by product", "revenue by month and country in 2024"):
            t.ask(question)
            t.last.locator(".chart .main-svg").first.wait_for()
            t.page.wait_for_timeout(300)
            assert t.last.locator(".chart :is(.xtick, .ytick) text").count() >= 4
            assert t.page.evaluate(OVERLAPS) == [], question
        plot = t.last.locator(".chart .nsewdrag").bounding_box() or {}
        assert plot["height"] >= 140  # whatever room its legend takes
        t.clean()


def test_what_was_said_before_the_last_question_is_left_aside(browser: Browser, server: Server) -> None:
    """A page that came late, as it was asked for before there was a question, is no reason to take the answer away."""
    with tab(browser, server) as t:
        t.go().ask("how many orders in 2024")
        late = """() => {
            const query = new URLSearchParams(location.search);
            const of = { store: query.get("store"), thread: query.get("c"), asked: 0 };
            storewise.show(JSON.stringify({ ...of, turns: [], greeting: "", bar: "", stores: "", threads: "" }));
            storewise.follow(JSON.stringify({ ...of, html: "", key: "", working: false, say: "", refused: "", text: "" }));
        }"""
        t.page.evaluate(late)
        assert t.page.locator(".turn .answered").count() == 1
        t.ask("and revenue?")
        assert t.page.locator(".turn .answered").count() == 2
        t.clean()


def test_an_address_that_leads_nowhere_says_so(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go("?store=nowhere", ".empty >> text=There is no store")
        assert "nowhere" in t.page.locator(".bar").inner_text()
        t.page.locator("#stores label").first.click()
        t.page.wait_for_selector(".examples")
        t.go("?c=<no-name>")
        t.ask("how many orders in 2024").reload()
        t.page.wait_for_selector(".turn .answered")
        t.clean()


def test_a_phone_shows_everything_without_scrolling_sideways(browser: Browser, server: Server) -> None:
    with tab(browser, server, PHONE) as t:
        t.go().picture("phone-empty")
        t.ask("revenue by product and country in 2024")
        t.last.locator(".receipt > summary").click()
        t.picture("phone-receipt")
        assert t.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        small = t.page.evaluate(
            """[...document.querySelectorAll('button, .chip, .receipt > summary, .tablefoot a, .menu > summary')]
            .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 40).map((e) => e.outerHTML.slice(0, 80) + e.getBoundingClientRect().height)"""
        )
        assert small == []
        t.page.evaluate("window.scrollTo(0, 0)")
        t.picture("phone-answer")
        t.page.locator(".toggle-button").click()
        t.page.locator(".brand").wait_for()
        t.page.wait_for_timeout(500)
        assert (t.page.locator("#new").bounding_box() or {}).get("x", -1) >= 0
        t.picture("phone-sidebar")
        t.clean()


def test_the_keyboard_reaches_everything(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go()
        tabbable = "[...document.querySelectorAll('a, button, input, textarea, summary')].find((e) => e.getClientRects().length)"
        assert "skip" in t.page.evaluate(f"{tabbable}.className")
        t.page.evaluate(f"{tabbable}.focus()")
        t.page.keyboard.press("Enter")
        t.page.keyboard.type("how many orders")
        t.page.keyboard.press("Shift+Enter")
        t.page.keyboard.type("in 2024")
        assert t.page.input_value("#question") == "how many orders\nin 2024"
        t.page.keyboard.press("Enter")
        t.answered(1)
        seen = set()
        for _ in range(40):
            t.page.keyboard.press("Tab")
            seen.add(
                t.page.evaluate(
                    "document.activeElement.closest('.receipt > summary, .thread, .menu, #new, .themes')?.className ?? ''"
                )
            )
        assert {"thread", "themes"} <= seen
        unnamed = t.page.evaluate(
            """[...document.querySelectorAll('button, input, textarea, a, summary')].filter((e) => e.offsetParent
            && !(e.textContent.trim() || e.ariaLabel || e.labels?.length)).map((e) => e.outerHTML.slice(0, 120))"""
        )
        assert unnamed == []
        assert t.page.evaluate("document.documentElement.lang") == "en"
        assert "Answer:" in t.page.locator("#said").text_content()
        t.clean()


def test_an_import_and_its_report(browser: Browser, importing: Server, tmp_path: Path) -> None:
    server = importing
    good, pdf = write_csv(tmp_path / "orders.csv"), tmp_path / "really.csv"
    pdf.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    with tab(browser, server) as t:
        t.go()
        t.page.get_by_role("button", name="Import data").click()
        t.page.wait_for_selector("#import-form")
        t.page.fill("#store-name input, #store-name textarea", "cafe")
        t.page.set_input_files("#drop input[type=file]", pdf)
        t.page.locator("#import-go").click()
        t.page.wait_for_selector(".failed >> text=is a PDF")
        assert str(server.home) not in t.page.locator(".failed").inner_text()
        t.picture("import-refused")
        t.page.set_input_files("#drop input[type=file]", good)
        t.page.wait_for_selector("#drop >> text=orders")
        t.page.locator("#import-go").click()
        t.page.wait_for_selector(".report")
        said = t.page.locator(".report .sum").inner_text().split()
        assert int(said[0]) == 14
        t.picture("import-report")
        t.open(f"{server.url}?view=import")  # the page by its address alone, and another store's at that
        t.page.wait_for_selector(".report")
        with t.leaving():
            t.page.locator(".report >> text=Ask about it").click()
            t.page.wait_for_selector('.bar b:has-text("cafe")')
        t.ask("revenue by product")
        assert "glass jar" in t.last.inner_text().lower()
        assert t.page.locator("#stores input:checked").get_attribute("value") == "cafe"
        t.picture("two-stores")
        wait_until(lambda: not list((server.home / "uploads").rglob("orders.csv")), 5)
        t.clean()


def test_a_file_too_large_is_told_so(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go("?view=import", "#import-form")
        t.page.evaluate("document.querySelector('[data-limit]').dataset.limit = 1000")
        t.page.set_input_files(
            "#drop input[type=file]", {"name": "big.csv", "mimeType": "text/csv", "buffer": b"x" * 2000}
        )
        said = t.page.locator("#too-large").inner_text()
        assert "big.csv" in said and "./storewise import" in said
        t.picture("import-too-large")


def test_products_are_found_by_description(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go().ask("something for a tea lover's kitchen under £10")
        assert t.last.locator(".answer.answered").count() == 1
        prices = [float(text.lstrip("£")) for text in column(t.last.locator(".words .tablebox"), 2)]
        assert prices and max(prices) < 10
        t.picture("search")
        t.clean()


def test_why_draws_a_waterfall(browser: Browser, server: Server) -> None:
    with tab(browser, server) as t:
        t.go().ask("revenue in December 2024")
        t.ask("why?")
        t.last.locator(".chart .main-svg .waterfalllayer .point").first.wait_for()
        assert t.last.locator(".chart .waterfalllayer .point").count() >= 4  # before, two drivers or more, now
        said = t.last.locator(".words").inner_text()
        assert "Orders went from" in said and "Dec 2024" in said
        t.last.locator(".chart").scroll_into_view_if_needed()
        t.picture("why")
        t.clean()
