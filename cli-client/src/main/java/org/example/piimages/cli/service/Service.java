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
 * The PiImages service as commands see it. What each method does is written in {@code org.example.PiImages.xml}.
 *
 * <p>Errors of the bus and of the service are thrown as they came ({@link RemoteError}); {@link ErrorText} turns them into words.
 */
public final class Service {

    /** How often a call is sent that waits for the service to start: as long as systemd gives a start, 25 s each time. */
    private static final int ATTEMPTS = 4;
    /** For polkit to notice that the program that asks for a password has ended. */
    private static final int SECONDS_TO_STOP_ASKING = 2;

    private final Bus bus;
    private final Authentication authentication;
    private volatile boolean isAsking;

    Service(Bus bus, Authentication authentication) {
        this.bus = bus;
        this.authentication = authentication;
    }

    /** The bus that the service is reached over. */
    public Bus bus() {
        return bus;
    }

    /** Every mounted image. */
    public List<ImageEntry> images() {
        return entries("ListImages", ImageEntry::of);
    }

    /** Every machine. */
    public List<MachineEntry> machines() {
        return entries("ListMachines", MachineEntry::of);
    }

    /** How programs of each CPU run here. */
    public List<InterpreterEntry> interpreters() {
        return entries("ListInterpreters", InterpreterEntry::of);
    }

    /** The object path of a mounted image, by its file or by where it is mounted. */
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
            // A file that was deleted or replaced meanwhile is still what is mounted under its name.
            return images().stream().filter(image -> image.file().equals(file.path())).map(ImageEntry::object).findFirst()
                    .orElseThrow(() -> e);
        }
    }

    /** The machine of that name, or null. */
    public MachineEntry machineOrNull(String name) {
        return machines().stream().filter(machine -> machine.name().equals(name)).findFirst().orElse(null);
    }

    /** The properties of an object, by name, in the types that {@link Plain} has; in no particular order. */
    public Map<String, Object> properties(String path, String interfaceName) {
        Map<?, ?> values = (Map<?, ?>) ask(Call.properties(path, interfaceName))[0];
        Map<String, Object> properties = new LinkedHashMap<>();
        values.forEach((name, value) -> properties.put(name.toString(), Plain.of(value)));
        return Collections.unmodifiableMap(properties);
    }

    /** Calls a method that changes nothing. */
    public Object[] ask(Call call) {
        return await(call, false);
    }

    /**
     * Calls a method that changes something. First as if nobody could be asked for a password, because that is what is needed most; only
     * where polkit wants one and a person is there, once more with them.
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

    /** Nobody will be asked for a password any more, although a call goes on. */
    public void endAuthentication() {
        authentication.end();
    }

    /**
     * The same, for a caller that waits for the end of the call: polkit then refuses it, unless another program, such as the desktop's,
     * still asks.
     *
     * @param seconds how long to wait where nobody was asked
     * @return how many seconds to wait
     */
    public int endAuthentication(int seconds) {
        boolean wasAsking = isAsking;
        endAuthentication();
        return wasAsking ? Math.min(seconds, SECONDS_TO_STOP_ASKING) : seconds;
    }

    /**
     * Sends a call, and waits for its answer. A slow computer takes longer to start the service than the bus waits; then the bus has not
     * delivered the call, and the start goes on.
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

    /** Waits for the answer to a call that was sent. */
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
        List<?> rows = (List<?>) Plain.of(ask(Call.manager(member, ""))[0]);
        return rows.stream().map(row -> entry.apply((List<?>) row)).toList();
    }
}
