package dev.tenon.serving.drift;

import dev.tenon.serving.DriftAlarm.Test;
import dev.tenon.statistics.KolmogorovSmirnov;
import dev.tenon.statistics.PopulationStability;
import dev.tenon.statistics.RareEvents;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/** A column of numbers: tests of distribution, range and missing values (NaN). */
final class NumberFeature implements Feature {
    private static final int PARTS = 10;
    private static final int LEAST = 2;

    private final String name;
    /** The number of a row of a tensor. */
    private final ToDoubleBiFunction<Tensor, Long> reader;

    private final double[] reference;
    private final double missingShare;
    private final double[] edges;
    private final long[] referenceCounts;
    private final double[] window;
    private int size;

    /**
     * A column.
     *
     * @param name its name in alarms
     * @param values the reference, with NaN for missing ones
     * @param windowRows the rows of a window
     * @param reader the number of a row of a tensor
     */
    NumberFeature(String name, double[] values, int windowRows, ToDoubleBiFunction<Tensor, Long> reader) {
        this.name = name;
        this.reader = reader;
        this.reference = KolmogorovSmirnov.sorted(values);
        this.missingShare = 1 - (double) reference.length / values.length;
        this.edges = edges(reference);
        this.referenceCounts = counts(reference);
        this.window = new double[windowRows];
    }

    /** The distinct borders of parts with equal numbers of reference values. */
    private static double[] edges(double[] sorted) {
        double[] edges = new double[PARTS - 1];
        int count = 0;
        for (int i = 1; i < PARTS && sorted.length > 0; i++) {
            double edge = sorted[(int) ((long) i * sorted.length / PARTS)];
            if (count == 0 || edge > edges[count - 1]) {
                edges[count++] = edge;
            }
        }
        return Arrays.copyOf(edges, count);
    }

    private long[] counts(double[] values) {
        long[] counts = new long[edges.length + 1];
        for (double x : values) {
            int at = Arrays.binarySearch(edges, x);
            counts[at >= 0 ? at + 1 : -at - 1]++;
        }
        return counts;
    }

    @Override
    public void add(Tensor t, long index) {
        if (size < window.length) {
            window[size++] = reader.applyAsDouble(t, index);
        }
    }

    @Override
    public List<Difference> close(Limits limits) {
        List<Difference> found = new ArrayList<>();
        double[] present = KolmogorovSmirnov.sorted(Arrays.copyOf(window, size));
        int all = size;
        size = 0;
        missing(all, present.length, limits, found);
        if (present.length < LEAST || reference.length < LEAST) {
            return found;
        }
        double distance = KolmogorovSmirnov.distance(reference, present);
        double most = KolmogorovSmirnov.limit(reference.length, present.length, limits.probability());
        if (distance > most) {
            found.add(new Difference(name, Test.KS, distance, most));
        }
        range(present, limits, found);
        if (edges.length > 0) {
            double index = PopulationStability.index(referenceCounts, counts(present));
            double highest = Math.max(
                    limits.psi(),
                    PopulationStability.limit(
                            reference.length, present.length, referenceCounts.length, limits.probability()));
            if (index > highest) {
                found.add(new Difference(name, Test.PSI, index, highest));
            }
        }
        return found;
    }

    private void missing(int all, int present, Limits limits, List<Difference> found) {
        if (all == 0) {
            return;
        }
        double share = 1 - (double) present / all;
        int unlikely = RareEvents.limit(
                all, Math.max(missingShare, 1.0 / Math.max(1, reference.length)), limits.probability());
        double most = Math.max(missingShare + limits.missing(), (unlikely - 1.0) / all);
        if (share > most) {
            found.add(new Difference(name, Test.MISSING, share, most));
        }
    }

    private void range(double[] present, Limits limits, List<Difference> found) {
        int below = 0;
        while (below < present.length && present[below] < reference[0]) {
            below++;
        }
        int above = 0;
        while (above < present.length && present[present.length - 1 - above] > reference[reference.length - 1]) {
            above++;
        }
        int unlikely = RareEvents.beyondLargest(reference.length, present.length, limits.probability() / 2);
        int most = Math.max(below, above);
        if (most >= unlikely) {
            found.add(new Difference(name, Test.RANGE, most, unlikely - 1.0));
        }
    }
}
