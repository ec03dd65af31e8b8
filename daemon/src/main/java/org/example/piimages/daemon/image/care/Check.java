package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.ImageFile;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.care.CheckedFilesystem.Verdict;
import org.example.piimages.daemon.image.disk.Filesystem;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionTable;
import org.example.piimages.daemon.image.disk.Volume;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.CallerFolder;
import org.example.piimages.daemon.linux.Command;
import org.example.piimages.daemon.linux.FileCopy;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.RunningCommand;

/**
 * Looks for errors in the filesystems of an image, and mends them when asked to. Looking changes not a byte. Mending is done in a copy that
 * takes the image's place: what fsck makes worse is not kept, and neither is half of its work.
 */
public final class Check implements Work {

    /** Where a FAT partition is copied to: its tool takes no offset. */
    private static final String SCRATCH = "/var/tmp/piimages-fat";

    private final Images images;
    private final Subject subject;
    private final boolean repair;

    public Check(Images images, Subject subject, boolean repair) {
        this.images = images;
        this.subject = subject;
        this.repair = repair;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try {
            images.hold(repair ? subject.requireWritable().file() : subject.file(), repair);
            List<Volume> volumes = Volume.probe(subject.file(), PartitionTable.read(subject.file()));
            progress.step("check", 0);
            List<CheckedFilesystem> found = new ArrayList<>();
            for (Volume volume : volumes) {
                if (volume.filesystem().filter(Filesystem::isMountable).isPresent()) {
                    found.add(look(volume, progress));
                }
            }
            boolean mend = repair && found.stream().anyMatch(checked -> !checked.isSound());
            return result(mend ? mend(volumes, found, progress) : found);
        } catch (Failure failure) {
            throw subject.about(failure);
        }
    }

    private static Map<String, Object> result(List<CheckedFilesystem> found) {
        return Map.of("sound", found.stream().allMatch(CheckedFilesystem::isSound), "filesystems", found);
    }

    private CheckedFilesystem look(Volume volume, Progress progress) throws IOException {
        Filesystem filesystem = volume.filesystem().orElseThrow();
        if (filesystem.needsRecovery()) {
            return checked(volume, Verdict.UNCLEAN, "its journal is to be replayed first");
        }
        if (filesystem.extFeatures().isPresent()) {
            E2fsprogs.installed(subject.who(), progress).require(filesystem.extFeatures().get());
            return judge(volume, E2fsprogs.check(subject.file().file(), volume.partition().start(), subject.who(), progress, "-f", "-n"));
        }
        if (filesystem.isFat()) {
            try (OpenFile copy = copyOfFat(volume.partition(), progress)) {
                return judge(volume, fat(copy, progress, "-n"));
            }
        }
        return checked(volume, Verdict.UNCHECKED, "there is no check of " + filesystem.type() + " here");
    }

    private static CheckedFilesystem judge(Volume volume, RunningCommand.Ended ended) {
        // fsck.fat says 1, e2fsck -n says 4; from 8 on both mean that they could not do their work.
        if (ended.status() >= 8) {
            ended.requireSuccess();
        }
        return checked(volume, ended.status() == 0 ? Verdict.CLEAN : Verdict.DAMAGED, ended.words());
    }

    private static CheckedFilesystem checked(Volume volume, Verdict verdict, String words) {
        String named = words.strip().replaceAll(Command.INPUT + "(\\?offset=[0-9]+)?", volume.partition().title());
        return new CheckedFilesystem(volume.partition().number(), volume.filesystem().orElseThrow().type(), verdict, named);
    }

    private OpenFile copyOfFat(Partition partition, Progress progress) throws IOException {
        try (CallerFolder folder = CallerFolder.of(SCRATCH, subject.who())) {
            OpenFile copy = folder.create();
            new FileCopy(subject.file().file(), copy).range(partition.start(), 0, partition.length(), bytes -> progress.advance(0));
            return copy;
        }
    }

    private RunningCommand.Ended fat(OpenFile file, Progress progress, String option) throws IOException {
        return ToolRun.of(Command.of("fsck.fat", "dosfstools", subject.who()).input(file).with(option, Command.INPUT), progress);
    }

    /** Mends what is not sound, in a copy; the others are in it as they were. */
    private List<CheckedFilesystem> mend(List<Volume> volumes, List<CheckedFilesystem> found, Progress progress) throws IOException {
        List<Volume> broken = volumes.stream().filter(volume -> found.stream()
                .anyMatch(checked -> checked.partition() == volume.partition().number() && !checked.isSound())).toList();
        Map<Partition, OpenFile> fats = new LinkedHashMap<>();
        List<CheckedFilesystem> after = new ArrayList<>(found);
        ImageFile file = subject.file();
        try (CallerFolder folder = CallerFolder.holding(file.file(), subject.who()); OpenFile copy = folder.create()) {
            for (Volume volume : broken) {
                if (volume.filesystem().orElseThrow().isFat()) {
                    OpenFile fat = copyOfFat(volume.partition(), progress);
                    fats.put(volume.partition(), fat);
                    replace(after, mended(volume, fat(fat, progress, "-a"), fat(fat, progress, "-n")));
                }
            }
            assemble(copy, fats, progress);
            progress.step("repair", 0);
            for (Volume volume : broken) {
                if (!volume.filesystem().orElseThrow().isFat()) {
                    replace(after, mendExt(volume, copy, progress));
                }
            }
            copy.sync();
            progress.ready(result(after));
            progress.commit();
            folder.replace(copy, file.file());
            return after;
        } finally {
            fats.values().forEach(OpenFile::close);
        }
    }

    private CheckedFilesystem mendExt(Volume volume, OpenFile copy, Progress progress) throws IOException {
        long start = volume.partition().start();
        return mended(volume, E2fsprogs.check(copy, start, subject.who(), progress, "-f", "-y"),
                E2fsprogs.check(copy, start, subject.who(), progress, "-f", "-n"));
    }

    /** The words are those of the mending; the verdict is that of a second look. */
    private static CheckedFilesystem mended(Volume volume, RunningCommand.Ended mending, RunningCommand.Ended second) {
        return checked(volume, second.status() == 0 ? Verdict.REPAIRED : Verdict.DAMAGED, mending.words());
    }

    private static void replace(List<CheckedFilesystem> list, CheckedFilesystem checked) {
        list.replaceAll(old -> old.partition() == checked.partition() ? checked : old);
    }

    /** The image with the mended FAT partitions in their places. */
    private void assemble(OpenFile copy, Map<Partition, OpenFile> fats, Progress progress) throws IOException {
        OpenFile image = subject.file().file();
        long size = image.length();
        progress.step("copy", size);
        long at = 0;
        for (Map.Entry<Partition, OpenFile> fat : fats.entrySet()) {
            Partition partition = fat.getKey();
            new FileCopy(image, copy).range(at, at, partition.start() - at, progress::advance);
            new FileCopy(fat.getValue(), copy).range(0, partition.start(), partition.length(), progress::advance);
            at = partition.end();
        }
        new FileCopy(image, copy).range(at, at, size - at, progress::advance);
    }
}
