package org.example.piimages.daemon.emulation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.process.ProgramVersion;

/**
 * How programs of a CPU would be run on this host; nothing is registered to determine it.
 *
 * @param architecture the CPU as named by uname -m
 * @param plan the plan that would be carried out
 * @param version the major version of the emulator in the plan; empty if there is none, or it cannot be determined
 */
public record InterpreterForecast(String architecture, InterpreterPlan plan, OptionalInt version) {

    /** Returns the forecasts for the Raspberry Pi's CPUs. */
    public static List<InterpreterForecast> ofRaspberryPis() throws IOException {
        List<InterpreterForecast> forecasts = new ArrayList<>();
        for (Architecture architecture : List.of(Architecture.ARM, Architecture.AARCH64)) {
            forecasts.add(of(architecture, ProgramPattern.header(architecture)));
        }
        return forecasts;
    }

    /** Returns the forecast for an image; empty if the CPU cannot be determined from its programs. */
    public static Optional<InterpreterForecast> ofImage(DirectoryTree image) throws IOException {
        Optional<byte[]> program = ImagePrograms.sample(image);
        if (program.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(of(ElfHeader.parse(program.get()).flatMap(ElfHeader::architecture).orElseThrow(), program.get()));
    }

    private static InterpreterForecast of(Architecture architecture, byte[] program) throws IOException {
        InterpreterPlan plan = InterpreterPlan.of(Host.facts(architecture, program));
        OptionalInt version = interpreter(plan).map(ProgramVersion::major).orElse(OptionalInt.empty());
        return new InterpreterForecast(architecture.unameMachine(), plan, version);
    }

    private static Optional<String> interpreter(InterpreterPlan plan) {
        if (plan instanceof InterpreterPlan.Existing existing) {
            return Optional.of(existing.entry().interpreter());
        }
        if (plan instanceof InterpreterPlan.ExistingBound bound) {
            return Optional.of(bound.interpreter());
        }
        return plan instanceof InterpreterPlan.Register register ? Optional.of(register.interpreter()) : Optional.empty();
    }
}
