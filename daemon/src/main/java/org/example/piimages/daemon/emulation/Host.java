package org.example.piimages.daemon.emulation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.BinfmtMisc;
import org.example.piimages.daemon.linux.process.Cpu;
import org.example.piimages.daemon.linux.process.ProgramVersion;

/** The host's means to run programs of other CPUs. Looked up each time, because packages are installed and removed. */
final class Host {

    /** The major version of qemu. */
    private static final int DETECTS_P_FLAG = 6;

    private Host() {
    }

    static Architecture architecture() {
        String name = System.getProperty("os.arch");
        return Architecture.ofUname(name.equals("amd64") ? "x86_64" : name)
                .orElseThrow(() -> new IllegalStateException("unknown CPU " + name));
    }

    /** Collects everything that determines how a program of an image is run on this host. */
    static InterpreterFacts facts(Architecture image, byte[] program) throws IOException {
        List<BinfmtEntry> entries = new ArrayList<>();
        BinfmtMisc.entries().forEach((name, text) -> BinfmtEntry.parse(name, text).ifPresent(entries::add));
        List<BinfmtRule> rules = BinfmtMisc.configuredRules().values().stream().flatMap(String::lines)
                .map(BinfmtRule::parse).flatMap(Optional::stream).toList();
        Map<String, Linkage> interpreters = new HashMap<>();
        List<String> paths = Stream.of(entries.stream().map(BinfmtEntry::interpreter), rules.stream().map(BinfmtRule::interpreter),
                image.emulatorPaths().stream()).flatMap(all -> all).distinct().toList();
        for (String path : paths) {
            linkage(path).ifPresent(linkage -> interpreters.put(path, linkage));
        }
        return new InterpreterFacts(image, program, architecture(), runs32Bit(), entries, rules, interpreters, Host::detectsPFlag);
    }

    /**
     * Returns whether the emulator detects the P flag itself: qemu does since version 6.0, from AT_FLAGS, which Linux passes since 5.12;
     * older kernels cannot run images.
     */
    private static boolean detectsPFlag(String emulator) {
        return ProgramVersion.major(emulator).orElse(0) >= DETECTS_P_FLAG;
    }

    /** Returns whether this host's kernel executes 32-bit programs of the CPU's family. */
    static boolean runs32Bit() {
        return architecture().compatible32Bit().filter(narrow -> Cpu.executes(narrow.elfMachine(), narrow.bits())).isPresent();
    }

    /** Returns whether a program exists and is statically linked. */
    static boolean isStatic(String path) throws IOException {
        return linkage(path).filter(Linkage.STATIC::equals).isPresent();
    }

    private static Optional<Linkage> linkage(String path) throws IOException {
        Optional<OpenFile> found = OpenFile.ofHost(path);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenFile file = found.get()) {
            return Optional.of(ElfHeader.parse(file.readStart(ElfHeader.READ_LENGTH)).map(ElfHeader::linkage).orElse(Linkage.UNKNOWN));
        }
    }
}
