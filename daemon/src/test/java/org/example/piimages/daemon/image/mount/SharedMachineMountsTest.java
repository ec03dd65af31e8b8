package org.example.piimages.daemon.image.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.junit.jupiter.api.Test;

class SharedMachineMountsTest {

    private static final int ALICE = 1000;
    private static final int BOB = 1001;

    private final SharedMachineMounts shared = new SharedMachineMounts();

    private static MachineMounts mounts(String image) {
        AttachedVolume root = new AttachedVolume(1, "ext4", "", "/", "/dev/no-such-loop-device", "", 0, 1, List.of(), "");
        return new MachineMounts(image, false, false, Path.of("/nowhere"), List.of(root));
    }

    @Test
    void mountsAreNotSharedWithAnotherUser() throws IOException {
        shared.put(mounts("image"), ALICE);
        assertEquals(Optional.empty(), shared.attached("image", BOB));
        assertEquals(Optional.of(mounts("image")), shared.ofRunning("image"));
    }
}
