"""A REST client for the tests. Every answer of the API is checked against openapi.yaml."""

import http.client
import json
import urllib.parse

JSON = "application/json"


class Answer:
    """status, headers, text; `json` is the envelope, `data` and `code` its members."""

    def __init__(self, status, headers, raw):
        self.status = status
        self.headers = headers
        self.raw = raw

    @property
    def text(self):
        return self.raw.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def data(self):
        return self.json["data"]

    @property
    def code(self):
        return self.json["code"]

    @property
    def message(self):
        return self.json["message"]

    @property
    def fields(self):
        """The names of the refused fields of a 400."""
        return sorted({entry["field"] for entry in (self.data or {}).get("fields", [])})

    def ok(self):
        """Itself when it is a success; AssertionError with the answer otherwise."""
        assert 200 <= self.status < 300, f"HTTP {self.status}: {self.raw[:2000]!r}"
        return self

    def __repr__(self):
        return f"<HTTP {self.status} {self.raw[:400]!r}>"


class RestClient:
    """One user's view of one server. `contract` (openapi_contract.Contract) checks each answer."""

    def __init__(self, port, contract=None, token=None, language="en"):
        self.port = port
        self.contract = contract
        self.token = token
        self.language = language

    def login(self, username, password):
        """A client of the same server that is logged in as this user."""
        body = {"username": username, "password": password}
        answer = self.post("/api/v1/auth/login", body).ok()
        return RestClient(self.port, self.contract, answer.data["token"], self.language)

    def get(self, path, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.request("GET", path)

    def post(self, path, body=None):
        return self.request("POST", path, {} if body is None else body)

    def put(self, path, body):
        return self.request("PUT", path, body)

    def delete(self, path):
        return self.request("DELETE", path)

    def request(self, method, path, body=None, headers=(), raw=None, timeout_s=60):
        """`body` is sent as JSON, `raw` as it is. No redirects, no retries, one connection each."""
        sent = {"Accept-Language": self.language, "Connection": "close"}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body is not None or raw is not None:
            sent["Content-Type"] = JSON
        sent.update(headers)
        payload = raw if raw is not None else None if body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, payload, sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        if self.contract and path.startswith("/api/"):
            self.contract.check(method, path, answer)
        return answer
