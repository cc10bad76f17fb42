"""``python -m lea_geo`` is ``lea-geo``."""

import sys

from lea_geo.cli import main

if __name__ == "__main__":
    sys.exit(main())
