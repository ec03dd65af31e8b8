package org.example.piimages.daemon.image.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.system.MountPlan;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageRecordTest {

    @TempDir
    private Path directory;

    @Test
    void recordSurvivesRoundTrip() throws Exception {
        for (String odd : List.of("/a b", "/new\nline", "/tab\tand=equals", "/#hash!", " /leading", "/ö漢🍓", "/back\\slash", "/cr\r",
                "")) {
            ImageRecord image = new ImageRecord("7_0_12345678901234567890", odd, new Owner(-2, 100), Path.of("/run/m/a b"), true, false,
                    MountPlan.Rule.OS_RELEASE, 1L << 50, List.of(
                            new AttachedVolume(2, "ext4", "uuid", "/", "/dev/loop7", "/dev/dm-0", 512, 1L << 40,
                                    List.of("ro", "subvol=@ x"),
                                    ""),
                            new AttachedVolume(1, "vfat", "", "/boot/ö =", "/dev/loop8", "", 0, 1, List.of(), ""),
                            AttachedVolume.bind("/data/a b", "/home")),
                    List.of("a note", "and = another"));
            Path file = directory.resolve("record");
            RunDirectory.writeRecord(file, image.toProperties());
            assertEquals(image, ImageRecord.of(RunDirectory.readRecord(file).orElseThrow()));
        }
    }
}
