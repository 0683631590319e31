"""Checks answers against host/api/openapi.yaml: the path, the status, and the body's schema."""

import re
import urllib.parse

import jsonschema
import yaml


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.document = yaml.safe_load(file)
        _to_json_schema(self.document)
        self._resolver = jsonschema.RefResolver("", self.document)
        self.seen = set()  # (method, template, status) that some test has really received
        prefix = urllib.parse.urlparse(self.document.get("servers", [{}])[0].get("url", "")).path
        self._paths = [(self._pattern(prefix.rstrip("/") + t), t) for t in self.document["paths"]]

    def operations(self):
        """All (method, template) of the document."""
        methods = ("get", "post", "put", "patch", "delete")
        return [
            (method.upper(), template)
            for template, item in self.document["paths"].items()
            for method in methods
            if method in item
        ]

    def check(self, method, path, answer):
        """AssertionError when the answer is not what the document promises."""
        operation, template = self._operation(method, urllib.parse.urlsplit(path).path)
        if operation is None:
            assert answer.status in (400, 401, 404, 405, 413, 414, 431), (
                f"{method} {path} is not in openapi.yaml, yet answered {answer.status}"
            )
            return
        self.seen.add((method, template, answer.status))
        responses = operation["responses"]
        response = responses.get(str(answer.status)) or responses.get("default")
        assert response, f"{method} {template}: openapi.yaml does not know status {answer.status}"
        if "$ref" in response:
            response = self._resolver.resolve(response["$ref"])[1]
        kind = answer.headers.get("Content-Type", "").split(";")[0].strip()
        content = response.get("content", {})
        if not content or not answer.raw:
            return
        assert kind in content, f"{method} {template}: {kind!r} is not one of {list(content)}"
        if kind != "application/json":
            return
        schema = content[kind].get("schema", {})
        validator = jsonschema.Draft7Validator(schema, resolver=self._resolver)
        errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"[:400]
                  for e in validator.iter_errors(answer.json)]
        assert not errors, f"{method} {template} {answer.status}: {errors}"

    def _operation(self, method, path):
        for pattern, template in self._paths:
            if pattern.fullmatch(path):
                return self.document["paths"][template].get(method.lower()), template
        return None, None

    @staticmethod
    def _pattern(template):
        parts = re.split(r"(\{[^}]+\})", template)
        return re.compile("".join("[^/]+" if p.startswith("{") else re.escape(p) for p in parts))


def _to_json_schema(node):
    """OpenAPI 3.0's `nullable` as JSON Schema has it, everywhere below `node`."""
    if isinstance(node, list):
        for item in node:
            _to_json_schema(item)
    elif isinstance(node, dict):
        for item in node.values():
            _to_json_schema(item)
        if node.pop("nullable", False) is True:
            kept = dict(node)
            node.clear()
            node["anyOf"] = [kept, {"type": "null"}]
