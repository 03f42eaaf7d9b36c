"""A server without an SDK whose tools take what they can get of the host, up to a bound that each call names.  Standard library only."""

import json
import mmap
import os
import signal
import sys
import time


def fork(most: int) -> str:
    """So many children at once, or as many as it gets; all of them are gone when it answers."""
    children, refused = [], ""
    keep, ends = os.pipe()
    while len(children) < most and not refused:
        try:
            child = os.fork()
        except OSError as error:
            refused = f", then errno {error.errno}"
            break
        if child == 0:
            os.close(ends)
            os.read(keep, 1)
            os._exit(0)
        children.append(child)
    os.close(ends)
    os.close(keep)
    for child in children:
        os.waitpid(child, 0)
    return f"{len(children)}{refused}"


def take(mebibytes: int) -> str:
    held = mmap.mmap(-1, mebibytes << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for at in range(0, mebibytes << 20, 4096):
        held[at] = 1
    held.close()
    return f"{mebibytes}"


def take_in_a_child(mebibytes: int) -> str:
    child = os.fork()
    if child == 0:
        take(mebibytes)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exited {os.WEXITSTATUS(status)}"


def spin(milliseconds: int) -> str:
    """Keeps busy; the processor time that it got in this time, in milliseconds."""
    began, used = time.monotonic(), time.process_time()
    while (time.monotonic() - began) * 1000 < milliseconds:
        pass
    return f"{(time.process_time() - used) * 1000:.0f}"


def leave_behind(_: int) -> str:
    """A child of a child, in a session of its own."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(100)
        os._exit(0)
    os.wait()
    return "left"


def real_time(_: int) -> str:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        return "done"
    except OSError as error:
        return f"errno {error.errno}"


TOOLS = {function.__name__: function for function in (fork, take, take_in_a_child, spin, leave_behind, real_time)}


def result(message: dict) -> dict:
    if message["method"] == "initialize":
        return {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "greedy", "version": "1"}}
    if message["method"] == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}
    said = TOOLS[message["params"]["name"]](message["params"].get("arguments", {}).get("most", 0))
    return {"content": [{"type": "text", "text": said}], "isError": False}


signal.alarm(120)  # whatever becomes of the test
for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result(request)}), flush=True)
