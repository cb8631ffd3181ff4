"""The two pages of a server: one to try the model, one that shows the OpenAPI document. Neither needs another address."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'"
"""The Content-Security-Policy of both: a browser loads nothing from elsewhere."""

_HERE = Path(__file__).parent


def try_page() -> str:
    """The page at /, which asks /info what the model can do."""
    return (_HERE / "try_page.html").read_text(encoding="utf-8")


def reference_page(document: Mapping[str, Any]) -> str:
    """The page at /docs, from the OpenAPI document."""
    parts = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts.append(
                f"<section><h2>{escape(method.upper())} {escape(path)}</h2><p>{escape(operation['summary'])}</p>"
            )
            body = operation.get("requestBody")
            if body is not None:
                parts.append(_request(path, body["content"]["application/json"]))
            told = "".join(
                f"<tr><th>{escape(status)}</th><td>{escape(answer['description'])}</td></tr>"
                for status, answer in operation["responses"].items()
            )
            parts.append(f"<div class=wide><table>{told}</table></div></section>")
    template = (_HERE / "reference_page.html").read_text(encoding="utf-8")
    return template.replace("$title", escape(document["info"]["title"])).replace("$sections", "\n".join(parts))


def _request(path: str, content: Mapping[str, Any]) -> str:
    schema = content["schema"]
    rows = []
    for name, field in schema["properties"].items():
        said = "needed" if name in schema.get("required", ()) else f"default {json.dumps(field.get('default'))}"
        help = f"{escape(field['description'])} <small>({escape(said)})</small>"
        rows.append(f"<tr><th><code>{escape(name)}</code></th><td>{help}</td></tr>")
    example = json.dumps(content["example"], ensure_ascii=False)
    return (
        f"<div class=wide><table>{''.join(rows)}</table></div>"
        f"<pre>curl -H 'Content-Type: application/json' -d '{escape(example)}' ADDRESS{escape(path)}</pre>"
    )
