package dev.tenon.compression;

import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.compression.metric.Interval;
import dev.tenon.compression.metric.Predictions;
import dev.tenon.compression.metric.Sequences;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sums up how two models' outputs differ, call by call. */
final class Tally {
    private final Metric metric;
    private final Confidence confidence;
    private final List<Predictions.Row> expectedRows = new ArrayList<>();
    private final List<Predictions.Row> foundRows = new ArrayList<>();
    private final DoubleList losses = new DoubleList();
    private final DoubleList weights = new DoubleList();
    private double before;
    private double after;
    private double weight;
    private long samples;
    private long disagreements;
    private long vectors;
    private double divergence;
    private double signal;
    private double noise;
    private final Changes.Collector changes = new Changes.Collector();

    Tally(Metric metric, Confidence confidence) {
        this.metric = metric;
        this.confidence = confidence;
    }

    /** Numbers that become more. */
    private static final class DoubleList {
        private static final int FIRST = 16;

        private double[] values = new double[FIRST];
        private int size;

        void add(double value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        double[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }

    /** Keeps the outputs of the samples of a call, for a metric of the whole data set. */
    void keep(Tensor expected, Tensor found, long count) {
        keep(expected, count, expectedRows);
        keep(found, count, foundRows);
    }

    /** Keeps rows; of tokens only the losses, since logits of a vocabulary would soon take all memory. */
    private void keep(Tensor output, long count, List<Predictions.Row> into) {
        for (Predictions.Row row : Predictions.rows(output, count)) {
            boolean areTokens = metric.meaning() == Metric.Labels.TOKENS;
            into.add(areTokens ? Sequences.tokenLosses(row, metric.labelsOrNull(), into.size()) : row);
        }
    }

    /**
     * Adds the outputs of a call.
     *
     * @param expected the output of the model before compression
     * @param found that of the compressed model
     * @param mask 0 for each position of [batch, positions] that does not count, or null
     */
    void add(Tensor expected, Tensor found, Tensor mask) {
        double[] e = expected.toDoubleArray();
        double[] f = found.toDoubleArray();
        int width = expected.rank() == 0 ? 1 : (int) expected.dim(expected.rank() - 1);
        int batch = expected.rank() < 2 ? 1 : (int) expected.dim(0);
        if (width == 0 || batch == 0 || e.length == 0) {
            return;
        }
        int rows = e.length / width;
        int rowsOfPosition = mask == null ? 1 : (int) (rows / mask.size());
        int rowsOfSample = rows / batch;
        for (int sample = 0; sample < batch; sample++) {
            double dot = 0;
            double ofExpected = 0;
            double ofFound = 0;
            double differences = 0;
            double kl = 0;
            long counted = 0;
            for (int row = sample * rowsOfSample; row < (sample + 1) * rowsOfSample; row++) {
                if (mask != null && mask.getDouble(row / rowsOfPosition) == 0) {
                    continue;
                }
                kl += compared(e, f, row * width, width);
                for (int i = row * width; i < (row + 1) * width; i++) {
                    dot += e[i] * f[i];
                    ofExpected += e[i] * e[i];
                    ofFound += f[i] * f[i];
                    differences += (e[i] - f[i]) * (e[i] - f[i]);
                }
                counted += width;
            }
            signal += ofExpected;
            noise += differences;
            divergence += kl;
            switch (metric.kind()) {
                case COSINE -> add(1, Sequences.cosine(dot, ofExpected, ofFound), 1);
                case MSE -> {
                    weight += counted;
                    addLoss(counted == 0 ? 0 : differences / counted, counted);
                }
                case TOP1 -> {
                    int row = sample * rowsOfSample * width;
                    long label = label();
                    add(
                            Predictions.largest(e, row, width) == label ? 1 : 0,
                            Predictions.largest(f, row, width) == label ? 1 : 0,
                            1);
                }
                case FUNCTION, DATASET -> {}
            }
            double share = differences / (ofExpected == 0 ? 1 : ofExpected);
            changes.add(change(e, f, sample * rowsOfSample * width, width, kl, share));
            samples++;
        }
    }

    /** The change of a sample, whose class is that of its first row. */
    private Changes.Sample change(double[] e, double[] f, int from, int width, double kl, double share) {
        boolean areClasses = metric.labelsOrNull() != null && metric.meaning() == Metric.Labels.CLASSES;
        return areClasses
                ? new Changes.Sample(
                        samples, (int) label(), predicted(e, from, width), predicted(f, from, width), kl, share)
                : new Changes.Sample(samples, -1, -1, -1, kl, share);
    }

    /** The class by a row. One number is the probability of class 1, but for accuracy, which has a number for each class. */
    private int predicted(double[] x, int from, int width) {
        return metric.kind() == Metric.Kind.DATASET
                ? Predictions.predicted(x, from, width)
                : Predictions.largest(x, from, width);
    }

    /** Where the outputs of all samples so far differ. */
    Changes changes() {
        return changes.changes();
    }

    /** Adds a metric of some samples. */
    void add(double ofBefore, double ofAfter, long count) {
        before += ofBefore * count;
        after += ofAfter * count;
        weight += count;
        addLoss(ofBefore - ofAfter, count);
    }

    private void addLoss(double loss, double ofWeight) {
        losses.add(loss);
        weights.add(ofWeight);
    }

    private long label() {
        if (samples >= metric.labelsOrNull().size()) {
            throw new CompressionException(
                    "labels",
                    metric.labelsOrNull().size() + ", but the outputs hold more samples",
                    "one for each row of the output",
                    "save the samples with as many rows as there are labels");
        }
        return metric.labelsOrNull().getLong(samples);
    }

    /** Compares two vectors as logits of classes, and gives their divergence. */
    private double compared(double[] e, double[] f, int from, int width) {
        vectors++;
        if (Predictions.largest(e, from, width) != Predictions.largest(f, from, width)) {
            disagreements++;
        }
        double kl = 0;
        double ofE = logSum(e, from, width);
        double ofF = logSum(f, from, width);
        for (int i = from; i < from + width; i++) {
            double log = e[i] - ofE;
            kl += Math.exp(log) * (log - (f[i] - ofF));
        }
        return kl;
    }

    private static double logSum(double[] x, int from, int width) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + width; i++) {
            max = Math.max(max, x[i]);
        }
        double sum = 0;
        for (int i = from; i < from + width; i++) {
            sum += Math.exp(x[i] - max);
        }
        return max + Math.log(sum);
    }

    Score score() {
        double count = weight == 0 ? 1 : weight;
        double[] values = {before / count, after / count};
        Interval interval;
        switch (metric.kind()) {
            case MSE -> {
                values = new double[] {0, noise / count};
                interval = confidence.ofMeans(losses.toArray(), weights.toArray());
            }
            case TOP1 -> interval = ofPairs(losses.toArray());
            case DATASET -> {
                Predictions all = Predictions.of(foundRows, expectedRows, metric.labelsOrNull());
                values = new double[] {metric.apply(all.ofReferences()), metric.apply(all)};
                interval = metric.isMeanOfRights()
                        ? ofPairs(lossesOf(all))
                        : confidence.ofDraws(all.size(), drawn -> {
                            Predictions some = all.at(drawn);
                            return loss(metric.apply(some.ofReferences()), metric.apply(some));
                        });
            }
            default -> interval = confidence.ofMeans(losses.toArray(), weights.toArray());
        }
        return new Score(
                metric.name(),
                values[0],
                values[1],
                samples,
                disagreements,
                vectors == 0 ? 0 : divergence / vectors,
                interval,
                Sequences.sqnr(signal, noise),
                metric.isMoreBetter());
    }

    private double loss(double ofBefore, double ofAfter) {
        return metric.isMoreBetter() ? ofBefore - ofAfter : ofAfter - ofBefore;
    }

    /** The loss of each sample. */
    private double[] lossesOf(Predictions all) {
        double[] each = new double[all.size()];
        Arrays.setAll(each, i -> {
            Predictions one = all.at(i);
            return loss(metric.apply(one.ofReferences()), metric.apply(one));
        });
        return each;
    }

    /** The interval of losses that are 1, 0 and -1. */
    private Interval ofPairs(double[] each) {
        return confidence.ofPairs(
                Arrays.stream(each).filter(x -> x > 0).count(),
                Arrays.stream(each).filter(x -> x < 0).count(),
                each.length);
    }
}
