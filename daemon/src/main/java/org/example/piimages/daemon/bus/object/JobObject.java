package org.example.piimages.daemon.bus.object;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.image.care.card.UnreadableRanges;
import org.example.piimages.daemon.image.care.filesystem.CheckedFilesystem;
import org.example.piimages.daemon.job.Job;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/** The bus object of a job. */
final class JobObject {

    /** The properties that change while the job runs; none of them reveals anything about the image. */
    static final Set<String> CHANGING_PROPERTIES = Set.of("State", "Step", "Progress", "BytesDone", "BytesTotal", "Rate", "Eta");

    private JobObject() {
    }

    static String path(Job job) {
        return Names.JOB_PATH_PREFIX + job.number();
    }

    static BusObject of(Job job, JobOperations operations) {
        String interfaceName = Names.JOB;
        return new BusObject(path(job))
                .method(interfaceName, "Wait", call -> operations.await(call, job))
                .method(interfaceName, "Cancel", call -> operations.cancel(call, job))
                .property(interfaceName, "Operation", caller -> job.operation())
                .property(interfaceName, "File", caller -> caller.mayRead(job.owner()) ? job.file() : "")
                .property(interfaceName, "Owner", caller -> job.owner())
                .property(interfaceName, "State", caller -> state(job))
                .property(interfaceName, "Step", caller -> job.measure().step())
                .property(interfaceName, "Progress", caller -> job.measure().fraction())
                .property(interfaceName, "BytesDone", caller -> job.measure().bytesDone())
                .property(interfaceName, "BytesTotal", caller -> job.measure().bytesTotal())
                .property(interfaceName, "Rate", caller -> job.measure().rate())
                .property(interfaceName, "Eta", caller -> job.measure().secondsLeft());
    }

    static String state(Job job) {
        return job.state().name().toLowerCase(Locale.ROOT);
    }

    /** A job's result as a D-Bus dictionary. */
    static Map<String, Variant<?>> variants(Map<String, Object> result) {
        Map<String, Variant<?>> variants = new TreeMap<>();
        result.forEach((name, value) -> variants.put(name, variant(value)));
        return variants;
    }

    private static Variant<?> variant(Object value) {
        if (value instanceof Long number) {
            return new Variant<>(new UInt64(number));
        }
        if (value instanceof UnreadableRanges ranges) {
            return new Variant<>(ranges.rows().stream().map(row -> new Object[] {row.partition(), row.offset(), row.length(),
                row.content()}).toList(),
                    "a(uttas)");
        }
        if (value instanceof List<?> list) {
            return new Variant<>(list.stream().map(CheckedFilesystem.class::cast).map(JobObject::row).toList(), "a(usss)");
        }
        return new Variant<>(value);
    }

    private static Object[] row(CheckedFilesystem checked) {
        return new Object[] {checked.partition(), checked.type(), checked.verdict().name().toLowerCase(Locale.ROOT),
            checked.output()};
    }
}
