package org.example.piimages.cli.service;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.Variant;

/**
 * An image that is mounted while a command works in it: where it was mounted before, it stays so; otherwise it is unmounted at the end, and
 * also when a signal ends this process.
 */
public final class HeldMount implements AutoCloseable {

    private static final int SECONDS_TO_UNMOUNT = 15;

    private final Service service;
    private final Thread hook = new Thread(this::interrupted, "interrupted");
    /** Held while something is done that a signal has to wait for. */
    private final ReentrantLock busy = new ReentrantLock();
    private volatile String object;
    private Map<String, Object> properties = Map.of();
    /** Whether it is ours to unmount, still. */
    private volatile boolean isOurs;

    private HeldMount(Service service) {
        this.service = service;
    }

    /**
     * Mounts the image, or takes the mount there is.
     *
     * @param options of MountImage, beside whether it is to be read alone
     * @throws CommandFailure when it is mounted read-only and is to be written to
     */
    public static HeldMount of(Service service, ImageFile file, boolean readOnly, Map<String, Variant<?>> options) {
        HeldMount mount = new HeldMount(service);
        Runtime.getRuntime().addShutdownHook(mount.hook);
        boolean isReady = false;
        try {
            mount.open(file, readOnly, options);
            isReady = true;
            return mount;
        } finally {
            if (!isReady) {
                mount.close();
            }
        }
    }

    private void open(ImageFile file, boolean readOnly, Map<String, Variant<?>> options) {
        busy.lock();
        try {
            object = mounted(service, file);
            if (object == null) {
                Map<String, Variant<?>> all = new TreeMap<>(options);
                if (readOnly) {
                    all.put(Names.OPTION_READ_ONLY, new Variant<>(true));
                }
                object = service.change(Call.manager("MountImage", "sa{sv}", file.path(), all))[0].toString();
                isOurs = true;
            }
            properties = service.properties(object, Names.IMAGE);
            if (!readOnly && Boolean.TRUE.equals(properties.get("ReadOnly"))) {
                throw isOurs ? new CommandFailure(ExitCode.DENIED, "cannot write to " + file.path() + ": permission denied")
                        : new CommandFailure(ExitCode.BUSY, file.path() + " is mounted read-only; unmount it first: piimagesctl umount");
            }
        } finally {
            busy.unlock();
        }
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

    /** The root of the mounted image. */
    public Path place() {
        return Path.of(property("MountPoint"));
    }

    /** What the service said of the image when it was mounted, or found to be mounted. */
    public String property(String name) {
        return properties.get(name).toString();
    }

    /** Does something in it; a signal waits until that is done, so that not one file is new and the next one old. */
    public <E extends Exception> void work(Work<E> work) throws E {
        busy.lock();
        try {
            work.in(place());
        } finally {
            busy.unlock();
        }
    }

    /** What is done in a mounted image. */
    public interface Work<E extends Exception> {
        void in(Path mountPoint) throws E;
    }

    private void interrupted() {
        try {
            // It is let go of no more: what else there is to do, this process does not live to do.
            boolean isIdle = busy.tryLock(SECONDS_TO_UNMOUNT, TimeUnit.SECONDS);
            if (isOurs) {
                // What does not come to an end in time still has files open: the image is free with the end of this process.
                Map<String, Variant<?>> options = isIdle ? Map.of() : Map.of(Names.OPTION_LAZY, new Variant<>(true));
                service.bus().send(unmount(options), false).get(SECONDS_TO_UNMOUNT, TimeUnit.SECONDS);
            }
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            // It stays mounted, which piimagesctl list shows.
        }
    }

    private Call unmount(Map<String, Variant<?>> options) {
        return Call.object(object, Names.IMAGE, "Unmount", "a{sv}", options);
    }

    @Override
    public void close() {
        busy.lock();
        try {
            // Before the hook goes: a signal that comes in between finds it unmounted, or unmounts it.
            if (isOurs) {
                service.change(unmount(Map.of()));
                isOurs = false;
            }
        } finally {
            busy.unlock();
            // Where a signal came, the hook needs the bus, which must not be closed.
            Shutdown.remove(hook);
        }
    }
}
