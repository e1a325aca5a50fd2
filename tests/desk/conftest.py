"""The same world as the console's."""

from __future__ import annotations

from tests.console.conftest import migrated as migrated
from tests.console.conftest import world as world
