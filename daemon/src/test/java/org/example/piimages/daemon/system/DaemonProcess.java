package org.example.piimages.daemon.system;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.Main;

/** The daemon as it is installed: a process of its own, with a directory in place of /run/piimages. */
final class DaemonProcess implements Closeable {

    private static final int LIMIT_SECONDS = 20;

    private final Process process;
    private final Path log;

    private DaemonProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it and waits until it owns its name. */
    static DaemonProcess start(TestDirectory directory, String address, BusClient observer) throws Exception {
        try (EventLog owners = observer.listen("org.freedesktop.DBus", null, "org.freedesktop.DBus", "NameOwnerChanged")) {
            DaemonProcess daemon = launch(directory, address);
            daemon.process.onExit().thenRun(() -> owners.add(new Object[] {"exited"}));
            Object[] event = owners.await(e -> e[0].equals("exited") || e[0].equals(Names.SERVICE) && !e[2].equals(""));
            if (event[0].equals("exited")) {
                throw new IOException("the daemon ended at its start: " + daemon.log());
            }
            return daemon;
        }
    }

    /** Starts it without waiting. The options are those of the installed one, except for the place of native code. */
    static DaemonProcess launch(TestDirectory directory, String address) throws IOException {
        Path log = Files.createTempFile(directory.path(), "daemon-", ".log");
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        List<String> command = List.of("setpriv", "--pdeathsig=KILL", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED", "-Djava.io.tmpdir=" + temporary,
                "-Dpiimages.run=" + directory.resolve("run"), "-cp", System.getProperty("java.class.path"), Main.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("DBUS_SYSTEM_BUS_ADDRESS", address);
        builder.environment().put("LC_ALL", "C.UTF-8");
        return new DaemonProcess(builder.start(), log);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** What it wrote for the journal. */
    String log() throws IOException {
        return Files.readString(log);
    }

    /** How many file descriptors it has open. */
    int descriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc", String.valueOf(process.pid()), "fd"))) {
            return (int) all.count();
        }
    }

    /**
     * Waits until it has no more file descriptors open than it may. Java looks at its control group's files now and then, so a count at one
     * instant proves nothing; one that stays up does.
     */
    void requireDescriptors(int most) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (descriptors() > most) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("descriptors: " + most + " allowed, " + descriptors() + " open");
            }
            Thread.onSpinWait();
        }
    }

    /** SIGKILL, and wait until it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** The exit status of a daemon that ends by itself. */
    int awaitExit() throws Exception {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the daemon runs on: " + log());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
