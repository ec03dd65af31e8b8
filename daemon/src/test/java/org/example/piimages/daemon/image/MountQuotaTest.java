package org.example.piimages.daemon.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.mount.Owner;
import org.junit.jupiter.api.Test;

class MountQuotaTest {

    private static final int FIRST = 100_000;

    private final MountQuota quota = new MountQuota(SubordinateIds.of(List.of("alice:" + FIRST + ":65536")));

    private void take(int uid) {
        quota.take(new Owner(uid, uid)).commit();
    }

    @Test
    void subordinateIdsShareOneLimit() {
        for (int i = 0; i < Images.LIMIT_PER_USER; i++) {
            take(FIRST + i);
        }
        assertEquals(Failure.Kind.LIMIT_EXCEEDED, assertThrows(Failure.class, () -> take(FIRST + 65_535)).kind());
        take(1000);
        quota.release(new Owner(FIRST + 3, FIRST));
        take(FIRST + 65_535);
    }
}
