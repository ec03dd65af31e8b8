"""The operations of PiImages that the fault tests call: each verb with its preparation and its cleanup."""
import os
import pwd
import subprocess
import time
from multiprocessing import Pipe

import dbus
import dbus.lowlevel

SERVICE = 'org.example.PiImages'
ROOT = '/org/example/PiImages'
SERVICE_ERROR = f'{SERVICE}.Error.'
LIMIT = 40  # seconds that a call may take in these tests; normally it takes less than two


class Hang(Exception):
    """A call was not answered."""


class Refused(Exception):
    """A call was answered with an error."""

    def __init__(self, name, text):
        super().__init__(f'{name}: {text}')
        self.name = name.removeprefix(SERVICE_ERROR)
        self.text = text


def call(bus, path, interface, method, signature, *arguments):
    message = dbus.lowlevel.MethodCallMessage(SERVICE, path, interface, method)
    message.append(*arguments, signature=signature)
    started = time.monotonic()
    try:
        return bus.send_message_with_reply_and_block(message, LIMIT).get_args_list()
    except dbus.DBusException as error:
        if time.monotonic() - started > LIMIT - 1:
            raise Hang(f'{method} was not answered within {LIMIT} s') from error
        raise Refused(error.get_dbus_name(), error.get_dbus_message()) from error


class Caller:
    """A process that runs as the user, in the user's session, connected to the bus; forked from this process, which runs as root."""

    def __init__(self, user):
        self.pipe, theirs = Pipe()
        if os.fork() == 0:
            # Otherwise the child, which inherited this end, would see no end of file when the parent closes it, and would not exit.
            self.pipe.close()
            self.become(user)
            self.serve(theirs)
        theirs.close()

    @staticmethod
    def become(user):
        # The session was opened by testbed/inside/session.
        with open(f'/run/testbed/{user}-active', encoding='utf-8') as session:
            cgroup = session.read().strip()
        with open(f'{cgroup}/cgroup.procs', 'w', encoding='utf-8') as processes:
            processes.write(str(os.getpid()))
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setresgid(*[entry.pw_gid] * 3)
        os.setresuid(*[entry.pw_uid] * 3)

    @staticmethod
    def serve(pipe):
        bus = dbus.bus.BusConnection('unix:path=/run/dbus/system_bus_socket')
        while True:
            try:
                request = pipe.recv()
            except EOFError:
                os._exit(0)
            try:
                pipe.send((call(bus, *request), None))
            except (Hang, Refused) as error:
                pipe.send((None, error if isinstance(error, Hang) else (error.name, error.text)))

    def ask(self, path, interface, method, signature, *arguments):
        self.pipe.send((path, f'{SERVICE}.{interface}', method, signature, *arguments))

    def answer(self):
        values, error = self.pipe.recv()
        if isinstance(error, Hang):
            raise error
        if error:
            raise Refused(*error)
        return values

    def call(self, *request):
        self.ask(*request)
        return self.answer()


def plain(values):
    """The first value of an answer, an object path, as a plain string; None if the answer has no values."""
    return str(values[0]) if values else None


class Verb:
    """One verb on one image. begin() sends the call in which faults occur, end() receives its answer."""

    slow = False

    def __init__(self, caller, image):
        self.caller = caller
        self.image = image

    def prepare(self):
        """Prepares the state that the call requires."""

    def begin(self):
        raise NotImplementedError

    def end(self):
        self.caller.answer()

    def settle(self):
        """Undoes what the call did, if it did anything, only by calling the product."""

    def find(self):
        try:
            return plain(self.caller.call(ROOT, 'Manager', 'GetImage', 's', self.image))
        except Refused as refused:
            if refused.name != 'NotMounted':
                raise
            return None


class Mount(Verb):
    def begin(self):
        self.caller.ask(ROOT, 'Manager', 'MountImage', 'sa{sv}', self.image, {})

    def settle(self):
        found = self.find()
        if found:
            self.caller.call(found, 'Image', 'Unmount', 'a{sv}', {})


class Unmount(Mount):
    def prepare(self):
        self.object = plain(self.caller.call(ROOT, 'Manager', 'MountImage', 'sa{sv}', self.image, {}))

    def begin(self):
        self.caller.ask(self.object, 'Image', 'Unmount', 'a{sv}', {})


class Run(Verb):
    """A command that exits by itself, whether or not the daemon is running."""

    def begin(self):
        self.caller.ask(ROOT, 'Manager', 'RunImage', 'sasa{sv}', self.image, ['true'], {'name': 'victim'})


class Boot(Verb):
    slow = True

    def begin(self):
        self.caller.ask(ROOT, 'Manager', 'BootImage', 'sa{sv}', self.image, {'name': 'victim'})

    def settle(self):
        for machine in self.caller.call(ROOT, 'Manager', 'ListMachines', '')[0]:
            if str(machine[1]) == f'{ROOT}/machine/victim':
                self.caller.call(f'{ROOT}/machine/victim', 'Machine', 'Terminate', '')


class Terminate(Boot):
    def prepare(self):
        super().begin()
        self.end()

    def begin(self):
        self.caller.ask(f'{ROOT}/machine/victim', 'Machine', 'Terminate', '')


class Register(Verb):
    """Registers an emulator for a CPU for which no other one is registered."""

    def begin(self):
        self.caller.ask(ROOT, 'Manager', 'RegisterInterpreter', 's', 'aarch64')

    def settle(self):
        try:
            self.caller.call(ROOT, 'Manager', 'UnregisterInterpreter', 's', 'aarch64')
        except Refused as refused:
            if refused.name != 'NotFound':
                raise


class Unregister(Register):
    def prepare(self):
        super().begin()
        self.end()

    def begin(self):
        self.caller.ask(ROOT, 'Manager', 'UnregisterInterpreter', 's', 'aarch64')


class JobVerb(Verb):
    """A verb that starts a job; end() waits for the job, which reports the outcome. settle() restores the image or removes the new one."""

    method = None
    signature = 'sa{sv}'

    def __init__(self, caller, image):
        super().__init__(caller, image)
        self.original = f'{image}.original'

    def arguments(self):
        return [self.image, {}]

    def begin(self):
        self.caller.ask(ROOT, 'Manager', self.method, self.signature, *self.arguments())

    def end(self):
        job = plain(self.caller.answer())
        self.caller.call(job, 'Job', 'Wait', '')


def copy(image, target):
    subprocess.run(['cp', '--sparse=always', '--preserve=ownership', image, target], check=True)


class Resize(JobVerb):
    """After a fault, the image has its old or its new content; this has been checked before settle() restores the old one."""

    def prepare(self):
        if not os.path.exists(self.original):
            self.make_original()
            copy(self.image, self.original)

    def settle(self):
        copy(self.original, f'{self.image}.new')
        os.rename(f'{self.image}.new', self.image)

    def make_original(self):
        pass


class Grow(Resize):
    method = 'GrowImage'
    signature = 'sta{sv}'

    def arguments(self):
        return [self.image, 64 << 20, {}]


class Shrink(Resize):
    method = 'ShrinkImage'

    def make_original(self):
        job = self.caller.call(ROOT, 'Manager', 'GrowImage', 'sta{sv}', self.image, 100 << 20, {})
        self.caller.call(plain(job), 'Job', 'Wait', '')

    def arguments(self):
        return [self.image, {'margin': dbus.UInt64(1 << 20, variant_level=1)}]


class Copy(JobVerb):
    method = 'CopyImage'
    signature = 'ssa{sv}'
    suffix = '.copy'

    def arguments(self):
        return [self.image, self.image + self.suffix, {}]

    def settle(self):
        if os.path.exists(self.image + self.suffix):
            os.remove(self.image + self.suffix)


class Pack(Copy):
    method = 'PackImage'
    suffix = '.zst'


class Publish(Pack):
    """Also writes the metadata files beside the packed image; if the packed image exists, they must exist as well."""

    def arguments(self):
        return [self.image, self.image + self.suffix, {'metadata': dbus.Boolean(True, variant_level=1)}]

    def settle(self):
        packed = os.path.exists(self.image + self.suffix)
        super().settle()
        for suffix in '.zst.sha256', '.bmap', '.rpi-imager-manifest':
            if os.path.exists(self.image + suffix):
                os.remove(self.image + suffix)
            elif packed:
                raise Refused('incomplete', f'{self.image}{suffix} is missing')


VERBS = {verb.__name__.lower(): verb
         for verb in (Mount, Unmount, Run, Boot, Terminate, Register, Unregister, Grow, Shrink, Copy, Pack, Publish)}
