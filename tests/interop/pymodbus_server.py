"""A meter that exists nowhere else, served by pymodbus, which encodes the values in its own way.

    pymodbus_server.py tcp | rtu-over-tcp | serial | tls CERTIFICATE KEY AUTHORITY

Between its registers are addresses that it does not have and refuses to read. Other units than 7 are not there: on a
serial line nobody answers for them. With TLS it serves those alone whom the authority knows.

Its first line of output is JSON: the `port`, or on a serial line the `path`. Each request that it hears is a line after it.
"""

import asyncio
import fcntl
import json
import os
import ssl
import struct
import sys
import tty

from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer, ModbusTlsServer
from pymodbus.simulator import DataType, SimData, SimDevice

UNIT = 7
HOLDING = [
    SimData(40, values=230.5, datatype=DataType.FLOAT32),
    SimData(42, values=-1500, datatype=DataType.INT32),
    # 44 to 49: nothing there.
    SimData(50, values=4998, datatype=DataType.UINT16),
    SimData(51, values=-32768, datatype=DataType.INT16),
    SimData(60, values="PM-7/3", datatype=DataType.STRING),
    SimData(70, values=-5, datatype=DataType.INT16),
    SimData(72, values=100, datatype=DataType.INT32),
]
INPUT = [SimData(0, values=5_000_000_000, datatype=DataType.UINT64)]
COILS = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
DISCRETE = [SimData(0, values=[False, False, True] + [False] * 13, datatype=DataType.BITS)]

# Linux's ioctl for the settings of a terminal with its speeds in baud, which `termios` does not always tell.
TCGETS2 = 0x802C542A

ANY_PORT = ("127.0.0.1", 0)


def own_answers_only(sending, frame):
    """pymodbus refuses for units that it does not have; on a serial line there is nobody to do so."""
    return b"" if sending and frame[0] != UNIT else frame


def heard(sending, pdu):
    if not sending:
        print(pdu, flush=True)
    return pdu


def speeds(terminal):
    return struct.unpack("4IB19s2I", fcntl.ioctl(terminal, TCGETS2, bytes(44)))[-2:]


def cable():
    """Two pseudo terminals, joined; what is said at another speed than 19200 baud is lost, as on a wire."""
    (near, near_end), (far, far_end) = os.openpty(), os.openpty()

    def carry(source, end, sink):
        said = os.read(source, 256)
        if speeds(end) == (19200, 19200):
            os.write(sink, said)

    for end in near_end, far_end:
        tty.setraw(end)
    loop = asyncio.get_running_loop()
    loop.add_reader(near, carry, near, near_end, far)
    loop.add_reader(far, carry, far, far_end, near)
    return os.ttyname(near_end), os.ttyname(far_end)


async def serve(device, line, certificate=None, key=None, authority=None):
    """Serves `device` on a `line` of that kind; returns where."""
    if line == "serial":
        near, far = cable()
        server = ModbusSerialServer(
            device, port=far, baudrate=19200, trace_packet=own_answers_only, trace_pdu=heard
        )
        await server.listen()
        return {"path": near}
    if line == "tls":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
        context.load_cert_chain(certificate, key)
        context.verify_mode = ssl.CERT_REQUIRED
        server = ModbusTlsServer(device, address=ANY_PORT, sslctx=context, trace_pdu=heard)
    else:
        framer = {"tcp": FramerType.SOCKET, "rtu-over-tcp": FramerType.RTU}[line]
        server = ModbusTcpServer(device, address=ANY_PORT, framer=framer, trace_pdu=heard)
    await server.listen()
    return {"port": server.transport.sockets[0].getsockname()[1]}


async def main():
    device = SimDevice(UNIT, simdata=(COILS, DISCRETE, HOLDING, INPUT))
    print(json.dumps(await serve(device, *sys.argv[1:])), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
