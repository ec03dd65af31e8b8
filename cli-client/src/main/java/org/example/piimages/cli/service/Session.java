package org.example.piimages.cli.service;

import java.util.Map;
import org.example.piimages.cli.output.Output;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;

/** The context of a command: the bus, authentication and output. The bus is connected when it is first required. */
public final class Session implements AutoCloseable {

    private final Bus.Opener opener;
    private final Authentication authentication;
    private final Output output;
    private Bus bus;
    private boolean passesFds;

    public Session(Bus.Opener opener, Authentication authentication, Output output) {
        this.opener = opener;
        this.authentication = authentication;
        this.output = output;
    }

    /** Returns a session with the same bus and another output; the bus is closed with this session. */
    public Session with(Output other) {
        return new Session(passFds -> connect(true), authentication, other);
    }

    /** Returns the output for results. */
    public Output output() {
        return output;
    }

    /** Returns the object that asks for passwords. */
    public Authentication authentication() {
        return authentication;
    }

    /** Returns the service for a call with these options; loads native code only if one of them is a file descriptor. */
    public Service service(Map<String, Variant<?>> options) {
        boolean hasFd = options.values().stream().anyMatch(value -> value.getValue() instanceof FileDescriptor);
        return hasFd ? serviceWithFds() : service();
    }

    /**
     * Returns the service over a connection that need not pass file descriptors, so that no native code is loaded. Throws {@code
     * CommandFailure} if the bus cannot be reached.
     */
    public Service service() {
        return new Service(connect(false), authentication);
    }

    /** Returns the service over a connection that passes file descriptors. */
    public Service serviceWithFds() {
        return new Service(connect(true), authentication);
    }

    private Bus connect(boolean passFds) {
        if (bus != null && passFds && !passesFds) {
            bus.close();
            bus = null;
        }
        if (bus == null) {
            bus = opener.open(passFds);
            passesFds = passFds;
        }
        return bus;
    }

    @Override
    public void close() {
        if (bus != null) {
            bus.close();
        }
    }
}
