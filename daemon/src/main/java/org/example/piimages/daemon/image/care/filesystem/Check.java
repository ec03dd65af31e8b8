package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.care.filesystem.CheckedFilesystem.Verdict;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.ExtFeatures;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.file.CallerDirectory;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.FileCopy;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * Checks the filesystems of an image for errors, and repairs them on request. Checking does not change a byte. A file is repaired in a
 * copy, which then replaces it, so that neither an incomplete repair nor one that damages the image further is kept. A card has no space
 * for a copy, and is repaired in place.
 */
public final class Check implements Work {

    /** The path near which a FAT partition is copied, because fsck.fat has no option for an offset. No file has this name. */
    private static final String SCRATCH = "/var/tmp/piimages-fat";

    private final Images images;
    private final JobImage jobImage;
    private final boolean repair;

    public Check(Images images, JobImage jobImage, boolean repair) {
        this.images = images;
        this.jobImage = jobImage;
        this.repair = repair;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try {
            images.hold(repair ? jobImage.requireWritable().file() : jobImage.file(), repair);
            List<Volume> volumes = Volume.probe(jobImage.file(), PartitionTable.read(jobImage.file()));
            progress.step("check", 0);
            List<CheckedFilesystem> found = new ArrayList<>();
            for (Volume volume : volumes) {
                if (volume.filesystem().filter(Filesystem::isMountable).isPresent()) {
                    found.add(firstCheck(volume, progress));
                }
            }
            if (!repair || found.stream().allMatch(CheckedFilesystem::isSound)) {
                return result(found);
            }
            return result(jobImage.file().card().isPresent()
                    ? repairInPlace(volumes, found, progress) : repairCopy(volumes, found, progress));
        } catch (Failure failure) {
            throw jobImage.about(failure);
        } catch (IOException e) {
            throw jobImage.about(e);
        }
    }

    private static Map<String, Object> result(List<CheckedFilesystem> found) {
        return Map.of("sound", found.stream().allMatch(CheckedFilesystem::isSound), "filesystems", found);
    }

    private CheckedFilesystem firstCheck(Volume volume, Progress progress) throws IOException {
        return volume.filesystem().orElseThrow().needsRecovery()
                ? checked(volume, Verdict.UNCLEAN, "its journal has to be replayed first")
                : check(volume, progress);
    }

    /** Checks a filesystem of the image as it is. */
    private CheckedFilesystem check(Volume volume, Progress progress) throws IOException {
        try (PartitionInput input = PartitionInput.of(jobImage.file(), volume.partition(), jobImage.credentials(), true)) {
            return check(input, volume, progress);
        }
    }

    private CheckedFilesystem check(PartitionInput input, Volume volume, Progress progress) throws IOException {
        Filesystem filesystem = volume.filesystem().orElseThrow();
        if (filesystem.extFeatures().isPresent()) {
            E2fsprogs.installed(jobImage.credentials(), progress).require(filesystem.extFeatures().get());
            return verdict(volume, E2fsprogs.check(input, progress, "-f", "-n"));
        }
        if (filesystem.isFat()) {
            if (input.isPartitionOnly()) {
                return verdict(volume, fat(input, progress, "-n"));
            }
            try (OpenFile copy = copyOfFat(input.file(), volume.partition(), progress)) {
                return verdict(volume, fat(copy, progress, "-n"));
            }
        }
        return checked(volume, Verdict.UNCHECKED, "there is no tool to check " + filesystem.type());
    }

    private static CheckedFilesystem verdict(Volume volume, RunningCommand.Ended ended) {
        // Exit status for errors found: 1 of fsck.fat, 4 of e2fsck -n; from 8 on, both report that they could not check at all.
        if (ended.status() >= 8) {
            ended.requireSuccess();
        }
        return checked(volume, ended.status() == 0 ? Verdict.CLEAN : Verdict.DAMAGED, ended.output());
    }

    private static CheckedFilesystem checked(Volume volume, Verdict verdict, String words) {
        String named = words.strip().replaceAll(Command.INPUT + "(\\?offset=[0-9]+)?", volume.partition().title());
        return new CheckedFilesystem(volume.partition().number(), volume.filesystem().orElseThrow().type(), verdict, named);
    }

    private OpenFile copyOfFat(OpenFile image, Partition partition, Progress progress) throws IOException {
        try (CallerDirectory directory = CallerDirectory.of(SCRATCH, jobImage.credentials())) {
            OpenFile copy = directory.scratch();
            try {
                new FileCopy(image, copy, jobImage.credentials()).range(partition.start(), 0, partition.length(),
                        bytes -> progress.advance(0));
                return copy;
            } catch (IOException | RuntimeException e) {
                copy.close();
                throw e;
            }
        }
    }

    /** Runs fsck.fat on a copy. */
    private RunningCommand.Ended fat(OpenFile copy, Progress progress, String option) throws IOException {
        return ToolRun.of(fat(copy, jobImage.credentials(), option), progress);
    }

    /** Runs fsck.fat on a partition of a card. */
    private static RunningCommand.Ended fat(PartitionInput input, Progress progress, String option) throws IOException {
        return ToolRun.watched(fat(input.file(), input.credentials(), option), progress, input::requirePresent);
    }

    private static Command fat(OpenFile file, Credentials credentials, String option) {
        return Command.of("fsck.fat", "dosfstools", credentials).input(file).with(option, Command.INPUT);
    }

    /** Repairs the damaged filesystems in a copy of the image, which then replaces it. Returns the state of all filesystems of the copy. */
    private List<CheckedFilesystem> repairCopy(List<Volume> volumes, List<CheckedFilesystem> found, Progress progress) throws IOException {
        Map<Integer, CheckedFilesystem> before = new LinkedHashMap<>();
        found.forEach(checked -> before.put(checked.partition(), checked));
        List<Volume> checked = volumes.stream().filter(volume -> before.containsKey(volume.partition().number())).toList();
        List<Volume> damaged = checked.stream().filter(volume -> !before.get(volume.partition().number()).isSound()).toList();
        OpenFile image = jobImage.file().file();
        try (CallerDirectory directory = CallerDirectory.ofFile(image, jobImage.credentials()); OpenFile copy = directory.create()) {
            long size = image.length();
            progress.step("copy", size);
            new FileCopy(image, copy, jobImage.credentials()).range(0, 0, size, progress::advance);
            progress.step("repair", 0);
            Map<Integer, String> words = new LinkedHashMap<>();
            for (Volume volume : damaged) {
                words.put(volume.partition().number(), repairFilesystem(volume, copy, progress).output());
            }
            progress.step("verify", 0);
            List<CheckedFilesystem> after = new ArrayList<>();
            for (Volume volume : checked) {
                CheckedFilesystem previous = before.get(volume.partition().number());
                after.add(verified(previous, previous.verdict() == Verdict.UNCHECKED ? previous : check(PartitionInput.ofFile(copy,
                        volume.partition(), jobImage.credentials()), volume, progress), volume, words));
            }
            copy.sync();
            progress.ready(result(after));
            progress.commit();
            directory.replace(copy);
            return after;
        }
    }

    /** Repairs the filesystems of a card in place, like fsck(8), because a card has no space for a copy. */
    private List<CheckedFilesystem> repairInPlace(List<Volume> volumes, List<CheckedFilesystem> found, Progress progress)
            throws IOException {
        requireDisjoint(volumes);
        for (Volume volume : volumes) {
            Optional<ExtFeatures> features = volume.filesystem().flatMap(Filesystem::extFeatures);
            if (features.isPresent()) {
                E2fsprogs.installed(jobImage.credentials(), progress).require(features.get());
            }
        }
        progress.ready(result(found));
        progress.commit();
        progress.step("repair", 0);
        List<CheckedFilesystem> after = new ArrayList<>();
        for (CheckedFilesystem before : found) {
            Volume volume = volumes.stream().filter(v -> v.partition().number() == before.partition()).findFirst().orElseThrow();
            after.add(before.isSound() ? before : repairInPlace(volume, progress));
        }
        jobImage.file().file().sync();
        return after;
    }

    /** Refuses overlapping partitions: the repair of one could damage another, which can be detected in time only in a copy. */
    private static void requireDisjoint(List<Volume> volumes) {
        for (Volume one : volumes) {
            for (Volume other : volumes) {
                if (one.partition().number() != other.partition().number() && one.partition().start() <= other.partition().start()
                        && one.partition().end() > other.partition().start()) {
                    throw new Failure(Failure.Kind.UNSUPPORTED, one.partition().title() + " and " + other.partition().title()
                            + " overlap, so they are not repaired in place; nothing was changed");
                }
            }
        }
    }

    private CheckedFilesystem repairInPlace(Volume volume, Progress progress) throws IOException {
        String words;
        try (PartitionInput input = PartitionInput.of(jobImage.file(), volume.partition(), jobImage.credentials(), false)) {
            words = (volume.filesystem().orElseThrow().isFat() ? fat(input, progress, "-a")
                    : E2fsprogs.check(input, progress, "-f", "-y")).output();
            input.file().sync();
        }
        return checked(volume, check(volume, progress).verdict() == Verdict.CLEAN ? Verdict.REPAIRED : Verdict.DAMAGED, words);
    }

    /** Repairs one filesystem of the copy. */
    private RunningCommand.Ended repairFilesystem(Volume volume, OpenFile copy, Progress progress) throws IOException {
        Partition partition = volume.partition();
        if (!volume.filesystem().orElseThrow().isFat()) {
            return E2fsprogs.check(copy, partition.start(), jobImage.credentials(), progress, "-f", "-y");
        }
        try (OpenFile fat = copyOfFat(copy, partition, progress)) {
            RunningCommand.Ended ended = fat(fat, progress, "-a");
            new FileCopy(fat, copy, jobImage.credentials()).overwrite(partition.start(), partition.length(), bytes -> progress.advance(0));
            return ended;
        }
    }

    /**
     * Returns the result for a filesystem of the copy: the output is that of the repair, the verdict is that of the check afterwards.
     *
     * @param before the result before the repair
     * @param verified the result of the check of the copy
     * @param words the output of the repairs, by partition number
     * @throws Failure INVALID_IMAGE if a filesystem that was sound is damaged now
     */
    private static CheckedFilesystem verified(CheckedFilesystem before, CheckedFilesystem verified, Volume volume,
            Map<Integer, String> words) {
        if (words.containsKey(before.partition())) {
            return checked(volume, verified.verdict() == Verdict.CLEAN ? Verdict.REPAIRED : Verdict.DAMAGED, words.get(before.partition()));
        }
        if (before.isSound() && !verified.isSound()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "the repair of one partition damages " + volume.partition().title()
                    + "; perhaps they overlap; nothing was changed");
        }
        return verified;
    }
}
