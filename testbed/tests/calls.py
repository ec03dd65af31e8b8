"""Calls PiImages over a connection to the bus that the caller opens, with a time limit; for programs that work with images."""
import time

import dbus
import dbus.bus
import dbus.lowlevel

SERVICE = 'org.example.PiImages'
ROOT = '/org/example/PiImages'
LIMIT = 60


class Late(Exception):
    """A call was not answered in time."""


def connect():
    return dbus.bus.BusConnection('unix:path=/run/dbus/system_bus_socket')


def call(bus, path, interface, method, signature, *arguments):
    """Returns the answer's values. Raises DBusException for an error, and Late after a minute."""
    message = dbus.lowlevel.MethodCallMessage(SERVICE, path, f'{SERVICE}.{interface}', method)
    message.append(*arguments, signature=signature)
    started = time.monotonic()
    try:
        return bus.send_message_with_reply_and_block(message, LIMIT).get_args_list()
    except dbus.DBusException as error:
        if time.monotonic() - started >= LIMIT - 1:
            raise Late from error
        raise


def options(**values):
    return dbus.Dictionary(values, signature='sv')


def mount(bus, image):
    """Mounts the image; returns its object path."""
    return call(bus, ROOT, 'Manager', 'MountImage', 'sa{sv}', image, options())[0]


def unmount(bus, image, **how):
    path = call(bus, ROOT, 'Manager', 'GetImage', 's', image)[0]
    call(bus, path, 'Image', 'Unmount', 'a{sv}', options(**how))


def run(bus, image, *command):
    """Runs a command in the image; returns its exit status."""
    return int(call(bus, ROOT, 'Manager', 'RunImage', 'sasa{sv}', image, dbus.Array(command, signature='s'), options())[0])


def grow(bus, image, size):
    job = call(bus, ROOT, 'Manager', 'GrowImage', 'sta{sv}', image, dbus.UInt64(size), options(relative=True))[0]
    call(bus, job, 'Job', 'Wait', '')


def name_of(error):
    """The last part of an error's name."""
    return error.get_dbus_name().rpartition('.')[2]
