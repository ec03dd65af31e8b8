"""Defines rows of the benchmark, runs their pairs, and summarizes the figures."""
import statistics
import subprocess
import sys
import time


class Row:
    """Compares two ways to the same result. Each side returns seconds, so that it times only what is to be measured."""

    number = ''         # as in docs/performance.md
    what = ''
    against = ''
    goal = None         # the maximum ratio of our time to theirs
    bound = None        # the ratio beyond which a row counts as broken; twice the goal if None
    most_pairs = 1000   # fewer if a pair takes long
    twin = False        # takes minutes and is similar to another row: omitted in a short run
    floor = False       # "ours" is the theoretical minimum: shows whether the goal can be reached on this machine at all
    warm_up = 1         # pairs that do not count
    unit = 'ms'

    def __init__(self, scale):
        """The scale is 1, or less for a short run."""
        self.scale = scale

    def prepare(self):
        pass

    def ours(self):
        raise NotImplementedError

    def theirs(self):
        raise NotImplementedError

    def clean(self):
        """Always called, also after a failure; undoes what prepare began."""

    def measure(self, pairs):
        """The figures of this row, for JSON."""
        # If a full run needs only a few pairs, a short one needs only one.
        short = self.scale < 1 and self.most_pairs <= 10
        ours, theirs = self.run_pairs(1 if short else min(pairs, self.most_pairs))
        ratios = [a / b for a, b in zip(ours, theirs)]
        return {'pairs': len(ratios), 'unit': self.unit, 'goal': self.goal, 'floor': self.floor,
                'ours': spread(ours), 'theirs': spread(theirs), 'ratio': spread(ratios), 'met': statistics.median(ratios) <= self.goal,
                'broken': statistics.median(ratios) > (self.bound or 2 * self.goal)}

    def run_pairs(self, pairs):
        ours, theirs = [], []
        for turn in range(-self.warm_up, pairs):
            # The order alternates, so that neither side always profits from caches that the other has warmed.
            sides = [(self.ours, ours), (self.theirs, theirs)]
            for side, figures in sides if turn % 2 else reversed(sides):
                seconds = side()
                if turn >= 0:
                    figures.append(seconds)
        return ours, theirs


class Amount(Row):
    """A figure of PiImages alone, with a limit; the figure of the other tools is shown beside it."""

    def amount(self):
        """Returns the figure, and a note."""
        raise NotImplementedError

    def measure(self, pairs):
        value, note = self.amount()
        return {'unit': self.unit, 'limit': self.goal, 'value': value, 'note': note, 'met': value <= self.goal,
                'broken': value > (self.bound or 2 * self.goal)}


def spread(figures):
    """Median and quartiles."""
    if len(figures) < 2:
        return dict.fromkeys(('median', 'low', 'high'), figures[0])
    low, median, high = statistics.quantiles(figures, n=4, method='inclusive')
    return {'median': median, 'low': low, 'high': high}


def timed(work, *arguments):
    """Calls a function and returns the seconds that it took."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def run(*command, **options):
    """Runs a command, which must succeed, and returns its output."""
    options.setdefault('stdin', subprocess.DEVNULL)
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          **options)
    if done.returncode:
        raise RuntimeError(f'{command}: status {done.returncode}: {done.stderr[-2000:]}{done.stdout[-2000:]}')
    return done.stdout


def wait_until(condition, seconds=30):
    """Polls for a condition that no event announces."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f'{condition} is not true after {seconds} s')
        time.sleep(0.005)


def say(text):
    """Prints to standard error, since standard output is for the figures."""
    print(text, file=sys.stderr, flush=True)


class Shell:
    """Simulates an interactive shell: it is already running, and starts its commands one by one."""

    def __init__(self):
        self.process = subprocess.Popen(['bash'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def type(self, *lines):
        """Runs the lines, up to the first one that fails, and returns their output."""
        self.process.stdin.write('{ ' + ' && '.join(lines) + '; } </dev/null; echo "status $?"\n')
        output = []
        while not (line := self.process.stdout.readline()).startswith('status '):
            if not line:
                raise RuntimeError('the shell has exited')
            output.append(line.rstrip('\n'))
        if line != 'status 0\n':
            raise RuntimeError(f'{lines}: {line}')
        return output

    def close(self):
        self.process.stdin.close()
        self.process.wait()
