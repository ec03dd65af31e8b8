package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Action;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.diagnosis.Diagnosis;
import org.example.piimages.daemon.diagnosis.Finding;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.system.PartitionSelection;

/** Implements the methods DiagnoseHost and DiagnoseImage. */
public final class DiagnosisOperations {

    private final ImageOperations imageOperations;
    private final Diagnosis diagnosis;

    public DiagnosisOperations(ImageOperations imageOperations, Diagnosis diagnosis) {
        this.imageOperations = imageOperations;
        this.diagnosis = diagnosis;
    }

    /** Adds the methods to the manager. */
    public void addTo(BusObject manager) {
        manager.method(Names.MANAGER, "DiagnoseHost", this::host).method(Names.MANAGER, "DiagnoseImage", this::image);
    }

    private CompletableFuture<Object[]> host(Call call) throws IOException {
        return diagnosis.ofHost().thenApply(DiagnosisOperations::rows);
    }

    /** Requires the same authorisation as mounting, because the kernel parses the filesystem, which not every user may cause. */
    private CompletableFuture<Object[]> image(Call call) throws IOException {
        Options options = new Options(call.arguments()[1]);
        PartitionSelection selection = options.selection(call.caller().account());
        options.requireNoOthers();
        ImageFile file = ImageOperations.open(call, true);
        return imageOperations.ifAuthorized(call, Action.MOUNT, file, () -> rows(diagnosis.ofImage(file, call.caller().owner(), selection)))
                .whenComplete((answer, error) -> file.close());
    }

    private static Object[] rows(List<Finding> findings) {
        return new Object[] {findings.stream().map(finding -> new Object[] {finding.check(), finding.severity().word(), finding.text(),
            finding.remedy()}).toList()};
    }
}
