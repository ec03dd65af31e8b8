package org.example.piimages.daemon.image.care.packing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CancellableStreamTest {

    /** Zeros without end, as in a hole. */
    private static InputStream hole() {
        return new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                return length;
            }
        };
    }

    @Test
    void endlessStreamEndsWithCancellation() throws IOException {
        AtomicInteger checks = new AtomicInteger();
        Runnable check = () -> {
            if (checks.incrementAndGet() > 9) {
                throw new CancellationException("cancelled");
            }
        };
        try (InputStream stream = new PushbackInputStream(new BufferedInputStream(new CancellableStream(hole(), check)))) {
            assertThrows(CancellationException.class, () -> stream.transferTo(OutputStream.nullOutputStream()));
        }
        assertEquals(10, checks.get());
    }
}
