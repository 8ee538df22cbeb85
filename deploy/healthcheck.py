#!/usr/bin/env python
"""Exit 0 if the web server of this container is alive, 1 if not."""

import os
import sys
import urllib.request

try:
    with urllib.request.urlopen(f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}/healthz", timeout=4):
        sys.exit(0)
except OSError:
    sys.exit(1)
