"""The hash of a proof's own options, which all credentials of a batch share."""

from collections import OrderedDict
from threading import Lock

from badges.openbadges.template.plan import Filler
from badges.openbadges.template.slots import Cells

_MOST = 256


class OptionsHash:
    """SHA-256 of the canonical proof options, for a moment and a verification method."""

    def __init__(self, filler: Filler, cells: Cells) -> None:
        self._filler = filler
        self._cells = cells
        self._known: OrderedDict[tuple[str, str], tuple[list[bytes], bytes]] = OrderedDict()
        self._lock = Lock()

    def of(self, created: str, method: str) -> tuple[list[bytes], bytes]:
        """The two cells and the hash; raises NeedFull or BadValue."""
        known = self._known.get((created, method))
        if known is None:
            cells = self._cells.of((created, method))
            known = cells, self._filler.digest(cells)
            with self._lock:
                self._known[created, method] = known
                if len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return known
