"""The documents that are generated from the code, and whether the committed ones still say the same.

OpenAPI of each service, AsyncAPI of what they tell each other, a documented example of each one's settings, and the JSON
Schema of policies, tariffs, rules of rewards and column mappings, by which an editor explains them to whoever writes one.
"""

import json
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.dispatcher.api.terms import PolicyList, TariffList
from services.dispatcher.money.rules.policy import Policy
from services.privacy.document import inventory_document
from services.registry.domain.exchange.mapping import Mapping
from services.registry.domain.rewards.rule import Rule
from shared.embedded import EmbeddedPostgres
from shared.kernel.errors import Conflict
from shared.messaging.asyncapi import document
from shared.security import write_keys
from shared.settings import ServiceSettings, example

SERVICES = ("registry", "dispatcher", "notifier", "planner")


class DocumentsDrifted(Conflict):
    """These documents no longer say what the code does: {paths}. Write them anew with `zhida docs`, and read the difference."""

    zh = "以下文档与代码不一致：{paths}。请运行 zhida docs 重新生成，并核对差异。"


def write_documents(root: Path) -> list[Path]:
    """Write them below `root`, the checkout; the paths that changed."""
    changed = []
    for path, content in _documents().items():
        target = root / path
        if not target.exists() or target.read_text(encoding="utf-8") != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
            changed.append(target)
    return changed


def check_documents(root: Path) -> None:
    """Raises DocumentsDrifted where a committed document differs from what the code would write."""
    drifted = [
        path
        for path, content in _documents().items()
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != content
    ]
    if drifted:
        raise DocumentsDrifted(paths=", ".join(drifted))


def _documents() -> dict[str, str]:
    """Path below the checkout -> content."""
    found = {
        "docs/asyncapi.json": _pretty(document()),
        "docs/privacy-inventory.md": inventory_document(),
        "docs/policy.schema.json": _schema(Policy | PolicyList),
        "docs/tariff.schema.json": _schema(TariffList),
        "docs/reward-rule.schema.json": _schema(Rule),
        "docs/exchange-mapping.schema.json": _schema(Mapping),
    }
    with tempfile.TemporaryDirectory(prefix="zhida-docs-") as name:
        folder = Path(name)
        write_keys(folder)
        server = EmbeddedPostgres(folder / "server")
        try:
            for service in SERVICES:
                settings_class = _settings_class(service)
                found[f"deploy/examples/{service}.env"] = example(settings_class)
                found[f"docs/openapi/{service}.json"] = _openapi(service, settings_class, folder, server)
        finally:
            server.stop()
    return found


def _openapi(
    service: str, settings_class: type[ServiceSettings], folder: Path, server: EmbeddedPostgres
) -> str:
    """A service's OpenAPI: it is built, its database and all, but nothing of it runs."""
    settings = settings_class.model_validate(
        {
            "database_url": server.url(service),
            **{f"{name}_database_url": server.url(name) for name in SERVICES},
            "signing_key_file": folder / "signing.key",
            "vault_key_file": folder / "vault.key",
        }
    )
    built = import_module(f"services.{service}.service").build(settings)
    try:
        return _pretty(built.app.openapi())
    finally:
        built.close()


def _schema(file: Any) -> str:
    """What a file may hold, as JSON Schema."""
    schema = TypeAdapter(file).json_schema()
    return _pretty({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema)


def _settings_class(service: str) -> type[ServiceSettings]:
    found: type[ServiceSettings] = getattr(
        import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings"
    )
    return found


def _pretty(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
