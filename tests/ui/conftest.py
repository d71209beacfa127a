import pytest

from mica.ui import theme
from ui.pictures import LOOKS


@pytest.fixture(params=LOOKS)
def look(request, qtbot, monkeypatch) -> str:
    """The offscreen screen has no scheme to choose."""
    monkeypatch.setattr(theme, "palette", lambda: LOOKS[request.param])
    return str(request.param)
