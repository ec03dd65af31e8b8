package org.example.piimages.daemon.system;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A message bus of a test's own, with the rules of the system bus and the product's policy. It goes when it is closed, and by itself when
 * the thread that started it ends.
 */
public final class PrivateBus implements Closeable {

    private static final String POLICY = "../dbus-policy/org.example.PiImages.conf";
    /** What system.conf of the reference implementation says; the names at the end are those that the stand-ins own. */
    private static final String CONFIGURATION = """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
             "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type>
              <auth>EXTERNAL</auth>
              <listen>unix:path=%s</listen>
              <policy context="default">
                <allow user="*"/>
                <deny own="*"/>
                <deny send_type="method_call"/>
                <allow send_type="signal"/>
                <allow send_requested_reply="true" send_type="method_return"/>
                <allow send_requested_reply="true" send_type="error"/>
                <allow receive_type="method_call"/>
                <allow receive_type="method_return"/>
                <allow receive_type="error"/>
                <allow receive_type="signal"/>
                <allow send_destination="org.freedesktop.DBus"/>
                <allow send_destination="org.freedesktop.PolicyKit1"/>
                <allow send_destination="org.freedesktop.systemd1"/>
                <allow send_destination="org.freedesktop.machine1"/>
              </policy>
              <policy user="root">
                <allow own="org.freedesktop.PolicyKit1"/>
                <allow own="org.freedesktop.systemd1"/>
                <allow own="org.freedesktop.machine1"/>
              </policy>
              <include>%s</include>
            </busconfig>
            """;

    private final Process process;
    private final Path socket;

    public PrivateBus(TestDirectory directory) throws IOException {
        socket = directory.resolve("bus");
        Path configuration = directory.resolve("bus.conf");
        Files.writeString(configuration, CONFIGURATION.formatted(socket, Path.of(POLICY).toRealPath()));
        process = new ProcessBuilder("setpriv", "--pdeathsig=KILL", "dbus-daemon", "--nofork", "--nopidfile", "--print-address",
                "--config-file=" + configuration).redirectError(directory.resolve("bus.log").toFile()).start();
        try (var output = process.inputReader()) {
            if (output.readLine() == null) {
                throw new IOException("dbus-daemon does not start: " + Files.readString(directory.resolve("bus.log")));
            }
        }
    }

    public String address() {
        return "unix:path=" + socket;
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
