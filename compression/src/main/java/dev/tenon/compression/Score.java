package dev.tenon.compression;

import dev.tenon.compression.metric.Interval;
import dev.tenon.compression.metric.Verdict;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well a compressed model does, beside the model before compression, on the same samples.
 *
 * @param metric the name of the metric
 * @param before the metric of the model before compression
 * @param after the metric of the compressed model
 * @param samples the number of samples
 * @param disagreements the number of samples for which both give another class: another index of the largest element along
 *     the last axis. An output with more axes than two counts a sample for each of its vectors
 * @param divergence the mean Kullback-Leibler divergence in nats of the compressed model's classes from those of the model
 *     before, after log-softmax along the last axis
 * @param interval the interval of confidence of {@link #loss}, from the same samples for both models. A loss within its margin
 *     may be chance
 * @param sqnr the signal to noise ratio of the output in dB, infinite if both outputs are the same
 * @param isMoreBetter whether a larger value of the metric is better
 */
public record Score(
        String metric,
        double before,
        double after,
        long samples,
        long disagreements,
        double divergence,
        Interval interval,
        double sqnr,
        boolean isMoreBetter) {
    /** Far more than a mean is rounded by, and far less than one sample of a million counts. */
    private static final double ROUNDING = 1e-9;

    private static final int FIELDS = 12;

    /** {@return the score as a line: fields between tabs. Numbers are exact} */
    public String line() {
        return String.join(
                "\t",
                metric.replaceAll("[\\p{Cntrl}]", " "),
                Double.toString(before),
                Double.toString(after),
                Long.toString(samples),
                Long.toString(disagreements),
                Double.toString(divergence),
                Double.toString(interval.low()),
                Double.toString(interval.high()),
                Double.toString(interval.confidence()),
                Boolean.toString(interval.isDemanded()),
                Double.toString(sqnr),
                Boolean.toString(isMoreBetter));
    }

    /**
     * The score of a line.
     *
     * @param line the line
     * @return the score
     * @throws IllegalArgumentException if it is damaged
     */
    public static Score parse(String line) {
        String[] f = line.split("\t", -1);
        if (f.length != FIELDS) {
            throw new IllegalArgumentException(f.length + " fields instead of " + FIELDS);
        }
        return new Score(
                f[0],
                Double.parseDouble(f[1]),
                Double.parseDouble(f[2]),
                Long.parseLong(f[3]),
                Long.parseLong(f[4]),
                Double.parseDouble(f[5]),
                new Interval(
                        Double.parseDouble(f[6]),
                        Double.parseDouble(f[7]),
                        Double.parseDouble(f[8]),
                        Boolean.parseBoolean(f[9])),
                Double.parseDouble(f[10]),
                Boolean.parseBoolean(f[11]));
    }

    /** {@return how much worse the compressed model is, in units of the metric; negative if it is better} */
    public double loss() {
        return isMoreBetter ? before - after : after - before;
    }

    /** {@return half the width of the interval of confidence of the loss; NaN for too few samples} */
    public double margin() {
        return interval.margin();
    }

    /**
     * Whether the loss is allowed, and its margin with it if this is demanded. A loss that equals what is allowed is allowed, although sums of shares are rounded.
     *
     * @param allowedLoss the largest loss, in units of the metric
     * @return false if the loss is larger, or no number
     */
    public boolean isWithin(double allowedLoss) {
        return isAllowed(interval.isDemanded() ? interval.high() : loss(), allowedLoss);
    }

    private boolean isAllowed(double loss, double allowedLoss) {
        return loss <= allowedLoss + ROUNDING * (metric.equals("mse") ? allowedLoss : 1);
    }

    /**
     * The judgement of the loss by its interval, whether its margin is demanded or not.
     *
     * @param allowedLoss the largest loss, in units of the metric; infinite or NaN if none was given
     * @return whether the loss is within what is allowed, or which model is better if nothing was given
     */
    public Verdict verdict(double allowedLoss) {
        if (!Double.isFinite(allowedLoss)) {
            return !interval.isDifference()
                    ? Verdict.NO_DIFFERENCE
                    : interval.low() > 0 ? Verdict.WORSE : Verdict.BETTER;
        }
        if (isAllowed(interval.high(), allowedLoss)) {
            return Verdict.WITHIN_FLOOR;
        }
        return interval.low() > allowedLoss ? Verdict.BEYOND_FLOOR : Verdict.UNDECIDED;
    }

    /**
     * How far the outputs are from those before, to rank layers by how much they hurt. It is finer than the loss of accuracy,
     * which is the same for many layers: the divergence, or the noise if the metric compares the outputs themselves or the
     * outputs are no classes.
     *
     * @return at least 0, more is worse; infinite if the outputs are no numbers
     */
    public double harm() {
        boolean comparesOutputs = metric.equals("mse") || metric.equals("cosine");
        double harm = comparesOutputs || divergence <= 0 ? noise() : divergence;
        return Double.isNaN(harm) ? Double.POSITIVE_INFINITY : harm;
    }

    /** {@return the power of the noise as a share of the power of the signal, 0 if both outputs are the same} */
    public double noise() {
        return Math.pow(10, -sqnr / 10);
    }

    /**
     * The members of the score in JSON, in units of the metric. What is no number is null.
     *
     * @param allowedLoss the largest loss that is allowed; infinite or NaN if none was given
     * @return the members by name
     */
    public Map<String, Object> toJsonMembers(double allowedLoss) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", metric);
        members.put("before", before);
        members.put("after", after);
        members.put("samples", samples);
        members.put("disagreements", disagreements);
        members.put("kl", divergence);
        members.put("sqnr_db", sqnr);
        Map<String, Object> loss = new LinkedHashMap<>();
        loss.put("value", loss());
        loss.put("low", interval.low());
        loss.put("high", interval.high());
        loss.put("margin", margin());
        loss.put("confidence", interval.confidence());
        loss.put("demanded", interval.isDemanded());
        members.put("loss", loss);
        members.put("verdict", verdict(allowedLoss).text());
        return members;
    }
}
