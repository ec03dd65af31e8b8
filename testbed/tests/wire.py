"""The D-Bus wire protocol, for test programs that send messages, well-formed or not, that no library can send.

See the D-Bus specification, "Marshaling" and "Message Protocol"; little-endian. Values have the corresponding Python types; a variant is a
pair of signature and value; a file descriptor is its index among the descriptors that are passed with the message.
"""
import os
import socket
import struct

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE, UNIX_FDS = range(1, 10)
NO_REPLY, INTERACTIVE = 1, 4
FIXED = {'y': 'B', 'b': 'I', 'n': 'h', 'q': 'H', 'i': 'i', 'u': 'I', 'x': 'q', 't': 'Q', 'd': 'd', 'h': 'I'}
FIELD_TYPES = {PATH: 'o', INTERFACE: 's', MEMBER: 's', ERROR_NAME: 's', REPLY_SERIAL: 'u', DESTINATION: 's', SENDER: 's',
               SIGNATURE: 'g', UNIX_FDS: 'u'}
BUS = ('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus')


def alignment(code):
    return {'s': 4, 'o': 4, 'a': 4, 'g': 1, 'v': 1, '(': 8, '{': 8}.get(code) or struct.calcsize(FIXED[code])


def split(signature):
    """Splits a signature into its complete types."""
    types, at = [], 0
    while at < len(signature):
        start = at
        while signature[at] == 'a':
            at += 1
        depth = 0
        while True:
            depth += {'(': 1, '{': 1, ')': -1, '}': -1}.get(signature[at], 0)
            at += 1
            if not depth:
                break
        types.append(signature[start:at])
    return types


class Writer:
    def __init__(self):
        self.bytes = bytearray()

    def align(self, boundary):
        self.bytes += bytes(-len(self.bytes) % boundary)

    def put(self, kind, value):
        code = kind[0]
        self.align(alignment(code))
        if code in FIXED:
            self.bytes += struct.pack('<' + FIXED[code], value)
        elif code in 'so':
            text = value.encode('utf-8', 'surrogateescape')
            self.bytes += struct.pack('<I', len(text)) + text + b'\0'
        elif code == 'g':
            self.bytes += bytes([len(value)]) + value.encode() + b'\0'
        elif code == 'v':
            self.put('g', value[0])
            self.put(value[0], value[1])
        elif code == 'a':
            self.put_array(kind[1:], value)
        else:
            for part, item in zip(split(kind[1:-1]), value):
                self.put(part, item)

    def put_array(self, kind, values):
        at = len(self.bytes)
        self.bytes += bytes(4)
        self.align(alignment(kind[0]))
        start = len(self.bytes)
        for value in values.items() if isinstance(values, dict) else values:
            self.put(kind, value)
        struct.pack_into('<I', self.bytes, at, len(self.bytes) - start)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def align(self, boundary):
        self.at += -self.at % boundary

    def get(self, kind):
        code = kind[0]
        self.align(alignment(code))
        if code in FIXED:
            value, = struct.unpack_from('<' + FIXED[code], self.data, self.at)
            self.at += struct.calcsize(FIXED[code])
            return value
        if code in 'sog':
            length = self.data[self.at] if code == 'g' else self.get('u')
            self.at += (code == 'g') + length + 1
            return self.data[self.at - length - 1:self.at - 1].decode('utf-8', 'replace')
        if code == 'v':
            return self.get(self.get('g'))
        if code == 'a':
            length = self.get('u')
            self.align(alignment(kind[1]))
            end, values = self.at + length, []
            while self.at < end:
                values.append(self.get(kind[1:]))
            return values
        return [self.get(part) for part in split(kind[1:-1])]


def message(kind, serial, fields, signature='', values=(), flags=0, body=None):
    """The bytes of a message. If a body is passed, it is used unchanged."""
    if body is None:
        writer = Writer()
        for part, value in zip(split(signature), values):
            writer.put(part, value)
        body = bytes(writer.bytes)
    if signature:
        fields = {**fields, SIGNATURE: signature}
    header = Writer()
    header.bytes += struct.pack('<cBBBII', b'l', kind, flags, 1, len(body), serial)
    header.put('a(yv)', [(code, (FIELD_TYPES[code], value)) for code, value in fields.items()])
    header.align(8)
    return bytes(header.bytes) + body


class Connection:
    """A connection to the system bus, as the user who runs the program."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect('/run/dbus/system_bus_socket')
        self.socket.sendall(b'\0AUTH EXTERNAL ' + str(os.getuid()).encode().hex().encode() + b'\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n')
        self.data, self.serial = b'', 0
        while self.data.count(b'\r\n') < 2:
            self.data += self.socket.recv(1)
        self.data = b''
        self.name = self.call(*BUS, 'Hello')[0]

    def send(self, destination, path, interface, member, signature='', values=(), flags=0, body=None, fds=()):
        """Sends a call; returns its serial."""
        self.serial += 1
        fields = {PATH: path, DESTINATION: destination, MEMBER: member}
        if interface:
            fields[INTERFACE] = interface
        if fds:
            fields[UNIX_FDS] = len(fds)
        self.write(message(CALL, self.serial, fields, signature, values, flags, body), fds)
        return self.serial

    def write(self, data, fds=()):
        sent = socket.send_fds(self.socket, [data], list(fds)) if fds else 0
        self.socket.sendall(data[sent:])

    def reply(self, call, signature='', values=(), error=None):
        self.serial += 1
        fields = {DESTINATION: call['fields'][SENDER], REPLY_SERIAL: call['serial']}
        if error:
            fields[ERROR_NAME] = error
        self.write(message(ERROR if error else RETURN, self.serial, fields, signature, values))

    def receive(self):
        """Receives the next message: type, serial, fields, signature and body."""
        fixed = self.take(16)
        order = '<' if fixed[:1] == b'l' else '>'
        assert order == '<', 'a big-endian answer'
        _, kind, _, _, length, serial, size = struct.unpack('<cBBBIII', fixed)
        header = fixed + self.take(size + -size % 8)
        reader = Reader(header)
        reader.at = 12
        fields = dict(reader.get('a(yv)'))
        return {'type': kind, 'serial': serial, 'fields': fields, 'body': self.take(length)}

    def take(self, length):
        while len(self.data) < length:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError('the bus closed the connection')
            self.data += more
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def call(self, *arguments, **options):
        """Calls and waits; returns the values, or raises an exception with the error's name and text."""
        serial = self.send(*arguments, **options)
        while True:
            answer = self.receive()
            if answer['fields'].get(REPLY_SERIAL) == serial:
                if answer['type'] == ERROR:
                    raise RuntimeError(f"{answer['fields'][ERROR_NAME]}: {values(answer)}")
                return values(answer)


def values(received):
    reader = Reader(received['body'])
    return [reader.get(kind) for kind in split(received['fields'].get(SIGNATURE, ''))]
