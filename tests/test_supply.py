"""What the site stands on: named with its hash, its licence and its place; nothing from another host."""

import re
from pathlib import Path

import pytest

from tests.audit import licences, observatory, vulnerabilities

ROOT = Path(__file__).resolve().parent.parent
# What a browser would fetch: any address of another host that is not a link to be followed, a name of an
# XML language, or an example that people read.
ANOTHER_HOST = re.compile(r"""(?:https?:|["'(\s=])//[\w{]""")
A_LINK = re.compile(r"<a\b[^>]*>|\bxmlns(?::\w+)?=\"[^\"]*\"")
OURS = sorted(
    path
    for folder, kinds in (("templates", ("*.html", "*.txt")), ("static", ("*.css", "*.js", "*.svg")))
    for kind in kinds
    for path in (ROOT / folder).rglob(kind)
)


def names_another_host(path: Path) -> bool:
    text = path.read_text()
    if path.suffix == ".js":
        text = re.sub(r"(?m)(^|\s)// .*$", "", text)  # a comment
    return bool(ANOTHER_HOST.search(A_LINK.sub("", text)))


def test_no_template_style_sheet_script_or_icon_of_ours_names_an_asset_of_another_host():
    assert len(OURS) > 60
    assert [path for path in OURS if names_another_host(path)] == []


@pytest.mark.parametrize(
    ("name", "text", "names_one"),
    [
        ("a.html", '<script src="https://cdn.example/x.js">', True),
        ("a.html", '<img src="//cdn.example/x.png">', True),
        ("a.html", '<link href="https://{{ host }}/x.css">', True),
        ("a.html", '<a class="x"\n href="https://www.sra.org.uk/">SRA</a>', False),
        ("a.css", "@import url(//cdn.example/x.css);", True),
        ("a.css", 'src: url("fonts/newsreader.woff2")', False),
        ("a.js", 'import x from "https://cdn.example/x.js";', True),
        ("a.js", "const a = 1; // what is typed", False),
        ("a.svg", '<svg xmlns="http://www.w3.org/2000/svg">', False),
        ("a.svg", '<image href="http://cdn.example/x.png"/>', True),
    ],
)
def test_an_asset_of_another_host_is_told_from_a_link(tmp_path, name, text, names_one):
    (tmp_path / name).write_text(text)
    assert names_another_host(tmp_path / name) == names_one


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_has_its_hash_and_none_a_place_of_its_own(name):
    text = (ROOT / name).read_text()
    packages = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    assert len(packages) > 30
    assert [each.split()[0] for each in packages if "--hash=sha256:" not in each] == []
    assert not re.search(r"https?://|--(extra-)?index-url", text)


def test_every_tool_of_the_audit_has_its_hash_and_none_a_place_of_its_own():
    text = (ROOT / "tests/audit/package-lock.json").read_text()
    assert text.count('"integrity": "sha512-') == text.count('"node_modules/') > 100
    assert "resolved" not in text


def test_the_list_of_licences_names_every_package_and_knows_each_licence():
    table = licences.LIST.read_text().split("|---|---|\n")[1].split("\n\n")[0]
    rows = dict(row.strip("| ").split(" | ") for row in table.splitlines())
    assert list(rows) == licences.required()
    assert len(rows) > 30
    assert [name for name in rows if re.search("UNKNOWN|Proprietary", rows[name])] == []


BEST = {"grade": "A+", "score": 130, "testsPassed": 1, "testsFailed": 0, "testsQuantity": 1}


@pytest.mark.parametrize(
    ("said", "is_the_best"),
    [
        ({"scan": BEST, "tests": {"cookies": {"pass": True, "result": "none"}}}, True),
        ({"scan": BEST | {"grade": "A"}, "tests": {}}, False),
        ({"scan": BEST | {"testsFailed": 1}, "tests": {"csp": {"pass": False, "result": "none"}}}, False),
        ({"error": "The site seems to be down."}, False),
    ],
)
def test_the_audit_is_content_with_the_best_grade_and_every_test_passed_only(said, is_the_best):
    assert observatory.passes("/", said) == is_the_best


SOUND = {"name": "six", "version": "1.17.0", "vulns": []}
HOLE = {"id": "GHSA-0", "fix_versions": ["2.0"]}


@pytest.mark.parametrize(
    ("packages", "none_known"),
    [
        ([SOUND], True),
        ([SOUND, {"name": "old", "version": "1.0", "vulns": [HOLE]}], False),
        ([SOUND, {"name": "lost", "skip_reason": "could not be audited"}], False),
    ],
)
def test_a_package_that_nothing_could_be_learned_of_is_no_good_news(packages, none_known):
    assert vulnerabilities.judged(packages) == none_known
