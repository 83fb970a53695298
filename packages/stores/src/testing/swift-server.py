"""One of OpenStack Swift's servers, in the foreground, with all that it reads in one directory.

    swift-server.py DIR rings ACCOUNT_PORT CONTAINER_PORT OBJECT_PORT
    swift-server.py DIR account|container|object|proxy

Debian's own programs read /etc/swift, and their packages bring services with them: the library alone does neither.
"""

import sys

from swift.common import utils

directory, what = sys.argv[1:3]
utils.SWIFT_CONF_FILE = directory + "/swift.conf"


def rings():
    from swift.common.ring import RingBuilder

    for name, port in zip(("account", "container", "object"), sys.argv[3:]):
        builder = RingBuilder(1, 1, 0)
        device = {"region": 1, "zone": 1, "weight": 1, "device": "disk", "meta": ""}
        place = {"ip": "127.0.0.1", "port": int(port)}
        replication = {"replication_ip": "127.0.0.1", "replication_port": int(port)}
        builder.add_dev({**device, **place, **replication})
        builder.rebalance()
        builder.get_ring().save(f"{directory}/{name}.ring.gz")


if what == "rings":
    rings()
else:
    from swift.common.wsgi import run_wsgi

    sys.exit(run_wsgi(f"{directory}/{what}.conf", f"{what}-server"))
