package org.example.piimages.cli.command;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.cli.terminal.SecretInput;
import org.example.piimages.cli.terminal.StandardStream;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The passphrase of encrypted partitions: read from a file, or from the user, who is asked if the service requires one. */
public final class PassphraseOption {

    /** The name of the option. */
    public static final String NAME = "--passphrase-file";
    private static final String STANDARD_INPUT = "-";
    private static final int ATTEMPTS = 3;
    private static final int MFD_CLOEXEC = 1;

    private PassphraseOption() {
    }

    /** An operation that requires a passphrase if the image is encrypted. */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Performs the operation.
         *
         * @param passphrase an option of the method call with the passphrase; empty if there is none
         */
        T with(Map<String, Variant<?>> passphrase);
    }

    /** Adds the option that {@link #with} reads. */
    static void addTo(CommandSpec spec) {
        spec.addOption(Options.value(NAME, "FILE", "Open encrypted partitions (LUKS) with the passphrase in the first line of FILE"));
    }

    /**
     * Performs an operation with the passphrase from the command line. If none is specified and the operation fails because a partition is
     * encrypted, asks the user and tries again.
     *
     * @param file the image, which is named in the question
     * @throws RemoteError if the operation fails, or the user cannot be asked
     */
    public static <T> T with(ParseResult arguments, ImageFile file, Session session, Work<T> work) {
        if (arguments.hasMatchedOption(NAME)) {
            return with(ofFile(arguments.matchedOptionValue(NAME, ""), file, session), work);
        }
        try {
            return work.with(Map.of());
        } catch (RemoteError locked) {
            return ask(locked, file, session, work);
        }
    }

    private static <T> T ask(RemoteError first, ImageFile file, Session session, Work<T> work) {
        RemoteError locked = first;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<byte[]> typed = isLocked(locked) ? session.authentication().passphrase(question(file)) : Optional.empty();
            if (typed.isEmpty()) {
                throw locked;
            }
            try {
                return with(typed.get(), work);
            } catch (RemoteError again) {
                locked = again;
            }
        }
        throw locked;
    }

    private static boolean isLocked(RemoteError error) {
        return error.errorName().equals(Failure.Kind.LOCKED.errorName());
    }

    private static String question(ImageFile file) {
        return "Passphrase of " + Printable.of(file.path()) + ":";
    }

    private static byte[] ofFile(String name, ImageFile file, Session session) {
        if (name.equals(STANDARD_INPUT) && StandardStream.INPUT.isTerminal()) {
            return session.authentication().passphrase(question(file))
                    .orElseThrow(() -> new CommandFailure(ExitCode.DENIED, "nobody can be asked for the passphrase"));
        }
        return new SecretInput(System.in).read(NAME, name, file.path()).getBytes(StandardCharsets.UTF_8);
    }

    /** Performs an operation like {@link #with}, but never asks the user; for a method call that changes nothing. */
    public static <T> T given(ParseResult arguments, ImageFile file, Session session, Work<T> work) {
        return arguments.hasMatchedOption(NAME) ? with(arguments, file, session, work) : work.with(Map.of());
    }

    private static <T> T with(byte[] passphrase, Work<T> work) {
        try (Fd memory = new Fd(Libc.call("memfd_create", "passphrase", MFD_CLOEXEC))) {
            memory.write(passphrase, passphrase.length);
            Libc.callLong("lseek", memory.number(), 0, 0);
            Map<String, Variant<?>> options = new TreeMap<>();
            options.put(Names.OPTION_PASSPHRASE, new Variant<>(new FileDescriptor(memory.number())));
            return work.with(options);
        } catch (ErrnoException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot pass the passphrase: " + e.getMessage());
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
    }
}
