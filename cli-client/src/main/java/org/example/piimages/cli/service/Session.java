package org.example.piimages.cli.service;

import java.util.Map;
import org.example.piimages.cli.output.Output;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;

/** What a command works with. The bus is connected when it is needed first. */
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

    /** The same bus, where results go elsewhere; it is closed with this one. */
    public Session with(Output other) {
        return new Session(passFds -> connect(true), authentication, other);
    }

    /** Where results go. */
    public Output output() {
        return output;
    }

    /** Who is asked for passwords. */
    public Authentication authentication() {
        return authentication;
    }

    /** The service, for a call with these options: without native code where none of them is a file descriptor. */
    public Service service(Map<String, Variant<?>> options) {
        boolean hasFd = options.values().stream().anyMatch(value -> value.getValue() instanceof FileDescriptor);
        return hasFd ? serviceWithFds() : service();
    }

    /** The service, reached without native code. Throws {@code CommandFailure} when the bus cannot be reached. */
    public Service service() {
        return new Service(connect(false), authentication);
    }

    /** The service and the bus it is reached over, which passes file descriptors. */
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
