"""The site tests itself: its imports go one way, and README names every variable."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# In an app, a module imports only from its own layer or those before it.
LAYERS = ["models", "actions", "forms", "admin", "views", "urls"]


def modules(app: str) -> list[Path]:
    return [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def imports_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def layer_of(module: str) -> int | None:
    parts = module.split(".")
    return LAYERS.index(parts[1]) if len(parts) > 1 and parts[1] in LAYERS else None


def test_pages_and_callbacks_never_import_each_other():
    assert modules("pages")
    for app, other in (("pages", "callbacks"), ("callbacks", "pages")):
        for path in modules(app):
            found = {name for name in imports_of(path) if name.split(".")[0] == other}
            assert found == set(), path


def test_what_both_apps_use_imports_neither():
    joins = {"views.py", "urls.py"}  # the front page joins the apps
    for path in modules("firm_site"):
        if path.name not in joins:
            found = {name for name in imports_of(path) if name.split(".")[0] in {"pages", "callbacks"}}
            assert found == set(), path


def test_inside_an_app_imports_go_one_way():
    seen = 0
    for app in ("pages", "callbacks"):
        for path in modules(app):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            layer = layer_of(module)
            for name in imports_of(path):
                imported = layer_of(name) if name.startswith(f"{app}.") else None
                if layer is not None and imported is not None:
                    seen += 1
                    assert imported <= layer, f"{module} imports {name}"
    assert seen > 20


def test_readme_names_every_variable_that_settings_read():
    settings = (ROOT / "firm_site/settings.py").read_text()
    read = set(re.findall(r'(?:_text|_secret|_flag|_list|environ\.get)\(\s*"([A-Z_]+)"', settings))
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert read == table
    assert len(read) == 12


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def test_every_dependency_says_what_it_is_for():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    declared = [line for line in lines if re.match(r'^  "[a-z].*[><=]', line)]
    assert len(declared) > 20
    assert [line for line in declared if not re.search(r"# \S.{10,}$", line)] == []
