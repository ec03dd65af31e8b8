"""How soon the programs answer."""
import pathlib

import piimages
from measure import Row, Shell, run, timed

FLOOR = 'java -Xshare:auto, printing a line'


class Starting(Row):
    def prepare(self):
        folder = piimages.WORK
        folder.mkdir(exist_ok=True)
        source = pathlib.Path(folder, 'Line.java')
        source.write_text('class Line { public static void main(String[] words) { System.out.println("a line"); } }\n')
        run('javac', '-d', folder, source)
        self.shell = Shell()
        self.floor = f'java -Xshare:auto -cp {folder} Line >/dev/null'

    def theirs(self):
        return timed(self.shell.type, self.floor)

    def clean(self):
        self.shell.close()


class CommandLine(Starting):
    number = '7a'
    what = 'piimagesctl list'
    against = FLOOR
    goal = 1.5
    bound = 8

    def ours(self):
        return timed(self.shell.type, 'piimagesctl list >/dev/null')


class CommandLineFloor(CommandLine):
    """A command line that makes no sense is told so without the bus."""

    number = '7b'
    what = 'the same'
    against = 'the floor: piimagesctl list --no-such-option, which ends when the command line is read'
    bound = 4

    def theirs(self):
        return timed(self.shell.type, 'piimagesctl list --no-such-option 2>/dev/null || true')


class Activation(Starting):
    number = '8'
    what = 'from a call that starts the daemon to its answer'
    against = FLOOR
    goal = 2
    bound = 15

    def prepare(self):
        super().prepare()
        self.client = piimages.Client()
        # However often it starts.
        drop_in = pathlib.Path('/run/systemd/system/piimagesd.service.d/bench.conf')
        drop_in.parent.mkdir(parents=True, exist_ok=True)
        drop_in.write_text('[Unit]\nStartLimitIntervalSec=0\n')
        run('systemctl', 'daemon-reload')

    def ours(self):
        run('systemctl', 'stop', 'piimagesd.service')
        return timed(self.client.objects)


ROWS = [CommandLine, CommandLineFloor, Activation]
