package org.example.piimages.daemon.machine.record;

import java.util.List;
import java.util.OptionalInt;
import java.util.Properties;

/** The result of a machine as recorded by machine-ended: $EXIT_CODE and $EXIT_STATUS of systemd.exec(5). */
public final class MachineResult {

    /** The names of signals by number; signal(7), the numbers of x86 and ARM. */
    private static final List<String> SIGNALS = List.of("", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
            "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
            "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

    /** The signal that reports a new size of the terminal. */
    public static final int SIGWINCH = 28;
    /** The signal that continues a stopped process. */
    public static final int SIGCONT = 18;

    private MachineResult() {
    }

    /**
     * Returns the exit status that a shell would report, 128 plus the number for a signal. Empty if none was recorded, because systemd
     * itself was stopped with the machine, or for a real-time signal.
     */
    public static OptionalInt status(Properties result) {
        String code = result.getProperty("code", "");
        String status = result.getProperty("status", "");
        if (code.equals("exited") && status.matches("\\d{1,3}")) {
            return OptionalInt.of(Integer.parseInt(status));
        }
        int signal = SIGNALS.indexOf(status);
        return signal > 0 ? OptionalInt.of(128 + signal) : OptionalInt.empty();
    }
}
