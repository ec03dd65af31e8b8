package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.daemon.image.RemovedCards;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.daemon.machine.record.MachineRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the cards in use: when one is taken out, it is unmounted and its machines end. The kernel looks itself whether there is still
 * a card in a reader, every two seconds (block.events_dfl_poll_msecs, which udev sets).
 */
public final class CardWatch {

    private static final Logger LOG = LoggerFactory.getLogger(CardWatch.class);

    private final RemovedCards cards;
    private final Machines machines;
    private final Announcements announcements;
    /** Cards of which a thread takes care, which may wait for a reader that does not answer; those in other readers do not. */
    private final Set<String> inHand = ConcurrentHashMap.newKeySet();
    /** The machines that were told to end. */
    private final Set<MachineRecord> told = ConcurrentHashMap.newKeySet();

    public CardWatch(RemovedCards cards, Machines machines, Announcements announcements) {
        this.cards = cards;
        this.machines = machines;
        this.announcements = announcements;
    }

    /** Looks once; to be called several times a second. */
    public void look() {
        try {
            Map<String, String> running = machines.images();
            running.values().removeIf(image -> !RemovedCards.isCard(image));
            Set<String> used = new LinkedHashSet<>(cards.inUse());
            used.addAll(running.values());
            for (String card : RemovedCards.among(used)) {
                if (inHand.add(card)) {
                    new Thread(() -> release(card), "card").start();
                }
            }
            told.removeIf(machine -> machines.find(machine.name()).filter(machine::equals).isEmpty());
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot look after the cards in use: {}", e.getMessage(), e);
        }
    }

    private void release(String card) {
        try {
            if (cards.release(card)) {
                announcements.imageRemoved(card);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot take care of a card that was removed: {}", e.getMessage(), e);
        } finally {
            machines.images().forEach((machine, image) -> {
                if (image.equals(card)) {
                    machines.find(machine).ifPresent(this::end);
                }
            });
            inHand.remove(card);
        }
    }

    private void end(MachineRecord machine) {
        // Once: it takes a moment to end.
        if (told.add(machine)) {
            LOG.warn("{} was removed while machine {} was running in it; the machine is terminated", machine.file(), machine.name());
            machines.terminate(machine);
        }
    }

    /** Whether cards are mounted, so that the daemon has to stay. */
    public boolean isNeeded() {
        try {
            return !cards.inUse().isEmpty();
        } catch (IOException e) {
            return true;
        }
    }
}
