package org.example.piimages.daemon.linux.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.linux.mount.MountTable;

/**
 * Explains what uses a disk. {@link BlockDevice#openExclusively} ensures that nothing else uses it; this class supplies the reason for a
 * refusal, and detects loop devices, which the kernel's exclusive open does not.
 */
public final class DeviceUse {

    private static final Path SWAPS = Path.of("/proc/swaps");

    private final Map<String, String> members;

    private DeviceUse(Map<String, String> members) {
        this.members = members;
    }

    /**
     * Returns why a disk must not be written to, as the rest of a message that begins with its name; empty if it is unused.
     *
     * @return for example "is in use: sdb1 is mounted (findmnt /dev/sdb1 shows where)"
     */
    public static Optional<String> of(BlockDevice disk) throws IOException {
        DeviceUse use = new DeviceUse(disk.namesByNumber());
        List<MountTable.Entry> mounts = MountTable.read();
        if (use.holdsRootFilesystem(mounts)) {
            return Optional.of("is the disk that this system runs from");
        }
        return use.reason(mounts).map(reason -> "is in use: " + reason);
    }

    private Optional<String> reason(List<MountTable.Entry> mounts) throws IOException {
        Optional<String> found = mounted(mounts);
        found = found.isPresent() ? found : swap();
        found = found.isPresent() ? found : loop();
        return found.isPresent() ? found : mapping();
    }

    /** Whether the root filesystem is on the disk, through any number of mappings. */
    private boolean holdsRootFilesystem(List<MountTable.Entry> mounts) throws IOException {
        for (MountTable.Entry entry : mounts) {
            if (entry.target().equals(Path.of("/")) && isOnDisk(entry)) {
                return true;
            }
        }
        return false;
    }

    private boolean isOnDisk(MountTable.Entry entry) throws IOException {
        for (String number : BlockDevice.underlyingDevices(entry.device())) {
            if (members.containsKey(number)) {
                return true;
            }
        }
        // btrfs has a device number of its own for each subvolume, which belongs to no device.
        return member(entry.source()).isPresent();
    }

    private Optional<String> mounted(List<MountTable.Entry> mounts) throws IOException {
        for (MountTable.Entry entry : mounts) {
            Optional<String> member = Optional.ofNullable(members.get(entry.device())).or(() -> member(entry.source()));
            if (member.isPresent()) {
                return member.map(name -> name + " is mounted; unmount it first; see: findmnt /dev/" + name);
            }
        }
        return Optional.empty();
    }

    private Optional<String> member(String node) {
        return members.values().stream().filter(name -> node.equals("/dev/" + name)).findFirst();
    }

    private Optional<String> swap() throws IOException {
        if (Files.notExists(SWAPS)) {
            return Optional.empty();
        }
        return Files.readAllLines(SWAPS).stream().map(line -> member(line.split("\\s", 2)[0])).flatMap(Optional::stream).findFirst()
                .map(name -> name + " is used as swap space; to disable it: swapoff /dev/" + name);
    }

    private Optional<String> mapping() throws IOException {
        for (Map.Entry<String, String> member : members.entrySet()) {
            List<String> holders = BlockDevice.holders(member.getKey());
            if (!holders.isEmpty()) {
                return Optional.of(member.getValue() + " is part of " + String.join(", ", holders) + "; see: lsblk");
            }
        }
        return Optional.empty();
    }

    /** The backing file of a loop device; empty if it is free or is being freed. */
    private static Optional<String> backingFile(Path backing) {
        try {
            return Optional.of(Files.readString(backing).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Optional<String> loop() throws IOException {
        try (var devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
            for (Path device : devices) {
                Path backing = device.resolve("loop/backing_file");
                Optional<String> member = backingFile(backing).flatMap(this::member);
                if (member.isPresent()) {
                    return LoopMarkers.isMarked(device.getFileName().toString())
                            ? Optional.of(
                                    "as an image that is mounted, runs or is worked on; see: piimagesctl list, machines and jobs")
                            : member.map(name -> device.getFileName() + " is attached to " + name + "; see: losetup --list");
                }
            }
            return Optional.empty();
        }
    }
}
