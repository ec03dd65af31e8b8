package org.example.piimages.daemon.system;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.IncomingMessage;
import org.example.piimages.libc.FdSocket;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;

/** In PID 1's place: starts nothing, says it did, and ends units when it is told to. */
final class MockSystemd implements Closeable {

    /** What becomes of the next units. */
    enum Mode {
        START, REFUSE,
        /** The job is taken and fails. */
        FAIL,
        /** The unit has ended by the time it is said to have started. */
        END_AT_ONCE,
        /** The job is taken and never done. */
        HANG,
        /** The same, and the unit stays when it is told to stop, until it ends. */
        LINGER,
        /** What it knows it does not say now. */
        BUSY
    }

    private static final String PATH = "/org/freedesktop/systemd1";
    private static final String MANAGER = "org.freedesktop.systemd1.Manager";
    private static final String JOB = PATH + "/job/1";

    private final BusConnection connection;
    private final Path machines;
    private final EventLog calls = new EventLog();
    private final Set<String> units = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.START;

    MockSystemd(String address, TestDirectory directory) throws IOException {
        machines = directory.resolve("run").resolve("machines");
        connection = BusConnection.open(address, true);
        connection.onMethodCall(this::take);
        for (String name : List.of("org.freedesktop.systemd1", "org.freedesktop.machine1")) {
            connection.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "RequestName", "su", name, new UInt32(4));
        }
    }

    void setMode(Mode next) {
        mode = next;
    }

    /** Each call as its member and its arguments; a started unit's properties are a map, its descriptors paths of what they lead to. */
    EventLog calls() {
        return calls;
    }

    /** The start of a unit comes to an end at last; one that failed is forgotten, as CollectMode= asks for. */
    void finishJob(String unit, String result) throws IOException {
        if (!result.equals("done")) {
            units.remove(unit);
        }
        connection.signal(PATH, MANAGER, "JobRemoved", "uoss", new UInt32(1), JOB, unit, result);
    }

    /** The unit ends: machine-ended leaves a note, and systemd forgets the unit. */
    void end(String unit, String code, String status) throws IOException {
        String name = unit.replaceFirst("^piimages-", "").replaceFirst("\\.service$", "");
        end(unit, machines.resolve(name).resolve("result"), code, status);
    }

    /** The unit of a further command in a machine ends: command-ended leaves the note. */
    void endCommand(String machine, String unit, String status) throws IOException {
        end(unit, machines.resolve(machine).resolve(unit), "exited", status);
    }

    private void end(String unit, Path note, String code, String status) throws IOException {
        Files.writeString(note, "code=" + code + "\nstatus=" + status + "\n");
        units.remove(unit);
        connection.signal(PATH, MANAGER, "UnitRemoved", "so", unit, PATH + "/unit/x");
    }

    private void take(IncomingMessage call) {
        try {
            Object[] arguments = call.values();
            switch (call.member()) {
                case "Subscribe" -> connection.reply(call, "");
                case "StartTransientUnit" -> start(call, arguments);
                case "GetUnit" -> get(call, (String) arguments[0]);
                case "StopUnit" -> stop(call, arguments);
                case "Get" -> connection.reply(call, "v", new Variant<>(units.isEmpty() ? "inactive" : "active"));
                case "GetMachine" -> connection.replyError(call, "org.freedesktop.machine1.NoSuchMachine", "nothing has been started");
                default -> {
                    record(call.member(), arguments);
                    connection.reply(call, "");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            FdSocket.close(call.descriptors());
        }
    }

    private void start(IncomingMessage call, Object[] arguments) throws IOException {
        String unit = (String) arguments[0];
        Mode now = mode;
        if (now == Mode.REFUSE) {
            connection.replyError(call, "org.freedesktop.systemd1.UnitExists", "the unit is there already");
            return;
        }
        Map<String, Object> properties = new TreeMap<>();
        for (Object property : (List<?>) Values.plain(arguments[2])) {
            Object value = ((List<?>) property).get(1);
            properties.put((String) ((List<?>) property).get(0), value instanceof FileDescriptor fd
                    ? Files.readSymbolicLink(Path.of("/proc/self/fd", String.valueOf(fd.getIntFileDescriptor()))).toString() : value);
        }
        connection.reply(call, "o", JOB);
        if (now != Mode.HANG) {
            units.add(unit);
        }
        if (now != Mode.HANG && now != Mode.LINGER) {
            finishJob(unit, now == Mode.FAIL ? "failed" : "done");
        }
        if (now == Mode.END_AT_ONCE) {
            end(unit, "exited", "7");
        }
        record(call.member(), unit, properties);
    }

    private void get(IncomingMessage call, String unit) throws IOException {
        if (mode == Mode.BUSY) {
            connection.replyError(call, "org.freedesktop.DBus.Error.LimitsExceeded", "not now");
            record(call.member(), unit);
        } else if (units.contains(unit)) {
            connection.reply(call, "o", PATH + "/unit/x");
        } else {
            connection.replyError(call, "org.freedesktop.systemd1.NoSuchUnit", "unit not loaded");
        }
    }

    private void stop(IncomingMessage call, Object[] arguments) throws IOException {
        connection.reply(call, "o", JOB);
        if (mode != Mode.LINGER) {
            end((String) arguments[0], "killed", "TERM");
        }
        record(call.member(), arguments);
    }

    private void record(String member, Object... arguments) {
        Object[] event = new Object[arguments.length + 1];
        event[0] = member;
        System.arraycopy(arguments, 0, event, 1, arguments.length);
        calls.add(event);
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
