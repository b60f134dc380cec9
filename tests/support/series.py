"""What a fixture that serves a long series has to make: no more than is asked for."""

from __future__ import annotations

from typing import Any

import pytest


def asked_for(request: pytest.FixtureRequest, parameter: str) -> set[Any]:
    """The values that this parameter takes in those tests of the module that run."""
    return {
        item.callspec.params[parameter]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.path == request.path
        and parameter in getattr(getattr(item, "callspec", None), "params", ())
    }
