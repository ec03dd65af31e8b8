package org.example.piimages.daemon.image.care.packing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;

/** Fuzzes the parser of tar archives, and that of the names in a zip archive. */
public final class ArchivesFuzz {

    private ArchivesFuzz() {
    }

    /** Parses the bytes as a tar archive, and as the output of unzip. */
    public static void fuzzerTestOneInput(byte[] data) {
        try {
            ByteArrayInputStream archive = new ByteArrayInputStream(data);
            for (Optional<TarMember> next = TarMember.read(archive); next.isPresent(); next = TarMember.read(archive)) {
                TarMember member = next.get();
                require(member.size() >= 0 && member.padding() >= 0 && member.padding() < TarMember.BLOCK, "a member of " + member);
                require(!List.of(member.name().split("/")).contains(".."), member.name());
                archive.skipNBytes(member.size());
                archive.skipNBytes(member.padding());
            }
        } catch (IOException e) {
            // The archive is truncated.
        } catch (Failure failure) {
            require(failure.getMessage().lines().count() == 1, failure.getMessage());
        }
        try {
            Archive.Contents contents = new Archive.Contents();
            new String(data, StandardCharsets.UTF_8).lines().forEach(contents::add);
            String image = contents.image();
            require(ArchiveName.isImage(image) && image.endsWith(Archive.plainEnd(image)), image);
        } catch (Failure failure) {
            require(failure.getMessage().lines().count() == 1, failure.getMessage());
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }
}
