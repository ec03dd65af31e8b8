package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Action;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.Inspection;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.system.ImageDescription;
import org.example.piimages.daemon.image.system.MountPlan;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/** Implements the method DescribeImage. */
public final class DescriptionOperations {

    private final ImageOperations imageOperations;
    private final Inspection inspection;

    public DescriptionOperations(ImageOperations imageOperations, Images images) {
        this.imageOperations = imageOperations;
        this.inspection = new Inspection(images);
    }

    /** Adds the method to the manager. */
    public void addTo(BusObject manager) {
        manager.method(Names.MANAGER, "DescribeImage", this::describe);
    }

    /** Requires the same authorisation as mounting, because the kernel parses the filesystems, which not every user may cause. */
    private CompletableFuture<Object[]> describe(Call call) throws IOException {
        Options options = new Options(call.arguments()[1]);
        PartitionSelection selection = options.selection(call.caller().account());
        options.requireNoOthers();
        ImageFile file = ImageOperations.open(call, true);
        return imageOperations
                .ifAuthorized(call, Action.MOUNT, file, () -> new Object[] {description(inspection.describe(file, selection))})
                .whenComplete((answer, error) -> file.close());
    }

    static Map<String, Variant<?>> description(ImageDescription image) {
        Map<String, Variant<?>> description = new TreeMap<>();
        description.put("table", new Variant<>(image.table()));
        description.put("disk-id", new Variant<>(image.partitions().diskId()));
        description.put("partitions", new Variant<>(image.parts().stream().map(DescriptionOperations::part).toList(), "a(uttssssss)"));
        description.put("systems", new Variant<>(image.systems().stream().map(found -> new Object[] {
            number(found.place().volume().partition().number()), found.place().subvolume(), found.name(), found.chosen(), found.reason()})
                .toList(), "a(ussbs)"));
        image.choice().ifPresent(root -> {
            description.put("root", new Variant<>(number(root.place().volume().partition().number())));
            description.put("reason", new Variant<>(root.reason()));
        });
        description.put("mounts", new Variant<>(image.plan().mounts().stream().map(DescriptionOperations::mount).toList(), "a(uss)"));
        description.put("boot-rule", new Variant<>(ImageObject.rule(image.plan().rule())));
        description.put("notes", new Variant<>(image.notes(), "as"));
        description.put("problems", new Variant<>(image.bootProblems(), "as"));
        description.put("obstacle", new Variant<>(image.obstacle()));
        return description;
    }

    private static Object[] part(ImageDescription.Part part) {
        var partition = part.volume().partition();
        var filesystem = part.volume().filesystem();
        return new Object[] {number(partition.number()), new UInt64(partition.start()), new UInt64(partition.length()),
            filesystem.map(Filesystem::type).orElse(""), filesystem.map(Filesystem::label).orElse(""),
            filesystem.map(Filesystem::uuid).orElse(""), partition.uuid(), partition.label(), part.use()};
    }

    private static Object[] mount(MountPlan.Mount mount) {
        if (mount instanceof MountPlan.VolumeMount volume) {
            return new Object[] {number(volume.volume().partition().number()), volume.subvolume(), mount.target()};
        }
        return new Object[] {number(0), ((MountPlan.BindMount) mount).source(), mount.target()};
    }

    private static UInt32 number(int number) {
        return new UInt32(number);
    }
}
