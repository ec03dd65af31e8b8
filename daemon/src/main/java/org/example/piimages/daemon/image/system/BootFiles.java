package org.example.piimages.daemon.image.system;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.filesystem.FatFiles;
import org.example.piimages.daemon.image.table.Volume;

/**
 * The boot files of a FAT partition.
 *
 * @param volume the partition
 * @param firmware whether it has files of the Raspberry Pi's firmware or of another boot loader, or a kernel
 * @param empty whether it has no files at all
 * @param autoboot the content of autoboot.txt; empty if there is none
 * @param commandLine the content of cmdline.txt, or of the file that config.txt names instead
 * @param slots the content of slot.map
 */
public record BootFiles(Volume volume, boolean firmware, boolean empty, Optional<Autoboot> autoboot, KernelCommandLine commandLine,
        SlotMap slots) {

    private static final Pattern FIRMWARE = Pattern.compile("bootcode\\.bin|start[a-z0-9_]*\\.elf|recovery\\.(elf|img)|config\\.txt"
            + "|cmdline\\.txt|autoboot\\.txt|tryboot\\.txt|kernel[0-9a-z_-]*(\\.img)?|vmlinu[xz].*|[uz]?image(\\.gz)?|.*\\.dtb|u-boot.*"
            + "|boot\\.scr|extlinux|efi");

    /** Reads the boot files of a volume; empty if it is not FAT. Throws Failure as {@link ByteSource#read}. */
    public static Optional<BootFiles> read(ByteSource source, Volume volume) {
        return volume.filesystem().filter(filesystem -> filesystem.isFat())
                .flatMap(filesystem -> FatFiles.of(source, volume.partition())).map(files -> of(volume, files));
    }

    private static BootFiles of(Volume volume, FatFiles files) {
        Set<String> names = files.names();
        return new BootFiles(volume, names.stream().anyMatch(name -> FIRMWARE.matcher(name).matches()), names.isEmpty(),
                files.content("autoboot.txt", Autoboot.BYTE_LIMIT).map(Autoboot::parse),
                commandLine(files),
                files.content("slot.map", SlotMap.BYTE_LIMIT).map(SlotMap::parse).orElse(SlotMap.EMPTY));
    }

    private static KernelCommandLine commandLine(FatFiles files) {
        FirmwareConfiguration configuration = files.content("config.txt", FirmwareConfiguration.BYTE_LIMIT)
                .map(FirmwareConfiguration::parse).orElse(FirmwareConfiguration.NONE);
        return configuration.places().stream().flatMap(place -> files.content(place, KernelCommandLine.BYTE_LIMIT).stream()).findFirst()
                .map(KernelCommandLine::parse).orElse(KernelCommandLine.EMPTY);
    }

    /** The partition's number. */
    public int number() {
        return volume.partition().number();
    }
}
