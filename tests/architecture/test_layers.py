"""Who may include whom, read from the #include lines. host/README.md explains the layers."""

import os
import re

import pytest

from sources import ROOT, files, includes, text

# The allowed edges between the folders of host. CMake links by the same list (see below).
EDGES = {
    "domain": set(),
    "ports": {"domain"},
    "json": {"domain"},
    "ddl": {"domain"},
    "events": {"ports", "domain"},
    "services": {"ports", "ddl", "domain", "json"},
    "engine": {"ports", "ddl", "domain", "json"},
    "store": {"ports", "domain", "json"},
    "adapters": {"ports", "domain", "json"},
    "settings": {"domain", "json"},
    "plugin_runtime": {"ports", "domain", "json"},
    "views": {"domain", "json"},
    "http": {"views", "services", "ports", "domain", "json", "ddl"},
    "ws": {"views", "services", "ports", "domain", "json"},
    "ctl": {"domain", "json"},
    "app": {
        "http", "ws", "views", "services", "engine", "events", "store", "adapters", "settings",
        "plugin_runtime", "ports", "domain", "json", "ddl",
    },
}

# Third-party headers, by how they begin, and the folders that may include them.
LIBRARIES = {
    r"Poco/": {"app", "http", "ws", "store", "adapters", "settings", "ctl", "json", "plugins"},
    r"boost/": {"plugin_runtime"},
    r"spdlog/": {"adapters", "app"},
    r"yaml-cpp/": {"settings"},
    r"openssl/": {"adapters", "http", "ws", "ctl", "plugins"},
    r"(mysql|mariadb|sqlite3)": {"adapters", "store"},
    r"oscar/sdk/": {"plugin_runtime", "sdk", "plugins"},
}

LAYERS = sorted(EDGES)


def layer_files(layer):
    return files(f"host/{layer}/", ".cpp", ".hpp", ".h")


def test_every_folder_of_host_is_a_known_layer():
    folders = {name.split("/")[1] for name in files("host/", ".cpp", ".hpp")}
    assert folders <= set(EDGES), "a new layer needs its edges here, in CMake and in host/README.md"


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_includes_only_what_it_may(layer):
    wrong = []
    for name in layer_files(layer):
        for header in includes(name):
            target = header.split("/")[0]
            if "/" in header and target in EDGES and target != layer and target not in EDGES[layer]:
                wrong.append(f"{name}: {header}")
    assert not wrong


@pytest.mark.parametrize("layer", LAYERS)
def test_cmake_links_only_the_allowed_layers(layer):
    found = re.search(rf"oscar_layer\({layer}\b(.*?)\)", text("host/CMakeLists.txt"), re.S)
    assert found, f"host/CMakeLists.txt has no layer {layer}"
    links = re.search(r"LINKS\s+((?:[a-z_]+\s*)+)", found[1])
    linked = set(links[1].split()) if links else set()
    assert linked <= EDGES[layer]


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_uses_only_its_libraries(layer):
    assert not _foreign_libraries(layer_files(layer), layer)


def test_sdk_needs_the_standard_library_alone():
    headers = files("sdk/include/", ".h", ".hpp")
    assert headers
    assert not _foreign_libraries(headers, "sdk")
    quoted = {h for name in headers for h in includes(name) if "/" in h}
    assert all(header.startswith("oscar/sdk/") or header.startswith("sys/") for header in quoted)


def test_plugins_know_the_sdk_and_never_the_host():
    names = files("plugins/", ".cpp", ".hpp", ".h")
    wrong = []
    for name in names:
        plugin = name.split("/")[1]
        for header in includes(name):
            first = header.split("/")[0]
            beside = os.path.exists(os.path.join(ROOT, os.path.dirname(name), header))
            others = {other.split("/")[1] for other in names} - {plugin, "common"}
            if (first in EDGES and "/" in header and not beside) or first in others:
                wrong.append(f"{name}: {header}")
    assert not wrong
    assert not _foreign_libraries(names, "plugins")


def test_poco_stays_inside_the_layer_that_uses_it():
    """A header that includes Poco would bring it, and its build time, into every includer."""
    wrong = []
    for name in files("host/", ".hpp"):
        if not any(header.startswith(("Poco/", "boost/")) for header in includes(name)):
            continue
        layer, short = name.split("/")[1], name.removeprefix("host/")
        for other in files("host/", ".cpp", ".hpp"):
            if other.split("/")[1] != layer and short in includes(other):
                wrong.append(f"{other} gets Poco or Boost from {short}")
    assert not wrong


def test_only_the_composition_root_names_concrete_classes():
    """What implements a port is known to host/app alone; everybody else has the port."""
    concrete = re.compile(r"\b(?:store|adapters|settings)::[A-Z]\w*|\bSql\w+Store\b")
    wrong = []
    for name in files("host/", ".cpp", ".hpp"):
        layer = name.split("/")[1]
        if layer in ("app", "store", "adapters", "settings"):
            continue
        code = re.sub(r"//[^\n]*", "", text(name))
        wrong += [f"{name}: {found}" for found in concrete.findall(code)]
    assert not wrong


def _foreign_libraries(names, folder):
    return [
        f"{name}: {header}"
        for name in names
        for header in includes(name)
        for begin, allowed in LIBRARIES.items()
        if re.match(begin, header) and folder not in allowed
    ]
