"""A test suite against the simulated hall, with Python's standard library alone.

    python3 simulator/examples/test_hall.py

It starts `hallsim` (the program named by the environment variable HALLSIM, else the one on the path) with time at a
standstill, moves time itself, and never sleeps: what has been answered when a request returns has happened. What is
true comes from the control API, what a gateway would read from the registers, over a few lines of Modbus TCP.
"""

import json
import os
import socket
import struct
import subprocess
import unittest
import urllib.error
import urllib.request


class Hall:
    """The simulated hall, by its control API."""

    def __init__(self):
        program = os.environ.get("HALLSIM", "hallsim")
        arguments = [program, "--speed", "0", "--seed", "1", "--control", "127.0.0.1:0"]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        # Ready, it prints one line of JSON with its addresses.
        ready = json.loads(self.process.stdout.readline())
        self.control = f"http://{ready['control']}"
        self.lines = ready["lines"]

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.control + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def advance_until(self, condition, max_s):
        """Lets time pass until something holds; fails if it does not within `max_s` seconds of the hall's time."""
        answer = self.ask("POST", "/clock/advance", {"until": condition, "max_s": max_s})
        assert answer["met"], f"{condition} did not come within {max_s} s"
        return answer["elapsed_s"]

    def truth(self, kind, name):
        return next(one for one in self.ask("GET", "/truth")[kind] if one["id"] == name)

    def holding_registers(self, line, unit, address, count):
        """Function 3 of Modbus TCP."""
        host, port = self.lines[line].rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=60) as stream:
            stream.sendall(struct.pack(">HHHBBHH", 1, 0, 6, unit, 3, address, count))
            answer = stream.makefile("rb")
            _, _, length, _, function, _ = struct.unpack(">HHHBBB", answer.read(9))
            data = answer.read(length - 3)
        assert function == 3, f"exception {data[:1].hex()}"
        return struct.unpack(f">{count}H", data)


class MainsFailure(unittest.TestCase):
    # UPS A is an APC Smart-UPS: its state is a field of bits in registers 0 and 1, the battery's charge, in 1/512 %, in
    # register 130 (device-profiles/profiles).
    ON_BATTERY = 1 << 2

    @classmethod
    def setUpClass(cls):
        cls.hall = Hall()

    @classmethod
    def tearDownClass(cls):
        cls.hall.close()

    def setUp(self):
        self.hall.ask("POST", "/reset")

    def is_on_battery(self):
        high, low = self.hall.holding_registers("ups-a", 1, 0, 2)
        return bool((high << 16 | low) & self.ON_BATTERY)

    def charge(self):
        return self.hall.holding_registers("ups-a", 1, 130, 1)[0] / 512

    def test_the_batteries_carry_the_racks_until_the_generator_does(self):
        self.assertFalse(self.is_on_battery())
        self.hall.ask("POST", "/scenarios/mains-failure")
        self.hall.advance_until({"truth": "upses.ups-a.mode", "is": "on-battery"}, 5)
        self.assertTrue(self.is_on_battery())
        carried_s = self.hall.advance_until({"truth": "upses.ups-a.mode", "is": "online"}, 60)
        self.assertFalse(self.is_on_battery())
        self.assertLess(carried_s, 30)
        self.assertEqual(self.hall.truth("transfer_switches", "ats-1")["position"], "2")
        self.assertEqual(self.hall.truth("generators", "gen-1")["engine"], "running")

    def test_without_the_generator_they_drain(self):
        self.hall.ask("POST", "/scenarios/mains-failure-generator-fails")
        self.hall.advance_until({"truth": "upses.ups-a.charge", "below": 0.5}, 3600)
        self.assertTrue(self.is_on_battery())
        self.assertAlmostEqual(self.charge(), self.hall.truth("upses", "ups-a")["charge"] * 100, delta=1)
        codes = [event["code"] for event in self.hall.ask("GET", "/events")["events"]]
        self.assertIn("generator.fault", codes)

    def test_a_silent_device_answers_nobody_and_physics_goes_on(self):
        self.hall.ask("POST", "/faults", {"device": "ups-a", "kind": "refuse"})
        self.hall.ask("POST", "/actions", {"do": "mains-off"})
        self.hall.ask("POST", "/clock/advance", {"seconds": 2})
        with self.assertRaises((OSError, struct.error)):
            self.is_on_battery()
        self.assertEqual(self.hall.truth("upses", "ups-a")["mode"], "on-battery")

    def test_what_cannot_be_is_refused_in_a_sentence(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.hall.ask("PUT", "/overrides/ups-a/ups.status", {"value": "tired"})
        with refused.exception as answer:
            self.assertEqual(answer.code, 422)
            self.assertIn("it takes one of", json.load(answer)["detail"])


if __name__ == "__main__":
    unittest.main()
