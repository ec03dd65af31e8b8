package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Action;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.bus.gate.CallThreads;
import org.example.piimages.daemon.bus.gate.Caller;
import org.example.piimages.daemon.bus.gate.DisconnectWatch;
import org.example.piimages.daemon.bus.gate.Polkit;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.care.Copy;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.filesystem.Check;
import org.example.piimages.daemon.image.care.filesystem.Grow;
import org.example.piimages.daemon.image.care.filesystem.Growth;
import org.example.piimages.daemon.image.care.filesystem.Shrink;
import org.example.piimages.daemon.image.care.packing.ChecksumPolicy;
import org.example.piimages.daemon.image.care.packing.Pack;
import org.example.piimages.daemon.image.care.packing.PublishedPack;
import org.example.piimages.daemon.image.care.packing.PublishedSystem;
import org.example.piimages.daemon.image.care.packing.Unpack;
import org.example.piimages.daemon.job.DryRun;
import org.example.piimages.daemon.job.Job;
import org.example.piimages.daemon.job.Jobs;
import org.example.piimages.daemon.job.Work;
import org.freedesktop.dbus.types.UInt64;

/**
 * Implements the methods that start a job and those of jobs: decodes the arguments of the call, asks polkit, and starts, awaits or cancels
 * the job.
 */
public final class JobOperations {

    private final Images images;
    private final Jobs jobs;
    private final Polkit polkit;
    private final CallThreads threads;
    private final DisconnectWatch disconnects;

    public JobOperations(Images images, Jobs jobs, Polkit polkit, CallThreads threads, DisconnectWatch disconnects) {
        this.images = images;
        this.jobs = jobs;
        this.polkit = polkit;
        this.threads = threads;
        this.disconnects = disconnects;
    }

    CompletableFuture<Object[]> grow(Call call) throws IOException {
        long size = bytes(call.arguments()[1]);
        Options options = new Options(call.arguments()[2]);
        boolean relative = options.flag(Names.OPTION_RELATIVE);
        boolean dryRun = options.flag(Names.OPTION_DRY_RUN);
        options.requireNoOthers();
        JobImage jobImage = jobImageOrCard(call, false);
        return start(call, Action.RESIZE, "grow", jobImage,
                dryRunIf(dryRun, new Grow(images, jobImage, new Growth(size, relative))));
    }

    CompletableFuture<Object[]> shrink(Call call) throws IOException {
        Options options = new Options(call.arguments()[1]);
        long margin = options.bytes(Names.OPTION_MARGIN, Shrink.DEFAULT_MARGIN);
        boolean dryRun = options.flag(Names.OPTION_DRY_RUN);
        options.requireNoOthers();
        JobImage jobImage = jobImage(call, false);
        return start(call, Action.RESIZE, "shrink", jobImage, dryRunIf(dryRun, new Shrink(images, jobImage, margin)));
    }

    CompletableFuture<Object[]> check(Call call) throws IOException {
        Options options = new Options(call.arguments()[1]);
        boolean repair = options.flag(Names.OPTION_REPAIR);
        boolean dryRun = options.flag(Names.OPTION_DRY_RUN);
        options.requireNoOthers();
        JobImage jobImage = jobImageOrCard(call, !repair);
        return start(call, Action.CHECK, "check", jobImage, dryRunIf(dryRun, new Check(images, jobImage, repair)));
    }

    CompletableFuture<Object[]> unpack(Call call) throws IOException {
        Options options = new Options(call.arguments()[2]);
        boolean dryRun = options.flag(Names.OPTION_DRY_RUN);
        ChecksumPolicy checksums = ChecksumPolicy.of(options.optionalString(Names.OPTION_SHA256), options.flag(Names.OPTION_NO_VERIFY));
        options.requireNoOthers();
        JobImage jobImage = jobImage(call, true);
        return start(call, Action.CONVERT, "unpack", jobImage, dryRunIf(dryRun, new Unpack(jobImage, call.string(1), checksums)));
    }

    CompletableFuture<Object[]> pack(Call call) throws IOException {
        Options options = new Options(call.arguments()[2]);
        boolean dryRun = options.flag(Names.OPTION_DRY_RUN);
        boolean isPublished = options.flag(Names.OPTION_METADATA);
        PublishedSystem system = isPublished ? published(options) : null;
        options.requireNoOthers();
        JobImage jobImage = jobImage(call, true);
        String target = call.string(1);
        Work work = isPublished ? new PublishedPack(images, jobImage, target, system) : new Pack(images, jobImage, target);
        return start(call, Action.CONVERT, "pack", jobImage, dryRunIf(dryRun, work));
    }

    /** The caller's description of the system in an image. */
    private static PublishedSystem published(Options options) {
        return PublishedSystem.of(options.string(Names.OPTION_NAME), options.string(Names.OPTION_INIT_FORMAT),
                options.string(Names.OPTION_ARCHITECTURE));
    }

    CompletableFuture<Object[]> copy(Call call) throws IOException {
        Options options = new Options(call.arguments()[2]);
        boolean dryRun = options.flag(Names.OPTION_DRY_RUN);
        options.requireNoOthers();
        JobImage jobImage = jobImage(call, true);
        return start(call, Action.CONVERT, "copy", jobImage, dryRunIf(dryRun, new Copy(images, jobImage, call.string(1))));
    }

    /** Returns the work itself or, for a dry run, one that does everything except the changes. */
    static Work dryRunIf(boolean dryRun, Work work) {
        return dryRun ? new DryRun(work) : work;
    }

    /** Opens the file that the call's first argument names. */
    static JobImage jobImage(Call call, boolean readOnly) throws IOException {
        Caller caller = call.caller();
        return JobImage.open(call.string(0), caller.uid(), caller.groups(), caller.pid(), readOnly);
    }

    /** Opens the file or card that the call's first argument names. */
    private static JobImage jobImageOrCard(Call call, boolean readOnly) throws IOException {
        Caller caller = call.caller();
        return JobImage.openOrCard(call.string(0), caller.uid(), caller.groups(), caller.pid(), readOnly);
    }

    /**
     * Returns an argument as a number of bytes that fits the daemon's arithmetic. Throws Failure INVALID_ARGUMENT for more than an
     * exbibyte.
     */
    static long bytes(Object argument) {
        long bytes = ((UInt64) argument).value().longValue();
        if (bytes < 0 || bytes > 1L << 60) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the size exceeds the maximum file size");
        }
        return bytes;
    }

    private CompletableFuture<Object[]> start(Call call, Action action, String operation, JobImage jobImage, Work work) {
        return start(call, action, Map.of("file", jobImage.file().path()), operation, jobImage, work);
    }

    /**
     * Starts a job if polkit authorises it. The job or, if it is not started, this call closes the image.
     *
     * @param details the variables of the message of polkit's dialog
     */
    CompletableFuture<Object[]> start(Call call, Action action, Map<String, String> details, String operation, JobImage jobImage,
            Work work) {
        CompletableFuture<Void> authorized = ImageOperations.authorize(polkit, call, action, details, jobImage.file());
        return start(call, authorized, operation, jobImage.file().path(), progress -> {
            try (jobImage) {
                return work.run(progress);
            }
        })
                .whenComplete((answer, error) -> {
                    if (error != null) {
                        jobImage.close();
                    }
                });
    }

    /** Starts a job whose work does not hold an open file yet. The detail "file" names the file that the job is about. */
    CompletableFuture<Object[]> start(Call call, Action action, Map<String, String> details, String operation, Work work) {
        return start(call, polkit.check(call, action, details), operation, details.get("file"), work);
    }

    private CompletableFuture<Object[]> start(Call call, CompletableFuture<Void> authorized, String operation, String file, Work work) {
        return authorized.thenApplyAsync(nothing -> begin(call.caller(), operation, file, work), threads.of(call.caller().account()));
    }

    private Object[] begin(Caller caller, String operation, String file, Work work) {
        Job job = jobs.start(operation, file, caller.uid(), work)
                .orElseThrow(() -> new Failure(Failure.Kind.LIMIT_EXCEEDED, caller.uid() == 0
                        ? "root has " + Jobs.LIMIT_OF_ROOT + " jobs in progress; wait for one to end"
                        : "too many jobs: at most " + Jobs.LIMIT_PER_USER + " per user, including those whose result was not fetched, and "
                                + Jobs.LIMIT + " of all users; wait for one to end"));
        return new Object[] {JobObject.path(job)};
    }

    CompletableFuture<Object[]> list(Call call) {
        List<Object[]> rows = jobs.all().stream().map(job -> new Object[] {JobObject.path(job), job.operation(),
            call.caller().mayRead(job.owner()) ? job.file() : "", job.owner(), JobObject.state(job),
            job.measure().step(), job.measure().fraction()}).toList();
        return CompletableFuture.completedFuture(new Object[] {rows});
    }

    /**
     * Waits for a job to end and returns its result, which its first reader removes. Throws Failure NOT_AUTHORIZED if the job belongs to
     * another user.
     */
    public CompletableFuture<Object[]> await(Call call, Job job) {
        if (!call.caller().mayRead(job.owner())) {
            throw new Failure(Failure.Kind.NOT_AUTHORIZED, "the job belongs to another user");
        }
        CompletableFuture<Map<String, Object>> result = job.result();
        // The wait ends when its caller disconnects; the result is then left for the next caller.
        return disconnects.watch(result, call.caller(), () -> result.completeExceptionally(new Failure(Failure.Kind.CANCELLED,
                "the caller disconnected from the bus"))).whenComplete((values, error) -> {
                    if (job.state().isEnd()) {
                        jobs.discard(job);
                    }
                })
                .thenApply(values -> new Object[] {JobObject.variants(values)});
    }

    CompletableFuture<Object[]> cancel(Call call, Job job) {
        Action action = call.caller().uid() == job.owner() ? Action.RELEASE : Action.MANAGE_OTHERS;
        return polkit.check(call, action, Map.of("file", job.file())).thenApply(nothing -> {
            job.cancel();
            return new Object[0];
        });
    }
}
