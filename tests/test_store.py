"""Publishing and opening stores: all or nothing, whole or refused, the last two versions kept."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from store import state
from store.connect import only_store, open_store
from store.errors import UserError
from store.locks import locked
from store.manifest import Manifest
from store.paths import Home, home_from
from store.publish import publish
from store.schema import TABLES, create_tables, reduced_columns
from store.upkeep import backup_store, describe_stores, remove_store

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def shop_of(orders: int, currency: str = "GBP") -> Callable[[duckdb.DuckDBPyConnection], dict[str, int]]:
    """A build of as many orders, one a day from 1 January 2021."""

    def build(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
        con.execute("INSERT INTO products (product_id, title) VALUES ('m', 'mug')")
        con.execute("INSERT INTO customers (customer_id, name, email, phone) VALUES ('c', 'Ann', 'a@x.example', '1')")
        con.execute(
            "INSERT INTO orders (order_id, ordered_at, status, currency, ip_address) "
            "SELECT i, DATE '2021-01-01' + INTERVAL (i) DAY, 'completed', ?, '10.0.0.' || i % 2 FROM range(?) r(i)",
            [currency, orders],
        )
        return {"rows_read": orders}

    return build


def make(home: Home, orders: int, name: str = "shop") -> Manifest:
    return publish(home, name, shop_of(orders), format="tests")


def count(home: Home, name: str = "shop") -> int:
    with open_store(home, name).connect() as con:
        return con.execute("SELECT count(*) FROM orders").fetchall()[0][0]


# The schema


def test_schema_is_the_contracts(shared: Path) -> None:
    contract, ours = duckdb.connect(), duckdb.connect()
    contract.execute((shared / "design" / "schema.sql").read_text())
    create_tables(ours)
    for fact in ("column_name, data_type, is_nullable, column_default", "ordinal_position"):
        sql = f"SELECT table_name, {fact} FROM information_schema.columns ORDER BY table_name, ordinal_position"
        assert ours.execute(sql).fetchall() == contract.execute(sql).fetchall()
    sql = (
        "SELECT table_name, constraint_type, constraint_column_names, expression FROM duckdb_constraints() ORDER BY ALL"
    )
    assert ours.execute(sql).fetchall() == contract.execute(sql).fetchall()


def test_analytics_file_has_no_personal_columns(home: Home) -> None:
    make(home, 4)
    with open_store(home, "shop").connect() as con:
        sql = "SELECT table_name, column_name FROM information_schema.columns ORDER BY table_name, ordinal_position"
        found = con.execute(sql).fetchall()
        assert sorted(found) == sorted((t.name, c.name) for t in TABLES for c in reduced_columns(t))
        assert not {"name", "email", "phone", "ip_address"} & {c for t, c in found if t in ("customers", "orders")}
        keys = [row[0] for row in con.execute("SELECT ip_key FROM orders ORDER BY ordered_at").fetchall()]
    assert keys[0] == keys[2] != keys[1] == keys[3]
    data = (home.store("shop") / "analytics.duckdb").read_bytes()
    assert b"a@x.example" not in data and b"10.0.0." not in data


def test_the_key_is_the_stores_own_and_stays(home: Home) -> None:
    def ip_key(name: str) -> str:
        with open_store(home, name).connect() as con:
            return con.execute("SELECT ip_key FROM orders ORDER BY ordered_at").fetchall()[0][0]

    make(home, 1), make(home, 1, "other")
    before = ip_key("shop")
    make(home, 2)
    assert ip_key("shop") == before != ip_key("other")
    assert (home.store("shop") / "key").stat().st_mode & 0o777 == 0o600


# Names and places


def test_home_is_var_or_what_the_environment_says(tmp_path: Path) -> None:
    assert home_from({}, tmp_path).root == tmp_path / "var"
    assert home_from({"STOREWISE_HOME": str(tmp_path / "x")}, Path("/elsewhere")).root == tmp_path / "x"


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "a b", "ä", "x" * 65, "a\n"])
def test_names_that_are_none(home: Home, name: str) -> None:
    with pytest.raises(UserError, match="is not a store name"):
        open_store(home, name)


def test_stores_side_by_side(home: Home) -> None:
    assert home.names() == []
    with pytest.raises(UserError, match="There is no store yet"):
        only_store(home)
    make(home, 1, "b")
    assert only_store(home) == "b"
    make(home, 2, "a")
    assert home.names() == ["a", "b"]
    assert (count(home, "a"), count(home, "b")) == (2, 1)
    with pytest.raises(UserError, match=r"say which with --store NAME \(a, b\)"):
        only_store(home)
    with pytest.raises(UserError, match=r"no store 'c'. .*storewise stores lists.*storewise import") as told:
        open_store(home, "c")
    assert "a, b" not in str(told.value)  # whoever asks may not be meant to know of them


# Publishing


def test_manifest_says_what_is_there(home: Home) -> None:
    made = make(home, 3)
    store = open_store(home, "shop")
    assert store.manifest == made
    assert (made.currency, made.first_day, made.last_day) == ("GBP", "2021-01-01", "2021-01-03")
    assert made.rows["orders"] == 3 and made.rows["events"] == 0
    assert made.data_version == "sha256:" + made.files["shop"].sha256
    assert store.today.isoformat() == "2021-01-03"
    assert made.report == {"rows_read": 3}


def test_the_last_two_versions_are_kept(home: Home) -> None:
    one, two = make(home, 1), make(home, 2)
    store = open_store(home, "shop")
    assert store.manifest.previous and store.manifest.previous.data_version == one.data_version
    for version, orders in ((one, 1), (two, 2)):
        for which in ("analytics", "shop"):
            with duckdb.connect(store.version_file(version.data_version, which), read_only=True) as con:
                assert con.execute("SELECT count(*) FROM orders").fetchall() == [(orders,)]
    make(home, 3)
    with pytest.raises(UserError, match="only the last two are kept"):
        open_store(home, "shop").version_file(one.data_version)
    assert len(list((home.store("shop") / "versions").iterdir())) == 2


def test_an_open_store_stays_at_its_version(home: Home) -> None:
    make(home, 1)
    old = open_store(home, "shop")
    with old.connect() as con:
        make(home, 2)
        assert count(home) == 2  # though a connection to the file of the same name is open
        assert con.execute("SELECT count(*) FROM orders").fetchall() == [(1,)]
        with old.connect() as again:
            assert again.execute("SELECT count(*) FROM orders").fetchall() == [(1,)]
    make(home, 3)
    with pytest.raises(UserError, match="only the last two are kept"):
        old.connect()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO orders (order_id) VALUES ('x')",
        "COPY orders TO 'out.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "ATTACH 'other.duckdb'",
        "SET threads = 1",
        "INSTALL httpfs",
    ],
)
def test_connections_are_locked_down(home: Home, statement: str) -> None:
    make(home, 1)
    with open_store(home, "shop").connect() as con, pytest.raises(duckdb.Error):
        con.execute(statement)


def test_a_build_that_fails_changes_nothing(home: Home) -> None:
    def broken(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(
            "INSERT INTO orders (order_id, ordered_at, status, currency) VALUES ('x', now(), 'completed', 'GBP')"
        )
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        publish(home, "shop", broken, format="tests")
    assert home.names() == [] and not home.store("shop").exists()
    make(home, 2)
    with pytest.raises(ValueError, match="a bug"):
        publish(home, "shop", broken, format="tests")
    assert count(home) == 2
    assert not home.work("shop").exists()


def test_stores_that_could_answer_nothing_are_refused(home: Home) -> None:
    with pytest.raises(UserError, match="no completed order"):
        publish(home, "shop", shop_of(0), format="tests")

    def two_currencies(con: duckdb.DuckDBPyConnection) -> None:
        shop_of(3)(con)
        con.execute("UPDATE orders SET currency = 'EUR' WHERE order_id = '1'")

    with pytest.raises(UserError, match=r"GBP \(2 orders\), EUR \(1 orders\)"):
        publish(home, "shop", two_currencies, format="tests")
    assert home.names() == []


# Crashes

_KILLED = """
import os, signal, sys
from pathlib import Path
from store.paths import Home
from store.publish import publish
from tests.test_store import shop_of

left = int(sys.argv[2])

def die_at_the_last(event, args):
    global left
    if event == "os.rename":  # renames and replaces: every step of a commit is one
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die_at_the_last)
publish(Home(Path(sys.argv[1])), "shop", shop_of(5), format="tests")
"""


def python(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=CHECKOUT)


def assert_whole(home: Home) -> None:
    """The files that others read by name are those of the manifest, and nothing is half done."""
    folder = home.store("shop")
    manifest = open_store(home, "shop").manifest
    assert manifest.rows["orders"] == count(home)
    assert not (folder / "manifest.json.new").exists()
    assert json.loads((folder / "manifest.json").read_text())["data_version"] == manifest.data_version


@pytest.mark.parametrize(("step", "orders"), [(1, 3), (2, 3), (3, 5), (4, 5), (5, 5)])
def test_killed_at_any_step_of_a_commit(home: Home, step: int, orders: int) -> None:
    """The steps: the version moved in, the journal (from here on it counts), shop, analytics, manifest."""
    before = make(home, 3)
    assert python(_KILLED, home.root, step).returncode == -signal.SIGKILL
    assert count(home) == orders
    assert_whole(home)
    previous = open_store(home, "shop").manifest.previous
    assert previous is None if orders == 3 else previous and previous.data_version == before.data_version
    make(home, 7)
    assert count(home) == 7
    assert len(list((home.store("shop") / "versions").iterdir())) == 2
    assert not home.work("shop").exists()


def test_a_first_import_that_died_after_its_journal_counts(home: Home) -> None:
    home.stores.mkdir(parents=True)
    assert python(_KILLED, home.root, 4).returncode == -signal.SIGKILL  # the key's file is one step more
    assert home.names() == ["shop"] and count(home) == 5
    assert_whole(home)


def test_a_first_import_that_died_before_is_no_store(home: Home) -> None:
    assert python(_KILLED, home.root, 2).returncode == -signal.SIGKILL
    assert home.names() == []
    make(home, 2)
    assert count(home) == 2


_IMPORT = """
import os, signal, sys
from pathlib import Path
from store.importers import import_files
from store.paths import Home

def die(what, part):
    if what.startswith(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

import_files(Home(Path(sys.argv[1])), "shop", "online-retail", [Path(sys.argv[2])], progress=die)
"""


@pytest.mark.parametrize("step", ["sorting", "writing"])
def test_killed_in_mid_import(home: Home, tmp_path: Path, step: str) -> None:
    from store.importers import import_files
    from tests.exports import write_csv

    export = write_csv(tmp_path / "export.csv")
    make(home, 3)
    assert python(_IMPORT, home.root, export, step).returncode == -signal.SIGKILL
    assert home.work("shop").exists()
    assert count(home) == 3
    import_files(home, "shop", "online-retail", [export])
    assert count(home) == 3 and open_store(home, "shop").manifest.format == "online-retail"
    assert not home.work("shop").exists()


_FULL = """
import resource, sys
from pathlib import Path
from store.errors import UserError
from store.paths import Home
from store.publish import publish
from tests.test_store import shop_of
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    publish(Home(Path(sys.argv[1])), "shop", shop_of(50_000), format="tests")
except UserError as error:
    print(error)
"""


@pytest.mark.parametrize("room", [10_000, 1_000_000])
def test_a_full_disk_leaves_the_old_store(home: Home, room: int) -> None:
    make(home, 3)
    ran = python(_FULL, home.root, room)
    assert "Store shop could not be written, and is as it was" in ran.stdout, ran.stderr
    assert count(home) == 3
    assert not home.work("shop").exists()


def test_a_second_import_waits(home: Home) -> None:
    waited, done = threading.Event(), threading.Event()

    def second() -> None:
        publish(home, "shop", shop_of(2), format="tests", waiting=waited.set)
        done.set()

    with locked(home.lock("shop", "import")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waited.wait(60)
        time.sleep(0.1)
        assert not done.is_set()
    thread.join(120)
    assert count(home) == 2


def test_readers_never_see_half_a_version(home: Home) -> None:
    make(home, 1)
    wrong: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            store = open_store(home, "shop")
            try:
                with store.connect() as con:
                    found = con.execute("SELECT count(*) FROM orders").fetchall()[0][0]
            except UserError:  # two imports since it was opened
                continue
            if found != store.manifest.rows["orders"]:
                wrong.append(f"{found} orders in a version of {store.manifest.rows['orders']}")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for orders in range(2, 6):
        make(home, orders)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


# Damage


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def replaced(path: Path) -> None:
    """A flip that leaves the kept version's file alone, as a restored or synchronised file would be."""
    aside = path.with_suffix(".aside")
    shutil.copy(path, aside)
    flip(aside)
    os.replace(aside, path)


SHOP, ANALYTICS, MANIFEST = "shop.duckdb", "analytics.duckdb", "manifest.json"
HARMS = (
    *[(file, harm) for file in (SHOP, ANALYTICS) for harm in (flip, cut, replaced, Path.unlink)],
    *[(MANIFEST, harm) for harm in (flip, cut)],
)


@pytest.mark.parametrize(("file", "harm"), HARMS)
def test_damage_is_refused_by_name(home: Home, file: str, harm: Callable[[Path], None]) -> None:
    make(home, 1), make(home, 3, "other")
    open_store(home, "shop")  # hashed before
    harm(home.store("shop") / file)
    with pytest.raises(UserError, match=r"Store shop is damaged: .*import FORMAT FILE… --store shop") as refused:
        open_store(home, "shop")
    assert str(home.store("shop") / file) in str(refused.value)
    assert count(home, "other") == 3
    problems = {info.name: info.problem for info in describe_stores(home)}
    assert problems["other"] is None and problems["shop"] and file in problems["shop"]


def test_a_damaged_store_can_be_replaced(home: Home) -> None:
    for file in (SHOP, MANIFEST):
        make(home, 1)
        cut(home.store("shop") / file)
        make(home, 4)
        assert count(home) == 4


def test_the_way_back_that_the_message_tells(home: Home) -> None:
    make(home, 1), make(home, 2)
    cut(home.store("shop") / "shop.duckdb")
    with pytest.raises(UserError) as refused:
        open_store(home, "shop")
    source, target = str(refused.value).split("copy ")[1].removesuffix(".").split(" to ")
    for path in Path(source).parent.glob("*"):
        (Path(target) / path.name).unlink()
        shutil.copy(path, target)
    assert count(home) == 1


def test_damage_to_the_version_before_is_noticed(home: Home) -> None:
    one = make(home, 1)
    make(home, 2)
    store = open_store(home, "shop")
    flip(store.version_file(one.data_version))
    with pytest.raises(UserError, match="is damaged"):
        store.version_file(one.data_version)
    assert count(home) == 2


def test_a_copied_store_folder_works(home: Home, tmp_path: Path) -> None:
    make(home, 2)
    shutil.copytree(home.root, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "stores" / "shop" / "versions")
    assert count(Home(tmp_path / "copy")) == 2


# Upkeep


def test_backup_unpacks_to_the_same_store(home: Home, tmp_path: Path) -> None:
    made = make(home, 2)
    store = open_store(home, "shop")
    state.append_turn(store.state_path, "t", "how many orders?", {}, {"answer": "2"})
    (store.path / "models" / "forecast").mkdir(parents=True)
    (store.path / "models" / "forecast" / "model.json").write_text("{}")
    path = backup_store(home, "shop")
    assert path.parent == home.backups and path.stat().st_mode & 0o777 == 0o600
    assert backup_store(home, "shop") != path
    other = Home(tmp_path / "other")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(other.store("shop"))
    restored = open_store(other, "shop")
    assert restored.manifest == made and count(other) == 2
    assert [t.question for t in state.last_turns(restored.state_path, "t", 5)] == ["how many orders?"]
    assert describe_stores(other)[0].models == ("forecast",)


def test_remove_takes_one_store_only(home: Home) -> None:
    make(home, 1), make(home, 2, "other")
    flip(home.store("shop") / "shop.duckdb")  # a damaged one can be removed too
    remove_store(home, "shop")
    assert home.names() == ["other"] and not home.store("shop").exists()
    with pytest.raises(UserError, match="no store 'shop'"):
        remove_store(home, "shop")
    make(home, 3)
    assert count(home) == 3


# Conversations


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state.sqlite"


def test_turns_are_numbered_within_their_thread(path: Path) -> None:
    assert state.last_turns(path, "a", 3) == [] and state.threads(path) == []
    for n in range(1, 5):
        assert state.append_turn(path, "a", f"question {n} 多少?", {"kind": "plan", "n": n}, {"answer": str(n)}) == n
    assert state.append_turn(path, "b", "other", None, {}) == 1
    turns = state.last_turns(path, "a", 2)
    assert [(t.turn, t.question, t.outcome["n"], t.answer["turn"]) for t in turns] == [
        (3, "question 3 多少?", 3, 3),
        (4, "question 4 多少?", 4, 4),
    ]
    assert {(t.thread_id, t.turns, t.first_question) for t in state.threads(path)} == {
        ("a", 4, "question 1 多少?"),
        ("b", 1, "other"),
    }
    assert state.delete_thread(path, "a") == 4 and state.delete_thread(path, "a") == 0
    assert [t.thread_id for t in state.threads(path)] == ["b"]


def test_half_characters_are_replaced(path: Path) -> None:
    broken = b"caf\xff".decode("utf-8", "surrogateescape")
    state.append_turn(path, "a", broken, {"asked": broken}, {})
    assert [(t.question, t.outcome) for t in state.last_turns(path, "a", 1)] == [("caf?", {"asked": "caf?"})]


def test_concurrent_turns_get_numbers_of_their_own(path: Path) -> None:
    numbers: list[int] = []

    def ask() -> None:
        numbers.extend(state.append_turn(path, "a", "q", None, {}) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 21))


def test_a_killed_process_leaves_the_history_whole(path: Path) -> None:
    state.append_turn(path, "a", "before", None, {})
    code = """
import os, signal, sys
from pathlib import Path
from store import state
with state.opened(Path(sys.argv[1])) as con:
    con.execute("BEGIN IMMEDIATE")
    con.execute("DELETE FROM turns")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert python(code, path).returncode == -signal.SIGKILL
    assert state.append_turn(path, "a", "after", None, {}) == 2
    assert [t.question for t in state.last_turns(path, "a", 9)] == ["before", "after"]


def test_a_damaged_state_file_is_named(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with pytest.raises(UserError, match=r"state\.sqlite cannot be used"):
        state.append_turn(path, "a", "q", None, {})
