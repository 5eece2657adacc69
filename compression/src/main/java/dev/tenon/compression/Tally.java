package dev.tenon.compression;

import dev.tenon.tensor.Tensor;

/** Sums up how two models' outputs differ, call by call. */
final class Tally {
    /** The 97.5 % quantile of the normal distribution. */
    private static final double NORMAL_95 = 1.959963984540054;

    private final Metric metric;
    private double before;
    private double after;
    private double weight;
    private long samples;
    private long disagreements;
    private long vectors;
    private double divergence;
    private double signal;
    private double lossSum;
    private double lossSquares;
    private long losses;
    private double noise;

    Tally(Metric metric) {
        this.metric = metric;
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
            double noiseBefore = noise;
            long counted = 0;
            for (int row = sample * rowsOfSample; row < (sample + 1) * rowsOfSample; row++) {
                if (mask != null && mask.getDouble(row / rowsOfPosition) == 0) {
                    continue;
                }
                classes(e, f, row * width, width);
                for (int i = row * width; i < (row + 1) * width; i++) {
                    dot += e[i] * f[i];
                    ofExpected += e[i] * e[i];
                    ofFound += f[i] * f[i];
                    noise += (e[i] - f[i]) * (e[i] - f[i]);
                }
                counted += width;
            }
            signal += ofExpected;
            switch (metric.kind()) {
                case COSINE -> add(1, cosine(dot, ofExpected, ofFound), 1);
                case MSE -> {
                    weight += counted;
                    addLoss(counted == 0 ? 0 : (noise - noiseBefore) / counted, 1);
                }
                case TOP1 -> {
                    int row = sample * rowsOfSample * width;
                    long label = label();
                    add(argMax(e, row, width) == label ? 1 : 0, argMax(f, row, width) == label ? 1 : 0, 1);
                }
                case FUNCTION -> {}
            }
            samples++;
        }
    }

    private static double cosine(double dot, double a, double b) {
        if (a == 0 || b == 0) {
            return a == b ? 1 : 0;
        }
        return dot / Math.sqrt(a * b);
    }

    /** Adds a metric of some samples. */
    void add(double ofBefore, double ofAfter, long count) {
        before += ofBefore * count;
        after += ofAfter * count;
        weight += count;
        addLoss(ofBefore - ofAfter, count);
    }

    private void addLoss(double loss, long count) {
        lossSum += loss * count;
        lossSquares += loss * loss * count;
        losses += count;
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

    private static int argMax(double[] x, int from, int width) {
        int best = from;
        for (int i = from + 1; i < from + width; i++) {
            if (x[i] > x[best]) {
                best = i;
            }
        }
        return best - from;
    }

    /** Compares two vectors as logits of classes. */
    private void classes(double[] e, double[] f, int from, int width) {
        vectors++;
        if (argMax(e, from, width) != argMax(f, from, width)) {
            disagreements++;
        }
        double ofE = logSum(e, from, width);
        double ofF = logSum(f, from, width);
        for (int i = from; i < from + width; i++) {
            double log = e[i] - ofE;
            divergence += Math.exp(log) * (log - (f[i] - ofF));
        }
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
        boolean isError = metric.kind() == Metric.Kind.MSE;
        double count = weight == 0 ? 1 : weight;
        return new Score(
                metric.name(),
                isError ? 0 : before / count,
                isError ? noise / count : after / count,
                samples,
                disagreements,
                vectors == 0 ? 0 : divergence / vectors,
                margin(),
                noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise));
    }

    /** 1.96 standard errors of the mean loss. */
    private double margin() {
        if (losses < 2) {
            return Double.NaN;
        }
        double mean = lossSum / losses;
        double variance = Math.max(0, (lossSquares - losses * mean * mean) / (losses - 1));
        return NORMAL_95 * Math.sqrt(variance / losses);
    }
}
