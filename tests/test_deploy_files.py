"""The files of deploy/ agree with each other and with the site, and give nobody more than is needed."""

import base64
import hashlib
import ipaddress
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
NGINX = (DEPLOY / "nginx.conf.template").read_text()
WEB = ["web-1", "web-2"]
PAGES = ["away.html.template", "refused.html.template"]
SECRETS = {"DATABASE_URL", "OWNER_DATABASE_URL", "SECRET_KEY", "EMAIL_URL", "POSTGRES_PASSWORD"}


def rows(readme: Path) -> set[str]:
    """The variables that have a row in a table."""
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", readme.read_text(), re.MULTILINE))


def networks(service: str) -> set[str]:
    return set(SERVICES[service]["networks"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_nobody_is_root_or_writes_where_nothing_is_to_be_written(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "10"}
    assert {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service) == set()
    written = [volume.split(":") for volume in service.get("volumes", [])]
    assert [parts for parts in written if parts[0] not in COMPOSE["volumes"] and parts[2:] != ["ro"]] == []
    assert [each for each in service.get("tmpfs", []) if "size=" not in each] == []


def test_the_image_is_the_sites_own_user_and_holds_nothing_that_is_not_named():
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == [SERVICES["web-1"]["user"]]
    assert "--require-hashes" in DOCKERFILE
    copied = [line.split()[1] for line in DOCKERFILE.splitlines() if re.match(r"COPY (?!--from)", line)]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(set(copied) - {"deploy/"})


def test_the_user_of_the_image_has_an_entry_without_which_no_drill_has_a_database():
    (user,) = re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE)
    entry = r'^RUN echo "site:x:(\d+:\d+)::(/\S+):/usr/sbin/nologin" >> /etc/passwd'
    entries = re.findall(entry, DOCKERFILE, re.MULTILINE)
    assert entries == [(user, SERVICES["worker"]["environment"]["DATA"])]


def test_the_image_has_every_folder_of_the_project():
    apps = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    assert copied == apps | {"templates", "static"}


def test_only_nginx_is_reached_from_outside_and_only_the_site_reaches_the_database():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert {name: networks(name) for name in SERVICES} == {
        "nginx": {"outside", "front"},
        "web-1": {"front", "back"},
        "web-2": {"front", "back"},
        "worker": {"back", "outside"},  # it sends the mails
        "migrate": {"back"},
        "database": {"back"},
    }
    inside = {name for name, network in COMPOSE["networks"].items() if (network or {}).get("internal")}
    assert inside == {"front", "back"}


def test_nginx_and_web_name_each_other_by_address():
    addresses = {name: SERVICES[name]["networks"]["front"]["ipv4_address"] for name in ("nginx", *WEB)}
    (subnet,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    gateway, *others = map(str, ipaddress.ip_network(subnet["subnet"]).hosts())
    assert len(set(addresses.values()) & set(others)) == 3, gateway
    assert {SERVICES[name]["environment"]["TRUSTED_PROXIES"] for name in WEB} == {addresses["nginx"]}
    (port,) = re.findall(r'"--bind", "0\.0\.0\.0:(\d+)"', DOCKERFILE)
    servers = [f"server {addresses[name]}:{port} max_fails=0;" for name in WEB]
    assert SERVICES["nginx"]["environment"]["WEB"] == " ".join(servers)


def test_the_web_servers_differ_in_their_address_alone():
    first, second = ({**SERVICES[name], "networks": None} for name in WEB)
    assert first == second


def test_a_web_server_is_given_longer_to_stop_than_it_gives_what_it_has_begun():
    (seconds,) = re.findall(
        r"^graceful_timeout = (\d+)", (DEPLOY / "gunicorn.conf.py").read_text(), re.MULTILINE
    )
    assert int(SERVICES["web-1"]["stop_grace_period"].removesuffix("s")) > int(seconds) + 2


@pytest.mark.parametrize("fails", [None, "run", "web-1", "web-2", "worker"])
def test_a_release_migrates_replaces_one_after_the_other_and_stops_where_something_fails(tmp_path, fails):
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$@"\ncase " $* " in *" {fails} "*) exit 1;; esac\n')
    docker.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    release = subprocess.run(
        [DEPLOY / "release.sh"], env={"PATH": path}, capture_output=True, text=True, check=False
    )
    steps = {"build": "compose build", "run": "compose run --rm migrate"} | {
        name: f"compose up --detach --no-deps --wait --wait-timeout 120 {name}" for name in (*WEB, "worker")
    }
    until = list(steps).index(fails) + 1 if fails else len(steps)
    assert release.stdout.splitlines() == list(steps.values())[:until]
    assert release.returncode == (1 if fails else 0)


def test_secrets_are_files_and_each_is_given_only_to_who_needs_it():
    held = {name: set(service["secrets"]) for name, service in SERVICES.items()}
    assert held == {
        "nginx": {"certificate", "certificate_key"},
        "web-1": {"database_url", "secret_key"},
        "web-2": {"database_url", "secret_key"},
        "worker": {"database_url", "secret_key", "email_url"},
        "migrate": {"database_url", "owner_database_url", "secret_key"},
        "database": {"postgres_password", "database_url", "owner_database_url"},
    }
    for name, service in SERVICES.items():
        environment = service["environment"]
        assert SECRETS & set(environment) == set()
        files = {value for value in environment.values() if str(value).startswith("/run/secrets/")}
        assert files == {f"/run/secrets/{secret}" for secret in held[name]}
    assert set(COMPOSE["secrets"]) == set.union(*held.values())
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_what_the_site_is_told_stands_in_readme():
    known = rows(ROOT / "README.md")
    for name in (*WEB, "worker", "migrate"):
        given = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]}
        assert given - known == set()


def test_whoever_starts_it_is_told_of_every_value_and_every_secret():
    readme = DEPLOY / "README.md"
    asked = set(re.findall(r"\$\{([A-Z0-9_]+):[?-]", (DEPLOY / "compose.yml").read_text()))
    assert asked == rows(readme) - {"FILE"}  # of a backup
    told = set(re.findall(r"^\| (?:.*, )?`secrets/(\w+)`", readme.read_text(), re.MULTILINE))
    told |= set(re.findall(r"^\| `secrets/(\w+)`, ", readme.read_text(), re.MULTILINE))
    assert told == set(COMPOSE["secrets"])


def test_nginx_is_given_every_value_of_its_templates_and_no_other():
    filled = set(
        re.findall(r"\$\{([A-Z0-9_]+)\}", NGINX + "".join((DEPLOY / page).read_text() for page in PAGES))
    )
    assert set(SERVICES["nginx"]["environment"]) - {"NGINX_ENVSUBST_OUTPUT_DIR"} == filled


def test_every_file_that_compose_names_is_there():
    assert (DEPLOY / SERVICES["web-1"]["build"]["dockerfile"].removeprefix("deploy/")).exists()
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert [name for name in mounted - set(COMPOSE["volumes"]) if not (DEPLOY / name).exists()] == []
    templates = {name for name in mounted if name.endswith(".template")}
    assert templates == {f"./{path.name}" for path in DEPLOY.glob("*.template")}


@pytest.mark.parametrize("page", PAGES)
def test_the_style_of_nginxs_own_pages_is_the_one_that_their_policy_allows(page):
    (style,) = re.findall(r"<style>(.*?)</style>", (DEPLOY / page).read_text(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert re.findall(r"style-src '(.*?)'", NGINX) == [f"sha256-{digest}"]


def test_nginx_logs_nothing_of_requests_but_its_own_line():
    everywhere = re.findall(r"^ *(error_log|access_log) (.*?);", NGINX, re.MULTILINE)
    assert everywhere == [
        ("error_log", "stderr warn"),
        ("error_log", "/dev/null emerg"),
        ("access_log", "/dev/stdout json"),
    ]
    line = NGINX.partition("log_format json")[2].partition(";")[0]
    told = set(re.findall(r"\$(\w+)", line))
    assert told & {"remote_addr", "request", "request_uri", "args", "uri", "http_referer", "host"} == set()
