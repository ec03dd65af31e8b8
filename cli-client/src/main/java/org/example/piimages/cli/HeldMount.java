package org.example.piimages.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.Variant;

/**
 * An image that is mounted while a command works in it: where it was mounted before, it stays so; otherwise it is unmounted at the end, and
 * also when a signal ends this process.
 */
final class HeldMount implements AutoCloseable {

    private static final int SECONDS_TO_UNMOUNT = 15;

    private final Service service;
    private final String object;
    private final Path mountPoint;
    private final Thread hook;
    /** Whether it is ours to unmount, still. */
    private boolean isOurs;

    private HeldMount(Service service, String object, boolean isOurs, Path mountPoint) {
        this.service = service;
        this.object = object;
        this.isOurs = isOurs;
        this.mountPoint = mountPoint;
        this.hook = new Thread(this::interrupted, "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Mounts the image, or takes the mount there is.
     *
     * @param options of MountImage, beside whether it is to be read alone
     * @throws CommandFailure when it is mounted read-only and is to be written to
     */
    static HeldMount of(Service service, ImageFile file, boolean readOnly, Map<String, Variant<?>> options) {
        String object = mounted(service, file);
        boolean isOurs = object == null;
        if (isOurs) {
            Map<String, Variant<?>> all = new TreeMap<>(options);
            if (readOnly) {
                all.put(Names.OPTION_READ_ONLY, new Variant<>(true));
            }
            object = service.change(Call.manager("MountImage", "sa{sv}", file.path(), all))[0].toString();
        }
        Map<String, Object> properties = service.properties(object, Names.IMAGE);
        if (!readOnly && Boolean.TRUE.equals(properties.get("ReadOnly"))) {
            throw new CommandFailure(ExitCode.BUSY, file.path() + " is mounted read-only; unmount it first: piimagesctl umount");
        }
        return new HeldMount(service, object, isOurs, Path.of(properties.get("MountPoint").toString()));
    }

    private static String mounted(Service service, ImageFile file) {
        try {
            return service.image(file);
        } catch (RemoteError e) {
            if (e.errorName().equals(Failure.Kind.NOT_MOUNTED.errorName())) {
                return null;
            }
            throw e;
        }
    }

    /** Does something in it; a signal waits until that is done, so that not one file is new and the next one old. */
    synchronized <E extends Exception> void work(Work<E> work) throws E {
        work.in(mountPoint);
    }

    /** What is done in a mounted image. */
    interface Work<E extends Exception> {
        void in(Path mountPoint) throws E;
    }

    private synchronized void interrupted() {
        if (isOurs) {
            isOurs = false;
            try {
                service.bus().send(unmount(), false).get(SECONDS_TO_UNMOUNT, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                // It stays mounted, which piimagesctl list shows.
            }
        }
    }

    private Call unmount() {
        return Call.object(object, Names.IMAGE, "Unmount", "a{sv}", Map.of());
    }

    @Override
    public synchronized void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // A signal came, and the hook waits for this to end.
        }
        if (isOurs) {
            isOurs = false;
            service.change(unmount());
        }
    }
}
