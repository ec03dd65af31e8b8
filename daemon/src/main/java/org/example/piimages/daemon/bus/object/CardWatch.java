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
 * Watches the cards in use: when one is removed, it is unmounted and its machines are terminated. The kernel itself polls every two seconds
 * whether a reader still has a card (block.events_dfl_poll_msecs, which udev sets).
 */
public final class CardWatch {

    private static final Logger LOG = LoggerFactory.getLogger(CardWatch.class);

    private final RemovedCards cards;
    private final Machines machines;
    private final ObjectSignals signals;
    /**
     * The cards that a thread is releasing. That thread may wait for a reader that does not respond, which must not delay cards in other
     * readers.
     */
    private final Set<String> releasing = ConcurrentHashMap.newKeySet();
    /** The machines whose termination was requested. */
    private final Set<MachineRecord> terminating = ConcurrentHashMap.newKeySet();

    public CardWatch(RemovedCards cards, Machines machines, ObjectSignals signals) {
        this.cards = cards;
        this.machines = machines;
        this.signals = signals;
    }

    /** Checks all cards once; to be called several times per second. */
    public void check() {
        try {
            Map<String, String> running = machines.images();
            running.values().removeIf(image -> !RemovedCards.isCard(image));
            Set<String> used = new LinkedHashSet<>(cards.inUse());
            used.addAll(running.values());
            for (String card : RemovedCards.removed(used)) {
                if (releasing.add(card)) {
                    new Thread(() -> release(card), "card").start();
                }
            }
            terminating.removeIf(machine -> machines.find(machine.name()).filter(machine::equals).isEmpty());
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot look after the cards in use: {}", e.getMessage(), e);
        }
    }

    private void release(String card) {
        try {
            if (cards.release(card)) {
                signals.imageRemoved(card);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot take care of a card that was removed: {}", e.getMessage(), e);
        } finally {
            machines.images().forEach((machine, image) -> {
                if (image.equals(card)) {
                    machines.find(machine).ifPresent(this::terminate);
                }
            });
            releasing.remove(card);
        }
    }

    private void terminate(MachineRecord machine) {
        // Only once per machine, which takes a while to end.
        if (terminating.add(machine)) {
            LOG.warn("{} was removed while machine {} was running in it; the machine is terminated", machine.file(), machine.name());
            machines.terminate(machine);
        }
    }

    /** Whether a card is mounted, so that the daemon must keep running. */
    public boolean isNeeded() {
        try {
            return !cards.inUse().isEmpty();
        } catch (IOException e) {
            return true;
        }
    }
}
