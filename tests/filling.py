"""Sending a form as a person does: what the page offered, with a few things changed."""

from datetime import date
from typing import Any

from django.test import Client


def offered(response) -> dict[str, Any]:
    """Return what a browser would send if nothing were changed."""
    data = {}
    for field in response.context["form"]:
        value = field.value()
        if isinstance(value, date):
            value = value.isoformat()
        if isinstance(value, list | tuple):
            value = [getattr(v, "pk", v) for v in value]
        if value is not None and value != []:
            data[field.html_name] = getattr(value, "pk", value)
    return data


def send(client: Client, url: str, **changes: Any):
    """Open the form at `url` and send it with `changes`; None leaves a field out."""
    data = {**offered(client.get(url)), **changes}
    return client.post(url, {k: v for k, v in data.items() if v is not None})
