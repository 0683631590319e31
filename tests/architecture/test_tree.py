"""The shape of the tree: what lies at the top, README files, sizes, migrations, stray texts."""

import os
import re

import pytest

from sources import ROOT, every_file, files, text

TOP = {
    ".ci", ".clang-format", ".clang-tidy", ".gitignore", "CMakeLists.txt", "CMakePresets.json",
    "README.md", "README.zh-CN.md", "config", "deploy", "host", "plugins", "run", "sdk", "sql",
    "test", "tests", "webui",
}
SOURCES = (".cpp", ".hpp", ".h", ".c", ".py", ".sh", ".pm", ".ts", ".vue")
# What runs inside the tool in every run stays one file.
LINE_LIMIT = {".pm": 800}


def _folders():
    """The folders that are a unit of their own: each has a README of one screen."""
    found = {"host", "plugins", "sdk", "sql", "config", "deploy", "tests"}
    for name in every_file():
        parts = name.split("/")
        if parts[0] in ("host", "plugins", "tests") and len(parts) > 2:
            found.add("/".join(parts[:2]))
    return sorted(found)


def test_nothing_else_lies_at_the_top():
    assert {name.split("/")[0] for name in every_file()} <= TOP


@pytest.mark.parametrize("folder", _folders())
def test_every_folder_says_what_belongs_there(folder):
    readme = os.path.join(ROOT, folder, "README.md")
    assert os.path.isfile(readme), f"{folder} has no README.md"
    said = text(f"{folder}/README.md")
    assert len(said.strip()) > 80 and said.startswith("# ")


def test_no_source_is_too_long():
    long = {
        name: text(name).count("\n")
        for name in every_file()
        if name.endswith(SOURCES) and "/generated/" not in name
    }
    limit = {name: LINE_LIMIT.get(os.path.splitext(name)[1], 600) for name in long}
    assert {name: lines for name, lines in long.items() if lines > limit[name]} == {}


def test_migrations_have_the_same_numbers_in_both_dialects():
    numbers = {}
    for dialect in ("sqlite", "mysql"):
        names = [os.path.basename(n) for n in files(f"sql/{dialect}/", ".sql")]
        assert names, f"sql/{dialect} has no migration"
        assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", name) for name in names), names
        numbers[dialect] = [int(name[:4]) for name in sorted(names)]
        assert numbers[dialect] == list(range(1, len(names) + 1)), "unique and without gaps"
    assert numbers["sqlite"] == numbers["mysql"]


def test_headers_are_guarded_and_import_no_namespace():
    wrong = []
    for name in files("", ".hpp"):
        if "#pragma once" not in text(name):
            wrong.append(f"{name}: no #pragma once")
        if not name.startswith("tests/") and re.search(r"^using namespace ", text(name), re.M):
            wrong.append(f"{name}: using namespace in a header")
    assert not wrong


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "XX" + "X:"])
def test_nothing_is_left_for_later(word):
    assert [n for n in every_file() if n.endswith(SOURCES) and re.search(rf"\b{word}", text(n))] == []


def test_product_code_names_no_path_of_a_developers_machine():
    pattern = re.compile(r"/home/|/root/|/work/|[\"' =]/tmp/")
    product = [n for n in every_file() if n.split("/")[0] not in ("tests", "webui")]
    product = [n for n in product if not n.endswith(".md")]
    assert [f"{n}: {hit[0]}" for n in product if (hit := pattern.search(text(n)))] == []


def test_scripts_reach_no_host_but_this_machine():
    """Packages come by apt, from wherever the machine's owner has set it to look."""
    scripts = ["run", "test", *files("deploy/lib/"), *files("deploy/install-packages")]
    hosts = {
        host
        for name in scripts
        for host in re.findall(r"https?://([A-Za-z0-9.-]+)", text(name))
    }
    assert hosts <= {"127.0.0.1", "localhost"}


def test_programs_of_the_tree_may_be_run():
    for name in ("run", "test", ".ci/run", "deploy/install-packages"):
        assert os.access(os.path.join(ROOT, name), os.X_OK), name
