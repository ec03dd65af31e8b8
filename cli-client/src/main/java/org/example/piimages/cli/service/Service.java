package org.example.piimages.cli.service;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ErrorText;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;

/**
 * A client of the PiImages service. The methods are documented in {@code org.example.PiImages.xml}.
 *
 * <p>Errors of the bus and of the service are thrown unchanged ({@link RemoteError}); {@link ErrorText} converts them to messages.
 */
public final class Service {

    /**
     * How often a call is sent while the service is starting: each attempt waits 25 s, and all together as long as the start timeout of
     * systemd.
     */
    private static final int ATTEMPTS = 4;
    /** The time in which polkit notices that the authentication agent has exited. */
    private static final int SECONDS_TO_STOP_ASKING = 2;

    private final Bus bus;
    private final Authentication authentication;
    private volatile boolean isAsking;

    Service(Bus bus, Authentication authentication) {
        this.bus = bus;
        this.authentication = authentication;
    }

    /** Returns the bus connection to the service. */
    public Bus bus() {
        return bus;
    }

    /** Returns all mounted images. */
    public List<ImageEntry> images() {
        return entries("ListImages", ImageEntry::of);
    }

    /** Returns all machines. */
    public List<MachineEntry> machines() {
        return entries("ListMachines", MachineEntry::of);
    }

    /** Returns how this host runs programs of each CPU architecture. */
    public List<InterpreterEntry> interpreters() {
        return entries("ListInterpreters", InterpreterEntry::of);
    }

    /** Returns the object path of a mounted image, by its file or its mount point. */
    public String image(ImageFile file) {
        if (file.isDirectory()) {
            for (ImageEntry image : images()) {
                if (file.isAt(image.mountPoint())) {
                    return image.object();
                }
            }
            throw new CommandFailure(ExitCode.NOT_FOUND, "no image is mounted on " + file.path() + "; see: piimagesctl list");
        }
        try {
            return ask(Call.manager("GetImage", "s", file.path()))[0].toString();
        } catch (RemoteError e) {
            // The image may be mounted although its file was deleted or replaced: look it up by name.
            return images().stream().filter(image -> image.file().equals(file.path())).map(ImageEntry::object).findFirst()
                    .orElseThrow(() -> e);
        }
    }

    /** Returns the machine of that name; null if there is none. */
    public MachineEntry machineOrNull(String name) {
        return machines().stream().filter(machine -> machine.name().equals(name)).findFirst().orElse(null);
    }

    /** Returns the properties of an object by name, in the types of {@link PlainValues} and in no particular order. */
    public Map<String, Object> properties(String path, String interfaceName) {
        Map<?, ?> values = (Map<?, ?>) ask(Call.properties(path, interfaceName))[0];
        Map<String, Object> properties = new LinkedHashMap<>();
        values.forEach((name, value) -> properties.put(name.toString(), PlainValues.of(value)));
        return Collections.unmodifiableMap(properties);
    }

    /** Calls a method that changes nothing. */
    public Object[] ask(Call call) {
        return await(call, false);
    }

    /**
     * Calls a method that changes something. The first attempt is not interactive, because most calls require no password. Only if polkit
     * requires one and a user can be asked, the call is repeated interactively.
     */
    public Object[] change(Call call) {
        try {
            return await(call, false);
        } catch (RemoteError e) {
            if (!e.errorName().equals(Names.INTERACTIVE_AUTHORIZATION_REQUIRED) || !authentication.begin()) {
                throw e;
            }
        }
        isAsking = true;
        try {
            return await(call, true);
        } finally {
            isAsking = false;
            authentication.end();
        }
    }

    /** Stops asking for a password, although a call is still pending. */
    public void endAuthentication() {
        authentication.end();
    }

    /**
     * Stops asking for a password, for a caller that then waits for the end of the call: polkit denies it, unless another authentication
     * agent, such as that of the desktop, is still asking.
     *
     * @param seconds how long to wait if no user was asked
     * @return how many seconds to wait for the end of the call
     */
    public int endAuthentication(int seconds) {
        boolean wasAsking = isAsking;
        endAuthentication();
        return wasAsking ? Math.min(seconds, SECONDS_TO_STOP_ASKING) : seconds;
    }

    /**
     * Sends a call and waits for the reply. On a slow computer, the start of the service may exceed the timeout of the bus; the call has
     * then not been delivered, and the start continues, so the call is sent again.
     */
    private Object[] await(Call call, boolean interactive) {
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            try {
                return await(bus.send(call, interactive));
            } catch (RemoteError e) {
                if (!e.errorName().equals(Names.TIMED_OUT)) {
                    throw e;
                }
            }
        }
        return await(bus.send(call, interactive));
    }

    /** Waits for the reply to a call that was sent. */
    <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RemoteError error) {
                throw error;
            }
            throw ErrorText.of(e.getCause());
        }
    }

    private <T> List<T> entries(String member, Function<List<?>, T> entry) {
        List<?> rows = (List<?>) PlainValues.of(ask(Call.manager(member, ""))[0]);
        return rows.stream().map(row -> entry.apply((List<?>) row)).toList();
    }
}
