"""A meter that exists nowhere else, served by pymodbus, which encodes the values in its own way.

Between its registers are addresses that it does not have and refuses to read. Prints its port as a line of JSON.
"""

import asyncio
import json

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

HOLDING = [
    SimData(40, values=230.5, datatype=DataType.FLOAT32),
    SimData(42, values=-1500, datatype=DataType.INT32),
    # 44 to 49: nothing there.
    SimData(50, values=4998, datatype=DataType.UINT16),
    SimData(51, values=-32768, datatype=DataType.INT16),
    SimData(60, values="PM-7/3", datatype=DataType.STRING),
]
INPUT = [SimData(0, values=5_000_000_000, datatype=DataType.UINT64)]
COILS = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
DISCRETE = [SimData(0, values=[False, False, True] + [False] * 13, datatype=DataType.BITS)]


async def main():
    device = SimDevice(7, simdata=(COILS, DISCRETE, HOLDING, INPUT))
    server = ModbusTcpServer(device, address=("127.0.0.1", 0))
    await server.listen()
    print(json.dumps({"port": server.transport.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
