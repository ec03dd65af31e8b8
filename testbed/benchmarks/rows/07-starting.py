"""Startup times of the programs."""
import pathlib

import piimages
from measure import Row, Shell, run, timed

FLOOR = 'java -Xshare:auto, printing a line'


class Starting(Row):
    def prepare(self):
        self.shell = Shell()
        self.java = piimages.java_line()

    def theirs(self):
        return timed(self.shell.type, f'{self.java} >/dev/null')

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
    """An invalid command line is rejected without the bus: what remains is starting Java and parsing the options of one command."""

    number = '7b'
    what = 'the floor: piimagesctl list --no-such-option, which exits after parsing the command line'
    floor = True

    def ours(self):
        return timed(self.shell.type, 'piimagesctl list --no-such-option 2>/dev/null || true')


class Activation(Starting):
    number = '8a'
    what = 'a call that starts the daemon, until its reply'
    against = FLOOR
    goal = 2
    bound = 15

    def prepare(self):
        super().prepare()
        self.client = piimages.Client()
        self.configure()

    @staticmethod
    def configure(service=''):
        """Removes the limit on how often the daemon may start."""
        drop_in = pathlib.Path('/run/systemd/system/piimagesd.service.d/bench.conf')
        drop_in.parent.mkdir(parents=True, exist_ok=True)
        drop_in.write_text(f'[Unit]\nStartLimitIntervalSec=0\n[Service]\n{service}')
        run('systemctl', 'daemon-reload')

    def ours(self):
        run('systemctl', 'stop', 'piimagesd.service')
        return timed(self.client.objects)


class ActivationFloor(Activation):
    """The daemon's unit with another program, which connects by the same library, owns the name and gives an empty answer to every call."""

    number = '8b'
    what = 'the floor: the same for a Java service that connects, owns the name and returns an empty reply'
    floor = True

    SOURCE = pathlib.Path(__file__).parent.parent / 'EmptyService.java'

    def prepare(self):
        super().prepare()
        run('systemctl', 'stop', 'piimagesd.service')
        library = ':'.join(str(jar) for jar in sorted(pathlib.Path('/usr/share/piimages/lib').glob('*.jar')))
        run('javac', '-cp', library, '-d', piimages.WORK / 'empty', self.SOURCE)
        run('jar', '--create', '--file', piimages.WORK / 'empty.jar', '-C', piimages.WORK / 'empty', '.')
        java = ['/usr/bin/java', '@/usr/share/piimages/piimagesd.options', '--add-exports=java.base/sun.nio.ch=ALL-UNNAMED',
                '-cp', f'{library}:{piimages.WORK}/empty.jar']
        run(*java, f'-XX:ArchiveClassesAtExit={piimages.WORK}/empty.jsa', 'EmptyService', 'once')
        self.configure(f'ExecStart=\nExecStart={" ".join(java)} -XX:SharedArchiveFile={piimages.WORK}/empty.jsa EmptyService\nWatchdogSec=0\n')

    def clean(self):
        super().clean()
        self.configure()
        run('systemctl', 'restart', 'piimagesd.service')


ROWS = [CommandLine, CommandLineFloor, Activation, ActivationFloor]
