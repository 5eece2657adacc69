package dev.tenon.generation.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Decides which tokens run in a step, and who gives its pages up. It changes nothing. */
final class StepPlanner {
    /** A sequence as the planner sees it. */
    interface Planned {
        /** How many of its tokens are not in its pages, at least 1. */
        int missing();

        /** Whether its reader has as many parts as it may. */
        boolean isPaused();

        /** The pages that it holds. */
        int pages();

        Lane lane();

        /** Newer sequences have larger numbers. */
        long number();
    }

    /**
     * Some tokens of a sequence, from its first one that is not in its pages.
     *
     * @param of the sequence
     * @param tokens how many
     */
    record Share<T>(T of, int tokens) {}

    private StepPlanner() {}

    /**
     * The tokens of a step: one of each sequence that writes, the oldest first, and some of prompts, those of the lane first that was
     * served the least, and within a lane the oldest.
     *
     * @param active the sequences that hold pages
     * @param promptTokens the most tokens of prompts
     */
    static <T extends Planned> List<Share<T>> shares(List<T> active, int promptTokens) {
        List<T> sorted = new ArrayList<>(active);
        sorted.removeIf(Planned::isPaused);
        sorted.sort(Comparator.comparingLong(Planned::number));
        List<Share<T>> shares = new ArrayList<>(sorted.size());
        for (T each : sorted) {
            if (each.missing() == 1) {
                shares.add(new Share<>(each, 1));
            }
        }
        // Sorting is stable: the oldest stays first within a lane.
        sorted.sort(Comparator.comparingLong(each -> each.lane().served));
        int left = promptTokens;
        for (T each : sorted) {
            if (each.missing() > 1 && left > 0) {
                int tokens = Math.min(left, each.missing());
                shares.add(new Share<>(each, tokens));
                left -= tokens;
            }
        }
        return shares;
    }

    /**
     * Finds the sequence that gives its pages up when there are too few: the newest of those whose reader is slow; if there is none, the newest of the
     * largest lane, which is the one that holds the most pages.
     *
     * @param active the sequences that hold pages, at least one
     */
    static <T extends Planned> T victim(List<T> active) {
        List<T> paused = active.stream().filter(Planned::isPaused).toList();
        List<T> among = paused.isEmpty() ? ofLargestLane(active) : paused;
        return among.stream().max(Comparator.comparingLong(Planned::number)).orElseThrow();
    }

    private static <T extends Planned> List<T> ofLargestLane(List<T> active) {
        Lane largest = null;
        long most = -1;
        for (T each : active) {
            Lane lane = each.lane();
            long pages = active.stream()
                    .filter(other -> other.lane().equals(lane))
                    .mapToLong(Planned::pages)
                    .sum();
            if (pages > most) {
                most = pages;
                largest = lane;
            }
        }
        Lane lane = largest;
        return active.stream().filter(each -> each.lane().equals(lane)).toList();
    }

    /**
     * Finds the sequence that gives its place up to one of a lane that has none: the newest of those whose reader is slow; else the newest of the lane
     * with the most sequences, if it has two or more; null if nobody does.
     *
     * @param active the sequences that hold pages
     * @param lane the lane
     */
    static <T extends Planned> T givingWay(List<T> active, Lane lane) {
        if (active.stream().anyMatch(Planned::isPaused)) {
            return victim(active);
        }
        if (lane.active > 0) {
            return null;
        }
        T best = null;
        for (T each : active) {
            int more = best == null ? 1 : Integer.compare(each.lane().active, best.lane().active);
            boolean newer = best != null && each.number() > best.number();
            if (each.lane().active > 1 && (more > 0 || more == 0 && newer)) {
                best = each;
            }
        }
        return best;
    }
}
