package dev.tenon.compression.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Where the outputs of a model differ from those of another: the samples that got worst, and how each class fares. A mean over a
 * data set hides both.
 *
 * @param worst the samples that got worst, the worst first: those that only the model before has right, then by their divergence;
 *     without classes by their noise. Samples with the same outputs are not among them
 * @param classes how the classes of the labels fare, by rising class; empty if the labels are no classes
 */
public record Changes(List<Sample> worst, List<OfClass> classes) {
    private static final int MOST_WORST = 20;

    /** Copies the lists. */
    public Changes {
        worst = List.copyOf(worst);
        classes = List.copyOf(classes);
    }

    /**
     * A sample that got worse.
     *
     * @param index its index in the data
     * @param label the class of its label; negative if labels are no classes
     * @param before the class by the model before; negative if labels are no classes
     * @param after the class by the other model; negative if labels are no classes
     * @param divergence the Kullback-Leibler divergence in nats of the output's classes from those of the model before
     * @param noise the power of the difference of both outputs as a share of the power of the output before
     */
    public record Sample(long index, int label, int before, int after, double divergence, double noise) {
        /** {@return whether only the model before has the sample right} */
        public boolean isLost() {
            return label >= 0 && before == label && after != label;
        }

        /** {@return whether only the other model has the sample right} */
        public boolean isWon() {
            return label >= 0 && before != label && after == label;
        }

        private double harm() {
            double harm = label >= 0 ? divergence : noise;
            return Double.isNaN(harm) ? Double.POSITIVE_INFINITY : harm;
        }
    }

    /**
     * The samples of a class.
     *
     * @param label the class
     * @param samples its samples
     * @param before the samples that the model before has right
     * @param after those that the other model has right
     * @param lost those that only the model before has right
     * @param won those that only the other model has right
     */
    public record OfClass(int label, long samples, long before, long after, long lost, long won) {
        private OfClass plus(Sample sample) {
            return new OfClass(
                    label,
                    samples + 1,
                    before + (sample.before() == label ? 1 : 0),
                    after + (sample.after() == label ? 1 : 0),
                    lost + (sample.isLost() ? 1 : 0),
                    won + (sample.isWon() ? 1 : 0));
        }
    }

    /** Gathers changes, sample by sample. Confined to one thread. */
    public static final class Collector {
        private static final Comparator<Sample> BY_HARM = Comparator.comparing(Sample::isLost)
                .thenComparingDouble(Sample::harm)
                .thenComparing(Sample::index, Comparator.reverseOrder());

        private final PriorityQueue<Sample> worst = new PriorityQueue<>(BY_HARM);
        private final Map<Integer, OfClass> classes = new TreeMap<>();

        /** A collector without samples. */
        public Collector() {}

        /**
         * Adds a sample.
         *
         * @param sample the sample
         */
        public void add(Sample sample) {
            if (sample.label() >= 0) {
                classes.merge(
                        sample.label(),
                        new OfClass(sample.label(), 0, 0, 0, 0, 0).plus(sample),
                        (old, one) -> old.plus(sample));
            }
            if (sample.noise() == 0) {
                return;
            }
            worst.add(sample);
            if (worst.size() > MOST_WORST) {
                worst.poll();
            }
        }

        /** {@return the changes so far} */
        public Changes changes() {
            List<Sample> sorted = new ArrayList<>(worst);
            sorted.sort(BY_HARM.reversed());
            return new Changes(sorted, List.copyOf(classes.values()));
        }
    }
}
