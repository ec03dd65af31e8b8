package org.example.piimages.daemon.image.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
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
    void mountsOfReleasedDevicesDoNotAccumulate() throws IOException {
        for (int number = 0; number < 1000; number++) {
            shared.forgetReleased();
            shared.put(mounts("copy" + number), ALICE);
        }
        long kept = IntStream.range(0, 1000).filter(number -> shared.ofRunning("copy" + number).isPresent()).count();
        assertTrue(kept < 200, kept + " entries");
        assertTrue(shared.ofRunning("copy999").isPresent());
    }

    @Test
    void mountsAreNotSharedWithAnotherUser() throws IOException {
        shared.put(mounts("image"), ALICE);
        assertEquals(Optional.empty(), shared.attached("image", BOB));
        assertEquals(Optional.of(mounts("image")), shared.ofRunning("image"));
    }
}
