"""OpenStack Swift in the foreground: four servers, with all that they read and write in one directory.

    swift-server.py DIR ACCOUNT_PORT CONTAINER_PORT OBJECT_PORT

Debian's own programs read /etc/swift, and their packages bring services with them: the library alone does neither.
The servers are forks of one process, as most of a start is Python's reading of modules; they end with it.
"""

import ctypes
import os
import signal
import sys

import swift.account.server
import swift.container.server
import swift.obj.server
import swift.proxy.server
from swift.common import utils
from swift.common.ring import RingBuilder
from swift.common.wsgi import run_wsgi

PR_SET_PDEATHSIG = 1

directory, *ports = sys.argv[1:]
utils.SWIFT_CONF_FILE = directory + "/swift.conf"
# Nothing here outlives the test: nothing has to be on a disk.
os.fsync = os.fdatasync = lambda _: None


def write_ring(name, port):
    builder = RingBuilder(1, 1, 0)
    device = {"region": 1, "zone": 1, "weight": 1, "device": "disk", "meta": ""}
    place = {"ip": "127.0.0.1", "port": int(port)}
    replication = {"replication_ip": "127.0.0.1", "replication_port": int(port)}
    builder.add_dev({**device, **place, **replication})
    builder.rebalance()
    builder.get_ring().save(f"{directory}/{name}.ring.gz")


def start(kind, parent):
    if os.fork() != 0:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    os._exit(run_wsgi(f"{directory}/{kind}.conf", f"{kind}-server") or 0)


for name, port in zip(("account", "container", "object"), ports):
    write_ring(name, port)
for kind in ("account", "container", "object", "proxy"):
    start(kind, os.getpid())
# One that ends by itself ends them all.
os.wait()
sys.exit(1)
