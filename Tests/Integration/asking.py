"""asking.py SOCKET METHOD JSON: calls a method of the control API and prints the answer, or the error, as JSON."""

import json
import sys

from control import Refused, call

try:
    print(json.dumps(call(sys.argv[1], sys.argv[2], **json.loads(sys.argv[3]))))
except Refused as refused:
    print(json.dumps({"error": refused.name, "parameters": refused.parameters}))
