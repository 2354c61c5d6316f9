"""Reads holding registers of unit 1 over Modbus TCP: pymodbus_client.py HOST:PORT ADDRESS COUNT. Prints them."""

import sys

from pymodbus.client import ModbusTcpClient

address, first, count = sys.argv[1:]
host, port = address.rsplit(":", 1)
with ModbusTcpClient(host, port=int(port)) as client:
    answer = client.read_holding_registers(int(first), count=int(count), device_id=1)
    if answer.isError():
        sys.exit(str(answer))
    print(*answer.registers)
