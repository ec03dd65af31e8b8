package org.example.piimages.daemon.diagnosis;

import java.util.stream.Collectors;
import org.example.piimages.daemon.emulation.ArmVersion;
import org.example.piimages.daemon.emulation.BinfmtEntry;
import org.example.piimages.daemon.emulation.InterpreterForecast;
import org.example.piimages.daemon.emulation.InterpreterPlan;

/** Describes how programs of a CPU architecture run on this host. */
final class EmulationChecks {

    /** The QEMU version that the latest systemd requires to boot; see machine.guest.GuestInit. */
    private static final int RECENT_QEMU = 10;

    private EmulationChecks() {
    }

    /** The finding for a forecast. */
    static Finding of(InterpreterForecast forecast) {
        InterpreterPlan plan = forecast.plan();
        String check = "emulation-" + forecast.architecture();
        String programs = forecast.architecture() + " programs ";
        if (plan instanceof InterpreterPlan.Native natively) {
            return natively.interceptor().map(entry -> intercepted(check, programs, entry))
                    .orElseGet(() -> Finding.ok(check, programs + "run on this CPU"));
        }
        if (plan instanceof InterpreterPlan.Missing missing) {
            return Finding.problem(check, programs + "do not run: " + missing.message(), "install the package "
                    + missing.packageName() + ", or qemu-user-binfmt if there is no such package");
        }
        String version = forecast.version().stream().mapToObj(major -> "; it is version " + major).findFirst().orElse("");
        boolean old = forecast.version().orElse(RECENT_QEMU) < RECENT_QEMU;
        return Finding.ok(check, programs + how(plan) + version
                + (old ? ": images with systemd 257 or newer (Debian 13) run commands, but do not boot" : ""));
    }

    /** The finding for an image that also supports the oldest Raspberry Pi models. */
    static Finding of(ArmVersion version, InterpreterPlan plan) {
        String text =
                "its programs are built for " + version.title() + ", as for the Raspberry Pi Zero and 1; this host has a newer CPU";
        return Finding.ok("arm-version", text + (plan instanceof InterpreterPlan.Native ? ""
                : ": -E QEMU_CPU=arm1176 emulates the old CPU for programs that inspect it, such as pip"));
    }

    private static Finding intercepted(String check, String programs, BinfmtEntry entry) {
        return Finding.warning(check, programs + "run on this CPU, but the binfmt_misc entry " + entry.name() + " passes them to "
                + entry.interpreter() + ", which is slow and may break them",
                "find the package that installs the entry's file in binfmt.d; an empty file of that name in /etc/binfmt.d disables it");
    }

    private static String how(InterpreterPlan plan) {
        if (plan instanceof InterpreterPlan.Existing existing) {
            return "run by the entry " + describe(existing.entry());
        }
        if (plan instanceof InterpreterPlan.ExistingBound bound) {
            return "run by the entry " + describe(bound.entry())
                    + ", which lacks the flag F: the emulator is bind mounted into the machine";
        }
        if (plan instanceof InterpreterPlan.Register register) {
            return "run by " + register.interpreter() + ", which is registered when it is needed";
        }
        throw new IllegalArgumentException(plan.toString());
    }

    private static String describe(BinfmtEntry entry) {
        String flags = entry.flags().stream().map(flag -> String.valueOf(flag.letter())).sorted().collect(Collectors.joining());
        return entry.name() + " (" + entry.interpreter() + (flags.isEmpty() ? ", no flags)" : ", flags " + flags + ")");
    }
}
