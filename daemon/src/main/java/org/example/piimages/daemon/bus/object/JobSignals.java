package org.example.piimages.daemon.bus.object;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Audit;
import org.example.piimages.daemon.bus.gate.BusError;
import org.example.piimages.daemon.bus.gate.Caller;
import org.example.piimages.daemon.bus.gate.ObjectTree;
import org.example.piimages.daemon.job.Job;
import org.example.piimages.daemon.job.JobListener;
import org.freedesktop.dbus.types.Variant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Announces jobs and their progress on the bus. The signals are broadcast, and carry only what all users may know. */
public final class JobSignals implements JobListener {

    private static final Logger LOG = LoggerFactory.getLogger(JobSignals.class);

    private final ObjectSignals signals;
    private ObjectTree tree;
    private LiveObjects objects;

    public JobSignals(ObjectSignals signals) {
        this.signals = signals;
    }

    /** Sets the objects to announce. Not set by the constructor, because the objects' methods start jobs, which are announced here. */
    public void connect(ObjectTree objectTree, LiveObjects liveObjects) {
        this.tree = objectTree;
        this.objects = liveObjects;
    }

    @Override
    public void added(Job job) {
        signals.added(objects.of(job));
        signals.signal(Names.MANAGER_PATH, Names.MANAGER, "JobNew", "o", JobObject.path(job));
        job.result().whenComplete((result, thrown) -> ended(job, thrown));
    }

    @Override
    public void changed(Job job) {
        Map<String, Variant<?>> values = new TreeMap<>(tree.describe(objects.of(job), Caller.EVERYBODY).get(Names.JOB));
        values.keySet().retainAll(JobObject.CHANGING_PROPERTIES);
        signals.signal(JobObject.path(job), ObjectTree.PROPERTIES, "PropertiesChanged", "sa{sv}as", Names.JOB, values, List.of());
    }

    private static void ended(Job job, Throwable thrown) {
        String result = thrown == null ? Audit.DONE : Audit.shortName(BusError.of(cause(thrown)).name());
        LOG.atInfo().addKeyValue("PIIMAGES_EVENT", "job-ended").addKeyValue("PIIMAGES_JOB", JobObject.path(job))
                .addKeyValue("PIIMAGES_OPERATION", job.operation()).addKeyValue("PIIMAGES_IMAGE", job.file())
                .addKeyValue("PIIMAGES_OWNER_UID", Integer.toUnsignedString(job.owner())).addKeyValue("PIIMAGES_RESULT", result)
                .log("{} of {} has ended: {}", job.operation(), job.file(), result);
    }

    @Override
    public void removed(Job job) {
        signals.removed(JobObject.path(job), Names.JOB);
        String error = job.result().handle((result, thrown) -> thrown == null ? "" : BusError.of(cause(thrown)).name()).join();
        signals.signal(Names.MANAGER_PATH, Names.MANAGER, "JobRemoved", "oss", JobObject.path(job), JobObject.state(job), error);
    }

    private static Throwable cause(Throwable thrown) {
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }
}
