package org.example.piimages.daemon.image.system;

import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.FatFiles;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.Volume;

/** Fuzzes a FAT partition, as far as it is read without the kernel. */
public final class BootFilesFuzz {

    private static final int CONTENT_LIMIT = 8 * 1024;

    private BootFilesFuzz() {
    }

    /** Parses bytes as a FAT with its directories and files. */
    public static void fuzzerTestOneInput(byte[] data) {
        long size = Math.max(data.length, 1 << 16);
        MemorySource source = new MemorySource(data, size);
        Partition partition = Partition.wholeFile(size);
        try {
            Optional<FatFiles> files = FatFiles.of(source, partition);
            files.ifPresent(found -> found.names().forEach(name -> requireBounded(found, name)));
            Optional<Filesystem> filesystem = Filesystem.probe(source, partition);
            SlotLinks.of(BootFiles.read(source, new Volume(partition, filesystem))).find("active/boot", List.of());
        } catch (Failure failure) {
            PartitionsFuzz.requireOneLine(failure.getMessage());
        }
    }

    private static void requireBounded(FatFiles files, String name) {
        files.content(name, CONTENT_LIMIT).filter(content -> content.length > CONTENT_LIMIT).ifPresent(content -> {
            throw new IllegalStateException(content.length + " bytes of a file");
        });
    }
}
