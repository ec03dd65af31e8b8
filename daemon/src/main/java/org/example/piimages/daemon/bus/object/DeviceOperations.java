package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Action;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.card.DeviceDescription;
import org.example.piimages.daemon.image.care.card.ReadDevice;
import org.example.piimages.daemon.image.care.card.WriteImage;
import org.example.piimages.daemon.image.care.filesystem.Shrink;
import org.example.piimages.daemon.image.care.packing.ChecksumPolicy;
import org.example.piimages.daemon.image.file.CardDevice;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/** Implements the methods about disks: DescribeDevice, WriteImage and ReadDevice. */
public final class DeviceOperations {

    private final Images images;
    private final JobOperations jobs;

    public DeviceOperations(Images images, JobOperations jobs) {
        this.images = images;
        this.jobs = jobs;
    }

    /** Describes a disk. Needs no authorisation: udev gives the same information to all users (lsblk --fs). */
    CompletableFuture<Object[]> describe(Call call) throws IOException {
        DeviceDescription device = DeviceDescription.of(device(call, 0));
        List<Object[]> contents = device.contents().stream().map(content -> new Object[] {content.number(), content.size(),
            content.type(), content.label()}).toList();
        Map<String, Variant<?>> description = new TreeMap<>();
        description.put("device", new Variant<>(device.node()));
        description.put("model", new Variant<>(device.model()));
        description.put("size", new Variant<>(new UInt64(device.size())));
        description.put("removable", new Variant<>(device.removable()));
        description.put("sequence", new Variant<>(new UInt64(device.sequence())));
        description.put("obstacle", new Variant<>(device.obstacle()));
        description.put("partitions", new Variant<>(contents, "a(utss)"));
        return CompletableFuture.completedFuture(new Object[] {description});
    }

    CompletableFuture<Object[]> write(Call call) throws IOException {
        Options options = new Options(call.arguments()[2]);
        boolean zero = options.flag(Names.OPTION_ZERO);
        boolean override = options.flag(Names.OPTION_NOT_REMOVABLE);
        long sequence = options.number(Names.OPTION_SEQUENCE);
        boolean dryRun = options.flag(Names.OPTION_DRY_RUN);
        ChecksumPolicy checksums = ChecksumPolicy.of(options.optionalString(Names.OPTION_SHA256), options.flag(Names.OPTION_NO_VERIFY));
        options.requireNoOthers();
        CardDevice target = device(call, 1);
        // The override applies only if polkit is asked for the stronger action: another disk may have that name by the time of the answer.
        boolean fixed = override && !target.isRemovable();
        Action action = fixed ? Action.WRITE_FIXED_DEVICE : Action.WRITE_DEVICE;
        JobImage jobImage = JobOperations.jobImage(call, true);
        Map<String, String> details = Map.of("file", jobImage.file().path(), "device", target.title());
        WriteImage work = new WriteImage(images, jobImage, target, new WriteImage.Settings(zero, fixed, sequence, checksums));
        return jobs.start(call, action, details, "write", jobImage, JobOperations.dryRunIf(dryRun, work));
    }

    CompletableFuture<Object[]> read(Call call) throws IOException {
        Options options = new Options(call.arguments()[2]);
        boolean override = options.flag(Names.OPTION_NOT_REMOVABLE);
        boolean skipBad = options.flag(Names.OPTION_SKIP_BAD);
        boolean verify = !options.flag(Names.OPTION_NO_VERIFY);
        OptionalLong margin = margin(options);
        boolean dryRun = options.flag(Names.OPTION_DRY_RUN);
        options.requireNoOthers();
        CardDevice device = device(call, 0);
        String file = call.string(1);
        if (!file.startsWith("/") || file.length() > ImageOperations.NAME_LIMIT) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the file is not the absolute path of one");
        }
        boolean fixed = override && !device.isRemovable();
        ReadDevice work = new ReadDevice(device, file, call.caller().uid(), call.caller().groups(),
                new ReadDevice.Settings(fixed, skipBad, verify, margin));
        return jobs.start(call, fixed ? Action.READ_FIXED_DEVICE : Action.READ_DEVICE, Map.of("file", file, "device", device.title()),
                "read", JobOperations.dryRunIf(dryRun, work));
    }

    /** The free space that a backup keeps when it is shrunk, in bytes; empty if it is not to be shrunk. */
    private static OptionalLong margin(Options options) {
        boolean shrinks = options.flag(Names.OPTION_SHRINK);
        long margin = options.bytes(Names.OPTION_MARGIN, shrinks ? Shrink.DEFAULT_MARGIN : -1);
        if (!shrinks && margin >= 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the option margin requires the option shrink");
        }
        return shrinks ? OptionalLong.of(margin) : OptionalLong.empty();
    }

    private static CardDevice device(Call call, int argument) throws IOException {
        return CardDevice.of(call.string(argument), call.caller().uid(), call.caller().groups(), call.caller().pid());
    }
}
