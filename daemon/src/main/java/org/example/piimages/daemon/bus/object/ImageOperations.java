package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Action;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.bus.gate.CallThreads;
import org.example.piimages.daemon.bus.gate.Caller;
import org.example.piimages.daemon.bus.gate.Polkit;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.file.CallerImages;
import org.example.piimages.daemon.image.file.CardDevice;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.daemon.machine.RunningMachine;
import org.example.piimages.daemon.machine.record.MachineRecord;

/** Implements the methods about images: decodes the arguments of the call, asks polkit, calls the feature, and encodes its result. */
public final class ImageOperations {

    /** The maximum length of a path in characters: PATH_MAX of limits.h. */
    static final int NAME_LIMIT = 4096;

    private final Images images;
    private final Machines machines;
    private final Polkit polkit;
    private final CallThreads threads;
    private final ObjectSignals signals;

    public ImageOperations(Images images, Machines machines, Polkit polkit, CallThreads threads, ObjectSignals signals) {
        this.images = images;
        this.machines = machines;
        this.polkit = polkit;
        this.threads = threads;
        this.signals = signals;
    }

    /** A task whose result the caller waits for. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    CompletableFuture<Object[]> mountImage(Call call) throws IOException {
        return mount(call, new Options(call.arguments()[1]), readOnly -> open(call, readOnly));
    }

    CompletableFuture<Object[]> mountImageFd(Call call) throws IOException {
        if (call.string(1).length() > NAME_LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the name is longer than " + NAME_LIMIT + " characters");
        }
        return mount(call, new Options(call.arguments()[2]),
                readOnly -> CallerImages.adopt(call.fd(0), call.string(1)));
    }

    /** Opens the file or card that the call's first argument names. */
    static ImageFile open(Call call, boolean readOnly) throws IOException {
        Caller caller = call.caller();
        return CallerImages.openOrCard(call.string(0), caller.uid(), caller.groups(), caller.pid(), readOnly);
    }

    @FunctionalInterface
    private interface Opening {
        ImageFile open(boolean readOnly) throws IOException;
    }

    private CompletableFuture<Object[]> mount(Call call, Options options, Opening opening) throws IOException {
        boolean readOnly = options.flag(Names.OPTION_READ_ONLY);
        PartitionSelection selection = options.selection(call.caller().account());
        options.requireNoOthers();
        ImageFile file = opening.open(readOnly);
        return ifAuthorized(call, Action.MOUNT, file, () -> {
            boolean isMounted = images.find(file.identity()).isPresent();
            ImageRecord image = images.mount(file, call.caller().owner(), readOnly, selection);
            if (!isMounted) {
                signals.imageAdded(image);
            }
            return new Object[] {ImageObject.path(image.id())};
        }).whenComplete((answer, error) -> file.close());
    }

    CompletableFuture<Object[]> getImage(Call call) throws IOException {
        try (ImageFile file = open(call, true)) {
            ImageRecord image = images.find(file.identity()).orElseThrow(() -> new Failure(Failure.Kind.NOT_MOUNTED,
                    file.title() + " is not mounted"));
            return CompletableFuture.completedFuture(new Object[] {ImageObject.path(image.id())});
        }
    }

    CompletableFuture<Object[]> unmount(Call call, ImageRecord image) {
        Options options = new Options(call.arguments()[0]);
        boolean lazily = options.flag(Names.OPTION_LAZY);
        options.requireNoOthers();
        return ifAuthorized(call, ownerAction(call, image.owner().uid(), Action.RELEASE), image.file(), () -> {
            List<String> users = machines.all().stream().map(RunningMachine::machine)
                    .filter(m -> m.image().equals(image.id())).map(MachineRecord::name).toList();
            if (!users.isEmpty()) {
                throw new Failure(Failure.Kind.BUSY, image.title() + " is in use by machine " + String.join(", ", users)
                        + "; to terminate it: piimagesctl terminate");
            }
            images.unmount(image.id(), lazily);
            signals.imageRemoved(image.id());
            return new Object[0];
        });
    }

    /** Returns {@code action} if the object belongs to the caller, or the stronger one for an object of another user. */
    static Action ownerAction(Call call, int owner, Action action) {
        return call.caller().uid() == owner ? action : Action.MANAGE_OTHERS;
    }

    /**
     * Asks polkit whether the caller may perform an action on an image and, if the image is a card, may use the disk. A caller who is
     * authorised to use a card need not be able to open it.
     */
    static CompletableFuture<Void> authorize(Polkit polkit, Call call, Action action, Map<String, String> details, ImageFile image) {
        CompletableFuture<Void> authorized = polkit.check(call, action, details);
        return image.card()
                .map(card -> authorized.thenCompose(nothing -> polkit.check(call, use(card), Map.of("file", image.path(), "device",
                        title(card)))).thenRun(image::allowUse))
                .orElse(authorized);
    }

    private static Action use(CardDevice card) {
        try {
            return card.isRemovable() ? Action.USE_DEVICE : Action.USE_FIXED_DEVICE;
        } catch (IOException e) {
            return Action.USE_FIXED_DEVICE;
        }
    }

    private static String title(CardDevice card) {
        try {
            return card.title();
        } catch (IOException e) {
            return card.node();
        }
    }

    /** Like {@link #ifAuthorized(Call, Action, String, Work)}, for an image that may be a card. */
    <T> CompletableFuture<T> ifAuthorized(Call call, Action action, ImageFile image, Work<T> work) {
        return after(authorize(polkit, call, action, Map.of("file", image.path()), image), call, work);
    }

    /**
     * Runs the work if polkit authorises the call, in a thread that may block: the call's own thread if polkit need not be asked, otherwise
     * another one, because polkit's reply arrives in the thread that reads the bus.
     */
    <T> CompletableFuture<T> ifAuthorized(Call call, Action action, String file, Work<T> work) {
        return after(polkit.check(call, action, Map.of("file", file)), call, work);
    }

    private <T> CompletableFuture<T> after(CompletableFuture<Void> authorized, Call call, Work<T> work) {
        return authorized.isDone() ? authorized.thenApply(nothing -> result(work))
                : authorized.thenApplyAsync(nothing -> result(work), threads.of(call.caller().account()));
    }

    /**
     * Like {@link #ifAuthorized(Call, Action, String, Work)}, for work that may take minutes: runs in a thread of its own, so that it does
     * not delay other calls of the same user. The work itself limits how much of it runs at once.
     */
    <T> CompletableFuture<T> ifAuthorizedInOwnThread(Call call, Action action, String file, Work<T> work) {
        return afterForLong(polkit.check(call, action, Map.of("file", file)), work);
    }

    /** Like {@link #ifAuthorizedInOwnThread(Call, Action, String, Work)}, for an image that may be a card. */
    <T> CompletableFuture<T> ifAuthorizedInOwnThread(Call call, Action action, ImageFile image, Work<T> work) {
        return afterForLong(authorize(polkit, call, action, Map.of("file", image.path()), image), work);
    }

    private static <T> CompletableFuture<T> afterForLong(CompletableFuture<Void> authorized, Work<T> work) {
        return authorized.thenApplyAsync(nothing -> result(work), running -> new Thread(running, "start").start());
    }

    private static <T> T result(Work<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
