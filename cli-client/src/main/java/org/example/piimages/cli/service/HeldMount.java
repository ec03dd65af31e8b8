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
 * An image that is mounted while a command works in it. If it was already mounted, it stays mounted; otherwise it is unmounted at the end,
 * or when a signal terminates this process.
 */
public final class HeldMount implements AutoCloseable {

    private static final int SECONDS_TO_UNMOUNT = 15;

    private final Service service;
    private final Thread hook = new Thread(this::interrupted, "interrupted");
    /** Held during operations that must not be interrupted by a signal. */
    private final ReentrantLock busy = new ReentrantLock();
    private volatile String object;
    private Map<String, Object> properties = Map.of();
    /** Whether this process has mounted the image and not unmounted it yet. */
    private volatile boolean isOurs;

    private HeldMount(Service service) {
        this.service = service;
    }

    /**
     * Mounts the image, or uses the existing mount.
     *
     * @param options the options of MountImage, except the read-only option
     * @throws CommandFailure if it is mounted read-only and {@code readOnly} is false
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
            // A file by its identity only: a mount of a deleted file of the same name is another image.
            return file.isDirectory() ? service.image(file) : service.ask(Call.manager("GetImage", "s", file.path()))[0].toString();
        } catch (RemoteError e) {
            if (e.errorName().equals(Failure.Kind.NOT_MOUNTED.errorName())) {
                return null;
            }
            throw e;
        }
    }

    /** Returns the mount point of the image. */
    public Path mountPoint() {
        return Path.of(property("MountPoint"));
    }

    /** Returns a property of the image, as it was when this object was created. */
    public String property(String name) {
        return properties.get(name).toString();
    }

    /** Performs work in the mounted image. A signal is handled only after the work is complete, so that related files stay consistent. */
    public <E extends Exception> void work(Work<E> work) throws E {
        busy.lock();
        try {
            work.in(mountPoint());
        } finally {
            busy.unlock();
        }
    }

    /** Work in a mounted image. */
    public interface Work<E extends Exception> {
        void in(Path mountPoint) throws E;
    }

    private void interrupted() {
        try {
            // The lock is never released, so that no further work begins while this process exits.
            boolean isIdle = busy.tryLock(SECONDS_TO_UNMOUNT, TimeUnit.SECONDS);
            if (isOurs) {
                // Work that does not end in time may have files open: a lazy unmount completes when this process exits.
                Map<String, Variant<?>> options = isIdle ? Map.of() : Map.of(Names.OPTION_LAZY, new Variant<>(true));
                service.bus().send(unmount(options), false).get(SECONDS_TO_UNMOUNT, TimeUnit.SECONDS);
            }
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            // The image stays mounted, as piimagesctl list shows.
        }
    }

    private Call unmount(Map<String, Variant<?>> options) {
        return Call.object(object, Names.IMAGE, "Unmount", "a{sv}", options);
    }

    @Override
    public void close() {
        busy.lock();
        try {
            // Unmounted before the hook is removed, so that a signal in between cannot leave the image mounted.
            if (isOurs) {
                service.change(unmount(Map.of()));
                isOurs = false;
            }
        } finally {
            busy.unlock();
            // If the hook is running, this does not return: the hook needs the open bus.
            Shutdown.remove(hook);
        }
    }
}
