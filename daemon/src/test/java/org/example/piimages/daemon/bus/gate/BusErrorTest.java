package org.example.piimages.daemon.bus.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class BusErrorTest {

    private static final String FAILED = "org.example.PiImages.Error.Failed";

    @Test
    void failureKeepsItsNameAndText() {
        Failure failure = new Failure(Failure.Kind.BUSY, "it is in use");
        assertEquals(new BusError("org.example.PiImages.Error.Busy", "it is in use"), BusError.of(failure));
        assertEquals(BusError.of(failure), BusError.of(new CompletionException(new CompletionException(failure))));
    }

    @Test
    void standardErrorsKeepTheirNames() {
        for (String name : new String[] {Names.UNKNOWN_OBJECT, Names.UNKNOWN_METHOD, Names.INTERACTIVE_AUTHORIZATION_REQUIRED}) {
            assertEquals(new BusError(name, "text"), BusError.of(new RemoteError(name, "text")));
        }
    }

    @Test
    void errorNamesOfOtherServicesAreReplaced() {
        assertEquals(new BusError(FAILED, "text"), BusError.of(new RemoteError("org.freedesktop.systemd1.UnitExists", "text")));
    }

    @Test
    void mapsErrnoToKinds() {
        ErrnoException noEntry = Assertions.assertThrows(ErrnoException.class, () -> Libc.call("open", "/nowhere/at/all", 0));
        assertEquals(new BusError(FAILED, "open: No such file or directory"), BusError.of(new UncheckedIOException(noEntry)));
        ErrnoException unknown = Assertions.assertThrows(ErrnoException.class, () -> Libc.callLong("syscall", 100_000));
        assertEquals("org.example.PiImages.Error.Unsupported", BusError.of(unknown).name());
    }

    @Test
    void fileErrorsNameTheirReason() {
        String record = "/run/piimages/images/.1.new";
        assertEquals(new BusError("org.example.PiImages.Error.NoSpace", "cannot use " + record + ": No space left on device"),
                BusError.of(new FileSystemException(record, null, "No space left on device")));
        assertEquals(FAILED, BusError.of(new FileSystemException(record, null, "Input/output error")).name());
    }

    @Test
    void mapsCancellationAndRejection() {
        assertEquals("org.example.PiImages.Error.Cancelled", BusError.of(new CancellationException()).name());
        assertEquals("org.example.PiImages.Error.LimitExceeded", BusError.of(new RejectedExecutionException("pool")).name());
    }

    @Test
    void unexpectedErrorsRevealNoInternals() {
        for (Throwable error : new Throwable[] {new NullPointerException(), new IOException("/root/secret"), new StackOverflowError()}) {
            BusError described = BusError.of(error);
            assertEquals(FAILED, described.name());
            assertFalse(described.text().contains("secret") || described.text().contains("Exception"), described.text());
        }
    }
}
